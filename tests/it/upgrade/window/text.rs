//! Zones, durations, times and days as text.

use jiff::SignedDuration;
use jiff::civil::{Weekday, date, time};
use proptest::prelude::*;
use terraform_provider_aks::upgrade::text::{DayWord, WeekOfMonth};
use terraform_provider_aks::upgrade::window::zone;
use terraform_provider_aks::upgrade::{duration, text};

#[test]
fn zones_are_names_or_offsets() {
    for name in
        ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "+02:00", "-12:00", "+14:00"]
    {
        assert_eq!(zone::display(&zone::parse(name).unwrap()), name);
    }
    assert_eq!(zone::display(&zone::parse("europe/berlin").unwrap()), "Europe/Berlin");
    assert_eq!(zone::display(&zone::parse("-00:30").unwrap()), "-00:30");
}

#[track_caller]
fn unknown_zone(text: &str, nearest: Option<&str>) {
    let hint = nearest.map_or("write".to_owned(), |name| format!("did you mean {name:?}? Write"));
    assert_eq!(
        zone::parse(text).unwrap_err().to_string(),
        format!(
            "{text:?} is not a known time zone; {hint} an IANA name, for example \"Europe/Berlin\", \
             or an offset, for example \"+02:00\"."
        )
    );
}

#[test]
fn an_unknown_zone_names_the_nearest() {
    unknown_zone("Europe/Berln", Some("Europe/Berlin"));
    unknown_zone("Berlin", Some("Europe/Berlin"));
    unknown_zone("new york", Some("America/New_York"));
    unknown_zone("Amercia/New_York", Some("America/New_York"));
    unknown_zone("Z", Some("UTC"));
    unknown_zone("W. Europe Standard Time", None);
    unknown_zone("+2", None);
    unknown_zone("+02:60", None);
    unknown_zone("+14:01", None);
    unknown_zone("-12:01", None);
    unknown_zone("+0a:00", None);
    unknown_zone("Etc/Unknown", None);
    unknown_zone("Europe/Gotham", None);
    unknown_zone("", None);
}

#[test]
fn a_zone_longer_than_any_is_not_compared_and_not_shown_whole() {
    let sentence = zone::parse(&"x".repeat(40_000)).unwrap_err().to_string();
    let shown = format!("\"{}…\" is not a known time zone; write an IANA name", "x".repeat(64));
    assert!(sentence.starts_with(&shown), "{sentence}");
}

#[test]
fn durations_are_whole_numbers_with_units() {
    for (text, minutes) in [
        ("90m", 90),
        ("4h", 240),
        ("14d", 20160),
        ("1h30m", 90),
        ("1d", 1440),
        ("6h0m0s", 360),
        ("0s", 0),
        ("60s", 1),
    ] {
        assert_eq!(duration::parse(text), Ok(SignedDuration::from_mins(minutes)), "{text}");
    }
    for text in [
        "",
        "90",
        "1.5h",
        "-1h",
        "+1h",
        "1h 30m",
        "30m1h",
        "1h1h",
        "1w",
        "4H",
        "h",
        "1é",
        "99999999999999999999s",
        "9223372036854775807d",
    ] {
        assert_eq!(
            duration::parse(text).unwrap_err().to_string(),
            format!(
                "{text:?} is not a duration; write whole numbers with the units d, h, m or s, longest first, \
                 for example \"90m\" or \"1h30m\"."
            )
        );
    }
}

#[test]
fn durations_are_shown_as_short_as_can_be() {
    for (minutes, text) in
        [(90, "1h30m"), (240, "4h"), (20160, "14d"), (1500, "1d1h"), (0, "0s"), (45, "45m")]
    {
        assert_eq!(duration::display(SignedDuration::from_mins(minutes)), text);
    }
    assert_eq!(duration::display(SignedDuration::new(61, 999)), "1m1s");
}

proptest! {
    #[test]
    fn a_shown_duration_reads_back(seconds in 0..i64::MAX) {
        let duration = SignedDuration::from_secs(seconds);
        prop_assert_eq!(duration::parse(&duration::display(duration)), Ok(duration));
    }
}

proptest! {
    // A zone that is not known is compared with all that are: a few texts are enough.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_is_read_or_refused(given in "\\PC*") {
        let _ = (duration::parse(&given), zone::parse(&given), text::parse_time(&given), text::parse_date(&given));
    }
}

#[test]
fn times_and_dates_are_written_in_full() {
    assert_eq!(text::parse_time("02:00"), Ok(time(2, 0, 0, 0)));
    assert_eq!(text::parse_time("23:59"), Ok(time(23, 59, 0, 0)));
    assert_eq!(text::parse_date("2028-02-29"), Ok(date(2028, 2, 29)));
    for text in ["2:00", "24:00", "02:60", "02:00:00", "2am", "-2:00", ""] {
        assert_eq!(
            text::parse_time(text).unwrap_err().to_string(),
            format!("{text:?} is not a time of day; write hours and minutes, for example \"02:00\".")
        );
    }
    for text in ["2026-02-29", "26-01-05", "2026-1-5", "05.01.2026", "2026-01-05T00:00:00Z", ""] {
        assert_eq!(
            text::parse_date(text).unwrap_err().to_string(),
            format!(
                "{text:?} is not a date; write year, month and day of a day that exists, for example \"2026-01-05\"."
            )
        );
    }
}

#[test]
fn days_and_weeks_are_words() {
    for spelled in ["saturday", "Saturday", "SATURDAY"] {
        assert_eq!(text::parse_weekday(spelled), Ok(Weekday::Saturday));
        assert_eq!(text::parse_day(spelled), Ok(DayWord::On(Weekday::Saturday)));
    }
    assert_eq!(text::parse_day("All"), Ok(DayWord::All));
    assert_eq!(text::parse_week_of_month("Last"), Ok(WeekOfMonth::Last));
    assert_eq!(
        text::parse_weekday("all").unwrap_err().to_string(),
        r#""all" is not a day of the week; write one of "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"."#
    );
    assert_eq!(
        text::parse_day("Sat").unwrap_err().to_string(),
        r#""Sat" is not a day of the week; write one of "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "all"."#
    );
    assert_eq!(
        text::parse_week_of_month("fifth").unwrap_err().to_string(),
        r#""fifth" is not a week of the month; write one of "first", "second", "third", "fourth", "last"."#
    );
}
