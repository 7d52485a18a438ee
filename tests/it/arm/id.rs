//! Cluster ids: what parses, what is refused and how it is said.

use std::collections::HashSet;

use proptest::prelude::*;
use terraform_provider_aks::arm::id::{ClusterId, check_location, check_pool, check_subscription_id};

use super::{SUBSCRIPTION, path, prod};

const EXAMPLE: &str = "\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-group/providers/Microsoft.ContainerService/managedClusters/my-cluster\"";

#[track_caller]
fn refused(text: &str, reason: &str) {
    let error = text.parse::<ClusterId>().unwrap_err().to_string();
    let (_, said) = error.split_once(" is not the id of an AKS cluster: ").unwrap();
    assert_eq!(said, format!("{reason}. A correct example is {EXAMPLE}."), "for {text:?}");
}

#[test]
fn canonical_spelling() {
    assert_eq!(prod().to_string(), path());
    assert_eq!((prod().subscription(), prod().name()), (SUBSCRIPTION, "prod"));
}

#[test]
fn casing_makes_no_difference() {
    let shouted: ClusterId = path().to_uppercase().parse().unwrap();
    let recorded: ClusterId = path().replace("resourceGroups", "resourcegroups").parse().unwrap();
    assert_eq!(shouted, prod());
    assert_eq!(HashSet::from([shouted, recorded, prod()]).len(), 1);
    assert_ne!(path().replace("/prod", "/test").parse::<ClusterId>().unwrap(), prod());
}

#[test]
fn the_whole_sentence() {
    assert_eq!(
        "prod".parse::<ClusterId>().unwrap_err().to_string(),
        format!(
            "\"prod\" is not the id of an AKS cluster: it does not start with a slash. A correct example is {EXAMPLE}."
        )
    );
}

#[test]
fn other_things() {
    refused("", "it does not start with a slash");
    refused("/", "it ends with a slash");
    refused("/subscriptions/x", "it does not have the parts of a cluster's id");
    refused(&(path() + "/"), "it ends with a slash");
    refused(
        &(path() + "/agentPools/system"),
        "it is the id of an agent pool; the id of its cluster ends with \"prod\"",
    );
    refused(
        &(path() + "/maintenanceConfigurations/default"),
        "it names something below a cluster (maintenanceConfigurations), not the cluster",
    );
    refused(
        &path().replace("ContainerService/managedClusters", "Compute/virtualMachines"),
        "it names a resource of type Microsoft.Compute/virtualMachines, not Microsoft.ContainerService/managedClusters",
    );
}

#[test]
fn other_names() {
    let cluster = |name: &str| {
        refused(
            &path().replace("prod", name),
            &format!(
                "the cluster name \"{}\" may have 1 to 63 letters, digits, '-' and '_', and starts and ends with a letter or digit",
                name.escape_default()
            ),
        );
    };
    for name in [
        "..",
        "a%2fb",
        "a?b",
        "a#b",
        "a b",
        "-a",
        "a_",
        "a\nb",
        "a\0b",
        "a\u{202e}b",
        "a\u{1b}[31m",
        "\u{661}",
    ] {
        cluster(name);
    }
    cluster(&"x".repeat(64));
    let group = |name: &str| {
        refused(
            &path().replace("my-rg", name),
            &format!(
                "the resource group \"{}\" may have 1 to 90 letters, digits, '-', '_', '.', '(' and ')', and no '.' at the end",
                name.escape_default()
            ),
        );
    };
    for name in ["..", ".", "a.", "a%2f", "a b", "a?b", "a#b", ""] {
        group(name);
    }
    refused(&path().replace(SUBSCRIPTION, "prod-sub"), "the subscription \"prod-sub\" is not a GUID");
}

#[test]
fn an_endless_text_is_cut() {
    let error = format!("/{}", "x".repeat(5000)).parse::<ClusterId>().unwrap_err().to_string();
    assert!(error.len() < 800, "{error}");
    assert!(error.contains('…'), "{error}");
}

#[test]
fn resource_groups_of_any_script() {
    assert!(path().replace("my-rg", "Größe_(1).x").parse::<ClusterId>().is_ok());
}

#[test]
fn parts_of_paths() {
    assert!(check_pool("system1").is_ok());
    for name in ["", "1a", "Pool", "my-pool", "averylongpool", "../x"] {
        assert!(check_pool(name).is_err(), "{name}");
    }
    assert_eq!(
        check_pool("My Pool").unwrap_err().to_string(),
        "\"My Pool\" is not the name of a node pool: it has 1 to 12 lowercase letters and digits and starts with a letter. \
         A correct example is \"system1\"."
    );
    assert!(check_location("westeurope").is_ok());
    assert_eq!(
        check_location("West Europe").unwrap_err().to_string(),
        "\"West Europe\" is not the name of an Azure region: it has only letters and digits, without spaces. \
         A correct example is \"westeurope\"."
    );
    assert!(check_subscription_id(SUBSCRIPTION).is_ok());
    assert!(check_subscription_id("/subscriptions/1").is_err());
}

proptest! {
    #[test]
    fn printing_and_parsing_are_inverse(
        subscription in "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        group in "[-_.()a-zA-Z0-9]{0,30}[a-z]",
        name in "[a-zA-Z0-9]([-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?",
    ) {
        let text = format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}");
        prop_assert_eq!(text.parse::<ClusterId>().unwrap().to_string(), text);
    }

    #[test]
    fn anything_else_is_a_sentence(text in "\\PC{0,60}") {
        if let Err(error) = text.parse::<ClusterId>() {
            prop_assert!(error.to_string().ends_with("\"."));
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}
