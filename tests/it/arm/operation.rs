//! Long-running operations: where to look, and what is seen there.

use std::time::Duration;

use azure_core::http::Url;
use terraform_provider_aks::arm::address::trusted;
use terraform_provider_aks::arm::operation::{Nodes, Operation, Progress, Source};
use terraform_provider_aks::arm::request;

use super::prod;

const WAIT: Duration = Duration::from_secs(10);
const STATUS: &str = "https://management.azure.com/subscriptions/s/providers/Microsoft.ContainerService/locations/westus2/operations/ee7e?api-version=2025-03-01&t=638&c=MIIH&s=a%2Fb_-&h=x";
const RESULT: &str = "https://management.azure.com/subscriptions/s/providers/Microsoft.ContainerService/locations/westus2/operationresults/ee7e?api-version=2016-03-30";

fn endpoint() -> Url {
    Url::parse("https://management.azure.com").unwrap()
}

fn operation(status_url: Option<&str>, location: Option<&str>) -> Operation {
    Operation::new(&endpoint(), request::cluster(&prod()), status_url, location)
}

fn running(status: &str, nodes: Option<(u32, u32)>) -> Progress {
    let nodes = nodes.map(|(done, of)| Nodes { done, of });
    Progress::Running { status: status.into(), nodes, retry_after: WAIT }
}

fn failed(code: &str, message: &str) -> Progress {
    Progress::Failed { code: code.into(), message: message.into() }
}

fn unreadable(reason: &str) -> Progress {
    Progress::StatusUnreadable(reason.into())
}

fn canceled() -> Progress {
    Progress::Canceled { code: String::new(), message: String::new() }
}

#[test]
fn where_to_look() {
    let status = Source::Status(Url::parse(STATUS).unwrap());
    assert_eq!(*operation(Some(STATUS), Some(RESULT)).source(), status);
    assert_eq!(*operation(None, Some(RESULT)).source(), Source::Location(Url::parse(RESULT).unwrap()));
    assert_eq!(*operation(None, None).source(), Source::Resource);
    assert_eq!(operation(None, None).refused(), None);
}

#[test]
fn the_url_is_used_as_azure_sent_it() {
    let Source::Status(url) = operation(Some(STATUS), None).source().clone() else { panic!() };
    assert_eq!(url.as_str(), STATUS);
}

#[test]
fn a_long_signed_url() {
    let long = format!("{STATUS}&more={}", "x".repeat(8000));
    assert!(matches!(operation(Some(&long), None).source(), Source::Status(url) if url.as_str() == long));
}

#[track_caller]
fn refuses(url: &str, reason: &str) {
    assert_eq!(trusted(&endpoint(), url).unwrap_err().to_string(), reason, "{url}");
    let operation = operation(Some(url), Some(RESULT));
    assert_eq!((operation.source(), operation.refused()), (&Source::Resource, Some(reason)));
}

#[test]
fn urls_to_which_no_token_goes() {
    refuses("/subscriptions/s/operations/1", "it is not an absolute URL");
    refuses("//evil.example/x", "it is not an absolute URL");
    refuses("", "it is not an absolute URL");
    refuses("http://management.azure.com/x", "its scheme is http, not https");
    refuses("ftp://management.azure.com/x", "its scheme is ftp, not https");
    refuses("file:///etc/passwd", "its scheme is file, not https");
    refuses(
        "https://evil.example/x",
        "it leads to https://evil.example, not to https://management.azure.com",
    );
    refuses(
        "https://management.azure.com.evil.example/x",
        "it leads to https://management.azure.com.evil.example, not to https://management.azure.com",
    );
    refuses(
        "https://management.azure.com:8443/x",
        "it leads to https://management.azure.com:8443, not to https://management.azure.com",
    );
    refuses("https://management.azure.com@evil.example/x", "it holds a user name or password");
    refuses("https://me:pw@management.azure.com/x", "it holds a user name or password");
    refuses(
        "http://127.0.0.1:8080/x",
        "it leads to http://127.0.0.1:8080, not to https://management.azure.com",
    );
    refuses(
        "https://evil.example\\@management.azure.com/x",
        "it leads to https://evil.example, not to https://management.azure.com",
    );
}

#[test]
fn plain_http_is_for_this_machine() {
    for host in ["127.0.0.1:8080", "[::1]:8080", "localhost:8080"] {
        let endpoint = Url::parse(&format!("http://{host}")).unwrap();
        assert!(trusted(&endpoint, &format!("http://{host}/operations/1")).is_ok(), "{host}");
        assert!(trusted(&endpoint, "http://127.0.0.1:9090/operations/1").is_err(), "{host}");
        assert!(trusted(&endpoint, &format!("https://{host}/operations/1")).is_err(), "{host}");
    }
    let outside = Url::parse("http://example.com").unwrap();
    assert!(trusted(&outside, "http://example.com/operations/1").is_err());
}

#[track_caller]
fn status(http: u16, body: &str, expected: Progress) {
    assert_eq!(operation(Some(STATUS), None).step(http, body.as_bytes(), WAIT), expected, "{http} {body}");
}

#[test]
fn answers_of_the_status_url() {
    status(200, r#"{"status":"InProgress"}"#, running("InProgress", None));
    status(200, r#"{"status":"Frobnicating"}"#, running("Frobnicating", None));
    status(200, r#"{"status":"Canceling"}"#, running("Canceling", None));
    status(
        200,
        r#"{"status":"CreatingAgentPools: 1/3 nodes completed"}"#,
        running("CreatingAgentPools: 1/3 nodes completed", Some((1, 3))),
    );
    status(
        200,
        r#"{"status":"BlueGreenSoakingBatch: 1/2 nodes completed"}"#,
        running("BlueGreenSoakingBatch: 1/2 nodes completed", Some((1, 2))),
    );
    status(200, r#"{"status":"X: many/3 nodes completed"}"#, running("X: many/3 nodes completed", None));
    status(200, r#"{"status":"Succeeded"}"#, Progress::Succeeded);
    status(200, r#"{"status":"succeeded"}"#, Progress::Succeeded);
    status(
        200,
        r#"{"status":"Canceled","error":{"code":"Canceled","message":"Operation is being canceled by user"}}"#,
        Progress::Canceled { code: "Canceled".into(), message: "Operation is being canceled by user".into() },
    );
    status(200, r#"{"status":"Cancelled"}"#, canceled());
    status(202, "", running("Accepted", None));
    status(202, r#"{"status":"InProgress"}"#, running("InProgress", None));
}

#[test]
fn only_the_status_decides() {
    let error = r#""error":{"code":"NotLatestOperation","message":"preempted"}"#;
    status(200, &format!(r#"{{"status":"InProgress",{error}}}"#), running("InProgress", None));
    status(200, &format!(r#"{{"status":"Succeeded",{error}}}"#), Progress::Succeeded);
    status(200, &format!(r#"{{"status":"Failed",{error}}}"#), failed("NotLatestOperation", "preempted"));
}

#[test]
fn failures_keep_their_reason() {
    status(200, r#"{"status":"Failed"}"#, failed("", ""));
    status(200, r#"{"status":"Failed","error":null}"#, failed("", ""));
    let drain = r#"{"status":"Failed","error":{"code":"UpgradeFailed","message":"Drain node aks-1 failed.","details":[{"code":"PodDrainFailure","message":"blocked by pdb web"}]}}"#;
    status(200, drain, failed("UpgradeFailed", "Drain node aks-1 failed; blocked by pdb web"));
    status(
        200,
        "{\"status\":\"Failed\",\"error\":{\"code\":\"X\",\"message\":\"a\u{1b}[31mb\"}}",
        failed("X", "a [31mb"),
    );
    status(200, r#"{"status":"Failed","error":{"code":"X","message":"a\u001b[31mb"}}"#, failed("X", "a b"));
}

#[test]
fn answers_that_say_nothing_about_the_operation() {
    for http in [204, 307, 400, 403, 404, 410, 429, 500, 502] {
        let said = format!("the answer has the HTTP status {http}");
        status(http, r#"{"status":"Failed"}"#, unreadable(&said));
    }
    for body in ["", "{}", "<html>", "null", r#"{"status":null}"#, r#"{"status":""}"#, r#"{"status":7}"#] {
        status(200, body, unreadable("the answer has no status"));
    }
}

#[test]
fn answers_of_the_location() {
    let step = |http, body: &str| operation(None, Some(RESULT)).step(http, body.as_bytes(), WAIT);
    assert_eq!(step(202, ""), running("Accepted", None));
    assert_eq!(step(202, "{}"), running("Accepted", None));
    assert_eq!(step(204, ""), Progress::Succeeded);
    assert_eq!(step(200, ""), Progress::Succeeded);
    assert_eq!(step(200, r#"{"properties":{"provisioningState":"Upgrading"}}"#), running("Upgrading", None));
    assert_eq!(step(200, r#"{"properties":{"provisioningState":"Failed"}}"#), failed("", ""));
    assert_eq!(step(404, ""), unreadable("the answer has the HTTP status 404"));
}

#[test]
fn answers_of_the_resource() {
    let step = |http, body: &str| operation(None, None).step(http, body.as_bytes(), WAIT);
    let state = |state: &str| step(200, &format!(r#"{{"properties":{{"provisioningState":"{state}"}}}}"#));
    assert_eq!(state("Succeeded"), Progress::Succeeded);
    assert_eq!(state("UpgradingNodeImageVersion"), running("UpgradingNodeImageVersion", None));
    assert_eq!(state("Canceled"), canceled());
    let body = r#"{"properties":{"provisioningState":"Failed","status":{"provisioningError":{"code":"QuotaExceeded","message":"no cores"}}}}"#;
    assert_eq!(step(200, body), failed("QuotaExceeded", "no cores"));
    assert_eq!(step(200, "{}"), unreadable("the answer has no status"));
}

#[test]
fn the_debug_form_tells_no_signature() {
    let shown = format!("{:?}", operation(Some(STATUS), None));
    assert_eq!(shown, format!("Operation on GET {}", prod()));
}
