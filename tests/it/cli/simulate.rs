//! `simulate clock` as a script runs it: what ends with which code.

use super::{provider_with, simulated};

/// Runs `simulate clock` with an address in the variable; nothing moves, and the sentence and the code say why.
async fn refused(endpoint: &str, arguments: &[&str], code: i32, sentence: &str) {
    let line = [&["simulate", "clock"], arguments].concat();
    let (ended, _, said) = provider_with(&line, &[("ARM_RESOURCE_MANAGER_ENDPOINT", endpoint)]).await;
    assert_eq!((ended, said), (Some(code), format!("Error: {sentence}\n")), "{endpoint} {arguments:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_line_ends_with_2_and_what_is_no_simulator_with_1() {
    let azure = simulated("").await;
    let (url, began) = (azure.url(), azure.now());
    let address = "is no address of a simulator such as http://127.0.0.1:8080.";
    let variable = format!("ARM_RESOURCE_MANAGER_ENDPOINT: \"localhost:8080\" {address}");
    refused("localhost:8080", &["+1h"], 2, &variable).await;
    refused(&url, &["+1h", "--endpoint", "nowhere"], 2, &format!("--endpoint: \"nowhere\" {address}")).await;
    let instant =
        "\"tomorrow\" is neither a span such as +2d or +90m nor an instant such as 2026-11-28T02:00Z.";
    refused(&url, &["tomorrow"], 2, instant).await;
    refused(&url, &["+soon"], 2, "\"+soon\" is no span such as +2d, +90m or +1d12h.").await;
    let below = format!("{url}/subscriptions");
    let none = format!(
        "What answers at {below} is no simulator: it has no clock to show. Start one, or give the --endpoint of one."
    );
    refused(&below, &["+1h"], 1, &none).await;
    assert_eq!(azure.now(), began);
}
