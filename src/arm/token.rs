//! The bearer token of a client: obtained once, kept, renewed before it expires.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::credential::Report;
use super::error::{Error, causes};
use crate::clock;

/// A token is renewed this long before it expires.
const EARLY: Duration = Duration::from_secs(300);

/// Keeps one token for one scope; concurrent callers share one request for it.
pub struct Tokens {
    credential: Arc<dyn TokenCredential>,
    scope: String,
    kept: Mutex<Option<Kept>>,
}

/// A token, and when to replace it.
#[derive(Clone)]
struct Kept {
    token: Secret,
    renew_at: Instant,
    expires_at: Instant,
}

impl Tokens {
    /// Keeps the tokens of a credential for a scope such as `https://management.azure.com/.default`.
    #[must_use]
    pub fn new(credential: Arc<dyn TokenCredential>, scope: String) -> Self {
        Tokens { credential, scope, kept: Mutex::new(None) }
    }

    /// Returns a token that is good for a while.
    ///
    /// A token that could not be renewed is used as long as it is valid.
    ///
    /// # Errors
    ///
    /// The credential's own reason, with its causes.
    pub async fn bearer(&self) -> Result<Secret, Error> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.renew_at) {
            return Ok(kept.token.clone());
        }
        match (self.obtain().await, kept.as_ref()) {
            (Ok(fresh), _) => Ok(kept.insert(fresh).token.clone()),
            (Err(error), Some(old)) if now < old.expires_at => {
                tracing::debug!(%error, "the token could not be renewed yet");
                Ok(old.token.clone())
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Forgets a token that Azure refused, unless somebody else has replaced it already.
    pub async fn forget(&self, refused: &Secret) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.token == *refused) {
            *kept = None;
        }
    }

    async fn obtain(&self) -> Result<Kept, Error> {
        let token = self.credential.get_token(&[&self.scope], None).await;
        let token = token.map_err(|error| match error.downcast_ref::<Report>() {
            Some(report) => Error::Credential(report.to_string()),
            None => {
                let cause = causes(&error);
                Error::Credential(format!("No access token for Azure: {}.", cause.trim_end_matches('.')))
            }
        })?;
        Ok(keep(token))
    }
}

/// The credential measures expiry by this machine's clock, so that clock tells how long the token lives.
fn keep(token: AccessToken) -> Kept {
    let expires = Timestamp::from_second(token.expires_on.unix_timestamp()).unwrap_or(Timestamp::MAX);
    let lives =
        expires.duration_since(clock::now()).clamp(SignedDuration::ZERO, SignedDuration::from_hours(48));
    let lives = lives.unsigned_abs();
    let now = Instant::now();
    // Half its life, for a token that lives less than ten minutes: else each call would ask for another.
    let renew_at = now + lives.saturating_sub(EARLY).max(lives / 2);
    Kept { token: token.token, renew_at, expires_at: now + lives }
}
