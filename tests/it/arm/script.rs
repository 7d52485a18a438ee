//! A scripted Azure: answers in order, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::Value;
use terraform_provider_aks::arm::client::{Client, Settings};
use terraform_provider_aks::arm::error::sign_in::{AzError, NoToken, SignInError, Way};
use terraform_provider_aks::arm::token::{AccessToken, Credential};
use terraform_provider_aks::clock;
use tokio::time::Instant;

/// What the scripted Azure does with one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// Answers after a while.
    Late(Duration, Box<Reply>),
    /// Cannot be connected to.
    NotSent,
    /// Cuts the connection before answering.
    Dropped,
    /// Cuts the connection in the middle of the body.
    Cut,
    /// Sends the beginning of an answer, and nothing more for an hour.
    Unfinished(u16, &'static str),
    /// Sends a body without end.
    Endless,
    /// Sends a byte every ten seconds.
    Dripping,
    /// Never answers.
    Silent,
}

impl Reply {
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Reply::Answer { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

/// Answers with a JSON body.
pub fn json(status: u16, body: &Value) -> Reply {
    text(status, &body.to_string())
}

/// Answers with any body.
pub fn text(status: u16, body: &str) -> Reply {
    Reply::Answer { status, headers: Vec::new(), body: body.into() }
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub after: Duration,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A scripted Azure. The last answer is repeated for ever.
#[derive(Debug)]
pub struct Script {
    replies: Mutex<VecDeque<Reply>>,
    seen: Mutex<Vec<Seen>>,
    started: Instant,
    clock: Option<Timestamp>,
    in_flight: AtomicUsize,
    pub most_in_flight: AtomicUsize,
}

impl Script {
    /// Starts with a clock at 2026-11-28 02:00 UTC, which is a Saturday.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Script::at(Some("2026-11-28T02:00:00Z".parse().unwrap()), replies)
    }

    /// Starts with another clock, or with none at all.
    pub fn at(clock: Option<Timestamp>, replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Arc::new(Script {
            replies: Mutex::new(replies.into_iter().collect()),
            seen: Mutex::default(),
            started: Instant::now(),
            clock,
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
        })
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns method and URL of every request, host and API version aside.
    pub fn lines(&self) -> Vec<String> {
        let short = |seen: Seen| {
            seen.line.replace("https://management.azure.com", "").replace("?api-version=2026-08-01", "")
        };
        self.seen().into_iter().map(short).collect()
    }

    fn next(&self) -> Reply {
        let mut replies = self.replies.lock().unwrap();
        if replies.len() > 1 { replies.pop_front().unwrap() } else { replies.front().cloned().unwrap() }
    }

    fn remember(&self, request: &Request) {
        let headers = request.headers().iter();
        let Body::Bytes(body) = request.body() else { panic!("a stream was sent") };
        self.seen.lock().unwrap().push(Seen {
            line: format!("{} {}", request.method(), request.url()),
            headers: headers.map(|(k, v)| (k.as_str().to_owned(), v.as_str().to_owned())).collect(),
            body: String::from_utf8(body.to_vec()).unwrap(),
            after: self.started.elapsed(),
        });
    }

    fn headers(&self, named: Vec<(&'static str, String)>) -> Headers {
        let mut headers = Headers::new();
        if let Some(clock) = self.clock {
            let now = clock + self.started.elapsed();
            headers.insert("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        }
        for (name, value) in named {
            headers.insert(name, value);
        }
        headers
    }

    async fn act(&self, mut reply: Reply) -> azure_core::Result<AsyncRawResponse> {
        while let Reply::Late(wait, then) = reply {
            tokio::time::sleep(wait).await;
            reply = *then;
        }
        let broken = |kind, text: &'static str| {
            Err(Error::with_error(kind, std::io::Error::other(text), "failed to execute"))
        };
        let chunk = |text: &'static str| Ok(azure_core::Bytes::from_static(text.as_bytes()));
        match reply {
            Reply::Answer { status, headers, body } => {
                Ok(AsyncRawResponse::from_bytes(status.into(), self.headers(headers), body.into_bytes()))
            }
            Reply::NotSent => broken(ErrorKind::Connection, "Connection refused (os error 111)"),
            Reply::Dropped => broken(ErrorKind::Io, "connection reset by peer"),
            Reply::Cut => {
                let end = Err(Error::with_message(ErrorKind::Io, "unexpected end of file"));
                let body = stream::iter([chunk("{\"properties\":"), end]);
                Ok(AsyncRawResponse::new(200.into(), self.headers(vec![]), Box::pin(body)))
            }
            Reply::Unfinished(status, beginning) => {
                let silence = stream::once(async {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                    Ok(azure_core::Bytes::new())
                });
                let body = stream::iter([chunk(beginning)]).chain(silence);
                Ok(AsyncRawResponse::new(status.into(), self.headers(vec![]), Box::pin(body)))
            }
            Reply::Endless => {
                let body = stream::repeat_with(|| Ok(azure_core::Bytes::from(vec![b' '; 1 << 20])));
                Ok(AsyncRawResponse::new(200.into(), self.headers(vec![]), Box::pin(body)))
            }
            Reply::Dripping => {
                let body = stream::unfold((), |()| async {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                    Some((Ok(azure_core::Bytes::from_static(b" ")), ()))
                });
                Ok(AsyncRawResponse::new(200.into(), self.headers(vec![]), Box::pin(body)))
            }
            Reply::Silent => std::future::pending().await,
            Reply::Late(..) => unreachable!(),
        }
    }
}

#[async_trait]
impl HttpClient for Script {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.remember(request);
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(now, Ordering::SeqCst);
        let answer = self.act(self.next()).await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        answer
    }
}

/// Hands out `canary-1`, `canary-2`, …, each after a second.
#[derive(Debug)]
pub struct Canaries {
    pub asked: AtomicU32,
    pub lives: Duration,
    pub broken_from: u32,
}

impl Canaries {
    pub fn living(lives: Duration) -> Arc<Self> {
        Arc::new(Canaries { asked: AtomicU32::new(0), lives, broken_from: u32::MAX })
    }

    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Credential for Canaries {
    async fn token(&self, scope: &str) -> Result<AccessToken, SignInError> {
        assert_eq!(scope, "https://management.azure.com/.default");
        let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(Duration::from_secs(1)).await;
        if number >= self.broken_from {
            let cause = "AADSTS7000215: Invalid client secret provided".to_owned();
            let reason = NoToken::Az(AzError::Said(cause));
            return Err(SignInError { tried: Some((Way::Cli, reason)), others: Vec::new() });
        }
        let secret = Secret::new(format!("canary-{number}"));
        Ok(AccessToken { secret, expires: clock::now() + self.lives })
    }
}

/// Makes a client of the scripted Azure, with tokens that live an hour.
pub fn client(script: &Arc<Script>) -> Client {
    client_with(script, Canaries::living(Duration::from_secs(3600)))
}

pub fn client_with(script: &Arc<Script>, credential: Arc<dyn Credential>) -> Client {
    Client::new(settings("https://management.azure.com/", script.clone(), credential)).unwrap()
}

pub fn settings(endpoint: &str, transport: Arc<dyn HttpClient>, credential: Arc<dyn Credential>) -> Settings {
    Settings {
        endpoint: endpoint.into(),
        scope: "https://management.azure.com/.default".into(),
        credential,
        transport,
        max_retries: 8,
        poll_interval: Duration::from_secs(10),
        user_agent: "terraform-provider-aks/test".into(),
    }
}
