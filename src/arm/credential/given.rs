//! An access token that was given.

use async_trait::async_trait;
use azure_core::credentials::Secret;
use jiff::{Timestamp, ToSpan};

use crate::arm::error::sign_in::{SignInError, Way};
use crate::arm::token::{AccessToken, Credential, check_token};
use crate::clock;

/// An access token that was given, used until Azure refuses it.
#[derive(Debug)]
pub struct StaticToken {
    token: Secret,
}

impl StaticToken {
    /// Takes the token.
    #[must_use]
    pub fn new(token: impl Into<Secret>) -> Self {
        StaticToken { token: token.into() }
    }
}

#[async_trait]
impl Credential for StaticToken {
    async fn token(&self, _: &str) -> Result<AccessToken, SignInError> {
        let secret = check_token(self.token.secret())
            .map_err(|reason| SignInError { tried: Some((Way::Given, reason)), others: Vec::new() })?;
        // When it really expires is not known; Azure's 401 will tell.
        let later = clock::now().saturating_add(24.hours()).unwrap_or(Timestamp::MAX);
        Ok(AccessToken { secret, expires: later })
    }
}
