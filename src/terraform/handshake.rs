//! The conversation before the first RPC: variables in, one line out.
//!
//! Terraform starts the binary without arguments and describes itself in the environment. The
//! answer is a single line on stdout, the first and the last thing ever written there:
//!
//! ```text
//! 1|6|unix|/tmp/pluginAbC123/s|grpc|MIIBxz…
//! ```

use std::ops::RangeInclusive;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use thiserror::Error;

/// What proves that it is Terraform (or OpenTofu) that started us, and not a person.
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The version of the provider protocol that we speak.
pub const PROTOCOL: u32 = 6;

/// What the host told about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its certificate. None means: speak plainly (`TF_DISABLE_PLUGIN_TLS`, debuggers).
    pub certificate: Option<CertificateDer<'static>>,
    /// The folder for our socket; none means the system's.
    pub socket_folder: Option<PathBuf>,
    /// The group that may use our socket, by name or number.
    pub socket_group: Option<String>,
    /// The ports we may listen on where there are no unix sockets.
    pub ports: RangeInclusive<u16>,
    /// Whether it reads a seventh field. Older hosts choke on one.
    pub multiplexes: bool,
}

/// Why there will be no conversation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A person ran the binary.
    #[error(
        "This is a Terraform provider: Terraform starts it, people do not.\n\
         Name it in `required_providers` and run `terraform init`, or run this binary with --help."
    )]
    NotTerraform,
    /// The host is too old.
    #[error(
        "Terraform offered the plugin protocols {0}, this provider speaks {PROTOCOL}. \
         Use Terraform 1.0 or newer, or any OpenTofu."
    )]
    Protocol(String),
    /// The host's certificate is unreadable.
    #[error(
        "PLUGIN_CLIENT_CERT holds no certificate in PEM ({0}). Terraform sets it; do not set it yourself."
    )]
    Certificate(String),
    /// The host's ports are unreadable.
    #[error("{0} is {1:?}, not a port; Terraform sets it to a number such as 10000.")]
    Port(&'static str, String),
}

/// Reads what the host says of itself in the environment.
///
/// # Errors
///
/// Without the cookie; with `PLUGIN_PROTOCOL_VERSIONS=4,5`; with a certificate that is not PEM; with
/// `PLUGIN_MIN_PORT=many`.
pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Host, Refusal> {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if variable(COOKIE.0).as_deref() != Some(COOKIE.1) {
        return Err(Refusal::NotTerraform);
    }
    check_protocol(variable("PLUGIN_PROTOCOL_VERSIONS"))?;
    let port = |name, default| port(name, variable(name), default);
    Ok(Host {
        certificate: variable("PLUGIN_CLIENT_CERT").map(|pem| certificate(&pem)).transpose()?,
        socket_folder: variable("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
        socket_group: variable("PLUGIN_UNIX_SOCKET_GROUP"),
        ports: port("PLUGIN_MIN_PORT", 0)?..=port("PLUGIN_MAX_PORT", 0)?,
        multiplexes: variable("PLUGIN_MULTIPLEX_GRPC").is_some(),
    })
}

/// The list comes in any order (`5,6` or `6,5`); what is not a number in it is ignored.
fn check_protocol(offered: Option<String>) -> Result<(), Refusal> {
    let speaks = |list: &String| list.split(',').any(|version| version.trim().parse() == Ok(PROTOCOL));
    match offered {
        Some(list) if !speaks(&list) => Err(Refusal::Protocol(list)),
        _ => Ok(()),
    }
}

fn certificate(pem: &str) -> Result<CertificateDer<'static>, Refusal> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| Refusal::Certificate(error.to_string()))
}

fn port(name: &'static str, value: Option<String>, default: u16) -> Result<u16, Refusal> {
    let Some(value) = value else { return Ok(default) };
    value.parse().map_err(|_| Refusal::Port(name, value))
}

impl Host {
    /// Returns the one line: where we listen, and the certificate to expect there.
    ///
    /// The certificate is base64 *without* padding; with padding Terraform gives up. It is empty,
    /// and its separator stays, when there is none.
    #[must_use]
    pub fn line(&self, network: &str, address: &str, certificate: Option<&[u8]>) -> String {
        let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
        let multiplex = if self.multiplexes { "|false" } else { "" };
        format!("1|{PROTOCOL}|{network}|{address}|grpc|{certificate}{multiplex}\n")
    }
}
