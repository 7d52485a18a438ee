//! What the provider block and its variables say, and the client that this leads to.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::Secret;
use azure_core::http::HttpClient;

use azure_core::http::Url;

use crate::arm::address::{endpoint, is_loopback, secure, shown};
use crate::arm::client::{Client, Settings};
use crate::arm::credential::{Cloud, Credentials, Workload};
use crate::arm::error::Error;
use crate::arm::id::check_subscription_id;
use crate::arm::metadata::{Endpoints, discover};
use crate::provider::configuration::MakeTransport;
use crate::provider::words::errors;
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::terraform::reader::Reader;
use crate::upgrade::duration;

/// What the simulator is shown: it is not Azure, and no real token is ever sent to it.
const SIMULATOR_TOKEN: &str = "a-token-that-only-a-simulator-takes";

/// The provider block with its variables.
pub(super) struct ProviderBlock {
    cloud: Cloud,
    endpoint: Option<String>,
    audience: Option<String>,
    metadata_host: Option<String>,
    client_id_file_path: Option<String>,
    client_secret_file_path: Option<String>,
    credentials: Credentials,
    poll_interval: Duration,
    max_retries: u32,
}

/// A client, and whether it talks to a simulator.
pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) simulated: bool,
}

/// Reads an attribute, and where it is not written, the first of its variables that is set.
struct Texts<'a, E> {
    block: &'a Reader<'a>,
    environment: E,
}

impl<E: Fn(&str) -> Option<String>> Texts<'_, E> {
    fn text(&self, name: &str, variables: &[&str]) -> Option<String> {
        let written = self.block.text(name).map(str::to_owned);
        written.or_else(|| self.variable(variables)).filter(|text| !text.is_empty())
    }

    fn secret(&self, name: &str, variables: &[&str]) -> Option<Secret> {
        self.text(name, variables).map(Secret::new)
    }

    fn variable(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| (self.environment)(name).filter(|text| !text.is_empty()))
    }

    /// Reads a flag; a variable in the spellings that azurerm takes.
    fn flag(&self, name: &str, variable: &str) -> Option<bool> {
        let written = self.block.flag(name);
        let text = || match self.variable(&[variable])?.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            other => {
                let detail = format!("The variable {variable} holds {other:?}. Write \"true\" or \"false\".");
                self.block.reject(name, "Invalid variable", detail);
                None
            }
        };
        written.or_else(text)
    }
}

impl ProviderBlock {
    /// Reads the block; `None` when the cloud is not one.
    pub(super) fn read(block: &Reader<'_>, environment: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let texts = Texts { block, environment };
        let cloud = texts.text("environment", &["ARM_ENVIRONMENT"]).unwrap_or_else(|| "public".to_owned());
        let Some(cloud) = Cloud::named(&cloud) else {
            let detail =
                format!("{cloud:?} is not an environment. Write \"public\", \"usgovernment\" or \"china\".");
            block.reject("environment", "Unknown environment", detail);
            return None;
        };
        check_subscription(&texts);
        check_addresses(&texts);
        Some(ProviderBlock {
            cloud,
            endpoint: texts.text("endpoint", &["ARM_RESOURCE_MANAGER_ENDPOINT"]),
            audience: texts.text("audience", &["ARM_RESOURCE_MANAGER_AUDIENCE"]),
            metadata_host: texts.text("metadata_host", &["ARM_METADATA_HOSTNAME", "ARM_METADATA_HOST"]),
            client_id_file_path: texts.text("client_id_file_path", &["ARM_CLIENT_ID_FILE_PATH"]),
            client_secret_file_path: texts.text("client_secret_file_path", &["ARM_CLIENT_SECRET_FILE_PATH"]),
            credentials: credentials(&texts, cloud),
            poll_interval: block
                .parse("poll_interval", "Invalid duration", poll_interval)
                .unwrap_or(Duration::from_secs(10)),
            max_retries: block.integer("max_retries").unwrap_or(8),
        })
    }

    /// Makes the client; asks `metadata_host` where Azure is, if it has to.
    pub(super) async fn connect(
        mut self,
        transport: &MakeTransport,
        user_agent: &str,
    ) -> Result<Connected, Diagnostic> {
        self.read_files()?;
        let transport = transport().map_err(|error| explained(&error))?;
        if let Some(host) = self.metadata_host.take().filter(|_| !self.is_addressed()) {
            let unknown = |error| explained(&error).at(Path::root("metadata_host"));
            let described = discover(&host, Arc::clone(&transport)).await.map_err(unknown)?;
            self.fill(described);
        }
        self.client(transport, user_agent).map_err(|error| explained(&error))
    }

    fn client(mut self, transport: Arc<dyn HttpClient>, user_agent: &str) -> Result<Connected, Error> {
        let endpoint = self.endpoint.take().unwrap_or_else(|| self.cloud.endpoint().to_owned());
        let simulated = is_simulator(&endpoint);
        // A simulator that gives tokens itself is shown those; no other.
        if simulated && !self.credentials.authority_host.as_deref().is_some_and(is_simulator) {
            self.credentials.token = Some(Secret::new(SIMULATOR_TOKEN));
        }
        let scope = match self.audience {
            Some(audience) => format!("{}/.default", audience.trim_end_matches('/')),
            None => self.cloud.scope().to_owned(),
        };
        let credential = self.credentials.credential(Arc::clone(&transport))?;
        let client = Client::new(Settings {
            endpoint,
            scope,
            credential,
            transport,
            max_retries: self.max_retries,
            poll_interval: self.poll_interval,
            user_agent: user_agent.to_owned(),
        });
        client.map(|client| Connected { client, simulated })
    }

    fn is_addressed(&self) -> bool {
        self.endpoint.is_some() && self.audience.is_some() && self.credentials.authority_host.is_some()
    }

    /// What is written goes before what the cloud says of itself.
    fn fill(&mut self, described: Endpoints) {
        self.endpoint.get_or_insert(described.endpoint);
        self.audience.get_or_insert(described.audience);
        self.credentials.authority_host.get_or_insert(described.authority_host);
    }

    fn read_files(&mut self) -> Result<(), Diagnostic> {
        let ProviderBlock { client_id_file_path: id, client_secret_file_path: secret, credentials, .. } =
            self;
        if let Some(path) = id {
            let read = content("client_id_file_path", path)?;
            agree("client_id", path, &read, credentials.client_id.as_deref())?;
            credentials.client_id = Some(read);
        }
        if let Some(path) = secret {
            let read = content("client_secret_file_path", path)?;
            agree("client_secret", path, &read, credentials.client_secret.as_ref().map(Secret::secret))?;
            credentials.client_secret = Some(Secret::new(read));
        }
        Ok(())
    }
}

/// Refuses addresses to which nothing may be sent, and those of Azure's own services with a path, which have none.
fn check_addresses<E: Fn(&str) -> Option<String>>(texts: &Texts<'_, E>) {
    let clouds = [Cloud::Public, Cloud::UsGovernment, Cloud::China];
    if let Some(given) = texts.text("endpoint", &["ARM_RESOURCE_MANAGER_ENDPOINT"]) {
        match endpoint(&given) {
            Ok(url) => check_path(texts, "endpoint", &url, clouds.map(Cloud::endpoint)),
            Err(reason) => {
                let error = Error::Endpoint { given: shown(&given), reason };
                texts.block.reject("endpoint", "Invalid endpoint", errors::sentence(&error));
            }
        }
    }
    if let Some(given) = texts.text("authority_host", &["ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"]) {
        match secure(&given) {
            Ok(url) => check_path(texts, "authority_host", &url, clouds.map(Cloud::authority)),
            Err(reason) => {
                let detail = format!("{reason}. A correct example is \"{}\".", Cloud::Public.authority());
                texts.block.reject("authority_host", "Invalid endpoint", detail);
            }
        }
    }
}

fn check_path<E: Fn(&str) -> Option<String>>(texts: &Texts<'_, E>, name: &str, url: &Url, own: [&str; 3]) {
    let origin = url.origin().ascii_serialization();
    let is_azure = own.contains(&origin.as_str());
    let is_of_a_resource = url.path().to_ascii_lowercase().contains("/subscriptions");
    if (is_azure && url.path() != "/") || is_of_a_resource {
        let detail = format!(
            "{name} is {:?}, and the provider adds the path itself. Write {origin:?}.",
            shown(url.as_str())
        );
        texts.block.reject(name, "Invalid endpoint", detail);
    }
}

/// Refuses a subscription's name: Azure is asked by id.
fn check_subscription<E: Fn(&str) -> Option<String>>(texts: &Texts<'_, E>) {
    let given = texts.text("subscription_id", &["ARM_SUBSCRIPTION_ID"]);
    if let Some(Err(error)) = given.map(|given| check_subscription_id(given.trim())) {
        texts.block.reject("subscription_id", "Invalid subscription id", error);
    }
}

fn credentials<E: Fn(&str) -> Option<String>>(texts: &Texts<'_, E>, cloud: Cloud) -> Credentials {
    Credentials {
        tenant_id: texts.text("tenant_id", &["ARM_TENANT_ID"]),
        client_id: texts.text("client_id", &["ARM_CLIENT_ID"]),
        subscription_id: texts.text("subscription_id", &["ARM_SUBSCRIPTION_ID"]),
        client_secret: texts.secret("client_secret", &["ARM_CLIENT_SECRET"]),
        client_certificate: texts.secret("client_certificate", &["ARM_CLIENT_CERTIFICATE"]),
        client_certificate_path: texts.text("client_certificate_path", &["ARM_CLIENT_CERTIFICATE_PATH"]),
        client_certificate_password: texts
            .secret("client_certificate_password", &["ARM_CLIENT_CERTIFICATE_PASSWORD"]),
        use_oidc: texts.flag("use_oidc", "ARM_USE_OIDC").unwrap_or(false),
        oidc_token: texts.secret("oidc_token", &["ARM_OIDC_TOKEN"]),
        oidc_token_file_path: texts.text("oidc_token_file_path", &["ARM_OIDC_TOKEN_FILE_PATH"]),
        oidc_request_url: texts.text(
            "oidc_request_url",
            &["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"],
        ),
        oidc_request_token: texts.secret(
            "oidc_request_token",
            &["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"],
        ),
        service_connection: texts.text(
            "ado_pipeline_service_connection_id",
            &[
                "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
                "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
                "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
            ],
        ),
        use_aks_workload_identity: texts
            .flag("use_aks_workload_identity", "ARM_USE_AKS_WORKLOAD_IDENTITY")
            .unwrap_or(false),
        workload: Workload {
            tenant_id: texts.variable(&["AZURE_TENANT_ID"]),
            client_id: texts.variable(&["AZURE_CLIENT_ID"]),
            token_file: texts.variable(&["AZURE_FEDERATED_TOKEN_FILE"]),
            authority_host: texts.variable(&["AZURE_AUTHORITY_HOST"]),
        },
        use_msi: texts.flag("use_msi", "ARM_USE_MSI").unwrap_or(false),
        msi_endpoint: texts.text("msi_endpoint", &["ARM_MSI_ENDPOINT"]),
        msi_api_version: texts.text("msi_api_version", &["ARM_MSI_API_VERSION"]),
        identity_endpoint: texts.variable(&["IDENTITY_ENDPOINT"]),
        identity_header: texts.variable(&["IDENTITY_HEADER"]).map(Secret::new),
        use_cli: texts.flag("use_cli", "ARM_USE_CLI").unwrap_or(true),
        token: None,
        authority_host: texts.text("authority_host", &["ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST"]),
        cloud,
    }
}

/// Tells whether an address can only be a simulator's: plain HTTP to this very machine.
fn is_simulator(address: &str) -> bool {
    reqwest::Url::parse(address).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

fn content(attribute: &str, path: &str) -> Result<String, Diagnostic> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let detail = format!(
            "{path:?} cannot be read ({error}). Name a file that holds the value and nothing else, such as \"/run/secrets/{attribute}\"."
        );
        Diagnostic::error(format!("No value for {attribute}"), detail)
    })?;
    Ok(text.trim().to_owned())
}

/// Refuses a file that holds something else than what is written beside it, as azurerm does.
fn agree(attribute: &str, path: &str, read: &str, written: Option<&str>) -> Result<(), Diagnostic> {
    if written.is_none_or(|written| written.trim() == read) {
        return Ok(());
    }
    let detail = format!(
        "{attribute} is not what the file {path:?} of {attribute}_file_path holds. Write one of them only, or the same in both."
    );
    Err(Diagnostic::error(format!("Two values for {attribute}"), detail))
}

/// Explains why there is no client.
pub(super) fn explained(error: &Error) -> Diagnostic {
    let summary = if error.is_sign_in() { "No credential works" } else { "Azure cannot be reached" };
    Diagnostic::error(summary, errors::sentence(error))
}

/// Milliseconds are for simulators, whose hours are short.
fn poll_interval(text: &str) -> Result<Duration, String> {
    let milliseconds = text.strip_suffix("ms").and_then(|number| number.parse().ok());
    let pause = match milliseconds {
        Some(milliseconds) => Some(Duration::from_millis(milliseconds)),
        None => Duration::try_from(duration::parse(text).map_err(|error| error.to_string())?).ok(),
    };
    let too_short = || format!("{text:?} leaves no pause at all. Write a duration such as \"10s\".");
    pause.filter(|pause| !pause.is_zero()).ok_or_else(too_short)
}
