//! The way to sign in that was chosen, and what is said of all ways when it fails.

use std::fmt;

use async_trait::async_trait;

use crate::arm::credential::application::Application;
use crate::arm::credential::cli::CliLogin;
use crate::arm::credential::managed_identity::ManagedIdentity;
use crate::arm::error::sign_in::{NoToken, SignInError, Unused, Way};
use crate::arm::send::Sender;
use crate::arm::token::{AccessToken, Credential};

/// Who signs in.
#[derive(Debug)]
pub(super) enum Principal {
    /// A service principal.
    Application(Application),
    /// The identity of the machine.
    ManagedIdentity(ManagedIdentity),
    /// The login of a person.
    Cli(CliLogin),
}

/// Signs in, each time anew: who keeps tokens is [`Tokens`](crate::arm::token::Tokens).
pub(super) struct SignIn {
    pub(super) way: Way,
    pub(super) principal: Principal,
    /// The other ways, and why they are not used.
    pub(super) others: Vec<(Way, Unused)>,
    pub(super) sender: Sender,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.way, self.principal)
    }
}

#[async_trait]
impl Credential for SignIn {
    async fn token(&self, scope: &str) -> Result<AccessToken, SignInError> {
        let token = match &self.principal {
            Principal::Application(application) => application.token(scope, &self.sender).await,
            Principal::ManagedIdentity(identity) => identity.token(scope, &self.sender).await,
            Principal::Cli(login) => login.token(scope).await,
        };
        token.map_err(|reason| self.error(reason))
    }

    fn delay(&self) -> Option<SignInError> {
        let reason = match &self.principal {
            Principal::Cli(login) => login.delay().map(NoToken::Az),
            _ => self.sender.delay().map(|error| NoToken::Call(Box::new(error))),
        };
        reason.map(|reason| self.error(reason))
    }
}

impl SignIn {
    fn error(&self, reason: NoToken) -> SignInError {
        SignInError { tried: Some((self.way, reason)), others: self.others.clone() }
    }
}
