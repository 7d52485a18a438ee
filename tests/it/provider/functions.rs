//! Functions: what they answer, and at which argument they say what is wrong.

use std::sync::Arc;

use proptest::prelude::*;
use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::terraform::function::{Function, FunctionError};
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::value::Value;

fn function(name: &str) -> Arc<dyn Function> {
    let functions = Aks::new(|_| None).functions();
    functions.into_iter().find(|function| function.name() == name).unwrap()
}

fn call(name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
    function(name).call(arguments.to_vec())
}

fn versions(texts: &[&str]) -> Value {
    Value::list(texts.iter().copied())
}

#[track_caller]
fn refused(name: &str, arguments: &[Value], at: usize, text: &str) {
    let expected = FunctionError::at(at, text);
    assert_eq!(call(name, arguments), Err(expected));
}

#[test]
fn versions_are_compared_as_numbers() {
    #[track_caller]
    fn at_least(version: &str, minimum: &str, expected: bool) {
        let answer = call("version_at_least", &[version.into(), minimum.into()]);
        assert_eq!(answer, Ok(expected.into()), "{version} {minimum}");
    }
    at_least("1.10.2", "1.9.10", true);
    at_least("1.9.10", "1.10.2", false);
    at_least("1.34.4", "1.34", true);
    at_least("1.33.9", "1.34", false);
    at_least("1.35.0", "1.34.9", true);
    at_least("1.37.0-preview", "1.37.0", false);
    at_least("1.37.0-preview", "1.37", true);
    at_least("1.28.100", "1.28.15", true);
}

#[test]
fn what_is_no_version_is_told_at_its_argument() {
    let alias = "\"1.34\" is not a full Kubernetes version: it is a minor and lacks the patch number; write it as \"1.34.2\".";
    refused("version_at_least", &["1.34".into(), "1.34".into()], 0, alias);
    let latest = "\"latest\" is not a Kubernetes version: it is not made of numbers separated by dots; write it as \"1.34.2\" or, for the newest patch of a minor, as \"1.34\".";
    refused("version_at_least", &["1.34.4".into(), "latest".into()], 1, latest);
    refused("upgrade_path", &["1.34.4".into(), "1.35".into(), versions(&["1.34"])], 2, alias);
}

#[test]
fn a_path_takes_each_minor_in_its_newest_patch() {
    let offers = ["1.36.1", "1.34.2", "1.35.6", "1.34.4", "1.37.0-preview"];
    #[track_caller]
    fn path(from: &str, to: &str, offers: &[&str], expected: &[&str]) {
        let answer = call("upgrade_path", &[from.into(), to.into(), versions(offers)]);
        assert_eq!(answer, Ok(versions(expected)), "{from} {to}");
    }
    path("1.33.5", "1.35", &offers, &["1.34.4", "1.35.6"]);
    path("1.33.5", "1.34.2", &offers, &["1.34.2"]);
    path("1.34.2", "1.34", &offers, &["1.34.4"]);
    path("1.34.4", "1.34", &offers, &[]);
    path("1.35.6", "1.34", &offers, &[]);
    path("1.34.9", "1.34", &offers, &[]);
    path("1.35.6", "1.37.0-preview", &offers, &["1.36.1", "1.37.0-preview"]);
}

#[test]
fn no_way_is_told_with_what_there_is() {
    let arguments = |from: &str, to: &str, offers: &[&str]| [from.into(), to.into(), versions(offers)];
    refused(
        "upgrade_path",
        &arguments("1.33.5", "1.36", &["1.34.4", "1.36.1"]),
        1,
        "No way leads from 1.33.5 to 1.36.1, one minor at a time: on offer is 1.34.4, 1.36.1.",
    );
    refused(
        "upgrade_path",
        &arguments("1.33.5", "1.34", &[]),
        1,
        "No way leads from 1.33.5 to 1.34, one minor at a time: on offer is nothing newer.",
    );
    refused(
        "upgrade_path",
        &arguments("1.33.5", "1.34", &["1.34.0-preview"]),
        1,
        "No way leads from 1.33.5 to 1.34, one minor at a time: on offer is 1.34.0-preview.",
    );
}

#[test]
fn an_image_says_its_family_and_its_day() {
    #[track_caller]
    fn parsed(version: &str, family: &str, published: &str) {
        let expected = Value::object([("family", Value::from(family)), ("published", published.into())]);
        assert_eq!(call("parse_node_image", &[version.into()]), Ok(expected));
    }
    parsed("AKSUbuntu-2204gen2containerd-202610.19.0", "AKSUbuntu-2204gen2containerd", "2026-10-19");
    parsed("AKSUbuntu-1804gen2containerd-2022.10.03", "AKSUbuntu-1804gen2containerd", "2022-10-03");
    parsed("AKSWindows-2022-containerd-20348.1787.230614", "AKSWindows-2022-containerd", "2023-06-14");
    let text = "\"my-own-image\" is not a node image as Azure names them, such as \"AKSUbuntu-2204gen2containerd-202610.19.0\".";
    refused("parse_node_image", &["my-own-image".into()], 0, text);
}

proptest! {
    /// Each hop is on offer, newer than the one before, at most a minor away, and the last one is the target.
    #[test]
    fn a_path_is_a_way(minors in prop::collection::btree_set(20u64..26, 0..6), patch in 0u64..4, to in 20u64..26) {
        let offers: Vec<String> =
            minors.iter().flat_map(|minor| (0..3).map(move |patch| format!("1.{minor}.{patch}"))).collect();
        let from = format!("1.20.{patch}");
        let list = Value::list(offers.iter().map(String::as_str));
        if let Ok(path) = call("upgrade_path", &[from.as_str().into(), format!("1.{to}").as_str().into(), list]) {
            let hops: Vec<semver::Version> =
                path.items().iter().map(|hop| hop.as_str().unwrap().parse().unwrap()).collect();
            let mut at: semver::Version = from.parse().unwrap();
            for hop in hops {
                prop_assert!(offers.contains(&hop.to_string()) && hop > at && hop.minor <= at.minor + 1);
                at = hop;
            }
            prop_assert_eq!(at.minor, to);
        }
    }
}

fn object(entries: &[(&str, Value)]) -> Value {
    Value::object(entries.iter().cloned())
}

fn nights(zone: &str) -> Value {
    let saturday = Value::list(["Saturday"]);
    Value::list([object(&[
        ("days", saturday),
        ("start", "02:00".into()),
        ("duration", "4h".into()),
        ("time_zone", zone.into()),
        ("applies_to", Value::Null),
    ])])
}

fn none() -> Value {
    Value::list(Vec::<Value>::new())
}

fn openings(windows: &Value, blackouts: &Value, after: &str, count: i64) -> Vec<(String, String)> {
    let told =
        call("next_windows", &[windows.clone(), blackouts.clone(), after.into(), count.into()]).unwrap();
    let text = |opening: &Value, end: &str| opening.get(end).as_str().unwrap().to_owned();
    told.items().iter().map(|opening| (text(opening, "start"), text(opening, "end"))).collect()
}

#[track_caller]
fn opens(windows: &Value, blackouts: &Value, after: &str, expected: &[(&str, &str)]) {
    let told = openings(windows, blackouts, after, expected.len().try_into().unwrap());
    let told: Vec<(&str, &str)> = told.iter().map(|(start, end)| (start.as_str(), end.as_str())).collect();
    assert_eq!(told, expected);
}

#[test]
fn openings_follow_the_clocks_of_their_zone() {
    // Summer time ends on 25 October.
    let expected =
        [("2026-10-24T00:00:00Z", "2026-10-24T04:00:00Z"), ("2026-10-31T01:00:00Z", "2026-10-31T05:00:00Z")];
    opens(&nights("Europe/Berlin"), &none(), "2026-10-24T01:00:00Z", &expected);
}

#[test]
fn blackouts_are_cut_out_of_openings() {
    let freeze = Value::list([object(&[
        ("from", "12-15".into()),
        ("to", "01-05".into()),
        ("yearly", true.into()),
        ("time_zone", "UTC".into()),
    ])]);
    let expected =
        [("2026-12-12T02:00:00Z", "2026-12-12T06:00:00Z"), ("2027-01-09T02:00:00Z", "2027-01-09T06:00:00Z")];
    opens(&nights("UTC"), &freeze, "2026-12-07T00:00:00Z", &expected);
    let hour = Value::list([object(&[
        ("from", "2026-12-12T03:00:00Z".into()),
        ("to", "2026-12-12T04:00:00Z".into()),
    ])]);
    let expected =
        [("2026-12-12T02:00:00Z", "2026-12-12T03:00:00Z"), ("2026-12-12T04:00:00Z", "2026-12-12T06:00:00Z")];
    opens(&nights("UTC"), &hour, "2026-12-07T00:00:00Z", &expected);
}

/// One window is for the pool batch, the other one for images: together they are one opening.
#[test]
fn windows_of_different_work_are_one_opening() {
    let window = |start: &str, limit: (&str, Value)| {
        object(&[
            ("days", Value::list(["all"])),
            ("start", start.into()),
            ("duration", "2h".into()),
            ("time_zone", "UTC".into()),
            limit,
        ])
    };
    let windows = Value::list([
        window("01:00", ("node_pools", Value::list(["batch"]))),
        window("03:00", ("applies_to", Value::list(["node_image"]))),
    ]);
    let expected =
        [("2026-12-12T01:00:00Z", "2026-12-12T05:00:00Z"), ("2026-12-13T01:00:00Z", "2026-12-13T05:00:00Z")];
    opens(&windows, &none(), "2026-12-12T04:00:00Z", &expected);
}

#[test]
fn a_window_is_half_open() {
    #[track_caller]
    fn open(at: &str, expected: bool) {
        assert_eq!(call("in_window", &[nights("UTC"), none(), at.into()]), Ok(expected.into()), "{at}");
    }
    open("2026-12-12T01:59:59Z", false);
    open("2026-12-12T02:00:00Z", true);
    open("2026-12-12T05:59:59Z", true);
    open("2026-12-12T06:00:00Z", false);
}

#[test]
fn what_is_wrong_in_a_window_is_told_at_its_argument() {
    #[track_caller]
    fn wrong(windows: Value, blackouts: Value, at: usize, text: &str) {
        refused("in_window", &[windows, blackouts, "2026-12-12T02:00:00Z".into()], at, text);
    }
    let window = |key: &str, value: Value| {
        let mut window = nights("UTC").items()[0].clone();
        window.set(key, value);
        Value::list([window])
    };
    wrong(
        window("timezone", "UTC".into()),
        none(),
        0,
        "maintenance_window[0]: there is no \"timezone\" here (did you mean \"time_zone\"?).",
    );
    wrong(none(), none(), 0, "There is no window, so nothing says when work may start.");
    let freeze =
        Value::list([object(&[("from", "12-15".into()), ("to", "01-05".into()), ("yearly", true.into())])]);
    let answer = call("in_window", &[nights("UTC"), freeze, "2026-12-12T02:00:00Z".into()]).unwrap_err();
    assert_eq!(answer.argument, Some(1), "{}", answer.text);
    let answer = call("in_window", &[window("duration", "5m".into()), none(), "2026-12-12T02:00:00Z".into()]);
    assert_eq!(answer.unwrap_err().argument, Some(0));
    let when = "\"tomorrow\" is not an instant; write it as \"2026-11-28T02:00:00Z\".";
    refused("in_window", &[nights("UTC"), none(), "tomorrow".into()], 2, when);
    let many = "The number of openings has to be a whole number from 1 to 1000.";
    for count in [0, 1001, -1] {
        let arguments = [nights("UTC"), none(), "2026-12-12T02:00:00Z".into(), count.into()];
        refused("next_windows", &arguments, 3, many);
    }
}

proptest! {
    /// An instant is inside exactly when the opening that is told next contains it.
    #[test]
    fn the_next_opening_contains_what_is_in_the_window(minutes in 0i64..30_000, zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York"])) {
        let start: jiff::Timestamp = "2026-10-20T00:00:00Z".parse().unwrap();
        let at = start + jiff::SignedDuration::from_mins(minutes);
        let text = at.to_string();
        let inside = call("in_window", &[nights(zone), none(), text.as_str().into()]).unwrap().as_bool().unwrap();
        let (start, end) = openings(&nights(zone), &none(), &text, 1).remove(0);
        let (start, end): (jiff::Timestamp, jiff::Timestamp) = (start.parse().unwrap(), end.parse().unwrap());
        prop_assert_eq!(inside, start <= at && at < end);
        prop_assert!(at < end);
    }
}
