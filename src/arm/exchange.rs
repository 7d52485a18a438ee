//! Questions to token services and metadata services, and the tokens in their answers.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::arm::error::Error;
use crate::arm::error::sign_in::NoToken;
use crate::arm::send::{Sender, Terms};
use crate::arm::token::{AccessToken, check_token};
use crate::arm::wire::Outgoing;
use crate::clock;

/// Asks until there is an answer that is JSON.
///
/// # Errors
///
/// What was answered last; [`Error::Malformed`] for a page of a proxy.
pub(super) async fn ask(sender: &Sender, question: &Outgoing) -> Result<Value, Box<Error>> {
    let received = sender.send(question, &Terms::default()).await?;
    let call = received.call.clone();
    Ok(received.json().map_err(|flaw| Error::Malformed { call, flaw })?)
}

/// Encodes a form, e.g. `grant_type=client_credentials&scope=https%3A%2F%2F…`.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Reads the token of Entra ID or of a metadata service, which write its expiry as a number or a text,
/// as an instant (`expires_on`, Unix time) or as a duration from now (`expires_in`).
pub(super) fn token_of(answer: &Value) -> Result<AccessToken, NoToken> {
    let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or(NoToken::Lacks("access_token"))?;
    let secret = check_token(token)?;
    let number = |field: &str| {
        let value = answer.get(field)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    let lives = number("expires_in")
        .and_then(|seconds| clock::now().checked_add(SignedDuration::from_secs(seconds)).ok());
    let expires = lives.or_else(|| Timestamp::from_second(number("expires_on")?).ok());
    let expires = expires.ok_or(NoToken::Lacks("expires_in"))?;
    Ok(AccessToken { secret, expires })
}
