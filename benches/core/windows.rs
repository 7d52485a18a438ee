//! How fast the next opening is found, and that memory does not grow with the horizon.

use divan::Bencher;
use jiff::Timestamp;
use jiff::civil::time;
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::task::{Component, Task};
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::blackout::{Blackout, BlackoutSpec};
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowSpec};
use terraform_provider_aks::upgrade::window::scope::Scope;
use terraform_provider_aks::upgrade::window::zone;
use terraform_provider_aks::upgrade::{duration, text};

/// Legal windows, the rarest and the most tangled included: `attribute=value`, a blackout begins with `from`.
const WINDOWS: &[&str] = &[
    "start=02:00 duration=4h zone=UTC",
    "start=02:30 duration=24h zone=Europe/Berlin",
    "start=02:30 duration=25h zone=Europe/Berlin",
    "start=00:00 duration=24h zone=Asia/Kolkata",
    "days=saturday,sunday start=02:00 duration=4h zone=Europe/Berlin",
    "days=saturday every=2 start_date=2026-01-05 start=22:00 duration=8h zone=America/New_York",
    "days=saturday every=5000 start_date=1990-01-06 start=22:00 duration=8h zone=America/New_York",
    "every=100000 start_date=1990-01-06 start=22:00 duration=7d zone=Australia/Lord_Howe",
    "weeks_of_month=first,last days=saturday,sunday start=02:00 duration=4h zone=Africa/Casablanca",
    "weeks_of_month=last days=saturday every=48 start_date=2028-02-01 start=02:00 duration=4h zone=Europe/Berlin",
    "days_of_month=31 every=2 start_date=2026-01-01 start=02:00 duration=4h zone=Europe/Berlin",
    "days_of_month=29 every=48 start_date=2096-02-01 start=02:00 duration=4h zone=America/St_Johns",
    "days_of_month=29 every=300 start_date=2001-02-01 start=02:00 duration=4h zone=America/St_Johns",
    "days_of_month=31 every=12 start_date=2026-02-01 start=02:00 duration=4h zone=Europe/Berlin",
    "days_of_month=1,8,15,22,29 start=02:00 duration=7d zone=Europe/Berlin",
    "days=sunday days_of_month=13,14,15,16,17,18,19 start=02:00 duration=4h zone=Europe/Berlin",
    "days=saturday days_of_month=29 every=12 start_date=2026-02-01 start=02:00 duration=4h zone=Europe/Berlin",
    "days=monday days_of_month=31 weeks_of_month=first start=02:00 duration=4h zone=Europe/Berlin",
    "days=monday,tuesday,wednesday,thursday,friday start=00:00 duration=24h zone=Pacific/Chatham",
    "weeks_of_month=last days=saturday every=48 start_date=2028-02-01 start=02:00 duration=4h zone=UTC; from=02-01 to=02-28",
    "days=saturday start=02:00 duration=4h zone=Europe/Berlin; from=03-01 to=02-28",
    "days=saturday start=02:00 duration=4h zone=Europe/Berlin; from=12-15 to=01-05; from=2026-12-01 to=2028-06-30",
];

fn windows(line: &str) -> Windows {
    let mut parts = line.split(';');
    let window = Window::new(spec(parts.next().unwrap_or_default())).unwrap();
    Windows { windows: vec![window], blackouts: parts.map(blackout).collect(), ..Windows::default() }
}

fn spec(line: &str) -> WindowSpec {
    let get = |key: &str| line.split(' ').find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let list = |key| get(key).map(|list| list.split(',').collect::<Vec<_>>()).unwrap_or_default();
    let days: Vec<_> = list("days").into_iter().map(|day| text::parse_day(day).unwrap()).collect();
    let weeks: Vec<_> =
        list("weeks_of_month").into_iter().map(|week| text::parse_week_of_month(week).unwrap()).collect();
    let of_month: Vec<_> = list("days_of_month").into_iter().map(|day| day.parse().unwrap()).collect();
    WindowSpec {
        days: Days::new(&days, &weeks, &of_month).unwrap_or(Days::All),
        every: get("every").map_or(1, |every| every.parse().unwrap()),
        start_date: get("start_date").map(|date| text::parse_date(date).unwrap()),
        start: get("start").map_or(time(0, 0, 0, 0), |time| text::parse_time(time).unwrap()),
        duration: duration::parse(get("duration").unwrap()).unwrap(),
        zone: zone::parse(get("zone").unwrap()).unwrap(),
        scope: Scope::default(),
    }
}

fn blackout(line: &str) -> Blackout {
    let (from, to) = line.trim().strip_prefix("from=").unwrap().split_once(" to=").unwrap();
    Blackout::new(BlackoutSpec {
        from: BlackoutEdge::parse(from).unwrap(),
        to: BlackoutEdge::parse(to).unwrap(),
        yearly: from.len() == 5,
        zone: Some(zone::parse("Europe/Berlin").unwrap()),
        reason: None,
        scope: Scope::default(),
    })
    .unwrap()
}

const MINOR: &[Task] = &[Task { component: Component::ControlPlane, kind: Kind::Minor }];
const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

#[divan::bench(args = WINDOWS)]
fn next_opening(bencher: Bencher, line: &str) {
    let windows = windows(line);
    bencher.bench(|| windows.opening(MINOR, divan::black_box(NOW)));
}

/// Two kinds of work that no window permits at once: forty years are looked through.
#[divan::bench]
fn tasks_that_never_meet(bencher: Bencher) {
    let scope = |kind| Scope { kinds: vec![kind], ..Scope::default() };
    let window = |line, kind| Window::new(WindowSpec { scope: scope(kind), ..spec(line) }).unwrap();
    let windows = Windows {
        windows: vec![
            window("days=saturday start=02:00 duration=4h zone=Europe/Berlin", Kind::Minor),
            window("days=sunday start=02:00 duration=4h zone=Europe/Berlin", Kind::Patch),
        ],
        ..Windows::default()
    };
    let task = |kind| Task { component: Component::ControlPlane, kind };
    let tasks = [task(Kind::Minor), task(Kind::Patch)];
    bencher.bench(|| windows.opening(&tasks, divan::black_box(NOW)));
}

#[divan::bench(args = [
    "days_of_month=1 start=02:00 duration=4h zone=Europe/Berlin",
    "weeks_of_month=last days=saturday start=02:00 duration=4h zone=Europe/Berlin; from=12-15 to=01-05",
])]
fn openings_1000(bencher: Bencher, line: &str) {
    let windows = windows(line);
    bencher.bench(|| windows.openings(MINOR, divan::black_box(NOW)).take(1000).count());
}

/// No allocation is reported, however far the horizon is.
#[divan::bench(args = [100, 1_000, 10_000])]
fn openings_to_a_far_horizon(bencher: Bencher, count: usize) {
    let windows = windows("days=saturday start=02:00 duration=4h zone=Europe/Berlin");
    bencher.bench(|| windows.openings(MINOR, divan::black_box(NOW)).take(count).count());
}
