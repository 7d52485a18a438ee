//! The calls that we make of Azure Resource Manager, and what their answers hold.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::http::{HttpClient, Url};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::arm::address::{self, is_loopback, trusted};
use crate::arm::error::{Error, Flaw, WaitedFor};
use crate::arm::id::{ClusterId, FleetId};
use crate::arm::limiter::{HeldBack, Limiter};
use crate::arm::operation::{Operation, Progress, Source};
use crate::arm::request::{self, Request};
use crate::arm::send::{Sender, Terms};
use crate::arm::text::plain;
use crate::arm::token::{Credential, Identity, Tokens};
use crate::arm::wire::{Outgoing, Received};

pub use crate::arm::send::Out;

/// Pages of a list that are followed before it is called endless.
const MOST_PAGES: usize = 1000;

/// What a client needs to know.
pub struct Settings {
    /// The base URL of Azure Resource Manager, e.g. `https://management.azure.com`; http only on loopback.
    pub endpoint: String,
    /// The scope of its tokens, e.g. `https://management.azure.com/.default`.
    pub scope: String,
    /// Who asks.
    pub credential: Arc<dyn Credential>,
    /// What carries the requests ([`https`](crate::arm::transport::https)).
    pub transport: Arc<dyn HttpClient>,
    /// Retries per request, throttling aside.
    pub max_retries: u32,
    /// Between two looks at an operation, when Azure names no interval.
    pub poll_interval: Duration,
    /// The `User-Agent` header.
    pub user_agent: String,
}

/// A client of Azure Resource Manager. Cloning is cheap; clones share token, clock and limits.
#[derive(Clone)]
pub struct Client {
    sender: Arc<Sender>,
    endpoint: Url,
    poll_interval: Duration,
    terms: Terms,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The raw body.
    pub body: Value,
    /// When Azure answered, by its own clock.
    pub at: Timestamp,
}

/// A write that Azure accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// What to follow; `None` when the write is done already.
    pub operation: Option<Operation>,
    /// The raw body; `Null` when there was none.
    pub body: Value,
    /// When Azure answered, by its own clock.
    pub at: Timestamp,
}

impl Client {
    /// Makes a client; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// An endpoint such as `management.azure.com` (no scheme) or `http://example.com` (a token would
    /// travel in the clear).
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let Settings { credential, scope, transport, max_retries, poll_interval, user_agent, .. } = settings;
        let endpoint = address::endpoint(&settings.endpoint)
            .map_err(|reason| Error::Endpoint { given: address::shown(&settings.endpoint), reason })?;
        // Only a simulator is looked at more often than every second, and its clock is not ours.
        let hurried = is_loopback(&endpoint) && poll_interval < Duration::from_secs(1);
        let limiter = if hurried { Limiter::unlimited() } else { Limiter::default() };
        let tokens = Tokens::new(credential, scope);
        let sender = Sender::to_azure(transport, tokens, limiter, max_retries, user_agent);
        Ok(Client { sender: Arc::new(sender), endpoint, poll_interval, terms: Terms::default() })
    }

    /// Returns a client whose calls give up at that instant, whatever Azure answers.
    #[must_use]
    pub fn until(&self, deadline: Instant) -> Self {
        let terms = Terms { deadline: Some(deadline), ..self.terms.clone() };
        Client { terms, ..self.clone() }
    }

    /// Returns a client whose calls give up after that time, or at the deadline it has already if that comes first.
    ///
    /// A write that waits is held against Azure's newest clock as well before it is sent: this machine may sleep, and
    /// its clock with it.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        let time = self.left().map_or(time, |left| left.min(time));
        let closes = self.sender.clock().latest().and_then(|now| now.checked_add(time).ok());
        let closes = closes.into_iter().chain(self.terms.closes).min();
        let terms = Terms { deadline: Some(Instant::now() + time), closes, ..self.terms.clone() };
        Client { terms, ..self.clone() }
    }

    /// Returns a client whose calls, where they are urgent, go before others that wait for Azure's limits: as if they
    /// had come half a minute earlier.
    #[must_use]
    pub fn urgent(&self, is_urgent: bool) -> Self {
        let terms = Terms { is_urgent, ..self.terms.clone() };
        Client { terms, ..self.clone() }
    }

    /// Returns a client, and what tells whether a write of it is out.
    #[must_use]
    pub fn watched(&self) -> (Self, Out) {
        let out = Out::default();
        let terms = Terms { out: out.clone(), ..self.terms.clone() };
        (Client { terms, ..self.clone() }, out)
    }

    /// Obtains a token, unless there is one: a failing sign-in shows before anything is asked.
    ///
    /// # Errors
    ///
    /// [`Error::SignIn`], also when the deadline comes first: with what is known until then.
    pub async fn sign_in(&self) -> Result<(), Error> {
        self.sender.sign_in(&self.terms).await
    }

    /// Waits for somebody else's answer to the same question, until the deadline at most.
    ///
    /// # Errors
    ///
    /// [`Error::Deadline`] when the deadline comes first.
    pub async fn in_time<T>(&self, call: &str, ready: impl Future<Output = T>) -> Result<T, Error> {
        self.terms.in_time(call, WaitedFor::SameQuestion, ready).await
    }

    /// Reads a cluster.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] only when Azure says that this very cluster does not exist.
    pub async fn cluster(&self, id: &ClusterId) -> Result<Answer, Error> {
        let answer = self.read_own(&request::cluster(id), &id.to_string()).await?;
        self.learn([&answer.body]);
        Ok(answer)
    }

    /// Reads which versions Azure offers to a cluster.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them.
    pub async fn upgrade_profile(&self, id: &ClusterId) -> Result<Answer, Error> {
        self.read_own(&request::upgrade_profile(id), &format!("{id}/upgradeProfiles/default")).await
    }

    /// Reads a node pool.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] only when Azure says that this very pool does not exist.
    pub async fn pool(&self, id: &ClusterId, pool: &str) -> Result<Answer, Error> {
        self.read_own(&request::pool(id, pool)?, &format!("{id}/agentPools/{pool}")).await
    }

    /// Reads which versions and which node image Azure offers to a pool.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them.
    pub async fn pool_upgrade_profile(&self, id: &ClusterId, pool: &str) -> Result<Answer, Error> {
        let profile = format!("{id}/agentPools/{pool}/upgradeProfiles/default");
        self.read_own(&request::pool_upgrade_profile(id, pool)?, &profile).await
    }

    /// Reads every machine of a pool: the body's `value` holds those of all pages.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them.
    pub async fn machines(&self, id: &ClusterId, pool: &str) -> Result<Answer, Error> {
        self.read_all_below(&request::machines(id, pool)?, &format!("{id}/agentPools/{pool}")).await
    }

    /// Reads which versions a region has.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them; [`Error::Id`] for `"West Europe"`.
    pub async fn region_versions(&self, subscription: &str, location: &str) -> Result<Answer, Error> {
        self.read(&request::region_versions(subscription, location)?).await
    }

    /// Reads the latest node images of a region, which only a preview version of the API tells.
    ///
    /// # Errors
    ///
    /// As [`Client::region_versions`].
    pub async fn node_images(&self, subscription: &str, location: &str) -> Result<Answer, Error> {
        self.read(&request::node_images(subscription, location)?).await
    }

    /// Reads a cluster's maintenance configurations.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them.
    pub async fn maintenance_configurations(&self, id: &ClusterId) -> Result<Answer, Error> {
        self.read_all_below(&request::maintenance_configurations(id), &id.to_string()).await
    }

    /// Writes a maintenance configuration; Azure holds it as soon as it answers.
    ///
    /// # Errors
    ///
    /// [`Error::Azure`] when it refuses a value; [`Error::Ambiguous`] when nobody knows whether Azure accepted it.
    pub async fn put_maintenance_configuration(
        &self,
        id: &ClusterId,
        name: &str,
        body: &Value,
    ) -> Result<Accepted, Error> {
        let request = request::put_maintenance_configuration(id, name, body)?;
        self.write(&request, request::maintenance_configuration(id, name)?).await
    }

    /// Deletes a maintenance configuration. Azure answers alike whether there was one.
    ///
    /// # Errors
    ///
    /// As [`Client::put_maintenance_configuration`].
    pub async fn delete_maintenance_configuration(
        &self,
        id: &ClusterId,
        name: &str,
    ) -> Result<Accepted, Error> {
        let request = request::delete_maintenance_configuration(id, name)?;
        self.write(&request, request::maintenance_configuration(id, name)?).await
    }

    /// Reads every cluster of a subscription: the body's `value` holds those of all pages.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them; [`Error::Malformed`] for a `nextLink` that leads elsewhere or in a circle.
    pub async fn clusters(&self, subscription: &str) -> Result<Answer, Error> {
        self.read_clusters(&request::clusters(subscription)?).await
    }

    /// Reads the same, and hands over each cluster as its page comes: a thousand parsed ones take 50 MiB.
    ///
    /// # Errors
    ///
    /// As [`Client::clusters`]; what was handed over before is a part of the list then.
    pub async fn each_cluster(&self, subscription: &str, mut take: impl FnMut(Value)) -> Result<(), Error> {
        let learn = |body: Value| {
            self.learn([&body]);
            take(body);
        };
        self.each_of_pages(&request::clusters(subscription)?, learn).await.map(drop)
    }

    /// Reads every cluster of a resource group: the body's `value` holds those of all pages.
    ///
    /// # Errors
    ///
    /// As [`Client::clusters`].
    pub async fn clusters_of_group(&self, subscription: &str, group: &str) -> Result<Answer, Error> {
        self.read_clusters(&request::clusters_of_group(subscription, group)?).await
    }

    /// Reads every Fleet of a subscription: the body's `value` holds those of all pages.
    ///
    /// # Errors
    ///
    /// As [`Client::clusters`].
    pub async fn fleets(&self, subscription: &str) -> Result<Answer, Error> {
        self.read_pages(&request::fleets(subscription)?).await
    }

    /// Reads what the caller may do at a scope, such as a cluster's id: the body's `value` holds one entry a role.
    ///
    /// # Errors
    ///
    /// As [`Client::cluster`].
    pub async fn permissions(&self, scope: &str) -> Result<Answer, Error> {
        self.read_pages(&request::permissions(scope)).await
    }

    /// Returns what the token says of whoever signed in; `None` where it says nothing, as that of a simulator.
    ///
    /// # Errors
    ///
    /// As [`Client::sign_in`].
    pub async fn identity(&self) -> Result<Option<Identity>, Error> {
        self.sender.identity(&self.terms).await
    }

    /// Reads every update run of a Fleet: the body's `value` holds those of all pages.
    ///
    /// # Errors
    ///
    /// As [`Client::clusters`].
    pub async fn update_runs(&self, fleet: &FleetId) -> Result<Answer, Error> {
        self.read_pages(&request::update_runs(fleet)).await
    }

    /// Writes a cluster, as an edit of the body that was read.
    ///
    /// # Errors
    ///
    /// [`Error::Precondition`] when it changed since; [`Error::Conflict`] when another operation runs;
    /// [`Error::Ambiguous`] when nobody knows whether Azure accepted it.
    pub async fn put_cluster(&self, id: &ClusterId, body: &Value) -> Result<Accepted, Error> {
        self.write(&request::put_cluster(id, body), request::cluster(id)).await
    }

    /// Writes a node pool, as an edit of the body that was read.
    ///
    /// # Errors
    ///
    /// As [`Client::put_cluster`].
    pub async fn put_pool(&self, id: &ClusterId, pool: &str, body: &Value) -> Result<Accepted, Error> {
        self.write(&request::put_pool(id, pool, body)?, request::pool(id, pool)?).await
    }

    /// Starts the upgrade of a pool to Azure's latest node image.
    ///
    /// # Errors
    ///
    /// As [`Client::put_cluster`].
    pub async fn upgrade_node_image(&self, id: &ClusterId, pool: &str) -> Result<Accepted, Error> {
        self.write(&request::upgrade_node_image(id, pool)?, request::pool(id, pool)?).await
    }

    /// Looks once at an operation; `Running` says when to look again.
    ///
    /// Never gives [`Progress::StatusUnreadable`] for a URL that expired or broke: it looks at the
    /// resource instead, from then on.
    ///
    /// # Errors
    ///
    /// As [`Error`] lists them; they say nothing about the operation, which goes on in Azure.
    pub async fn poll(&self, operation: &mut Operation) -> Result<Progress, Error> {
        if let Source::Status(url) | Source::Location(url) = operation.source().clone() {
            match self.look(operation, Outgoing::get(url)).await {
                Ok(Progress::StatusUnreadable(_)) => operation.look_at_resource(),
                Err(Error::NotFound(_) | Error::Forbidden(_) | Error::Azure(_) | Error::Malformed { .. }) => {
                    operation.look_at_resource();
                }
                result => return result,
            }
        }
        let resource = Outgoing::of(&self.endpoint, operation.resource())?;
        self.look(operation, resource).await
    }

    async fn look(&self, operation: &Operation, outgoing: Outgoing) -> Result<Progress, Error> {
        let received = self.send(&outgoing).await?;
        let named = received.retry_after.map(|wait| wait.max(Duration::from_secs(1)));
        let wait = named.unwrap_or(self.poll_interval);
        Ok(operation.step(received.status, &received.body, wait))
    }

    async fn read(&self, request: &Request) -> Result<Answer, Error> {
        let received = self.send(&Outgoing::of(&self.endpoint, request)?).await?;
        self.answer(received)
    }

    /// Reads a resource that says what it is: the body of another one is refused, whoever mixed them up.
    async fn read_own(&self, request: &Request, id: &str) -> Result<Answer, Error> {
        let answer = self.read(request).await?;
        let other = other(&answer.body, id).map(about);
        other.map_or(Ok(answer), |flaw| Err(malformed(request, flaw)))
    }

    /// Reads a list of what belongs to a resource: with something of another one in it, it is refused.
    async fn read_all_below(&self, request: &Request, id: &str) -> Result<Answer, Error> {
        let answer = self.read_pages(request).await?;
        let below = format!("{id}/").to_lowercase();
        let all = answer.body["value"].as_array().into_iter().flatten().flat_map(named_id);
        let other = all.into_iter().find(|named| !named.to_lowercase().starts_with(&below)).map(about);
        other.map_or(Ok(answer), |flaw| Err(malformed(request, flaw)))
    }

    fn learn<'a>(&self, clusters: impl IntoIterator<Item = &'a Value>) {
        clusters.into_iter().for_each(|body| self.sender.limiter().regions().learn(body));
    }

    async fn read_clusters(&self, request: &Request) -> Result<Answer, Error> {
        let answer = self.read_pages(request).await?;
        self.learn(answer.body["value"].as_array().into_iter().flatten());
        Ok(answer)
    }

    async fn read_pages(&self, request: &Request) -> Result<Answer, Error> {
        let mut all = Vec::new();
        let at = self.each_of_pages(request, |one| all.push(one)).await?;
        Ok(Answer { body: json!({ "value": all }), at })
    }

    /// Hands over what is listed, a page at a time, and returns the instant of the last one.
    ///
    /// Follows `nextLink` verbatim; real lists end with an empty page.
    async fn each_of_pages(
        &self,
        request: &Request,
        mut take: impl FnMut(Value),
    ) -> Result<Timestamp, Error> {
        let mut next = Outgoing::of(&self.endpoint, request)?;
        let mut seen = HashSet::new();
        loop {
            if seen.len() >= MOST_PAGES || !seen.insert(next.url.clone()) {
                return Err(malformed(request, Flaw::EndlessPages));
            }
            let Answer { mut body, at } = self.answer(self.send(&next).await?)?;
            let listed = body.get_mut("value").and_then(Value::as_array_mut).map(std::mem::take);
            listed.into_iter().flatten().for_each(&mut take);
            let Some(link) = body["nextLink"].as_str().filter(|link| !link.is_empty()) else { return Ok(at) };
            let url = trusted(&self.endpoint, link).map_err(|why| malformed(request, Flaw::NextLink(why)))?;
            next = Outgoing::get(url);
        }
    }

    fn answer(&self, received: Received) -> Result<Answer, Error> {
        let at = self.at(&received)?;
        let call = received.call.clone();
        let body = received.json().map_err(|flaw| Error::Malformed { call, flaw })?;
        Ok(Answer { body, at })
    }

    async fn write(&self, request: &Request, resource: Request) -> Result<Accepted, Error> {
        let received = self.send(&Outgoing::of(&self.endpoint, request)?).await?;
        let (status_url, location) = (received.status_url.as_deref(), received.location.as_deref());
        let operation = Operation::new(&self.endpoint, resource, status_url, location);
        if let Some(reason) = operation.refused() {
            tracing::debug!(call = received.call, reason, "the operation's URL is not used");
        }
        let done = operation.refused().is_none()
            && *operation.source() == Source::Resource
            && matches!(operation.step(received.status, &received.body, Duration::ZERO), Progress::Succeeded);
        // A write that was accepted stays accepted, even without a date.
        let at = self.at(&received).or_else(|error| self.now().ok_or(error))?;
        let body = received.json().unwrap_or(Value::Null);
        Ok(Accepted { operation: (!done).then_some(operation), body, at })
    }

    /// Reads Azure's clock from an answer. Windows are judged by it, so there is no substitute.
    fn at(&self, received: &Received) -> Result<Timestamp, Error> {
        received.at.ok_or_else(|| Error::Malformed { call: received.call.clone(), flaw: Flaw::NoDate })
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<Received, Error> {
        self.sender.send(outgoing, &self.terms).await
    }

    /// Returns the least time between two looks when Azure names none.
    #[must_use]
    pub fn poll_interval(&self) -> Duration {
        self.poll_interval
    }

    /// Returns Azure's present instant: its last `Date` header and the time since; `None` before the first answer.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.sender.clock().now()
    }

    /// Tells whether Azure has answered anything yet, a refusal included.
    #[must_use]
    pub fn has_answered(&self) -> bool {
        self.sender.clock().latest().is_some()
    }

    /// Returns by how much Azure's clock is ahead of this machine's (negative: behind), when that is more than five
    /// minutes.
    #[must_use]
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.sender.clock().skew()
    }

    /// Returns which of Azure's limits held this process back, and for how long, once that was ten seconds.
    #[must_use]
    pub fn held_back(&self) -> Option<HeldBack> {
        self.sender.limiter().held_back()
    }

    /// Returns the time left until the deadline; `None` without one.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.terms.left()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client of {}", self.endpoint)
    }
}

fn malformed(request: &Request, flaw: Flaw) -> Error {
    Error::Malformed { call: request.call(), flaw }
}

/// Returns what a body is about, where that is another resource. Azure writes ids in another casing than it was asked with.
fn other<'a>(body: &'a Value, id: &str) -> Option<&'a str> {
    let is_other = |named: &&str| !named.trim_end_matches('/').eq_ignore_ascii_case(id);
    let name = id.rsplit('/').next().unwrap_or(id);
    let named = body.get("name").and_then(Value::as_str);
    named_id(body).find(is_other).or_else(|| named.filter(|named| !named.eq_ignore_ascii_case(name)))
}

/// Returns the id that a body names, if it names one.
fn named_id(body: &Value) -> impl Iterator<Item = &str> {
    body.get("id").and_then(Value::as_str).into_iter()
}

fn about(other: &str) -> Flaw {
    Flaw::Other(plain(other, 300))
}
