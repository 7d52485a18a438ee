//! What AKS cannot express: the attribute and the whole sentence.

use terraform_provider_aks::provider::arguments::refusals::{Place, inexpressible};
use terraform_provider_aks::upgrade::window::translate::{check, translate};

use crate::upgrade::window::{at, windows};

/// Asserts the only thing that cannot be expressed; a translation refuses the same.
#[track_caller]
fn refused(lines: &str, place: Place, message: &str) {
    let windows = windows(lines);
    let found = check(&windows);
    assert_eq!(found.iter().map(inexpressible).collect::<Vec<_>>(), [(place, message.to_owned())]);
    assert_eq!(translate(&windows, at("2026-11-22T10:00:00Z")), Err(found));
}

#[test]
fn exactly_one_window() {
    refused(
        "",
        Place::Windows,
        "AKS needs one maintenance_window and none is set. For a cluster that may be upgraded at any time write one with days = [\"all\"], start = \"00:00\", duration = \"24h\" and time_zone = \"UTC\".",
    );
    refused(
        "window start=02:00 duration=4h\nwindow start=12:00 duration=4h",
        Place::Windows,
        "AKS keeps one maintenance window, and 2 are set. Keep one of them, or use executor = \"terraform\".",
    );
}

#[test]
fn one_day() {
    refused(
        "window days=saturday,sunday start=02:00 duration=4h",
        Place::Window("days"),
        "An AKS window opens on one of its days, and 2 are set. Write one, for example days = [\"saturday\"]; for every day write days = [\"all\"]; or use executor = \"terraform\".",
    );
    refused(
        "window days=saturday weeks_of_month=first,last start=02:00 duration=4h",
        Place::Window("weeks_of_month"),
        "An AKS window opens on one of its weeks_of_month, and 2 are set. Write one, for example weeks_of_month = [\"first\"]; for every day write days = [\"all\"]; or use executor = \"terraform\".",
    );
    refused(
        "window days_of_month=1,15 start=02:00 duration=4h",
        Place::Window("days_of_month"),
        "An AKS window opens on one of its days_of_month, and 2 are set. Write one, for example days_of_month = [15]; for every day write days = [\"all\"]; or use executor = \"terraform\".",
    );
    refused(
        "window days_of_month=31 start=02:00 duration=4h",
        Place::Window("days_of_month"),
        "Not every month has a day 31, and AKS does not say what it does then. Write a day from 1 to 28, or weeks_of_month = [\"last\"] with one of the days.",
    );
    refused(
        "window days=sunday days_of_month=13,14,15 start=02:00 duration=4h",
        Place::Window("days_of_month"),
        "An AKS window opens on a day of the week or on a day of the month, not where both meet. Remove days_of_month, or use executor = \"terraform\".",
    );
}

#[test]
fn whole_hours_from_4_to_24() {
    for (given, shown) in [("3h", "3h"), ("25h", "1d1h"), ("4h30m", "4h30m"), ("2d", "2d"), ("15m", "15m")] {
        refused(
            &format!("window start=02:00 duration={given}"),
            Place::Window("duration"),
            &format!(
                "An AKS window lasts whole hours from 4 to 24, not {shown}. Write for example duration = \"4h\", or use executor = \"terraform\"."
            ),
        );
    }
    for given in ["4h", "24h", "1d"] {
        assert_eq!(check(&windows(&format!("window start=02:00 duration={given}"))), []);
    }
}

#[test]
fn intervals() {
    let every =
        |days: &str, n: u32| format!("window {days} every={n} start_date=2026-01-05 start=02:00 duration=4h");
    let sentence = |most: u32, unit: &str, given: u32| {
        format!(
            "An AKS window opens at least every {most} {unit}s, not every {given}. Write a smaller every, or use executor = \"terraform\"."
        )
    };
    for (days, most, unit) in [
        ("", 7, "day"),
        ("days=saturday", 4, "week"),
        ("days_of_month=1", 6, "month"),
        ("days=saturday weeks_of_month=last", 6, "month"),
    ] {
        assert_eq!(check(&windows(&every(days, most))), []);
        refused(&every(days, most + 1), Place::Window("every"), &sentence(most, unit, most + 1));
    }
}

#[test]
fn kinds_of_work_and_cutoff() {
    refused(
        "window start=02:00 duration=4h applies_to=minor,patch",
        Place::Window("applies_to"),
        "What AKS keeps holds for every kind of work of its channel. Remove applies_to, or use executor = \"terraform\".",
    );
    refused(
        "window start=02:00 duration=4h\nblackout from=2026-12-15 to=2026-12-15 applies_to=minor",
        Place::Blackout(0, "applies_to"),
        "What AKS keeps holds for every kind of work of its channel. Remove applies_to, or use executor = \"terraform\".",
    );
    let whole =
        "What AKS keeps holds for the whole cluster. Remove node_pools, or use executor = \"terraform\".";
    refused("window start=02:00 duration=4h node_pools=batch", Place::Window("node_pools"), whole);
    refused(
        "window start=02:00 duration=4h\nblackout from=2026-12-15 to=2026-12-15 node_pools=batch",
        Place::Blackout(0, "node_pools"),
        whole,
    );
    let mut cut = windows("window start=02:00 duration=4h");
    cut.cutoff = Some(jiff::SignedDuration::from_mins(30));
    let [only] = check(&cut).try_into().unwrap();
    let sentence = "AKS starts work as long as its window is open and knows no cutoff. Remove cutoff, or make the window shorter.";
    assert_eq!(inexpressible(&only), (Place::Cutoff, sentence.to_owned()));
}

#[test]
fn blackouts_of_whole_days_in_the_zone_of_the_window() {
    let berlin = "window start=02:00 duration=4h time_zone=Europe/Berlin\n";
    refused(
        &format!("{berlin}blackout from=2026-12-15T18:00:00+01:00 to=2026-12-16T00:00:00+01:00"),
        Place::Blackout(0, "from"),
        "AKS forbids whole days in the zone of its window (Europe/Berlin), and this blackout begins or ends inside one. Write dates, for example from = \"2026-12-15\", to = \"2027-01-05\", time_zone = \"Europe/Berlin\".",
    );
    for blackout in ["from=2026-12-15 to=2026-12-16", "from=12-15 to=01-05 yearly=true"] {
        refused(
            &format!("{berlin}blackout {blackout} time_zone=UTC"),
            Place::Blackout(0, "time_zone"),
            "AKS forbids days in the zone of its window, which is Europe/Berlin, and the days of this blackout are those of UTC. Write time_zone = \"Europe/Berlin\".",
        );
    }
    // In winter the days of +01:00 are the days of Berlin.
    assert_eq!(
        check(&windows(&format!("{berlin}blackout from=2026-12-15 to=2026-12-16 time_zone=+01:00"))),
        []
    );
}

#[test]
fn everything_is_found_at_once() {
    let found = check(&windows(
        "window days=saturday,sunday start=02:00 duration=90m applies_to=minor
         blackout from=2026-12-15 to=2026-12-16 time_zone=Asia/Tokyo",
    ));
    let places: Vec<Place> = found.iter().map(|one| inexpressible(one).0).collect();
    assert_eq!(
        places,
        [
            Place::Window("days"),
            Place::Window("duration"),
            Place::Window("applies_to"),
            Place::Blackout(0, "time_zone")
        ]
    );
}
