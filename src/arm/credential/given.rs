//! An access token that was given.

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use jiff::{Timestamp, ToSpan};

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

#[async_trait::async_trait]
impl TokenCredential for StaticToken {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        // When it really expires is not known; Azure's 401 will tell.
        let later = clock::now().saturating_add(24.hours()).unwrap_or(Timestamp::MAX);
        let expires = time::OffsetDateTime::from_unix_timestamp(later.as_second());
        Ok(AccessToken::new(self.token.clone(), expires.unwrap_or(time::OffsetDateTime::UNIX_EPOCH)))
    }
}
