//! Questions to token services and metadata services, and the tokens in their answers.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::arm::error::Error;
use crate::arm::send::{Sender, Terms};
use crate::arm::token::{AccessToken, check_token};
use crate::arm::wire::Outgoing;
use crate::clock;

/// Asks until there is an answer that is JSON.
///
/// # Errors
///
/// What was answered last, without a full stop: `POST https://login.microsoftonline.com/t/oauth2/v2.0/token
/// answered 401: AADSTS7000215: Invalid client secret provided`.
pub(super) async fn ask(sender: &Sender, question: &Outgoing) -> Result<Value, String> {
    let received = sender.send(question, &Terms::default()).await.map_err(|error| reason(&error))?;
    let call = received.call.clone();
    received.json().map_err(|flaw| format!("{call} got an answer that cannot be understood: {flaw}"))
}

/// Says what a question waits for at the moment, as [`ask`] says why it failed.
pub(super) fn delay(sender: &Sender) -> Option<String> {
    sender.delay().map(|error| reason(&error))
}

/// Says an error without what is plain where it is shown; the call names the host already.
fn reason(error: &Error) -> String {
    if let Some(refusal) = error.refusal() {
        return refusal.to_string();
    }
    match error {
        Error::Unreachable { call, cause, .. } => format!("{call} got no answer: {cause}"),
        other => other.to_string().trim_end_matches('.').to_owned(),
    }
}

/// Encodes a form, e.g. `grant_type=client_credentials&scope=https%3A%2F%2F…`.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Reads the token of Entra ID or of a metadata service, which write its expiry as a number or a text,
/// as an instant (`expires_on`, Unix time) or as a duration from now (`expires_in`).
pub(super) fn token_of(answer: &Value) -> Result<AccessToken, String> {
    let token = answer.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or("the answer of the token service lacks access_token")?;
    let secret =
        check_token(token).map_err(|why| format!("the token of the token service cannot be sent: {why}"))?;
    let number = |field: &str| {
        let value = answer.get(field)?;
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    let lives = number("expires_in")
        .and_then(|seconds| clock::now().checked_add(SignedDuration::from_secs(seconds)).ok());
    let expires = lives.or_else(|| Timestamp::from_second(number("expires_on")?).ok());
    let expires = expires.ok_or("the answer of the token service lacks expires_in")?;
    Ok(AccessToken { secret, expires })
}
