//! What a window may not be, in the words that a user reads.

use jiff::SignedDuration;
use jiff::civil::Weekday;
use terraform_provider_aks::provider::arguments::refusals::{empty_list, refusal};
use terraform_provider_aks::upgrade::text::{self, WeekOfMonth};
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::error::WindowError;
use terraform_provider_aks::upgrade::window::schedule::Window;

use super::spec;

#[track_caller]
fn refused(line: &str, attribute: &str, message: &str) {
    let error = Window::new(spec(line)).unwrap_err();
    assert_eq!(refusal(&error), (attribute, message.to_owned()));
}

#[track_caller]
fn accepted(line: &str) {
    assert_eq!(Window::new(spec(line)).map(|window| window.spec().clone()), Ok(spec(line)));
}

#[test]
fn a_window_lasts_from_15_minutes_to_7_days() {
    accepted("duration=15m");
    accepted("duration=7d");
    refused(
        "duration=14m",
        "duration",
        "A window lasts from 15 minutes to 7 days, not 14m; for example duration = \"4h\".",
    );
    refused(
        "duration=169h",
        "duration",
        "A window lasts from 15 minutes to 7 days, not 7d1h; for example duration = \"4h\".",
    );
    let mut negative = spec("");
    negative.duration = SignedDuration::from_hours(-4);
    assert_eq!(Window::new(negative), Err(WindowError::Duration(SignedDuration::from_hours(-4))));
}

#[test]
fn every_needs_an_anchor() {
    accepted("every=2 start_date=2026-01-05");
    accepted("every=1");
    refused("every=0", "every", "every is 0; leave it out, or write 1 or more, for example every = 2.");
    refused(
        "every=2",
        "start_date",
        "every = 2 needs a start_date to count from; for example start_date = \"2026-01-05\".",
    );
}

/// Reads the lists of a window: `saturday,sunday | first | 1,15`.
fn days(lists: &str) -> Result<Days, WindowError> {
    fn list<T>(text: &str, read: impl Fn(&str) -> T) -> Vec<T> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(read).collect()
    }
    let mut lists = lists.split('|');
    let mut next = || lists.next().unwrap_or_default();
    Days::new(
        &list(next(), |day| text::parse_day(day).unwrap()),
        &list(next(), |week| text::parse_week_of_month(week).unwrap()),
        &list(next(), |day| day.parse().unwrap()),
    )
}

#[track_caller]
fn no_days(lists: &str, attribute: &str, message: &str) {
    let error = days(lists).unwrap_err();
    assert_eq!(refusal(&error), (attribute, message.to_owned()));
}

#[test]
fn a_window_says_on_which_days_it_opens() {
    let (saturday, first) = (vec![Weekday::Saturday], vec![WeekOfMonth::First]);
    assert_eq!(days("ALL"), Ok(Days::All));
    assert_eq!(days("Saturday"), Ok(Days::OfWeek(saturday.clone())));
    let of_month = |days, weekdays, weeks| Ok(Days::OfMonth { days, weekdays, weeks });
    assert_eq!(days("saturday|First"), of_month(vec![], saturday.clone(), first.clone()));
    assert_eq!(days("||1,31"), of_month(vec![1, 31], vec![], vec![]));
    assert_eq!(days("saturday||1"), of_month(vec![1], saturday.clone(), vec![]));
    assert_eq!(days("saturday|first|1"), of_month(vec![1], saturday, first));
    no_days(
        "",
        "days",
        "A window has to say on which days it opens; write for example days = [\"saturday\"], days_of_month = [1, 15], or days = [\"all\"] for every day.",
    );
    let needs = "weeks_of_month needs days; for example days = [\"saturday\"], weeks_of_month = [\"first\"].";
    no_days("|first", "weeks_of_month", needs);
    no_days("|first|1", "weeks_of_month", needs);
}

#[test]
fn every_day_stands_alone() {
    let alone = |rest| format!("days = [\"all\"] is every day and stands alone; remove {rest}, or \"all\".");
    no_days("all,monday", "days", &alone("the other days"));
    no_days("monday,all|first|1", "days", &alone("the other days"));
    no_days("all|first", "weeks_of_month", &alone("weeks_of_month"));
    no_days("all||1", "days_of_month", &alone("days_of_month"));
}

#[test]
fn a_day_of_the_month_is_1_to_31() {
    for day in [0, -1, 32] {
        no_days(
            &format!("||1,{day}"),
            "days_of_month",
            &format!("{day} is not a day of the month; write 1 to 31, for example days_of_month = [1, 15]."),
        );
    }
}

#[test]
fn nothing_is_listed_twice() {
    let twice =
        |attribute, n| format!("The list {attribute} names its element {n} twice; write each one once.");
    no_days("monday,Monday", "days", &twice("days", 2));
    no_days("all,all", "days", &twice("days", 2));
    no_days("||1,2,1", "days_of_month", &twice("days_of_month", 3));
    no_days("monday|last,last", "weeks_of_month", &twice("weeks_of_month", 2));
    refused("node_pools=a,b,a", "node_pools", &twice("node_pools", 3));
    refused("applies_to=minor,patch,patch", "applies_to", &twice("applies_to", 3));
}

#[test]
fn an_empty_list_is_refused_where_it_is_read() {
    assert_eq!(empty_list("days"), "The list days is empty; leave days out, or name at least one.");
}
