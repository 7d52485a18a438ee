//! An application that signs in: with its secret, its certificate, or a token of a trusted issuer.

use std::fmt;
use std::time::Duration;

use azure_core::credentials::{AccessToken, Secret};
use azure_core::http::{HttpClient, Method, Url};

use super::certificate::Certificate;
use super::federated::IdToken;
use super::sign_in::token_of;
use crate::arm::exchange::{Question, form, secure};

/// RFC 7523: the client proves who it is with a signed token.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
    pub(super) fn new(authority: &str, tenant: &str, client: &str, proof: Proof) -> Result<Self, String> {
        let named = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if !tenant.chars().all(named) {
            return Err(format!(
                "\"{tenant}\" is not a tenant; write its id, e.g. \"72f988bf-86f1-41af-91ab-2d7cd011db47\", or its domain"
            ));
        }
        let mut endpoint = secure(authority)?;
        let base = endpoint.path().trim_end_matches('/').to_owned();
        endpoint.set_path(&format!("{base}/{tenant}/oauth2/v2.0/token"));
        endpoint.set_query(None);
        Ok(Application { client: client.to_owned(), endpoint, proof })
    }

    /// Asks Entra ID for a token.
    pub(super) async fn token(&self, scope: &str, transport: &dyn HttpClient) -> Result<AccessToken, String> {
        let (field, proof) = self.prove(transport).await?;
        let mut fields = vec![
            ("client_id", self.client.as_str()),
            (field, proof.secret()),
            ("grant_type", "client_credentials"),
            ("scope", scope),
        ];
        if field == "client_assertion" {
            fields.push(("client_assertion_type", JWT_BEARER));
        }
        let mut question = Question::new(Method::Post, self.endpoint.clone());
        question.patience = Duration::from_secs(60);
        question.request.insert_header("content-type", "application/x-www-form-urlencoded");
        question.request.set_body(form(&fields));
        question.secrets.push(proof.clone());
        let answer = question.ask(transport).await.map_err(|error| advised(&error))?;
        token_of(&answer)
    }

    async fn prove(&self, transport: &dyn HttpClient) -> Result<(&'static str, Secret), String> {
        match &self.proof {
            Proof::Secret(secret) => Ok(("client_secret", secret.clone())),
            Proof::Certificate(certificate) => {
                let signed = certificate.assertion(&self.client, self.endpoint.as_str())?;
                Ok(("client_assertion", signed))
            }
            Proof::Federated(source) => Ok(("client_assertion", source.obtain(transport).await?)),
        }
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application {} at {}", self.client, self.endpoint)
    }
}

/// What to do about Entra's codes; from <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const ADVICE: [(&str, &str); 11] = [
    (
        "AADSTS7000215",
        "client_secret (ARM_CLIENT_SECRET) is not a secret of this application; take the secret's value, not its id",
    ),
    ("AADSTS7000222", "the client secret has expired; create a new one"),
    (
        "AADSTS700016",
        "client_id (ARM_CLIENT_ID) is not an application of tenant_id (ARM_TENANT_ID); check both",
    ),
    ("AADSTS90002", "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment"),
    ("AADSTS900023", "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment"),
    (
        "AADSTS700027",
        "the certificate is not one of this application, or has expired; upload its public part to the application",
    ),
    ("AADSTS700024", "the assertion has expired or is not valid yet; check this machine's clock"),
    (
        "AADSTS70021",
        "no federated credential of the application fits issuer, subject and audience of the token; add one",
    ),
    ("AADSTS700213", "no federated credential of the application fits the subject of the token; add one"),
    (
        "AADSTS900382",
        "the tenant is in another cloud; check environment (ARM_ENVIRONMENT) and authority_host",
    ),
    ("AADSTS500011", "this tenant does not know the audience; check audience and environment"),
];

fn advised(refusal: &str) -> String {
    // A code ends with a colon: AADSTS700021 is not AADSTS70002.
    let advice = ADVICE.iter().find(|(code, _)| refusal.contains(&format!("{code}:")));
    match advice {
        Some((_, advice)) => format!("{refusal} ({advice})"),
        None => refusal.to_owned(),
    }
}
