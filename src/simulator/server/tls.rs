//! HTTPS with an authority of the simulator's own: real clients send no token without TLS.

use std::io::Error;
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// How far the clock of a client may be behind ours.
const BACKDATE: time::Duration = time::Duration::hours(1);
/// Longer than a simulator runs.
const VALIDITY: time::Duration = time::Duration::days(30);
/// Under what the simulator is called.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Makes an authority and a certificate for this machine, and writes the authority to a file (PEM).
///
/// # Errors
///
/// A file that cannot be written, for example in a folder that is not there.
pub(super) fn acceptor(ca: &Path) -> Result<TlsAcceptor, Error> {
    let (pem, chain, key) = certificate().map_err(Error::other)?;
    std::fs::write(ca, pem)
        .map_err(|error| Error::new(error.kind(), format!("{} cannot be written: {error}", ca.display())))?;
    let config = configuration(chain, key).map_err(Error::other)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

type Made = (String, Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// Returns the authority as text, the chain and the key of the certificate.
///
/// Clients that verify strictly want the key usages and the identifiers of the keys.
fn certificate() -> Result<Made, rcgen::Error> {
    let mut authority = parameters(vec![])?;
    authority.distinguished_name.push(DnType::CommonName, "terraform-provider-aks simulator");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let root = authority.self_signed(&key)?;
    let issuer = Issuer::new(authority, key);
    let mut leaf = parameters(NAMES.map(str::to_owned).to_vec())?;
    leaf.distinguished_name.push(DnType::CommonName, "localhost");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let chain = vec![leaf.signed_by(&key, &issuer)?.der().clone(), root.der().clone()];
    Ok((root.pem(), chain, PrivateKeyDer::Pkcs8(key.serialize_der().into())))
}

fn parameters(names: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new(names)?;
    let now = time::OffsetDateTime::from_unix_timestamp(crate::clock::now().as_second())
        .map_err(|_| rcgen::Error::Time)?;
    parameters.not_before = now.saturating_sub(BACKDATE);
    parameters.not_after = now.saturating_add(VALIDITY);
    Ok(parameters)
}

fn configuration(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
