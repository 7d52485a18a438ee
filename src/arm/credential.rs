//! Where bearer tokens come from: a client secret, an `az` login, a token that was given.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, HttpClient, Transport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
};
use jiff::{Timestamp, ToSpan};

use super::error::{Error, causes};
use crate::clock;

/// One of Azure's clouds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// `public`: everywhere else.
    #[default]
    Public,
    /// `usgovernment`.
    UsGovernment,
    /// `china`: operated by 21Vianet.
    China,
}

impl Cloud {
    /// Returns the cloud of that name, in azurerm's spelling (`public`, `usgovernment`, `china`) or in the
    /// Azure CLI's (`AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "public" | "azurecloud" => Some(Cloud::Public),
            "usgovernment" | "azureusgovernment" => Some(Cloud::UsGovernment),
            "china" | "azurechinacloud" => Some(Cloud::China),
            _ => None,
        }
    }

    /// Returns the base URL of Azure Resource Manager.
    #[must_use]
    pub fn endpoint(self) -> &'static str {
        match self {
            Cloud::Public => "https://management.azure.com",
            Cloud::UsGovernment => "https://management.usgovcloudapi.net",
            Cloud::China => "https://management.chinacloudapi.cn",
        }
    }

    /// Returns the base URL of Entra ID.
    #[must_use]
    pub fn authority(self) -> &'static str {
        match self {
            Cloud::Public => "https://login.microsoftonline.com",
            Cloud::UsGovernment => "https://login.microsoftonline.us",
            Cloud::China => "https://login.chinacloudapi.cn",
        }
    }

    /// Returns the scope of a token for Azure Resource Manager.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Cloud::Public => "https://management.azure.com/.default",
            Cloud::UsGovernment => "https://management.core.usgovcloudapi.net/.default",
            Cloud::China => "https://management.chinacloudapi.cn/.default",
        }
    }
}

/// Everything the user may have configured about who they are.
///
/// The provider fills it from the configuration and the `ARM_*` variables; empty texts count as not given.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The tenant's id (`ARM_TENANT_ID`).
    pub tenant_id: Option<String>,
    /// The application's id (`ARM_CLIENT_ID`).
    pub client_id: Option<String>,
    /// The application's secret (`ARM_CLIENT_SECRET`).
    pub client_secret: Option<Secret>,
    /// Whether the login of the Azure CLI may be used (`ARM_USE_CLI`); on unless switched off.
    pub use_cli: bool,
    /// An access token for Azure Resource Manager, used as it is.
    pub token: Option<Secret>,
    /// Another Entra endpoint than the cloud's, over https.
    pub authority_host: Option<String>,
    /// The cloud.
    pub cloud: Cloud,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credentials { tenant_id, client_id, use_cli, cloud, .. } = self;
        f.debug_struct("Credentials")
            .field("tenant_id", tenant_id)
            .field("client_id", client_id)
            .field("use_cli", use_cli)
            .field("cloud", cloud)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// Chooses the method: a given token, then a client secret, then the Azure CLI.
    ///
    /// Nothing is sent yet; a wrong secret shows at the first request.
    ///
    /// # Errors
    ///
    /// When no method is configured, one sentence per method with what it lacks; when a client secret is
    /// configured wrongly, what is wrong with it.
    pub fn credential(&self, transport: Arc<dyn HttpClient>) -> Result<Arc<dyn TokenCredential>, Error> {
        if let Some(token) = given_secret(&self.token) {
            return Ok(Arc::new(StaticToken::new(token)));
        }
        let refused = match self.application() {
            Ok(application) => return application.checked(self.authority(), transport),
            Err(reason) => reason,
        };
        if self.use_cli {
            return self.cli(refused);
        }
        Err(Error::Credential(format!(
            "No way to sign in to Azure is configured. Access token: none was given. Client secret: {refused}. \
             Azure CLI: it is switched off (ARM_USE_CLI). \
             Set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or set ARM_USE_CLI=true and run `az login`."
        )))
    }

    fn application(&self) -> Result<Application, String> {
        let tenant = given(&self.tenant_id);
        let client = given(&self.client_id);
        let secret = given_secret(&self.client_secret);
        let missing: Vec<&str> = [
            ("tenant_id (ARM_TENANT_ID)", tenant.is_none()),
            ("client_id (ARM_CLIENT_ID)", client.is_none()),
            ("client_secret (ARM_CLIENT_SECRET)", secret.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, missing)| missing.then_some(name))
        .collect();
        match (tenant, client, secret) {
            (Some(tenant), Some(client), Some(secret)) => Ok(Application { tenant, client, secret }),
            _ => Err(format!("{} not set", missing.join(", "))),
        }
    }

    fn authority(&self) -> String {
        given(&self.authority_host).unwrap_or_else(|| self.cloud.authority().to_owned())
    }

    fn cli(&self, refused: String) -> Result<Arc<dyn TokenCredential>, Error> {
        let options = AzureCliCredentialOptions { tenant_id: given(&self.tenant_id), ..Default::default() };
        match AzureCliCredential::new(Some(options)) {
            Ok(inner) => Ok(Arc::new(CliLogin { inner, refused })),
            Err(error) => {
                Err(Error::Credential(format!("The Azure CLI cannot be used: {}.", causes(&error))))
            }
        }
    }
}

fn given(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn given_secret(secret: &Option<Secret>) -> Option<Secret> {
    secret.clone().filter(|secret| !secret.secret().trim().is_empty())
}

/// An access token that was given, used until Azure refuses it.
#[derive(Debug)]
pub struct StaticToken {
    token: Secret,
}

impl StaticToken {
    /// Takes the token.
    #[must_use]
    pub fn new(token: impl Into<Secret>) -> Self {
        StaticToken { token: token.into() }
    }
}

#[async_trait::async_trait]
impl TokenCredential for StaticToken {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        // When it really expires is not known; Azure's 401 will tell.
        let later = clock::now().saturating_add(24.hours()).unwrap_or(Timestamp::MAX);
        let expires = time::OffsetDateTime::from_unix_timestamp(later.as_second());
        Ok(AccessToken::new(self.token.clone(), expires.unwrap_or(time::OffsetDateTime::UNIX_EPOCH)))
    }
}

/// An application that signs in with its secret.
struct Application {
    tenant: String,
    client: String,
    secret: Secret,
}

impl Application {
    /// Checks the texts now, so that a typing error is an error of the configuration.
    fn checked(
        self,
        authority: String,
        transport: Arc<dyn HttpClient>,
    ) -> Result<Arc<dyn TokenCredential>, Error> {
        let sign_in = SignIn { application: self, authority, transport };
        match sign_in.fresh() {
            Ok(_) => Ok(Arc::new(sign_in)),
            Err(error) => {
                Err(Error::Credential(format!("The client secret cannot be used: {}.", causes(&error))))
            }
        }
    }
}

/// Signs an application in, each time anew.
///
/// `azure_identity` keeps tokens itself and gives a revoked one again; the client keeps them already.
struct SignIn {
    application: Application,
    authority: String,
    transport: Arc<dyn HttpClient>,
}

impl SignIn {
    fn fresh(&self) -> azure_core::Result<Arc<ClientSecretCredential>> {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host.clone_from(&self.authority);
        let client_options = ClientOptions {
            transport: Some(Transport::new(self.transport.clone())),
            cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
            ..Default::default()
        };
        let Application { tenant, client, secret } = &self.application;
        let options = ClientSecretCredentialOptions { client_options };
        ClientSecretCredential::new(tenant, client.clone(), secret.clone(), Some(options))
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client secret of {}", self.application.client)
    }
}

#[async_trait::async_trait]
impl TokenCredential for SignIn {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.fresh()?.get_token(scopes, options).await
    }
}

/// `az` starts in a second or two and answers at once or hangs.
const CLI_TIMEOUT: Duration = Duration::from_secs(60);

/// The login of the Azure CLI, which has no timeout of its own.
#[derive(Debug)]
struct CliLogin {
    inner: Arc<AzureCliCredential>,
    /// Why the method before this one was not used.
    refused: String,
}

#[async_trait::async_trait]
impl TokenCredential for CliLogin {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let answer = tokio::time::timeout(CLI_TIMEOUT, self.inner.get_token(scopes, options)).await;
        let failed = match answer {
            Ok(Ok(token)) => return Ok(token),
            Ok(Err(error)) => causes(&error),
            Err(_) => "`az account get-access-token` did not answer within 60 seconds".to_owned(),
        };
        let message = format!(
            "Client secret: {}. Azure CLI: {}. \
             Set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or run `az login`",
            self.refused,
            failed.trim_end_matches('.')
        );
        Err(azure_core::Error::with_message(ErrorKind::Credential, message))
    }
}
