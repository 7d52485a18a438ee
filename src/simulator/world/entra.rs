//! Entra ID: where to ask for a token, and the token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::simulator::identifier::{guid, mix};
use crate::simulator::world::account::{TENANT, metadata};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Route;
use crate::simulator::world::{Call, World};

/// The object that every caller is.
pub(super) const OBJECT: &str = "22222222-2222-2222-2222-222222222222";

/// Who a caller is that names no client.
const CLIENT: &str = "33333333-3333-3333-3333-333333333333";

/// What Entra ID calls an hour.
const HOUR: i64 = 3599;

impl World {
    /// Answers what needs no token: the token itself, and where to ask for it.
    pub(super) fn open(&self, call: &Call) -> Option<Result<Reply, Refusal>> {
        let body = match (call.method.as_str(), &call.route) {
            ("POST", Route::Token) => return Some(self.token(call)),
            ("GET", Route::Discovery) => discovery(call),
            ("GET", Route::OpenId { tenant }) => openid(&call.base, tenant),
            ("GET", Route::Keys) => json!({ "keys": [] }),
            ("GET", Route::Metadata) => metadata(call),
            _ => return None,
        };
        Some(Ok(Reply::json(200, body)))
    }

    /// Returns an unsigned token for whoever has the secret.
    fn token(&self, call: &Call) -> Result<Reply, Refusal> {
        let form = String::from_utf8_lossy(&call.body);
        let client = field(&form, "client_id").unwrap_or_else(|| CLIENT.into());
        let right = |secret: &String| field(&form, "client_secret").as_ref() == Some(secret);
        if !self.entra.secret.as_ref().is_none_or(right) {
            return Err(self.wrong_secret(&client));
        }
        let lives = self.entra.token_lives.map_or(HOUR, |lives| lives.as_secs());
        let claims = json!({
            "aud": "https://management.azure.com/", "iss": format!("{}/{TENANT}/v2.0", call.base),
            "tid": TENANT, "oid": OBJECT, "appid": client, "idtyp": "app",
            "iat": self.now.as_second(), "nbf": self.now.as_second(), "exp": self.now.as_second() + lives,
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.simulated", part(json!({ "typ": "JWT", "alg": "none" })), part(claims));
        Ok(Reply::json(
            200,
            json!({ "token_type": "Bearer", "expires_in": lives, "ext_expires_in": lives, "access_token": token }),
        ))
    }

    fn wrong_secret(&self, client: &str) -> Refusal {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
        );
        let at = self.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        Refusal::entra(401, "invalid_client", 7_000_215, &message, &at)
    }

    /// Refuses a token of ours whose time is over; a token of somebody else's has no time.
    pub(super) fn check_expiry(&self, token: &str) -> Result<(), Refusal> {
        if self.entra.token_lives.is_none() {
            return Ok(());
        }
        match expiry(token).filter(|expiry| *expiry < self.now) {
            Some(expiry) => Err(Refusal::expired(&american(expiry), &american(self.now))),
            None => Ok(()),
        }
    }
}

impl Call {
    /// Returns who calls: the application of a token of ours, or what a foreign token is for us.
    pub(super) fn caller(&self) -> String {
        let token = self.bearer.as_deref().unwrap_or_default();
        let client = claims(token).and_then(|claims| Some(claims["appid"].as_str()?.to_owned()));
        client.unwrap_or_else(|| guid(token.bytes().fold(0, |sum, byte| mix(sum ^ u64::from(byte)))))
    }
}

fn expiry(token: &str) -> Option<Timestamp> {
    Timestamp::from_second(claims(token)?["exp"].as_i64()?).ok()
}

fn claims(token: &str) -> Option<Value> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

/// Returns `11/22/2026 9:00:00 AM`, as ARM writes instants in sentences.
fn american(at: Timestamp) -> String {
    at.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string()
}

/// Returns who may name whom: MSAL asks before it trusts an authority.
fn discovery(call: &Call) -> Value {
    let host = call.base.split("://").nth(1).unwrap_or_default();
    json!({
        "tenant_discovery_endpoint": format!("{}/{TENANT}/v2.0/.well-known/openid-configuration", call.base),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    })
}

fn openid(base: &str, tenant: &str) -> Value {
    json!({
        "issuer": format!("{base}/{tenant}/v2.0"),
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

/// Returns a field of a form, decoded.
fn field(form: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(form.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
