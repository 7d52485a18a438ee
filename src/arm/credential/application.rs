//! An application that signs in: with its secret, its certificate, or a token of a trusted issuer.

use std::fmt;
use std::time::Duration;

use azure_core::credentials::Secret;
use azure_core::http::{Method, Url};

use crate::arm::address::secure;
use crate::arm::credential::certificate::Certificate;
use crate::arm::credential::federated::IdToken;
use crate::arm::error::sign_in::{NoToken, Unusable};
use crate::arm::exchange::{ask, form, token_of};
use crate::arm::send::Sender;
use crate::arm::token::AccessToken;
use crate::arm::wire::Outgoing;

/// RFC 7523: the client proves who it is with a signed token.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// One attempt: Entra answers within a second, and a connection that has died is made anew while somebody waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// An application of a tenant.
pub(super) struct Application {
    client: String,
    /// `{authority}/{tenant}/oauth2/v2.0/token`
    endpoint: Url,
    proof: Proof,
}

/// How an application proves who it is.
pub(super) enum Proof {
    /// It knows a secret.
    Secret(Secret),
    /// It holds a private key.
    Certificate(Box<Certificate>),
    /// An issuer that Entra trusts says so.
    Federated(IdToken),
}

impl Application {
    /// Checks the texts now, so that a typing error is an error of the configuration.
    pub(super) fn new(authority: &str, tenant: &str, client: &str, proof: Proof) -> Result<Self, Unusable> {
        let named = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if !tenant.chars().all(named) {
            return Err(Unusable::Tenant(tenant.to_owned()));
        }
        let mut endpoint = secure(authority)?;
        let base = endpoint.path().trim_end_matches('/').to_owned();
        endpoint.set_path(&format!("{base}/{tenant}/oauth2/v2.0/token"));
        endpoint.set_query(None);
        Ok(Application { client: client.to_owned(), endpoint, proof })
    }

    /// Asks Entra ID for a token.
    pub(super) async fn token(&self, scope: &str, sender: &Sender) -> Result<AccessToken, NoToken> {
        let (field, proof) = self.prove(sender).await?;
        let mut fields = vec![
            ("client_id", self.client.as_str()),
            (field, proof.secret()),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ];
        if field == "client_assertion" {
            fields.push(("client_assertion_type", JWT_BEARER));
        }
        let mut question = Outgoing::to_service(Method::Post, self.endpoint.clone());
        question.patience = PATIENCE;
        question.insert_header("content-type", "application/x-www-form-urlencoded");
        question.body = form(&fields).into_bytes();
        question.secrets.push(proof.clone());
        token_of(&ask(sender, &question).await.map_err(NoToken::Call)?)
    }

    async fn prove(&self, sender: &Sender) -> Result<(&'static str, Secret), NoToken> {
        match &self.proof {
            Proof::Secret(secret) => Ok(("client_secret", secret.clone())),
            Proof::Certificate(certificate) => {
                let signed = certificate.assertion(&self.client, self.endpoint.as_str())?;
                Ok(("client_assertion", signed))
            }
            Proof::Federated(source) => Ok(("client_assertion", source.obtain(sender).await?)),
        }
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application {} at {}", self.client, self.endpoint)
    }
}
