//! The bearer token of a client: obtained once, kept, renewed before it expires.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::arm::error::Error;
use crate::arm::error::sign_in::{NoToken, SignInError};
use crate::arm::text::plain;
use crate::clock;

/// A token is renewed this long before it expires.
const EARLY: Duration = Duration::from_secs(300);

/// A way to sign in.
#[async_trait]
pub trait Credential: fmt::Debug + Send + Sync {
    /// Obtains a token for a scope such as `https://management.azure.com/.default`, each time anew.
    ///
    /// # Errors
    ///
    /// Why there is none, in the service's words.
    async fn token(&self, scope: &str) -> Result<AccessToken, SignInError>;

    /// Returns why the token that is being obtained is not there yet; `None` when nothing is known of it.
    ///
    /// For those whose time is up before [`Credential::token`] gives up.
    fn delay(&self) -> Option<SignInError> {
        None
    }
}

/// A bearer token, and when it expires by this machine's clock.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// What goes behind `Bearer`.
    pub secret: Secret,
    /// When it is of no use any more.
    pub expires: Timestamp,
}

/// Who signed in, as the token says. It is shown and never trusted: nobody checked its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The user's name, or the client id of an application.
    pub name: String,
    /// The object id, which a role is assigned to.
    pub object: String,
    /// The tenant.
    pub tenant: String,
}

impl Identity {
    /// Reads the claims of a token of Entra ID; `None` of another one.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        let text = |name: &str| claims[name].as_str().map(|text| plain(text, LONGEST_CLAIM));
        let name = ["upn", "unique_name", "appid", "azp"].into_iter().find_map(text)?;
        Some(Identity {
            name,
            object: text("oid").unwrap_or_default(),
            tenant: text("tid").unwrap_or_default(),
        })
    }
}

/// The characters of a claim that are shown.
const LONGEST_CLAIM: usize = 200;

/// Keeps one token for one scope; concurrent callers share one request for it.
pub struct Tokens {
    credential: Arc<dyn Credential>,
    scope: String,
    kept: Mutex<Option<Kept>>,
    /// How often it failed, and why the last time.
    failed: watch::Sender<(u64, Option<SignInError>)>,
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
    pub fn new(credential: Arc<dyn Credential>, scope: String) -> Self {
        Tokens { credential, scope, kept: Mutex::default(), failed: watch::Sender::default() }
    }

    /// Returns a token that is good for a while.
    ///
    /// A token that could not be renewed is used as long as it is valid.
    ///
    /// # Errors
    ///
    /// [`Error::SignIn`] with the credential's own reason.
    pub async fn bearer(&self) -> Result<Secret, Error> {
        let before = self.failed.borrow().0;
        let mut kept = self.kept.lock().await;
        if let Some(error) = self.failed_since(before) {
            return Err(error);
        }
        let now = Instant::now();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.renew_at) {
            return Ok(kept.token.clone());
        }
        match (self.credential.token(&self.scope).await, kept.as_ref()) {
            (Ok(fresh), _) => Ok(kept.insert(keep(fresh)).token.clone()),
            (Err(error), Some(old)) if now < old.expires_at => {
                tracing::debug!(%error, "the token could not be renewed yet");
                Ok(old.token.clone())
            }
            (Err(error), _) => {
                self.failed.send_modify(|(count, last)| (*count, *last) = (*count + 1, Some(error.clone())));
                Err(Error::SignIn(Box::new(error)))
            }
        }
    }

    /// Returns the failure of another caller whom this one has waited for: the same would not help it either.
    fn failed_since(&self, before: u64) -> Option<Error> {
        let failed = self.failed.borrow();
        let last = failed.1.as_ref().filter(|_| failed.0 > before)?;
        Some(Error::SignIn(Box::new(last.clone())))
    }

    /// Returns why there is no token yet, as far as that is known.
    #[must_use]
    pub fn delay(&self) -> Option<SignInError> {
        self.credential.delay()
    }

    /// Forgets a token that Azure refused, unless somebody else has replaced it already.
    pub async fn forget(&self, refused: &Secret) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.token == *refused) {
            *kept = None;
        }
    }
}

/// Checks that a token can stand in a header: visible ASCII, as RFC 6750 has it.
///
/// # Errors
///
/// `""`, `"two words"`, a line break, which would end the header and begin another.
pub fn check_token(token: &str) -> Result<Secret, NoToken> {
    if !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(Secret::new(token.to_owned()));
    }
    Err(NoToken::Unsendable)
}

/// The credential measures expiry by this machine's clock, so that clock tells how long the token lives.
fn keep(token: AccessToken) -> Kept {
    let lives = token.expires.duration_since(clock::now());
    let lives = lives.clamp(SignedDuration::ZERO, SignedDuration::from_hours(48)).unsigned_abs();
    let now = Instant::now();
    // Half its life, for a token that lives less than ten minutes: else each call would ask for another.
    let renew_at = now + lives.saturating_sub(EARLY).max(lives / 2);
    Kept { token: token.secret, renew_at, expires_at: now + lives }
}
