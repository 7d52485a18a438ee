//! A client certificate: a PFX or PEM file, and the assertion that its key signs.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PSS_SHA256, RsaKeyPair};
use azure_core::Uuid;
use azure_core::credentials::Secret;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

use crate::arm::error::sign_in::{CertificateFlaw, NoToken, Unusable};
use crate::clock;

/// How long an assertion is good for, as Microsoft's libraries have it.
const LIVES: i64 = 600;

/// A certificate with its RSA key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// SHA-256 of the certificate, by which Entra finds it.
    thumbprint: String,
}

/// Where a certificate is.
pub(super) enum Source {
    /// In a PFX or PEM file.
    File(PathBuf),
    /// In the configuration, as a PFX file in base64.
    Inline(Secret),
}

impl Certificate {
    /// Reads a certificate and its key.
    ///
    /// # Errors
    ///
    /// Says what is wrong with a file that is missing, a wrong password, an elliptic key, a key of
    /// another certificate.
    pub(super) fn open(source: &Source, password: &str) -> Result<Self, Unusable> {
        let (path, bytes) = match source {
            Source::File(path) => (Some(path.display().to_string()), read(path)?),
            Source::Inline(text) => (None, decode(text)?),
        };
        Self::parse(&bytes, password).map_err(|flaw| Unusable::Certificate { path, flaw })
    }

    /// Reads a PFX file or the PEM texts of a key and its certificate.
    fn parse(bytes: &[u8], password: &str) -> Result<Self, CertificateFlaw> {
        let (key, certificates) = if is_pem(bytes) { pem(bytes, password)? } else { pfx(bytes, password)? };
        let key = rsa(&key)?;
        let public = key.public_key().as_ref();
        let own = certificates.iter().find(|der| der.windows(public.len()).any(|window| window == public));
        let own = own.ok_or(CertificateFlaw::ForeignKey)?;
        Ok(Certificate { key, thumbprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, own)) })
    }

    /// Signs that we are this application, for this token endpoint, for ten minutes (PS256, `x5t#S256`).
    pub(super) fn assertion(&self, client: &str, endpoint: &str) -> Result<Secret, NoToken> {
        let now = clock::now().as_second();
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = json!({
            "aud": endpoint, "iss": client, "sub": client, "jti": Uuid::new_v4().to_string(),
            "iat": now, "nbf": now, "exp": now + LIVES,
        });
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| NoToken::CannotSign)?;
        Ok(Secret::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    let unreadable = |error: std::io::Error| Unusable::Unreadable {
        path: path.display().to_string(),
        cause: error.to_string(),
    };
    std::fs::read(path).map_err(unreadable)
}

fn decode(text: &Secret) -> Result<Vec<u8>, Unusable> {
    // `base64` of coreutils breaks its lines; Go's reader, and so azurerm, passes over that.
    let whole: String = text.secret().split_whitespace().collect();
    STANDARD.decode(whole).map_err(|_| Unusable::NotBase64)
}

type KeyAndCertificates = (Vec<u8>, Vec<Vec<u8>>);

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).any(|window| window == b"-----BEGIN ")
}

fn pem(bytes: &[u8], password: &str) -> Result<KeyAndCertificates, CertificateFlaw> {
    let key = match section(&String::from_utf8_lossy(bytes), "ENCRYPTED PRIVATE KEY") {
        Some(encrypted) => decrypt(&encrypted?, password)?,
        None => open_key(bytes)?,
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let certificates = certificates.map_err(|_| CertificateFlaw::BrokenCertificate)?;
    if certificates.is_empty() {
        return Err(CertificateFlaw::NoCertificate);
    }
    Ok((key, certificates.into_iter().map(|der| der.to_vec()).collect()))
}

/// Returns a section of a PEM text, decoded.
fn section(text: &str, label: &str) -> Option<Result<Vec<u8>, CertificateFlaw>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let end = rest.find("-----").unwrap_or(rest.len());
    let whole: String = rest[..end].split_whitespace().collect();
    Some(STANDARD.decode(whole).map_err(|_| CertificateFlaw::BrokenKey))
}

fn open_key(bytes: &[u8]) -> Result<Vec<u8>, CertificateFlaw> {
    if String::from_utf8_lossy(bytes).contains("Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateFlaw::OldEncryption);
    }
    let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| CertificateFlaw::NoKey)?;
    Ok(key.secret_der().to_vec())
}

/// Decrypts a key of PKCS#8 (PBES2, as `openssl pkcs8 -topk8` and `openssl genrsa -aes256` write it).
fn decrypt(der: &[u8], password: &str) -> Result<Vec<u8>, CertificateFlaw> {
    if password.is_empty() {
        return Err(CertificateFlaw::Encrypted);
    }
    let key = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| CertificateFlaw::OldEncryption)?;
    if !matches!(key.encryption_algorithm, EncryptionScheme::Pbes2(_)) {
        return Err(CertificateFlaw::OldEncryption);
    }
    let opened = key.decrypt(password).map_err(|_| CertificateFlaw::WrongPassword)?;
    Ok(opened.as_bytes().to_vec())
}

fn pfx(bytes: &[u8], password: &str) -> Result<KeyAndCertificates, CertificateFlaw> {
    let store =
        KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|error| match error {
            p12_keystore::error::Error::MacError(_) => CertificateFlaw::WrongPassword,
            error => CertificateFlaw::Unknown(error.to_string()),
        })?;
    let (_, chain) = store.private_key_chain().ok_or(CertificateFlaw::NoKey)?;
    let certificates = chain.certs().iter().map(|certificate| certificate.as_der().to_vec()).collect();
    Ok((chain.key().as_der().to_vec(), certificates))
}

/// Reads PKCS#8 or PKCS#1.
fn rsa(der: &[u8]) -> Result<RsaKeyPair, CertificateFlaw> {
    let key = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
    key.map_err(|_| CertificateFlaw::NotRsa)
}
