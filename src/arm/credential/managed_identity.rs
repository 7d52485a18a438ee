//! The identity that Azure gives a machine: virtual machines, scale sets, App Service, container apps.

use std::fmt;
use std::time::Duration;

use azure_core::credentials::Secret;
use azure_core::http::{Method, Url};

use crate::arm::address::{Insecure, secure};
use crate::arm::error::sign_in::{NoToken, Unusable};
use crate::arm::exchange::{ask, token_of};
use crate::arm::send::Sender;
use crate::arm::token::AccessToken;
use crate::arm::wire::Outgoing;

/// The metadata service of a virtual machine: link-local, and never beyond the host.
const METADATA_SERVICE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// The API version of a virtual machine's metadata service.
const MACHINE: &str = "2018-02-01";

/// The API version of App Service and Container Apps.
const APP_SERVICE: &str = "2019-08-01";

/// A managed identity: the system's, or the user's with a client id.
pub(super) struct ManagedIdentity {
    url: Url,
    version: String,
    /// App Service's proof that we are the app.
    header: Option<Secret>,
    client: Option<String>,
}

impl ManagedIdentity {
    /// Takes App Service's endpoint with its header, another metadata service, or the machine's own.
    ///
    /// The version decides how the service is spoken to; App Service and Container Apps know only
    /// [`APP_SERVICE`].
    pub(super) fn new(
        app_service: Option<(String, Secret)>,
        endpoint: Option<String>,
        version: Option<String>,
        client: Option<String>,
    ) -> Result<Self, Unusable> {
        let (own, header) = app_service.unzip();
        let speaks_app_service =
            own.is_some() && endpoint.as_ref().is_none_or(|url| Some(url) == own.as_ref());
        let default = if speaks_app_service { APP_SERVICE } else { MACHINE };
        let version = version.unwrap_or_else(|| default.to_owned());
        let url = link_local(endpoint.or(own).as_deref().unwrap_or(METADATA_SERVICE))?;
        let header = header.filter(|_| version == APP_SERVICE);
        Ok(ManagedIdentity { url, version, header, client })
    }

    /// Asks the metadata service for a token.
    pub(super) async fn token(&self, scope: &str, sender: &Sender) -> Result<AccessToken, NoToken> {
        let mut url = self.url.clone();
        let resource = scope.strip_suffix("/.default").unwrap_or(scope);
        url.query_pairs_mut().append_pair("api-version", &self.version).append_pair("resource", resource);
        if let Some(client) = &self.client {
            url.query_pairs_mut().append_pair("client_id", client);
        }
        let mut question = Outgoing::to_service(Method::Get, url);
        // A machine outside of Azure does not answer at all, and has no reason to wait long for it.
        question.patience = Duration::from_secs(5);
        // While the service starts or is updated it answers so.
        question.passing = &[404, 410];
        match &self.header {
            Some(header) => {
                question.insert_header("x-identity-header", header.secret().to_owned());
                question.secrets.push(header.clone());
            }
            None => question.insert_header("metadata", "true"),
        }
        token_of(&ask(sender, &question).await.map_err(NoToken::Call)?)
    }
}

impl fmt::Debug for ManagedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManagedIdentity at {}", self.url)
    }
}

/// Plain http is how Azure speaks here: to this machine, or to the link-local address beside it.
fn link_local(text: &str) -> Result<Url, Insecure> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "http" && is_link_local(&url) => Ok(url),
        _ => secure(text),
    }
}

fn is_link_local(url: &Url) -> bool {
    let ip = url.host_str().and_then(|host| host.parse::<std::net::Ipv4Addr>().ok());
    ip.is_some_and(|ip| ip.is_link_local())
}
