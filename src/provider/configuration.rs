//! The provider block: which Azure, as whom.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use azure_core::credentials::Secret;
use azure_core::http::HttpClient;
use jiff::SignedDuration;
use tokio::sync::{OnceCell, OwnedMutexGuard};

use crate::arm::client::{Client, Settings};
use crate::arm::credential::{Cloud, Credentials};
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::{Attribute, Schema, Type};
use crate::terraform::value::Value;
use crate::upgrade::duration;

use super::attributes::{Findings, Reader};

/// Reads a variable of the environment.
pub type Environment = fn(&str) -> Option<String>;

/// Makes what sends requests.
pub type Transport = Box<dyn Fn() -> Result<Arc<dyn HttpClient>, Error> + Send + Sync>;

/// What is asked for once, by whoever comes first.
type Once = Arc<OnceCell<serde_json::Value>>;

/// The way to Azure, shared by every resource of the process.
#[derive(Default)]
pub struct Azure {
    client: RwLock<Option<Result<Client, Diagnostic>>>,
    simulated: AtomicBool,
    regions: Mutex<HashMap<(String, String), Once>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Azure {
    /// Returns the client.
    ///
    /// # Errors
    ///
    /// A diagnostic that says why there is none: the provider block holds values that are not
    /// known yet, or no credential works.
    pub fn client(&self) -> Result<Client, Diagnostic> {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner);
        client.clone().unwrap_or_else(|| Err(not_configured()))
    }

    /// Lists the versions of a region, once in the life of the process.
    ///
    /// # Errors
    ///
    /// What [`Client::region_versions`] answers.
    pub async fn region_versions(
        &self,
        client: &Client,
        subscription: &str,
        location: &str,
    ) -> Result<serde_json::Value, Error> {
        let region = {
            let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(regions.entry((subscription.to_owned(), location.to_owned())).or_default())
        };
        let list = || async { Ok(client.region_versions(subscription, location).await?.body) };
        region.get_or_try_init(list).await.cloned()
    }

    /// Returns how far this machine's clock is from Azure's, when that is worth a warning. A
    /// simulator lives in a time of its own.
    #[must_use]
    pub fn clock_skew(&self, client: &Client) -> Option<SignedDuration> {
        client.clock_skew().filter(|_| !self.simulated.load(Ordering::Relaxed))
    }

    /// Waits for this cluster's turn: one operation at a time, across all resources of the process.
    pub async fn turn(&self, cluster: &ClusterId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(cluster.to_string().to_lowercase()).or_default())
        };
        turn.lock_owned().await
    }

    fn set(&self, client: Result<Client, Diagnostic>) {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = Some(client);
    }
}

/// Returns the schema of the provider block.
#[must_use]
pub fn schema() -> Schema {
    let text = |name, description: &str| Attribute::optional(name, Type::String, description);
    let attributes = vec![
        text("environment", "`public` (default), `usgovernment` or `china`. Variable: `ARM_ENVIRONMENT`."),
        text(
            "endpoint",
            "Another Azure Resource Manager, such as the simulator's `http://127.0.0.1:8080`. Variable: `ARM_RESOURCE_MANAGER_ENDPOINT`.",
        ),
        text(
            "authority_host",
            "Another Microsoft Entra endpoint. Variable: `ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST`.",
        ),
        text(
            "audience",
            "The audience of the tokens, when `endpoint` is not Azure's own. Variable: `ARM_RESOURCE_MANAGER_AUDIENCE`.",
        ),
        text("tenant_id", "The Entra tenant. Variable: `ARM_TENANT_ID`."),
        text("client_id", "The service principal. Variable: `ARM_CLIENT_ID`."),
        text("client_secret", "The service principal's secret. Variable: `ARM_CLIENT_SECRET`.").sensitive(),
        Attribute::optional(
            "use_cli",
            Type::Bool,
            "Whether to use the login of the Azure CLI. Default true. Variable: `ARM_USE_CLI`.",
        ),
        text(
            "poll_interval",
            "The least time between two looks at a running operation when Azure names none. Default `10s`.",
        ),
        Attribute::optional("max_retries", Type::Number, "How often a request is tried again. Default 8."),
    ];
    let description = "Upgrades AKS clusters inside maintenance windows. Its variables are azurerm's, so a pipeline that runs azurerm runs this provider without a new secret.";
    Schema { version: 0, description: description.to_owned(), attributes }
}

/// Checks the provider block.
#[must_use]
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let findings = Findings::default();
    let reader = Reader::new(config, &findings);
    let _ = Configuration::read(&reader, |_| None);
    findings.into_diagnostics()
}

/// Takes the provider block over.
///
/// A block with unknown values is no error: a plan works without Azure, and says so where it does not.
pub fn configure(
    azure: &Azure,
    config: &Value,
    environment: Environment,
    transport: &Transport,
    user_agent: &str,
) -> Vec<Diagnostic> {
    let findings = Findings::default();
    let reader = Reader::new(config, &findings);
    let configuration = Configuration::read(&reader, environment);
    if findings.has_unknown() {
        azure.set(Err(unknown_configuration()));
    } else if let Some(configuration) = configuration.filter(|_| !findings.has_errors()) {
        azure.simulated.store(configuration.credentials.token.is_some(), Ordering::Relaxed);
        azure.set(configuration.connect(transport, user_agent));
    }
    findings.into_diagnostics()
}

struct Configuration {
    cloud: Cloud,
    endpoint: Option<String>,
    audience: Option<String>,
    credentials: Credentials,
    poll_interval: Duration,
    max_retries: u32,
}

impl Configuration {
    fn read(block: &Reader<'_>, environment: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let text = |name, variable| {
            let written = block.text(name).map(str::to_owned);
            written.or_else(|| environment(variable)).filter(|text| !text.is_empty())
        };
        let cloud = text("environment", "ARM_ENVIRONMENT").unwrap_or_else(|| "public".to_owned());
        let Some(cloud) = Cloud::named(&cloud) else {
            let detail =
                format!("{cloud:?} is not an environment. Write \"public\", \"usgovernment\" or \"china\".");
            block.reject("environment", "Unknown environment", detail);
            return None;
        };
        let endpoint = text("endpoint", "ARM_RESOURCE_MANAGER_ENDPOINT");
        let use_cli = block.flag("use_cli").or_else(|| environment("ARM_USE_CLI").map(|text| text == "true"));
        let credentials = Credentials {
            tenant_id: text("tenant_id", "ARM_TENANT_ID"),
            client_id: text("client_id", "ARM_CLIENT_ID"),
            client_secret: text("client_secret", "ARM_CLIENT_SECRET").map(Secret::new),
            use_cli: use_cli.unwrap_or(true),
            token: endpoint
                .as_deref()
                .filter(|endpoint| is_simulator(endpoint))
                .map(|_| Secret::new(SIMULATOR_TOKEN)),
            authority_host: text("authority_host", "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"),
            cloud,
        };
        Some(Configuration {
            cloud,
            endpoint,
            audience: text("audience", "ARM_RESOURCE_MANAGER_AUDIENCE"),
            credentials,
            poll_interval: block
                .parse("poll_interval", "Invalid duration", poll_interval)
                .unwrap_or(Duration::from_secs(10)),
            max_retries: block.integer("max_retries").unwrap_or(8),
        })
    }

    fn connect(self, transport: &Transport, user_agent: &str) -> Result<Client, Diagnostic> {
        let explained = |error: Error| Diagnostic::error("Azure cannot be reached", error.to_string());
        let endpoint = self.endpoint.unwrap_or_else(|| self.cloud.endpoint().to_owned());
        let scope = match self.audience {
            Some(audience) => format!("{}/.default", audience.trim_end_matches('/')),
            None => self.cloud.scope().to_owned(),
        };
        let transport = transport().map_err(explained)?;
        let credential = self.credentials.credential(Arc::clone(&transport)).map_err(explained)?;
        Client::new(Settings {
            endpoint,
            scope,
            credential,
            transport,
            max_retries: self.max_retries,
            poll_interval: self.poll_interval,
            user_agent: user_agent.to_owned(),
        })
        .map_err(explained)
    }
}

/// What the simulator is shown: it is not Azure, and no real token is ever sent to it.
const SIMULATOR_TOKEN: &str = "simulator";

/// Tells whether an endpoint can only be a simulator: plain HTTP to this very machine.
fn is_simulator(endpoint: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(endpoint) else { return false };
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    };
    url.scheme() == "http" && loopback
}

fn poll_interval(text: &str) -> Result<Duration, String> {
    if let Some(milliseconds) = text.strip_suffix("ms").and_then(|number| number.parse().ok()) {
        return Ok(Duration::from_millis(milliseconds));
    }
    let parsed = duration::parse(text).map_err(|error| error.to_string())?;
    Duration::try_from(parsed)
        .map_err(|_| format!("{text:?} is not a pause. Write a duration such as \"10s\"."))
}

fn not_configured() -> Diagnostic {
    let detail = "The provider was asked for Azure before it was configured. This is a bug in the provider.";
    Diagnostic::error("Provider not configured", detail)
}

fn unknown_configuration() -> Diagnostic {
    let detail = "The provider block holds values that are known only after apply, so Azure cannot be asked yet. Apply what they depend on first, with -target, or write them down.";
    Diagnostic::error("Provider configuration not known yet", detail)
}
