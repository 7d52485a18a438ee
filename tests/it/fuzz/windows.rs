//! Windows at any instant there is: what is open lies in an opening, and the next one lies ahead.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use terraform_provider_aks::upgrade::window::translate::{check, translate};

use super::fuzz;
use crate::upgrade::window::laws::{any_tasks, any_windows};

fn instant() -> impl Strategy<Value = Timestamp> {
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let second = prop_oneof![
        6 => 946_684_800..4_102_444_800_i64,
        2 => first..=last,
        1 => first..=first + 700_000,
        1 => last - 700_000..=last,
    ];
    second.prop_map(|second| Timestamp::from_second(second).unwrap())
}

#[test]
fn openings() {
    let need = (0..200_i64).prop_map(SignedDuration::from_hours);
    fuzz(
        "windows::openings",
        150,
        (any_windows(), any_tasks(), instant(), need),
        |(windows, tasks, at, need)| {
            let opening = windows.opening(tasks, *at);
            // The last instant is nobody's: an opening ends before it.
            if *at < Timestamp::MAX {
                assert_eq!(windows.is_open(tasks, *at), opening.is_some_and(|opening| opening.contains(*at)));
            }
            assert!(opening.is_none_or(|opening| opening.end > *at || *at == Timestamp::MAX));
            assert_eq!(windows.never_opens(tasks, *at), opening.is_none());
            let long = windows.opening_for(tasks, *at, *need);
            assert!(long.is_none_or(|long| long.left(*at) >= *need));
        },
    );
}

#[test]
fn aks() {
    fuzz("windows::aks", 100, (any_windows(), instant()), |(windows, at)| {
        let refused = check(windows);
        if let Ok(window) = translate(windows, *at) {
            assert!(refused.is_empty(), "{refused:?}");
            assert!((4..=24).contains(&window.duration_hours));
            let _ = (window.windows(), window.agrees(&window, *at), window.start_date_to_send(*at));
        }
    });
}
