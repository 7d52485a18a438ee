//! Why there is no token: each way to sign in, and why it gives none.

use std::fmt;
use std::time::Duration;

use crate::arm::address::Insecure;
use crate::arm::error::{Error, brief};

/// A way to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A token that was given.
    Given,
    /// An application with its certificate.
    Certificate,
    /// An application with its secret.
    Secret,
    /// An application with the token of a trusted issuer.
    OpenId,
    /// An application with the token of its pod.
    WorkloadIdentity,
    /// The identity of the machine.
    ManagedIdentity,
    /// The login of a person.
    Cli,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Given => "Given token",
            Way::Certificate => "Client certificate",
            Way::Secret => "Client secret",
            Way::OpenId => "OpenID Connect",
            Way::WorkloadIdentity => "AKS workload identity",
            Way::ManagedIdentity => "Managed identity",
            Way::Cli => "Azure CLI",
        })
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInError {
    /// The way that was tried and why it failed; `None` when none is configured.
    pub tried: Option<(Way, NoToken)>,
    /// The other ways, and why they were not tried.
    pub others: Vec<(Way, Unused)>,
}

impl std::error::Error for SignInError {}

impl fmt::Display for SignInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.tried {
            Some((way, reason)) => write!(f, "No access token for Azure: {way}: {reason}."),
            None => write!(f, "No way to sign in to Azure is configured."),
        }
    }
}

/// Why a way to sign in is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unused {
    /// It is not switched on, or was switched off.
    Off(Switch),
    /// What it needs is not set.
    Unset(Vec<Setting>),
    /// No source of the issuer's token is set.
    NoIdToken,
    /// The pod has not been given what it needs.
    NoWorkload,
    /// Another way goes first.
    After(Way),
}

/// What switches a way to sign in on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// OpenID Connect, off by default.
    OpenId,
    /// The identity of a pod, off by default.
    WorkloadIdentity,
    /// The identity of the machine, off by default.
    ManagedIdentity,
    /// The login of the Azure CLI, on by default.
    Cli,
}

/// What a way to sign in needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The tenant's id.
    TenantId,
    /// The application's id.
    ClientId,
    /// The application's secret.
    ClientSecret,
    /// The application's certificate.
    ClientCertificate,
}

/// Why the way that is configured gave no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// A token service or metadata service did not answer, or refused.
    #[error("{}", brief(.0))]
    Call(Box<Error>),
    /// The answer lacks a field.
    #[error("the answer of the token service lacks {0}")]
    Lacks(&'static str),
    /// The file with the issuer's token cannot be read.
    #[error("the token file {path} cannot be read ({cause})")]
    Unreadable {
        /// Where it is.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// The file with the issuer's token is empty.
    #[error("the token file {0} is empty")]
    Empty(String),
    /// The key of the certificate signs nothing.
    #[error("its private key cannot sign")]
    CannotSign,
    /// The token cannot stand in a header.
    #[error("the token cannot be sent: it is empty, or holds a character that no header may hold")]
    Unsendable,
    /// The Azure CLI gave none.
    #[error(transparent)]
    Az(#[from] AzError),
}

/// Why the Azure CLI gave no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AzError {
    /// There is none on this machine.
    #[error("az not found on PATH")]
    NotFound,
    /// It cannot be started, in the system's words.
    #[error("`az` cannot be started ({0})")]
    NotStarted(String),
    /// How it ended cannot be learnt, in the system's words.
    #[error("`az` was lost ({0})")]
    Lost(String),
    /// It did not answer in time.
    #[error("`az` did not answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// It has not answered yet.
    #[error("`az` has not answered for {} s", .0.as_secs())]
    NotYet(Duration),
    /// Its output cannot be read, in the system's words.
    #[error("the output of `az` cannot be read ({0})")]
    Unreadable(String),
    /// It wrote more KiB than that.
    #[error("`az` wrote more than {0} KiB")]
    TooMuch(u64),
    /// What it said when it failed, without a full stop.
    #[error("{0}")]
    Said(String),
    /// It failed with that exit code and without a word.
    #[error("`az` ended with exit code {0} and said nothing")]
    Ended(i32),
    /// A signal ended it.
    #[error("`az` was ended by a signal")]
    Killed,
    /// Its answer is no JSON.
    #[error("`az` gave no token: {0}")]
    NotJson(String),
    /// Its answer lacks a field.
    #[error("the answer of `az` lacks {0}")]
    Lacks(&'static str),
}

/// What is wrong with a way to sign in that is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The address of the service that gives tokens.
    #[error(transparent)]
    Address(#[from] Insecure),
    /// The address of the service that gives the issuer's token.
    #[error("the issuer's token service: {0}")]
    IssuerAddress(Insecure),
    /// The tenant.
    #[error("\"{0}\" is not a tenant")]
    Tenant(String),
    /// The tenant or subscription of the Azure CLI.
    #[error("{0:?} is neither a tenant nor a subscription")]
    Account(String),
    /// The certificate's file cannot be read.
    #[error("{path} cannot be read ({cause})")]
    Unreadable {
        /// Where it is.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// The certificate that stands in the configuration is not base64.
    #[error("the client certificate is not base64")]
    NotBase64,
    /// The certificate.
    #[error("{}: {flaw}", path.as_deref().unwrap_or("the client certificate"))]
    Certificate {
        /// Its file; `None` where it stands in the configuration.
        path: Option<String>,
        /// What is wrong with it.
        flaw: CertificateFlaw,
    },
}

/// What is wrong with a certificate or its key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFlaw {
    /// Neither PEM nor PFX, in the words of who tried to read it.
    #[error("it is neither PEM nor a PFX that can be read ({0})")]
    Unknown(String),
    /// There is no certificate beside the key.
    #[error("it holds a private key and no certificate")]
    NoCertificate,
    /// A certificate cannot be decoded.
    #[error("it holds a broken certificate")]
    BrokenCertificate,
    /// There is no key.
    #[error("it holds no private key")]
    NoKey,
    /// The key cannot be decoded.
    #[error("its private key is broken")]
    BrokenKey,
    /// The key is encrypted, and no password was given.
    #[error("its private key is encrypted")]
    Encrypted,
    /// The key is encrypted in a way that is not read.
    #[error("its private key is encrypted in an old way")]
    OldEncryption,
    /// The password is another one.
    #[error("its password is wrong")]
    WrongPassword,
    /// The key is that of another certificate.
    #[error("its private key belongs to none of its certificates")]
    ForeignKey,
    /// The key is none that Entra takes.
    #[error("its private key is not an RSA key of 2048 to 8192 bits, which Entra needs")]
    NotRsa,
}
