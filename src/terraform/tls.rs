//! Mutual TLS with a host that made its certificate a moment ago.
//!
//! go-plugin's certificate is self-signed, ECDSA P-521, and calls itself an authority. Two usual
//! ways fail silently on it: *ring* does not know P-521, so the host sends no certificate at all,
//! and the standard verifier refuses an authority as a client. Whoever then makes client
//! authentication optional has none. So: aws-lc, and a verifier that compares the bytes.

use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use thiserror::Error as ThisError;

/// How far the host's clock may be behind ours.
const BACKDATE: time::Duration = time::Duration::hours(1);
/// Longer than any apply, far shorter than go-plugin's thirty years.
const VALIDITY: time::Duration = time::Duration::days(30);

/// Our certificate and the configuration that presents it.
pub struct Identity {
    /// The certificate, for the handshake line.
    pub certificate: CertificateDer<'static>,
    /// What to accept connections with.
    pub config: Arc<ServerConfig>,
}

/// Why there is no certificate.
#[derive(Debug, ThisError)]
pub enum TlsError {
    /// Making it failed.
    #[error("the provider's certificate could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS refused it.
    #[error("TLS could not be set up: {0}")]
    Tls(#[from] Error),
    /// The clock is beyond what a certificate can hold.
    #[error("the clock reads a time that no certificate can hold: {0}")]
    Clock(#[from] time::error::ComponentRange),
}

impl Identity {
    /// Makes a fresh key and certificate that only this host can talk to.
    ///
    /// P-256, because it is the fastest that Go accepts; for `localhost`, because that is the name
    /// Terraform checks; with HTTP/2 announced, because Terraform 1.12 and newer insist.
    ///
    /// # Errors
    ///
    /// A clock before year -9999 or after 9999, no randomness.
    pub fn for_host(host: CertificateDer<'static>) -> Result<Self, TlsError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
        let leaf = parameters()?.self_signed(&key)?;
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Arc::new(Pinned { host, crypto: Arc::clone(&crypto) });
        let mut config = ServerConfig::builder_with_provider(crypto)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Identity { certificate: leaf.der().clone(), config: Arc::new(config) })
    }
}

fn parameters() -> Result<CertificateParams, TlsError> {
    let now = time::OffsetDateTime::from_unix_timestamp(crate::clock::now().as_second())?;
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()])?;
    parameters.not_before = now.saturating_sub(BACKDATE);
    parameters.not_after = now.saturating_add(VALIDITY);
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(parameters)
}

/// Lets in the holder of one certificate.
#[derive(Debug)]
struct Pinned {
    host: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

/// Presenting a certificate is mandatory: that is the trait's default, and it must stay so.
impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        presented: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if presented.as_ref() == self.host.as_ref() {
            return Ok(ClientCertVerified::assertion());
        }
        Err(Error::General("this is not the certificate of the host that started the provider".into()))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
