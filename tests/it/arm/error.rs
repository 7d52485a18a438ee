//! What Azure's refusals become.

use std::time::Duration;

use proptest::prelude::*;
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::text::{json, plain};
use terraform_provider_aks::provider::words::errors::sentence;

use super::path;

fn read(call: &str, status: u16, body: &str) -> Error {
    Error::from_answer(call, status, Some("req-1"), None, body.as_bytes())
}

fn get(status: u16, body: &str) -> Error {
    read(&format!("GET {}", path()), status, body)
}

#[track_caller]
fn says(status: u16, body: &str, expected: &str) {
    assert_eq!(sentence(&get(status, body)), expected.replace("{prod}", &path()));
}

const GONE: &str = r#"{"error":{"code":"ResourceNotFound","message":"The Resource 'Microsoft.ContainerService/managedClusters/prod' under resource group 'my-rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"}}"#;
const GONE_FLAT: &str = r#"{"code":"NotFound","details":[{"code":"Unspecified","message":"rpc error: code = NotFound desc = Managed Cluster not found"}],"message":"Could not find managed cluster resource: prod in subscription: s, resourceGroup: my-rg.","subcode":"GetManagedCluster_NotFound_HCPServerError"}"#;
const POOL_GONE: &str = r#"{"code":"NotFound","details":null,"message":"Could not find the agentpool: user","subcode":"GetAgentPool_NotFound"}"#;

#[test]
fn both_shapes() {
    says(
        404,
        GONE,
        "The resource does not exist: GET {prod} answered 404 ResourceNotFound: The Resource \
         'Microsoft.ContainerService/managedClusters/prod' under resource group 'my-rg' was not found. \
         For more details please go to https://aka.ms/ARMResourceNotFoundFix (request id req-1).",
    );
    says(
        404,
        GONE_FLAT,
        "The resource does not exist: GET {prod} answered 404 NotFound: Could not find managed cluster resource: \
         prod in subscription: s, resourceGroup: my-rg; rpc error: code = NotFound desc = Managed Cluster not found \
         (request id req-1).",
    );
}

#[test]
fn gone_means_exactly_this_resource() {
    let cluster = format!("GET {}", path());
    let pool = format!("GET {}/agentPools/user", path());
    let below = format!("GET {}/upgradeProfiles/default", path());
    let gone = |call: &str, body: &str| matches!(read(call, 404, body), Error::NotFound(_));
    assert!(gone(&cluster, GONE));
    assert!(gone(&cluster, &GONE.replace("/prod'", "/PROD'")));
    assert!(gone(&cluster, GONE_FLAT));
    assert!(gone(&pool, POOL_GONE));
    assert!(gone(&format!("{pool}/upgradeProfiles/default"), POOL_GONE), "a profile goes with its pool");
    assert!(!gone(&format!("{pool}/upgradeProfiles/default"), GONE));
    assert!(!gone(&pool, GONE), "the cluster is missing, not the pool");
    assert!(!gone(&pool, GONE_FLAT));
    assert!(!gone(&cluster, POOL_GONE));
    assert!(!gone(&below, GONE));
    assert!(!gone(&cluster, &GONE.replace("/prod'", "/prod2'")));
    assert!(!gone(
        &cluster,
        r#"{"error":{"code":"ResourceGroupNotFound","message":"Resource group 'my-rg' could not be found."}}"#
    ));
    assert!(!gone(
        &cluster,
        r#"{"error":{"code":"SubscriptionNotFound","message":"The subscription 's' could not be found."}}"#
    ));
    assert!(!gone(&cluster, "<html><title>Not Found</title></html>"));
    assert!(!gone(&cluster, ""));
    assert!(!matches!(read(&cluster, 403, GONE), Error::NotFound(_)));
}

#[test]
fn forbidden_names_action_and_scope() {
    let body = r#"{"error":{"code":"AuthorizationFailed","message":"The client 'c' with object id 'o' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/write' over scope '/subscriptions/s' or the scope is invalid. If access was recently granted, please refresh your credentials."}}"#;
    says(
        403,
        body,
        "The identity lacks the permission Microsoft.ContainerService/managedClusters/write on /subscriptions/s: \
         GET {prod} answered 403 AuthorizationFailed: The client 'c' with object id 'o' does not have authorization \
         to perform action 'Microsoft.ContainerService/managedClusters/write' over scope '/subscriptions/s' or the \
         scope is invalid. If access was recently granted, please refresh your credentials (request id req-1).",
    );
    says(
        403,
        "",
        "The identity lacks a permission: GET {prod} answered 403: the body is empty (request id req-1).",
    );
}

#[test]
fn conflicts() {
    let busy = r#"{"code":"OperationNotAllowed","details":null,"message":"Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details","subcode":""}"#;
    assert!(matches!(get(409, busy), Error::Conflict(_)));
    let etag = r#"{"code":"EtagMismatch","details":[{"code":"Unspecified","message":"rpc error: code = FailedPrecondition desc = Etag mismatched"}],"message":"Failed to save managed cluster prod. Operation is not allowed: Another operation is in progress","subcode":"PutManagedClusterAndAgentPools_FailedPrecondition"}"#;
    assert!(matches!(get(409, etag), Error::Precondition(_)));
    assert!(matches!(get(412, "{}"), Error::Precondition(_)));
    let stopped = r#"{"code":"OperationNotAllowed","message":"managed cluster is not currently running, stopping cannot be performed"}"#;
    assert!(matches!(get(409, stopped), Error::Azure(_)));
    let path = r#"{"code":"OperationNotAllowed","details":null,"message":"Upgrading Kubernetes version 1.28.12 to 1.30.2 is not allowed. Available upgrades: [1.29.7 1.29.6].","subcode":""}"#;
    says(
        400,
        path,
        "Azure refused a request: GET {prod} answered 400 OperationNotAllowed: Upgrading Kubernetes version 1.28.12 \
         to 1.30.2 is not allowed. Available upgrades: [1.29.7 1.29.6] (request id req-1).",
    );
}

#[test]
fn throttled_says_for_how_long() {
    let body = br#"{"code":"Throttled","message":"The request limit has been exceeded."}"#;
    let error = Error::from_answer("GET /x", 429, None, Some(Duration::from_secs(7)), body);
    assert!(matches!(&error, Error::Throttled { retry_after: Some(wait), .. } if wait.as_secs() == 7));
    assert_eq!(
        error.to_string(),
        "Azure asks for fewer requests: GET /x answered 429 Throttled: The request limit has been exceeded."
    );
}

#[test]
fn a_refused_token_is_a_credential_problem() {
    says(
        401,
        r#"{"error":{"code":"InvalidAuthenticationTokenTenant","message":"The access token is from the wrong issuer."}}"#,
        "Azure does not accept the access token: GET {prod} answered 401 InvalidAuthenticationTokenTenant: The access \
         token is from the wrong issuer (request id req-1). Check that the credential belongs to the tenant of the subscription (ARM_TENANT_ID).",
    );
}

#[test]
fn bodies_that_are_no_errors() {
    says(
        502,
        "<html>\r\n<head><TITLE>502 Bad Gateway</TITLE></head>",
        "Azure refused a request: GET {prod} answered 502: an HTML page titled \"502 Bad Gateway\" (request id req-1).",
    );
    says(500, "", "Azure refused a request: GET {prod} answered 500: the body is empty (request id req-1).");
    says(
        500,
        "{\"error\":{\"code\":\"Int",
        "Azure refused a request: GET {prod} answered 500: {\"error\":{\"code\":\"Int (request id req-1).",
    );
    says(400, "[1]", "Azure refused a request: GET {prod} answered 400 (request id req-1).");
    says(
        400,
        "\u{feff}{\"code\":\"X\",\"message\":\"m\"}",
        "Azure refused a request: GET {prod} answered 400 X: m (request id req-1).",
    );
}

#[test]
fn control_characters_are_stripped() {
    let escaped = r#"{"error":{"code":"X","message":"a\u001b[31mred\u202e\nline"}}"#;
    says(400, escaped, "Azure refused a request: GET {prod} answered 400 X: a red line (request id req-1).");
    let raw = "{\"error\":{\"code\":\"X\",\"message\":\"a\u{1b}[31mred\"}}";
    says(400, raw, "Azure refused a request: GET {prod} answered 400 X: a [31mred (request id req-1).");
}

#[test]
fn nested_details_are_unwrapped_once() {
    let body = r#"{"error":{"code":"A","message":"outer.","details":[{"message":"inner","details":[{"message":"core"}]},{"message":"inner"}]}}"#;
    says(
        400,
        body,
        "Azure refused a request: GET {prod} answered 400 A: outer; inner; core (request id req-1).",
    );
}

#[test]
fn a_long_message_is_cut() {
    let body = format!(r#"{{"error":{{"code":"X","message":"{}"}}}}"#, "ä".repeat(10_000));
    let error = get(400, &body);
    let message = &error.refusal().unwrap().message;
    assert!(message.len() <= 4096 && message.ends_with('…'), "{}", message.len());
}

#[test]
fn a_deep_body_is_no_stack_overflow() {
    let deep = "[".repeat(10_000);
    assert!(json(deep.as_bytes()).is_err());
    assert!(matches!(get(400, &deep), Error::Azure(_)));
}

#[test]
fn errors_are_small() {
    assert!(std::mem::size_of::<Error>() <= 128);
}

proptest! {
    #[test]
    fn any_body_gives_one_plain_line(status in 300u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let sentence = Error::from_answer("GET /x", status, None, None, &body).to_string();
        prop_assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
        prop_assert!(sentence.ends_with('.'));
    }

    #[test]
    fn plain_keeps_to_its_limit(text in "\\PC{0,300}", most in 3usize..100) {
        prop_assert!(plain(&text, most).len() <= most);
    }
}
