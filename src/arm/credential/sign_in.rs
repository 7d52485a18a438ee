//! The way to sign in that was chosen, and what is said of all ways when it fails.

use std::fmt::{self, Write};
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::HttpClient;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::application::Application;
use super::cli::CliLogin;
use super::managed_identity::ManagedIdentity;
use crate::clock;

/// A way to sign in.
#[derive(Debug)]
pub(super) enum Method {
    /// A service principal.
    Application(Application),
    /// The identity of the machine.
    ManagedIdentity(ManagedIdentity),
    /// The login of a person.
    Cli(CliLogin),
}

/// Signs in, each time anew: who keeps tokens is [`Tokens`](crate::arm::token::Tokens).
pub(super) struct SignIn {
    pub(super) name: &'static str,
    pub(super) method: Method,
    /// The other ways, and why they are not used.
    pub(super) others: Vec<(&'static str, String)>,
    pub(super) transport: Arc<dyn HttpClient>,
}

/// Why there is no token: a line for each way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Report(String);

impl Report {
    fn failed(name: &str, reason: &str, others: &[(&str, String)]) -> Self {
        let mut text = format!("No access token for Azure. {name} is configured, and failed:\n");
        line(&mut text, name, reason);
        text.push_str("The other ways to sign in:\n");
        others.iter().for_each(|(name, reason)| line(&mut text, name, reason));
        Report(text.trim_end().to_owned())
    }

    /// Says what every way lacks.
    pub(super) fn nothing(others: &[(&str, String)]) -> String {
        let mut text = "No way to sign in to Azure is configured:\n".to_owned();
        others.iter().for_each(|(name, reason)| line(&mut text, name, reason));
        text.push_str(
            "Set what one of them needs, e.g. ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or ARM_USE_CLI=true and run `az login`.",
        );
        text
    }
}

/// Terraform leaves lines alone that begin with a space.
fn line(text: &mut String, name: &str, reason: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "  {name}: {}.", reason.trim_end_matches('.'));
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.method)
    }
}

#[async_trait]
impl TokenCredential for SignIn {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let (scope, transport) = (scopes.first().copied().unwrap_or_default(), self.transport.as_ref());
        let token = match &self.method {
            Method::Application(application) => application.token(scope, transport).await,
            Method::ManagedIdentity(identity) => identity.token(scope, transport).await,
            Method::Cli(login) => login.token(scope).await,
        };
        token.map_err(|reason| {
            let report = Report::failed(self.name, &reason, &self.others);
            azure_core::Error::new(ErrorKind::Credential, report)
        })
    }
}

/// Reads the token of Entra ID or of a metadata service, which write its expiry as a number or a text,
/// as an instant (`expires_on`, Unix time) or as a duration from now (`expires_in`).
pub(super) fn token_of(answer: &Value) -> Result<AccessToken, String> {
    let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or("the answer of the token service lacks access_token")?;
    let number = |field: &str| {
        let value = answer.get(field)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    let lives = number("expires_in")
        .and_then(|seconds| clock::now().checked_add(SignedDuration::from_secs(seconds)).ok());
    let expires = lives.or_else(|| Timestamp::from_second(number("expires_on")?).ok());
    let expires = expires.ok_or("the answer of the token service lacks expires_in")?;
    let expires = time::OffsetDateTime::from_unix_timestamp(expires.as_second());
    let expires = expires.map_err(|_| "the token of the token service never expires".to_owned())?;
    Ok(AccessToken::new(token.to_owned(), expires))
}
