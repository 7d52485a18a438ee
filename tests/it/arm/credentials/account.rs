//! What Azure Resource Manager says against a token, a subscription, a role; and answers that never end.

use std::time::Duration;

use crate::arm::script::{Canaries, Reply, Script, client, client_with, json};
use crate::arm::{path, prod};
use serde_json::json;
use terraform_provider_aks::provider::words::errors::sentence;
use tokio::time::Instant;

const TENANT: &str = "Check that the credential belongs to the tenant of the subscription (ARM_TENANT_ID).";

fn refusal(status: u16, code: &str, message: &str) -> Reply {
    json(status, &json!({ "error": { "code": code, "message": message } }))
}

async fn said(reply: Reply) -> String {
    sentence(&client(&Script::new([reply])).cluster(&prod()).await.unwrap_err())
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_twice() {
    for (code, advice) in [
        (
            "InvalidAuthenticationTokenAudience",
            "The token is for another cloud: check environment, audience and endpoint (ARM_ENVIRONMENT).",
        ),
        ("InvalidAuthenticationTokenTenant", TENANT),
        (
            "ExpiredAuthenticationToken",
            "A new token was asked for and refused too; check this machine's clock.",
        ),
        ("AuthenticationFailed", TENANT),
    ] {
        let script = Script::new([refusal(401, code, "No.")]);
        let canaries = Canaries::living(Duration::from_secs(3600));
        let error = client_with(&script, canaries.clone()).cluster(&prod()).await.unwrap_err();
        assert!(error.is_sign_in());
        assert_eq!(
            sentence(&error),
            format!(
                "Azure does not accept the access token: GET {} answered 401 {code}: No. {advice}",
                path()
            )
        );
        assert_eq!((script.seen().len(), canaries.asked()), (2, 2), "renewed once, and only once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_role_names_action_and_scope() {
    for scope in ["/subscriptions/s", "/subscriptions/s/resourceGroups/my-rg"] {
        let message = format!(
            "The client 'c' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/read' over scope '{scope}' or the scope is invalid."
        );
        assert_eq!(
            said(refusal(403, "AuthorizationFailed", &message)).await,
            format!(
                "The identity lacks the permission Microsoft.ContainerService/managedClusters/read on {scope}: GET {} answered 403 AuthorizationFailed: {message}",
                path()
            )
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_subscription() {
    let message = "The subscription '1' could not be found.";
    assert_eq!(
        said(refusal(404, "SubscriptionNotFound", message)).await,
        format!(
            "Azure refused a request: GET {} answered 404 SubscriptionNotFound: {message} Check the subscription in cluster_id, the cloud (environment), and that the identity has a role in that subscription.",
            path()
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_drips() {
    let started = Instant::now();
    let client = client(&Script::new([Reply::Dripping])).until(Instant::now() + Duration::from_secs(300));
    let sentence = client.cluster(&prod()).await.unwrap_err().to_string();
    // How long the last attempt was given depends on the jitter before it.
    let (said, seconds) = sentence.split_once(" within ").unwrap();
    assert_eq!(
        said,
        format!(
            "GET {0} did not succeed before its deadline (3 attempts tried); the last answer was: GET {0} got no answer from management.azure.com: no whole answer",
            path()
        )
    );
    assert!(seconds.ends_with(" s."), "{sentence}");
    assert!(started.elapsed() <= Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn a_body_without_end() {
    assert_eq!(
        said(Reply::Endless).await,
        format!("GET {} got an answer that cannot be understood: its body is larger than 16 MiB.", path())
    );
}
