//! Which failed attempts are tried again, and when.

use std::time::Duration;

use proptest::prelude::*;
use terraform_provider_aks::arm::request::Method::{self, Get, Post, Put};
use terraform_provider_aks::arm::retry::Outcome::{self, Broken, NotSent, Status};
use terraform_provider_aks::arm::retry::Verdict::{self, Ambiguous, GiveUp, OutOfTime, Retry};
use terraform_provider_aks::arm::retry::{Attempt, LONGEST_WAIT, after, http_date, retry_after};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn first(method: Method, outcome: Outcome) -> Attempt {
    Attempt {
        is_safe: method.is_safe(),
        number: 1,
        outcome,
        retry_after: None,
        left: Some(s(3600)),
        max_retries: 8,
        seed: 7,
    }
}

#[track_caller]
fn row(outcome: Outcome, get: &str, write: &str) {
    let word = |verdict: Verdict| match verdict {
        Retry(_) => "again",
        GiveUp => "final",
        OutOfTime => "late",
        Ambiguous => "ambiguous",
    };
    assert_eq!(word(after(&first(Get, outcome))), get, "GET {outcome:?}");
    assert_eq!(word(after(&first(Put, outcome))), write, "PUT {outcome:?}");
    assert_eq!(word(after(&first(Post, outcome))), write, "POST {outcome:?}");
}

#[test]
fn answers() {
    row(NotSent, "again", "again");
    row(Broken, "again", "ambiguous");
    row(Status(429), "again", "again");
    row(Status(408), "again", "ambiguous");
    row(Status(500), "again", "ambiguous");
    row(Status(502), "again", "ambiguous");
    row(Status(503), "again", "ambiguous");
    row(Status(504), "again", "ambiguous");
    row(Status(200), "final", "final");
    row(Status(307), "final", "final");
    row(Status(400), "final", "final");
    row(Status(401), "final", "final");
    row(Status(403), "final", "final");
    row(Status(404), "final", "final");
    row(Status(409), "final", "final");
    row(Status(412), "final", "final");
}

#[test]
fn an_interval_that_the_server_names_is_kept() {
    let asked = |method, outcome| after(&Attempt { retry_after: Some(s(17)), ..first(method, outcome) });
    assert_eq!(asked(Get, Status(429)), Retry(s(17)));
    assert_eq!(asked(Put, Status(429)), Retry(s(17)));
    assert_eq!(asked(Get, Status(500)), Retry(s(17)));
    assert_eq!(
        asked(Get, Status(404)),
        Retry(s(17)),
        "a read is tried again whenever the server names a time"
    );
    assert_eq!(asked(Put, Status(409)), GiveUp, "a write is not: look first");
    assert_eq!(asked(Put, Status(503)), Ambiguous);
}

#[test]
fn the_deadline_bounds_the_wait() {
    let asked = |left, wait| after(&Attempt { left, retry_after: Some(wait), ..first(Get, Status(429)) });
    assert_eq!(asked(Some(s(10)), s(9)), Retry(s(9)));
    assert_eq!(asked(Some(s(10)), s(10)), OutOfTime);
    assert_eq!(asked(Some(s(0)), s(1)), OutOfTime);
    assert_eq!(asked(None, s(120)), Retry(s(120)));
    assert_eq!(asked(None, s(121)), GiveUp, "nobody said how long is too long");
}

#[test]
fn retries_are_counted() {
    let nth = |number, outcome| after(&Attempt { number, ..first(Get, outcome) });
    assert!(matches!(nth(8, Status(503)), Retry(_)));
    assert_eq!(nth(9, Status(503)), GiveUp);
    assert!(matches!(nth(4, NotSent), Retry(_)));
    assert_eq!(nth(5, NotSent), GiveUp, "a name that does not resolve will not");
    assert_eq!(after(&Attempt { max_retries: 0, ..first(Get, Status(503)) }), GiveUp);
}

#[test]
fn a_paced_storm_is_bounded_by_the_deadline_alone() {
    let storm = |wait, left| {
        after(&Attempt { number: 500, retry_after: Some(wait), left, ..first(Get, Status(429)) })
    };
    assert_eq!(storm(s(1), Some(s(60))), Retry(s(1)));
    assert_eq!(storm(Duration::from_millis(100), Some(s(60))), GiveUp, "no storm of our own");
    assert_eq!(storm(s(1), None), GiveUp);
}

#[test]
fn the_back_off_doubles_up_to_a_minute() {
    for (number, middle) in
        [(1, 800), (2, 1600), (3, 3200), (4, 6400), (5, 12800), (6, 25600), (7, 51200), (8, 60000)]
    {
        for seed in 0..200 {
            let Retry(wait) = after(&Attempt { number, seed, ..first(Get, Broken) }) else {
                panic!("{number}")
            };
            let ms = u64::try_from(wait.as_millis()).unwrap();
            assert!((middle * 8 / 10..=middle * 12 / 10).contains(&ms), "{number}: {ms} ms");
        }
    }
}

#[test]
fn concurrent_calls_spread() {
    let waits: std::collections::BTreeSet<_> =
        (0..100).map(|seed| format!("{:?}", after(&Attempt { seed, ..first(Get, Broken) }))).collect();
    assert!(waits.len() > 50, "{}", waits.len());
}

#[track_caller]
fn header(name: &'static str, value: &str, expected: Option<Duration>) {
    let date = "Thu, 06 Nov 2025 00:55:40 GMT";
    let found = retry_after(|asked| match asked {
        "date" => Some(date),
        _ if asked == name => Some(value),
        _ => None,
    });
    assert_eq!(found, expected, "{name}: {value}");
}

#[test]
fn spellings_of_retry_after() {
    header("retry-after", "17", Some(s(17)));
    header("retry-after", " 17 ", Some(s(17)));
    header("retry-after", "0", Some(Duration::from_millis(100)));
    header("retry-after-ms", "300", Some(Duration::from_millis(300)));
    header("x-ms-retry-after-ms", "300", Some(Duration::from_millis(300)));
    header("retry-after", "Thu, 06 Nov 2025 00:56:10 GMT", Some(s(30)));
    header("retry-after", "Thu, 06 Nov 2025 00:55:00 GMT", None);
    header("retry-after", "-5", None);
    header("retry-after", "abc", None);
    header("retry-after", "", None);
    header("retry-after", "1.5", None);
    header("retry-after", "1000000000000", Some(LONGEST_WAIT));
    header("retry-after", "99999999999999999999999999", None);
    header("retry-after", "Sun, 06 Nov 9025 00:55:00 GMT", Some(LONGEST_WAIT));
    header("x-other", "17", None);
}

#[test]
fn the_finer_header_wins() {
    let both = |name: &'static str| match name {
        "retry-after" => Some("9"),
        "retry-after-ms" => Some("300"),
        _ => None,
    };
    assert_eq!(retry_after(both), Some(Duration::from_millis(300)));
}

#[test]
fn dates() {
    assert_eq!(http_date("Thu, 06 Nov 2025 00:55:40 GMT").unwrap().to_string(), "2025-11-06T00:55:40Z");
    assert_eq!(http_date("yesterday"), None);
}

proptest! {
    #[test]
    fn any_header_is_bounded(value in "\\PC{0,30}") {
        let wait = retry_after(|name| (name != "date").then_some(value.as_str()));
        prop_assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT && !wait.is_zero()));
    }

    #[test]
    fn no_retry_outlives_the_deadline(number in 1u32..1000, status in 200u16..600, named in proptest::option::of(0u64..10_000), left in 0u64..10_000, seed: u64) {
        let attempt = Attempt { number, retry_after: named.map(s), left: Some(s(left)), seed, ..first(Get, Status(status)) };
        if let Retry(wait) = after(&attempt) {
            prop_assert!(wait < s(left));
        }
    }
}
