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
