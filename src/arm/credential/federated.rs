//! Tokens of an issuer that Entra trusts: GitHub Actions, Azure DevOps, a Kubernetes cluster, any other.

use std::path::PathBuf;

use azure_core::credentials::Secret;
use azure_core::http::{Method, Url};

use crate::arm::address::secure;
use crate::arm::error::sign_in::{NoToken, Unusable};
use crate::arm::exchange;
use crate::arm::send::Sender;
use crate::arm::wire::Outgoing;

/// Whom the token is shown to.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// Where the issuer's token comes from.
pub(super) enum IdToken {
    /// It was given.
    Given(Secret),
    /// A file, which somebody renews: it is read anew each time.
    File(PathBuf),
    /// The service of GitHub Actions.
    GitHub {
        /// `ACTIONS_ID_TOKEN_REQUEST_URL`
        url: Url,
        /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
        token: Secret,
    },
    /// The service of Azure DevOps.
    AzureDevOps {
        /// `SYSTEM_OIDCREQUESTURI`
        url: Url,
        /// `SYSTEM_ACCESSTOKEN`
        token: Secret,
        /// The id of the service connection.
        connection: String,
    },
}

impl IdToken {
    /// Asks the service of GitHub Actions.
    pub(super) fn github(url: &str, token: Secret) -> Result<Self, Unusable> {
        let url = secure(url).map_err(Unusable::IssuerAddress)?;
        Ok(IdToken::GitHub { url, token })
    }

    /// Asks the service of Azure DevOps for the token of a service connection.
    pub(super) fn azure_devops(url: &str, token: Secret, connection: String) -> Result<Self, Unusable> {
        let url = secure(url).map_err(Unusable::IssuerAddress)?;
        Ok(IdToken::AzureDevOps { url, token, connection })
    }

    /// Returns the issuer's token.
    pub(super) async fn obtain(&self, sender: &Sender) -> Result<Secret, NoToken> {
        match self {
            IdToken::Given(token) => Ok(token.clone()),
            IdToken::File(path) => read(path).await,
            IdToken::GitHub { url, token } => {
                let mut url = url.clone();
                url.query_pairs_mut().append_pair("audience", AUDIENCE);
                ask(Method::Get, url, token, "value", sender).await
            }
            IdToken::AzureDevOps { url, token, connection } => {
                let mut url = url.clone();
                url.query_pairs_mut()
                    .append_pair("api-version", "7.1")
                    .append_pair("serviceConnectionId", connection);
                ask(Method::Post, url, token, "oidcToken", sender).await
            }
        }
    }
}

async fn read(path: &PathBuf) -> Result<Secret, NoToken> {
    let shown = path.display().to_string();
    let text = tokio::fs::read_to_string(path).await;
    let text = text.map_err(|error| NoToken::Unreadable { path: shown.clone(), cause: error.to_string() })?;
    match text.trim() {
        "" => Err(NoToken::Empty(shown)),
        token => Ok(Secret::new(token.to_owned())),
    }
}

async fn ask(
    method: Method,
    url: Url,
    token: &Secret,
    field: &'static str,
    sender: &Sender,
) -> Result<Secret, NoToken> {
    let mut question = Outgoing::to_service(method, url);
    question.insert_header("authorization", format!("Bearer {}", token.secret()));
    if method == Method::Post {
        question.insert_header("content-type", "application/json");
        // Without it Azure DevOps answers a wrong token with a page to sign in.
        question.insert_header("x-tfs-fedauthredirect", "Suppress");
    }
    question.secrets.push(token.clone());
    let answer = exchange::ask(sender, &question).await.map_err(NoToken::Call)?;
    let found = answer.get(field).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    found.map(|text| Secret::new(text.to_owned())).ok_or(NoToken::Lacks(field))
}
