//! Kubernetes versions and what users write for them.

use proptest::prelude::*;
use terraform_provider_aks::upgrade::policy::{Channel, Target};
use terraform_provider_aks::upgrade::version::{Minor, Version};

#[track_caller]
fn refuses<T: std::str::FromStr<Err: std::fmt::Display> + std::fmt::Debug>(text: &str, sentence: &str) {
    assert_eq!(text.parse::<T>().map_err(|error| error.to_string()).unwrap_err(), sentence);
}

#[test]
fn versions_that_azure_lists() {
    for text in ["1.34.2", "1.28.100", "1.37.0-preview", "1.9.0", "1.31.0-alpha.1", "0.0.0"] {
        assert_eq!(text.parse::<Version>().unwrap().to_string(), text);
    }
}

#[test]
fn texts_that_are_no_version() {
    let tail = "write it as \"1.34.2\".";
    refuses::<Version>(
        "v1.33.5",
        &format!("\"v1.33.5\" is not a Kubernetes version: it starts with \"v\"; {tail}"),
    );
    refuses::<Version>(
        "1.33",
        &format!(
            "\"1.33\" is not a full Kubernetes version: it is a minor and lacks the patch number; {tail}"
        ),
    );
    refuses::<Version>(
        "01.33.0",
        &format!("\"01.33.0\" is not a Kubernetes version: a number has a leading zero; {tail}"),
    );
    refuses::<Version>(
        "1.33.5 ",
        &format!("\"1.33.5 \" is not a Kubernetes version: it contains a space; {tail}"),
    );
    refuses::<Version>(
        "1.３3.5",
        &format!("\"1.３3.5\" is not a Kubernetes version: it contains a character outside ASCII; {tail}"),
    );
    refuses::<Version>(
        "1.33.5+aks",
        &format!("\"1.33.5+aks\" is not a Kubernetes version: it carries build metadata; {tail}"),
    );
    refuses::<Version>("", &format!("\"\" is not a Kubernetes version: it is empty; {tail}"));
    refuses::<Version>(
        "latest",
        &format!(
            "\"latest\" is not a Kubernetes version: it is not made of numbers separated by dots; {tail}"
        ),
    );
    for text in [
        "1.33.5.0",
        "1.33.-5",
        "1.33.",
        ".1.33",
        "1.33.5-",
        "1.33.99999999999999999999",
        "1,33,5",
        "\u{a0}1.33.5",
    ] {
        assert!(text.parse::<Version>().is_err(), "{text:?}");
    }
}

#[test]
fn texts_that_are_no_minor() {
    let tail = "write it as \"1.34\".";
    refuses::<Minor>(
        "1.34.2",
        &format!("\"1.34.2\" is not a Kubernetes minor: it names a patch as well; {tail}"),
    );
    refuses::<Minor>("v1.34", &format!("\"v1.34\" is not a Kubernetes minor: it starts with \"v\"; {tail}"));
    refuses::<Minor>(
        "1.034",
        &format!("\"1.034\" is not a Kubernetes minor: a number has a leading zero; {tail}"),
    );
    refuses::<Minor>(" 1.34", &format!("\" 1.34\" is not a Kubernetes minor: it contains a space; {tail}"));
    for text in ["1", "1.", ".34", "1.x", "1.+3", "1.99999999999999999999", "1.٣٤", ""] {
        assert!(text.parse::<Minor>().is_err(), "{text:?}");
    }
}

#[test]
fn a_target_is_a_minor_or_a_version() {
    assert_eq!("1.34".parse(), Ok(Target::Minor(Minor { major: 1, minor: 34 })));
    assert_eq!("1.34.2".parse(), Ok(Target::Exact("1.34.2".parse().unwrap())));
    refuses::<Target>(
        "stable",
        "\"stable\" is not a Kubernetes version: it is not made of numbers separated by dots; \
         write it as \"1.34.2\" or, for the newest patch of a minor, as \"1.34\".",
    );
    refuses::<Target>(
        "v1.34",
        "\"v1.34\" is not a Kubernetes version: it starts with \"v\"; \
         write it as \"1.34.2\" or, for the newest patch of a minor, as \"1.34\".",
    );
}

#[test]
fn channels_are_three_words() {
    for (text, channel) in [("patch", Channel::Patch), ("stable", Channel::Stable), ("rapid", Channel::Rapid)]
    {
        assert_eq!(text.parse(), Ok(channel));
        assert_eq!(Target::Channel(channel).to_string(), text);
    }
    refuses::<Channel>(
        "node-image",
        "\"node-image\" is not a channel; write one of \"patch\", \"stable\" and \"rapid\".",
    );
    assert!("Stable".parse::<Channel>().is_err());
}

#[test]
fn order_is_by_number_and_a_preview_comes_before_its_release() {
    let ascending = ["1.9.10", "1.10.2", "1.28.9", "1.28.100", "1.29.0", "1.37.0-preview", "1.37.0"];
    let versions: Vec<Version> = ascending.iter().map(|text| text.parse().unwrap()).collect();
    assert!(versions.is_sorted());
    assert!(versions[5].is_prerelease() && !versions[6].is_prerelease());
}

#[test]
fn minors_follow_each_other() {
    let minor: Minor = "1.34".parse().unwrap();
    assert_eq!(minor.next().to_string(), "1.35");
    assert_eq!(minor.previous().map(|minor| minor.to_string()).as_deref(), Some("1.33"));
    assert_eq!("1.0".parse::<Minor>().unwrap().previous(), None);
    assert_eq!(Version::first_of(minor).to_string(), "1.34.0");
}

proptest! {
    #[test]
    fn printing_and_parsing_are_inverse(major: u64, minor: u64, patch: u64) {
        let version: Version = format!("{major}.{minor}.{patch}").parse().unwrap();
        prop_assert_eq!(version.to_string().parse::<Version>(), Ok(version.clone()));
        prop_assert_eq!(version.minor().to_string().parse::<Minor>(), Ok(version.minor()));
        prop_assert_eq!((version.minor().major, version.minor().minor), (major, minor));
    }

    #[test]
    fn whatever_parses_prints_as_it_was_written(text in "[0-9a-z.+-]{0,12}") {
        if let Ok(version) = text.parse::<Version>() {
            prop_assert_eq!(version.to_string(), text.as_str());
        }
        if let Ok(minor) = text.parse::<Minor>() {
            prop_assert_eq!(minor.to_string(), text.as_str());
        }
        if let Ok(target) = text.parse::<Target>() {
            prop_assert_eq!(target.to_string(), text);
        }
    }

    #[test]
    fn any_text_is_refused_in_one_sentence_or_taken(text: String) {
        if let Err(error) = text.parse::<Target>() {
            prop_assert!(error.to_string().ends_with('.'));
        }
    }
}
