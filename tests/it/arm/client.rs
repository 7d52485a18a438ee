//! The client against a scripted Azure, in virtual time.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json as value;
use terraform_provider_aks::arm::client::Client;
use terraform_provider_aks::arm::credential::StaticToken;
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::operation::Progress;
use terraform_provider_aks::arm::transport::https;
use terraform_provider_aks::clock;
use terraform_provider_aks::provider::words::errors::sentence;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, advance};

use super::script::{Canaries, Reply, Script, client, client_with, json, settings, text};
use super::{SUBSCRIPTION, path, prod};
use crate::house::listen::listen;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ok() -> Reply {
    json(200, &value!({"properties": {"provisioningState": "Succeeded"}}))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_read() {
    let script = Script::new([ok()]);
    let answer = client(&script).cluster(&prod()).await.unwrap();
    assert_eq!(answer.body, value!({"properties": {"provisioningState": "Succeeded"}}));
    assert_eq!(answer.at, at("2026-11-28T02:00:01Z"));
    let [seen] = script.seen().try_into().unwrap();
    assert_eq!(seen.line, format!("GET https://management.azure.com{}?api-version=2026-08-01", path()));
    assert_eq!(seen.header("authorization"), Some("Bearer canary-1"));
    assert_eq!(seen.header("user-agent"), Some("terraform-provider-aks/test"));
    assert_eq!(seen.header("accept"), Some("application/json"));
}

/// Reads against these answers, and returns how often and how long it took.
async fn reads_through(replies: impl IntoIterator<Item = Reply>) -> (usize, Duration) {
    let script = Script::new(replies);
    client(&script).cluster(&prod()).await.unwrap();
    let seen = script.seen();
    let ids: Vec<_> = seen.iter().map(|seen| seen.header("x-ms-client-request-id").unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "one call has one id");
    (seen.len(), seen[seen.len() - 1].after - seen[0].after)
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out_as_asked() {
    let busy = text(429, "").header("retry-after", "1");
    assert_eq!(reads_through([busy.clone(), busy.clone(), busy, ok()]).await, (4, s(3)));
    let later = text(503, "").header("retry-after", "Sat, 28 Nov 2026 02:00:41 GMT");
    assert_eq!(reads_through([later, ok()]).await, (2, s(40)));
}

#[tokio::test(start_paused = true)]
async fn reads_get_through_misfortune() {
    let page = || text(502, "<html><title>502</title></html>");
    assert_eq!(reads_through([page(), page(), ok()]).await.0, 3);
    assert_eq!(reads_through([Reply::NotSent, Reply::Dropped, ok()]).await.0, 3);
    assert_eq!(reads_through([Reply::Cut, text(200, "{\"prop"), text(200, ""), ok()]).await.0, 4);
    assert_eq!(reads_through([text(200, "<html>captive portal</html>"), ok()]).await.0, 2);
    let (attempts, took) = reads_through([Reply::Silent, ok()]).await;
    assert!(attempts == 2 && took >= s(120) && took < s(122), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_ten_minutes() {
    let busy = text(429, "").header("retry-after", "1");
    let script = Script::new(std::iter::repeat_n(busy, 600).chain([ok()]));
    let client = client(&script).until(Instant::now() + s(3600));
    client.cluster(&prod()).await.unwrap();
    assert_eq!(script.seen().len(), 601);
}

#[tokio::test(start_paused = true)]
async fn a_read_gives_up_with_the_last_reason() {
    let script =
        Script::new([text(503, "<html><title>Service Unavailable</title>").header("x-ms-request-id", "r-1")]);
    let error = client(&script).cluster(&prod()).await.unwrap_err();
    assert_eq!(script.seen().len(), 9);
    assert_eq!(
        error.to_string(),
        format!(
            "Azure refused a request: GET {} answered 503: an HTML page titled \"Service Unavailable\" (request id r-1).",
            path()
        )
    );
    let script = Script::new([Reply::NotSent]);
    let error = client(&script).cluster(&prod()).await.unwrap_err();
    assert_eq!(script.seen().len(), 5);
    assert_eq!(
        error.to_string(),
        format!("GET {} got no answer from management.azure.com: Connection refused (os error 111).", path())
    );
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_everything() {
    for reply in [text(503, ""), text(429, "").header("retry-after", "7"), Reply::Silent, Reply::Dropped] {
        let script = Script::new([reply]);
        let started = Instant::now();
        let client = client(&script).until(started + s(60));
        let error = client.cluster(&prod()).await.unwrap_err();
        assert!(started.elapsed() <= s(60), "{:?}", started.elapsed());
        assert!(matches!(error, Error::Deadline { .. }), "{error}");
    }
    let script = Script::new([
        text(429, "{\"code\":\"Throttled\",\"message\":\"Slow down.\"}").header("retry-after", "3600")
    ]);
    let client = client(&script).until(Instant::now() + s(60));
    assert_eq!(
        client.cluster(&prod()).await.unwrap_err().to_string(),
        format!(
            "GET {0} did not succeed before its deadline (1 attempt tried); the last answer was: Azure asks for fewer \
             requests: GET {0} answered 429 Throttled: Slow down.",
            path()
        )
    );
}

#[tokio::test(start_paused = true)]
async fn after_the_deadline_nothing_is_sent() {
    let script = Script::new([ok()]);
    let client = client(&script).until(Instant::now());
    let error = client.put_cluster(&prod(), &value!({})).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error}");
    assert_eq!(script.seen().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_write_with_an_unknown_outcome_is_sent_once() {
    for reply in [Reply::Dropped, Reply::Cut, Reply::Silent, Reply::Endless, text(500, ""), text(504, "")] {
        let script = Script::new([reply.clone()]);
        let error = client(&script).put_cluster(&prod(), &value!({})).await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous { .. }), "{reply:?}: {error}");
        let error = client(&script).upgrade_node_image(&prod(), "user").await.unwrap_err();
        assert!(matches!(error, Error::Ambiguous { .. }), "{reply:?}: {error}");
        assert_eq!(script.seen().len(), 2, "{reply:?}");
    }
    let script = Script::new([text(503, "").header("retry-after", "9")]);
    let error = client(&script).put_cluster(&prod(), &value!({})).await.unwrap_err();
    assert!(matches!(error, Error::Ambiguous { retry_after: Some(wait), .. } if wait == s(9)));
    let script = Script::new([Reply::Dropped]);
    let error = client(&script).put_cluster(&prod(), &value!({})).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "PUT {} was sent, but whether Azure accepted it is unknown: connection reset by peer.",
            path()
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_azure_did_not_take_is_sent_again() {
    let script = Script::new([Reply::NotSent, text(429, "").header("retry-after", "2"), ok()]);
    let accepted = client(&script).put_cluster(&prod(), &value!({"eTag": "e"})).await.unwrap();
    assert_eq!(accepted.operation, None, "it succeeded at once and names no operation");
    assert_eq!(script.seen().len(), 3);
    assert!(
        script
            .seen()
            .iter()
            .all(|seen| seen.header("if-match") == Some("e") && seen.body == "{\"eTag\":\"e\"}")
    );
}

#[tokio::test(start_paused = true)]
async fn refused_writes_are_final() {
    let conflict =
        "{\"code\":\"OperationNotAllowed\",\"message\":\"Another operation (Updating) is in progress\"}";
    let script = Script::new([text(409, conflict), text(412, "{}")]);
    let client = client(&script);
    assert!(matches!(client.put_cluster(&prod(), &value!({})).await, Err(Error::Conflict(_))));
    assert!(matches!(client.put_cluster(&prod(), &value!({})).await, Err(Error::Precondition(_))));
    assert_eq!(script.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_once() {
    let script = Script::new([text(401, ""), ok()]);
    client(&script).cluster(&prod()).await.unwrap();
    let tokens: Vec<_> =
        script.seen().iter().map(|seen| seen.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["Bearer canary-1", "Bearer canary-2"]);

    let script = Script::new([text(
        401,
        "{\"error\":{\"code\":\"AuthenticationFailed\",\"message\":\"Authentication failed.\"}}",
    )]);
    let error = client(&script).cluster(&prod()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)), "{error}");
    assert_eq!(script.seen().len(), 2);
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_share_one_token_request() {
    let script = Script::new([ok()]);
    let canaries = Canaries::living(s(3600));
    let client = client_with(&script, canaries.clone());
    let id = prod();
    for answer in join_all((0..10).map(|_| client.cluster(&id))).await {
        answer.unwrap();
    }
    assert_eq!((script.seen().len(), canaries.asked()), (10, 1));
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_share_one_renewal() {
    let refused = || Reply::Late(s(1), Box::new(text(401, "")));
    let script = Script::new(std::iter::repeat_with(refused).take(5).chain([ok()]));
    let canaries = Canaries::living(s(3600));
    let client = client_with(&script, canaries.clone());
    let id = prod();
    for answer in join_all((0..5).map(|_| client.cluster(&id))).await {
        answer.unwrap();
    }
    assert_eq!((script.seen().len(), canaries.asked()), (10, 2));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_five_minutes_early() {
    let script = Script::new([ok()]);
    let canaries = Canaries::living(s(3600));
    let client = client_with(&script, canaries.clone());
    client.cluster(&prod()).await.unwrap();
    advance(s(3280)).await;
    client.cluster(&prod()).await.unwrap();
    assert_eq!(canaries.asked(), 1);
    advance(s(40)).await;
    client.cluster(&prod()).await.unwrap();
    assert_eq!(canaries.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_renewed_is_used_while_it_lives() {
    let script = Script::new([ok()]);
    let canaries = Arc::new(Canaries { asked: 0.into(), lives: s(3600), broken_from: 2 });
    let client = client_with(&script, canaries.clone());
    client.cluster(&prod()).await.unwrap();
    advance(s(3400)).await;
    client.cluster(&prod()).await.unwrap();
    advance(s(300)).await;
    assert_eq!(
        client.cluster(&prod()).await.unwrap_err().to_string(),
        "No access token for Azure: Azure CLI: AADSTS7000215: Invalid client secret provided."
    );
    assert_eq!(script.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn redirects_are_not_followed() {
    let script = Script::new([text(307, "").header("location", "https://evil.example/"), ok()]);
    let error = client(&script).cluster(&prod()).await.unwrap_err();
    assert_eq!(
        sentence(&error),
        format!(
            "Azure refused a request: GET {} answered 307: a redirect, which is not followed. The access token stays \
             on its host: check endpoint (ARM_RESOURCE_MANAGER_ENDPOINT) and the proxy in between (HTTPS_PROXY).",
            path()
        )
    );
    assert_eq!(script.seen().len(), 1);
}

const STATUS: &str =
    "https://management.azure.com/subscriptions/s/operations/1?api-version=2025-03-01&t=6&s=s1gned";

/// Writes, follows the operation to its end, and returns the requests after the write.
async fn follow(named: &str, replies: impl IntoIterator<Item = Reply>) -> (Progress, Vec<String>) {
    let accepted = text(202, "").header("azure-asyncoperation", named);
    let script = Script::new([accepted].into_iter().chain(replies));
    let client = client(&script);
    let accepted = client.upgrade_node_image(&prod(), "user").await.unwrap();
    let mut operation = accepted.operation.unwrap();
    for _ in 0..20 {
        match client.poll(&mut operation).await.unwrap() {
            Progress::Running { retry_after, .. } => tokio::time::sleep(retry_after).await,
            end => {
                let lines = script.lines().split_off(1);
                return (end, lines.into_iter().map(|line| line.replace(&path(), "{prod}")).collect());
            }
        }
    }
    panic!("it never ends");
}

const POOL: &str = "GET {prod}/agentPools/user";

#[tokio::test(start_paused = true)]
async fn an_operation_is_followed() {
    let status = |word: &str| json(200, &value!({"status": word}));
    let get = format!("GET {}", STATUS.replace("https://management.azure.com", ""));
    let (end, lines) =
        follow(STATUS, [status("InProgress"), text(401, ""), status("Frobnicating"), status("Succeeded")])
            .await;
    assert_eq!((end, lines), (Progress::Succeeded, vec![get.clone(); 4]));
}

#[tokio::test(start_paused = true)]
async fn a_status_url_that_is_of_no_use() {
    let get = format!("GET {}", STATUS.replace("https://management.azure.com", ""));
    let gone = || text(404, "{\"error\":{\"code\":\"NotFound\"}}");
    let busy = || json(200, &value!({"properties": {"provisioningState": "UpgradingNodeImageVersion"}}));
    let (end, lines) = follow(STATUS, [gone(), busy(), ok()]).await;
    assert_eq!(
        (end, lines),
        (Progress::Succeeded, vec![get.clone(), POOL.into(), POOL.into()]),
        "it expired"
    );
    let (end, lines) = follow(STATUS, [json(200, &value!({})), ok()]).await;
    assert_eq!((end, lines), (Progress::Succeeded, vec![get.clone(), POOL.into()]), "it says nothing");
    let broken = std::iter::repeat_n(text(500, ""), 9).chain([ok()]);
    let (end, lines) = follow(STATUS, broken).await;
    assert_eq!((end, lines.len()), (Progress::Succeeded, 10), "it is broken");
}

#[tokio::test(start_paused = true)]
async fn no_token_leaves_for_another_host() {
    for named in [
        "https://evil.example/operations/1",
        "http://management.azure.com/operations/1",
        "/operations/1",
        "https://me@management.azure.com/operations/1",
    ] {
        let (end, lines) = follow(named, [ok()]).await;
        assert_eq!((end, lines), (Progress::Succeeded, vec![POOL.to_owned()]), "{named}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_without_an_operation_is_watched_at_the_resource() {
    for (status, state, watched) in
        [(202, "", true), (200, "Upgrading", true), (200, "Failed", true), (200, "Succeeded", false)]
    {
        let body = value!({"properties": {"provisioningState": state}});
        let script = Script::new([json(status, &body)]);
        let accepted = client(&script).put_pool(&prod(), "user", &value!({})).await.unwrap();
        assert_eq!((accepted.operation.is_some(), accepted.body), (watched, body), "{status} {state}");
    }
}

#[tokio::test(start_paused = true)]
async fn azure_says_when_to_look_again() {
    let running = json(200, &value!({"status": "InProgress"}));
    let replies = [
        text(202, "").header("azure-asyncoperation", STATUS),
        running.clone(),
        running.clone().header("retry-after", "17"),
        running.header("retry-after-ms", "1"),
    ];
    let client = client(&Script::new(replies));
    let mut operation = client.upgrade_node_image(&prod(), "user").await.unwrap().operation.unwrap();
    for expected in [s(10), s(17), s(1)] {
        let Progress::Running { retry_after, .. } = client.poll(&mut operation).await.unwrap() else {
            panic!()
        };
        assert_eq!(retry_after, expected);
    }
}

fn page(names: &[&str], next: Option<&str>) -> Reply {
    let clusters: Vec<_> = names.iter().map(|name| value!({"name": name})).collect();
    json(200, &value!({"value": clusters, "nextLink": next}))
}

#[tokio::test(start_paused = true)]
async fn lists_have_pages() {
    let next = "https://management.azure.com/x?%24skipToken=2663075&api-version=2026-08-01&skipToken=2663075";
    let script = Script::new([
        page(&["a", "b"], Some(next)),
        page(&["c"], Some(&format!("{next}3"))),
        page(&[], None),
    ]);
    let answer = client(&script).clusters(SUBSCRIPTION).await.unwrap();
    assert_eq!(answer.body, value!({"value": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}));
    assert_eq!(script.seen()[1].line, format!("GET {next}"));
}

#[tokio::test(start_paused = true)]
async fn pages_that_lead_astray() {
    let sentence = |why: &str| {
        format!(
            "GET /subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerService/managedClusters got an answer \
             that cannot be understood: its nextLink cannot be followed, because {why}."
        )
    };
    let read = async |next: &str| {
        client(&Script::new([page(&[], Some(next))])).clusters(SUBSCRIPTION).await.unwrap_err()
    };
    assert_eq!(
        read("https://evil.example/x").await.to_string(),
        sentence("it leads to https://evil.example, not to https://management.azure.com")
    );
    assert_eq!(read("https://management.azure.com/x").await.to_string(), sentence("the pages never end"));
}

#[tokio::test(start_paused = true)]
async fn time_is_azures() {
    let client = client(&Script::new([ok()]));
    assert_eq!(client.now(), None);
    client.cluster(&prod()).await.unwrap();
    assert_eq!(client.now(), Some(at("2026-11-28T02:00:01Z")));
    advance(s(3600)).await;
    assert_eq!(
        client.until(Instant::now()).now(),
        Some(at("2026-11-28T03:00:01Z")),
        "clones share the clock"
    );
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_shows() {
    let skew = async |ahead: SignedDuration| {
        let client = client(&Script::at(Some(clock::now() + ahead), [ok()]));
        client.cluster(&prod()).await.unwrap();
        client.clock_skew().map(|skew| skew.as_mins())
    };
    assert_eq!(skew(SignedDuration::from_mins(4)).await, None);
    assert_eq!(skew(SignedDuration::from_secs(10 * 60 + 30)).await, Some(10));
    assert_eq!(skew(SignedDuration::from_secs(-10 * 60 - 30)).await, Some(-10));
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_date_opens_no_window() {
    let script = Script::at(None, [ok()]);
    assert_eq!(
        client(&script).cluster(&prod()).await.unwrap_err().to_string(),
        format!(
            "GET {} got an answer that cannot be understood: it has no Date header, which is the clock that windows are judged by.",
            path()
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_endless_body_is_cut() {
    let script = Script::new([Reply::Endless]);
    assert_eq!(
        client(&script).cluster(&prod()).await.unwrap_err().to_string(),
        format!("GET {} got an answer that cannot be understood: its body is larger than 16 MiB.", path())
    );
    assert_eq!(script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn so_many_at_once() {
    let script = Script::new([Reply::Late(s(1), Box::new(ok()))]);
    let client = client(&script);
    let id = prod();
    for answer in join_all((0..35).map(|_| client.cluster(&id))).await {
        answer.unwrap();
    }
    assert_eq!(script.most_in_flight.load(Ordering::SeqCst), 10);
}

#[track_caller]
fn no_client(endpoint: &str, shown: &str, reason: &str) {
    let script = Script::new([ok()]);
    let error = sentence(&Client::new(settings(endpoint, script, Canaries::living(s(1)))).unwrap_err());
    let example = "A correct example is \"https://management.azure.com\".";
    assert_eq!(error, format!("The endpoint \"{shown}\" cannot be used: {reason}. {example}"));
}

#[tokio::test]
async fn endpoints() {
    let more = "it may have a host, a port and a path, and nothing else";
    for (given, shown, reason) in [
        ("management.azure.com", "management.azure.com", "it is not an absolute URL"),
        (
            "http://management.azure.com",
            "http://management.azure.com",
            "over plain http a token may only go to this machine",
        ),
        ("ftp://management.azure.com", "ftp://management.azure.com", "its scheme is not https"),
        ("https://me:canary@management.azure.com", "https://…@management.azure.com", more),
        ("me:canary@management.azure.com", "…@management.azure.com", "its scheme is not https"),
        ("https://management.azure.com?sig=canary", "https://management.azure.com?…", more),
    ] {
        no_client(given, shown, reason);
    }
    let script = Script::new([ok()]);
    let proxied = settings("http://localhost:1/azure/", script.clone(), Canaries::living(s(3600)));
    Client::new(proxied).unwrap().cluster(&prod()).await.unwrap();
    assert!(script.seen()[0].line.starts_with("GET http://localhost:1/azure/subscriptions/"));
}

/// Collects what is logged, every field of every crate.
#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<String>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

impl tracing::field::Visit for Log {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.0.lock().unwrap().push_str(&format!("{field}={value:?}\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_no_secrets() {
    let log = Log::default();
    let guard = listen(log.clone());
    let busy = text(429, "s3cr3t body").header("retry-after", "40");
    let replies = [
        busy,
        text(401, ""),
        Reply::Dropped,
        text(202, "").header("azure-asyncoperation", STATUS).header("x-ms-request-id", "r-7"),
        ok(),
    ];
    let client = client(&Script::new(replies));
    let _ = client.upgrade_node_image(&prod(), "user").await;
    let mut operation = client.upgrade_node_image(&prod(), "user").await.unwrap().operation.unwrap();
    client.poll(&mut operation).await.unwrap();
    drop(guard);
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("POST") && log.contains("r-7") && log.contains("status=202"), "{log}");
    for secret in ["canary", "s1gned", "api-version", "Bearer"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// Answers each connection with the next of these texts, and returns what was asked.
async fn serve(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 16384];
            let length = socket.read(&mut request).await.unwrap();
            asked.push(String::from_utf8_lossy(&request[..length]).to_lowercase());
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    (address, asked)
}

#[tokio::test]
async fn the_real_transport() {
    let head = "Date: Sat, 28 Nov 2026 02:00:00 GMT\r\nConnection: close\r\n";
    let answers = vec![
        format!(
            "HTTP/1.1 307 Temporary Redirect\r\n{head}Location: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        ),
        format!(
            "HTTP/1.1 202 Accepted\r\n{head}Azure-AsyncOperation: {}\r\nContent-Length: 0\r\n\r\n",
            "x".repeat(9000)
        ),
        format!("HTTP/1.1 200 OK\r\n{head}Content-Length: 2\r\n\r\n{{}}"),
    ];
    let (address, asked) = serve(answers).await;
    let token = Arc::new(StaticToken::new("given"));
    let client = Client::new(settings(&address, https().unwrap(), token)).unwrap();
    assert!(matches!(client.cluster(&prod()).await, Err(Error::Azure(refusal)) if refusal.status == 307));
    let operation = client.upgrade_node_image(&prod(), "user").await.unwrap().operation.unwrap();
    assert_eq!(operation.refused(), Some("it is not an absolute URL"));
    assert_eq!(client.cluster(&prod()).await.unwrap().at, at("2026-11-28T02:00:00Z"));
    let asked = asked.await.unwrap();
    assert!(asked[1].contains("\r\ncontent-length: 0\r\n"), "{}", asked[1]);
    assert!(asked[2].contains("\r\nauthorization: bearer given\r\n"), "{}", asked[2]);
    assert!(asked[2].contains("\r\naccept-encoding: gzip\r\n"), "{}", asked[2]);
}
