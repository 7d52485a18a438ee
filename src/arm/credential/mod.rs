//! Where bearer tokens come from.
//!
//! The first way that is configured is used, in azurerm's order, and no other: nobody becomes
//! somebody else because a secret has expired.
//!
//! | | way | needs |
//! |---|---|---|
//! | 1 | client certificate | `tenant_id`, `client_id`, `client_certificate_path` (PFX or PEM) or `client_certificate` |
//! | 2 | client secret | `tenant_id`, `client_id`, `client_secret` |
//! | 3 | OpenID Connect | `use_oidc`, `tenant_id`, `client_id`, and the first of: `oidc_token`; `oidc_token_file_path`; `ado_pipeline_service_connection_id` (Azure DevOps) or nothing (GitHub Actions) with `oidc_request_url` and `oidc_request_token` |
//! | 4 | AKS workload identity | `use_aks_workload_identity`, and the variables that the cluster's webhook sets |
//! | 5 | managed identity | `use_msi`; `client_id` for one of the user's |
//! | 6 | Azure CLI | `use_cli` (default) and `az login` |
//!
//! [`application`] is 1 to 4, with a [`certificate`] or a token of another issuer ([`federated`]);
//! [`managed_identity`] is 5, [`cli`] is 6, and [`mod@given`] is a token that a test hands in. [`sign_in`] is what
//! they have in common, [`cloud`] where each cloud has its addresses.

mod application;
mod certificate;
mod cli;
mod cloud;
mod federated;
mod given;
mod managed_identity;
mod sign_in;

use std::fmt;
use std::sync::Arc;

use azure_core::credentials::Secret;
use azure_core::http::HttpClient;

use crate::arm::error::Error;
use crate::arm::error::sign_in::{Setting, SignInError, Switch, Unusable, Unused, Way};
use crate::arm::send::Sender;
use crate::arm::token::Credential;
use application::{Application, Proof};
use certificate::{Certificate, Source};
use cli::CliLogin;
use federated::IdToken;
use managed_identity::ManagedIdentity;
use sign_in::{Principal, SignIn};

pub use cloud::Cloud;
pub use given::StaticToken;

/// Everything the user may have configured about who they are.
///
/// The provider fills it from the configuration and the variables; empty texts count as not given.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The tenant's id (`ARM_TENANT_ID`).
    pub tenant_id: Option<String>,
    /// The application's id, or that of a managed identity (`ARM_CLIENT_ID`).
    pub client_id: Option<String>,
    /// The subscription whose tenant the Azure CLI signs in to (`ARM_SUBSCRIPTION_ID`).
    pub subscription_id: Option<String>,
    /// The application's secret (`ARM_CLIENT_SECRET`).
    pub client_secret: Option<Secret>,
    /// A PFX file in base64 (`ARM_CLIENT_CERTIFICATE`).
    pub client_certificate: Option<Secret>,
    /// A PFX or PEM file (`ARM_CLIENT_CERTIFICATE_PATH`).
    pub client_certificate_path: Option<String>,
    /// The password of the PFX file or of the PEM file's key (`ARM_CLIENT_CERTIFICATE_PASSWORD`).
    pub client_certificate_password: Option<Secret>,
    /// Whether the token of a trusted issuer may be used (`ARM_USE_OIDC`).
    pub use_oidc: bool,
    /// The issuer's token (`ARM_OIDC_TOKEN`).
    pub oidc_token: Option<Secret>,
    /// A file that holds it (`ARM_OIDC_TOKEN_FILE_PATH`).
    pub oidc_token_file_path: Option<String>,
    /// The service that gives it (`ARM_OIDC_REQUEST_URL`).
    pub oidc_request_url: Option<String>,
    /// What that service is shown (`ARM_OIDC_REQUEST_TOKEN`).
    pub oidc_request_token: Option<Secret>,
    /// The service connection of an Azure DevOps pipeline (`ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID`).
    pub service_connection: Option<String>,
    /// Whether the identity of the pod may be used (`ARM_USE_AKS_WORKLOAD_IDENTITY`).
    pub use_aks_workload_identity: bool,
    /// What the cluster's webhook has set.
    pub workload: Workload,
    /// Whether the identity of the machine may be used (`ARM_USE_MSI`).
    pub use_msi: bool,
    /// Another metadata service than the machine's (`ARM_MSI_ENDPOINT`).
    pub msi_endpoint: Option<String>,
    /// The API version that the metadata service speaks (`ARM_MSI_API_VERSION`).
    pub msi_api_version: Option<String>,
    /// App Service's endpoint (`IDENTITY_ENDPOINT`).
    pub identity_endpoint: Option<String>,
    /// App Service's proof that we are the app (`IDENTITY_HEADER`).
    pub identity_header: Option<Secret>,
    /// Whether the login of the Azure CLI may be used (`ARM_USE_CLI`); on unless switched off.
    pub use_cli: bool,
    /// An access token for Azure Resource Manager, used as it is before anything else.
    pub token: Option<Secret>,
    /// Another Entra endpoint than the cloud's, over https.
    pub authority_host: Option<String>,
    /// The cloud.
    pub cloud: Cloud,
}

/// What the webhook of AKS workload identity sets in a pod.
#[derive(Clone, Debug, Default)]
pub struct Workload {
    /// `AZURE_TENANT_ID`
    pub tenant_id: Option<String>,
    /// `AZURE_CLIENT_ID`
    pub client_id: Option<String>,
    /// `AZURE_FEDERATED_TOKEN_FILE`
    pub token_file: Option<String>,
    /// `AZURE_AUTHORITY_HOST`
    pub authority_host: Option<String>,
}

/// Why a way to sign in gives no principal.
enum Missed {
    /// It is not configured, or only in parts.
    Unused(Unused),
    /// It is configured wrongly.
    Unusable(Unusable),
}

impl From<Unused> for Missed {
    fn from(reason: Unused) -> Missed {
        Missed::Unused(reason)
    }
}

impl From<Unusable> for Missed {
    fn from(flaw: Unusable) -> Missed {
        Missed::Unusable(flaw)
    }
}

type Configured = fn(&Credentials) -> Result<Principal, Missed>;

/// The ways to sign in, in azurerm's order.
const WAYS: [(Way, Configured); 6] = [
    (Way::Certificate, Credentials::certificate),
    (Way::Secret, Credentials::secret),
    (Way::OpenId, Credentials::openid),
    (Way::WorkloadIdentity, Credentials::workload_identity),
    (Way::ManagedIdentity, Credentials::managed_identity),
    (Way::Cli, Credentials::cli),
];

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credentials { tenant_id, client_id, use_oidc, use_msi, use_cli, cloud, .. } = self;
        f.debug_struct("Credentials")
            .field("tenant_id", tenant_id)
            .field("client_id", client_id)
            .field("use_oidc", use_oidc)
            .field("use_msi", use_msi)
            .field("use_cli", use_cli)
            .field("cloud", cloud)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Chooses the first way to sign in that is configured; see the table above.
    ///
    /// Nothing is sent yet; a wrong secret shows at the first request, with a [`SignInError`] that names all ways.
    ///
    /// # Errors
    ///
    /// When no way is configured, a line per way with what it lacks; when the first one is configured
    /// wrongly, what is wrong with it.
    pub fn credential(&self, transport: Arc<dyn HttpClient>) -> Result<Arc<dyn Credential>, Error> {
        if let Some(token) = given_secret(&self.token) {
            return Ok(Arc::new(StaticToken::new(token)));
        }
        let (mut chosen, mut others) = (None, Vec::new());
        for (way, configured) in WAYS {
            match (configured(self), &chosen) {
                (Ok(principal), None) => chosen = Some((way, principal)),
                (Err(Missed::Unusable(flaw)), None) => return Err(Error::Credential { way, flaw }),
                (Err(Missed::Unused(reason)), _) => others.push((way, reason)),
                (_, Some((first, _))) => others.push((way, Unused::After(*first))),
            }
        }
        match chosen {
            Some((way, principal)) => {
                Ok(Arc::new(SignIn { way, principal, others, sender: Sender::to_services(transport) }))
            }
            None => Err(Error::SignIn(Box::new(SignInError { tried: None, others }))),
        }
    }

    fn certificate(&self) -> Result<Principal, Missed> {
        let file = given(&self.client_certificate_path).map(|path| Source::File(path.into()));
        let source = file.or_else(|| given_secret(&self.client_certificate).map(Source::Inline));
        let (tenant, client, source) = self.identity(source.ok_or(Setting::ClientCertificate))?;
        let password = self.client_certificate_password.as_ref().map_or("", Secret::secret);
        let certificate = Certificate::open(&source, password)?;
        self.application(&tenant, &client, Proof::Certificate(Box::new(certificate)))
    }

    fn secret(&self) -> Result<Principal, Missed> {
        let secret = given_secret(&self.client_secret);
        let (tenant, client, secret) = self.identity(secret.ok_or(Setting::ClientSecret))?;
        self.application(&tenant, &client, Proof::Secret(secret))
    }

    fn openid(&self) -> Result<Principal, Missed> {
        if !self.use_oidc {
            return Err(Unused::Off(Switch::OpenId).into());
        }
        let (tenant, client, token) = self.identity(Ok(self.id_token()?))?;
        self.application(&tenant, &client, Proof::Federated(token))
    }

    fn id_token(&self) -> Result<IdToken, Missed> {
        if let Some(token) = given_secret(&self.oidc_token) {
            return Ok(IdToken::Given(token));
        }
        if let Some(path) = given(&self.oidc_token_file_path) {
            return Ok(IdToken::File(path.into()));
        }
        let requested = given(&self.oidc_request_url).zip(given_secret(&self.oidc_request_token));
        let Some((url, token)) = requested else {
            return Err(Unused::NoIdToken.into());
        };
        let source = match given(&self.service_connection) {
            Some(connection) => IdToken::azure_devops(&url, token, connection),
            None => IdToken::github(&url, token),
        };
        Ok(source?)
    }

    fn workload_identity(&self) -> Result<Principal, Missed> {
        if !self.use_aks_workload_identity {
            return Err(Unused::Off(Switch::WorkloadIdentity).into());
        }
        let tenant = given(&self.tenant_id).or_else(|| given(&self.workload.tenant_id));
        let client = given(&self.client_id).or_else(|| given(&self.workload.client_id));
        let file = given(&self.oidc_token_file_path).or_else(|| given(&self.workload.token_file));
        let (Some(tenant), Some(client), Some(file)) = (tenant, client, file) else {
            return Err(Unused::NoWorkload.into());
        };
        let named = given(&self.authority_host).or_else(|| given(&self.workload.authority_host));
        let authority = named.unwrap_or_else(|| self.cloud.authority().to_owned());
        let proof = Proof::Federated(IdToken::File(file.into()));
        Ok(Principal::Application(Application::new(&authority, &tenant, &client, proof)?))
    }

    fn managed_identity(&self) -> Result<Principal, Missed> {
        if !self.use_msi {
            return Err(Unused::Off(Switch::ManagedIdentity).into());
        }
        let app_service = given(&self.identity_endpoint).zip(given_secret(&self.identity_header));
        let (endpoint, version) = (given(&self.msi_endpoint), given(&self.msi_api_version));
        let identity = ManagedIdentity::new(app_service, endpoint, version, given(&self.client_id))?;
        Ok(Principal::ManagedIdentity(identity))
    }

    fn cli(&self) -> Result<Principal, Missed> {
        if !self.use_cli {
            return Err(Unused::Off(Switch::Cli).into());
        }
        let secrets = [
            &self.client_secret,
            &self.client_certificate_password,
            &self.client_certificate,
            &self.oidc_token,
        ];
        let secrets = secrets.into_iter().chain([&self.oidc_request_token, &self.identity_header]);
        let secrets = secrets.filter_map(given_secret).collect();
        Ok(Principal::Cli(CliLogin::new(given(&self.tenant_id), given(&self.subscription_id), secrets)?))
    }

    fn application(&self, tenant: &str, client: &str, proof: Proof) -> Result<Principal, Missed> {
        let authority = given(&self.authority_host).unwrap_or_else(|| self.cloud.authority().to_owned());
        Ok(Principal::Application(Application::new(&authority, tenant, client, proof)?))
    }

    /// Returns tenant, client and their proof, or everything that is missing.
    fn identity<T>(&self, proof: Result<T, Setting>) -> Result<(String, String, T), Unused> {
        let (tenant, client) = (given(&self.tenant_id), given(&self.client_id));
        let missing = [
            tenant.is_none().then_some(Setting::TenantId),
            client.is_none().then_some(Setting::ClientId),
            proof.as_ref().err().copied(),
        ];
        match (tenant, client, proof) {
            (Some(tenant), Some(client), Ok(proof)) => Ok((tenant, client, proof)),
            _ => Err(Unused::Unset(missing.into_iter().flatten().collect())),
        }
    }
}

fn given(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn given_secret(secret: &Option<Secret>) -> Option<Secret> {
    secret.clone().filter(|secret| !secret.secret().trim().is_empty())
}
