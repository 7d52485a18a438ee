//! A client certificate: files written by OpenSSL, an assertion checked by its public key.

use std::path::PathBuf;

use aws_lc_rs::signature::{KeyPair, RSA_PSS_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use azure_core::credentials::Secret;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use terraform_provider_aks::arm::credential::Credentials;

use super::{CLIENT, TENANT, application, asked, field, granted, refused};
use terraform_provider_aks::clock;

/// What `openssl x509 -fingerprint -sha256` says, in base64url.
const THUMBPRINT: &str = "D2HIo8Ki9wKtnT8ER5bArzNwLiHh1Zz7EQKDrBsCX84";
const PASSWORD: &str = "pfx-canary";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/arm/credentials/certificates").join(name)
}

fn with_file(name: &str, password: &str) -> Credentials {
    Credentials {
        client_certificate_path: Some(file(name).to_str().unwrap().into()),
        client_certificate_password: Some(Secret::new(password.to_owned())),
        ..application()
    }
}

fn part(text: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// Checks an assertion as Entra ID does.
#[track_caller]
fn verify(assertion: &str) {
    let [header, claims, signature] = assertion.split('.').collect::<Vec<_>>().try_into().unwrap();
    let header_value = part(header);
    assert_eq!((&header_value["alg"], &header_value["typ"]), (&"PS256".into(), &"JWT".into()));
    assert_eq!(header_value["x5t#S256"], THUMBPRINT);
    let claimed = part(claims);
    assert_eq!((&claimed["iss"], &claimed["sub"]), (&CLIENT.into(), &CLIENT.into()));
    assert_eq!(claimed["aud"], format!("https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(claimed["exp"].as_i64().unwrap() - claimed["nbf"].as_i64().unwrap(), 600);
    assert!((claimed["nbf"].as_i64().unwrap() - clock::now().as_second()).abs() < 60);
    assert_eq!(claimed["jti"].as_str().unwrap().len(), 36);
    let pem = std::fs::read(file("application.pem")).unwrap();
    let key = RsaKeyPair::from_pkcs8(PrivateKeyDer::from_pem_slice(&pem).unwrap().secret_der()).unwrap();
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref())
        .verify(format!("{header}.{claims}").as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap())
        .unwrap();
}

async fn signs_in(credentials: &Credentials) {
    let seen = asked(credentials, [granted()]).await;
    let form = |name| field(&seen[0].body, name);
    assert_eq!(
        form("client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert_eq!(form("grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(form("client_id").as_deref(), Some(CLIENT));
    verify(&form("client_assertion").unwrap());
}

#[tokio::test(start_paused = true)]
async fn files_of_openssl() {
    for (name, password) in [
        ("modern.pfx", PASSWORD),
        ("legacy.pfx", PASSWORD),
        ("empty.pfx", ""),
        ("application.pem", ""),
        ("pkcs1.pem", ""),
        ("encrypted.pem", PASSWORD),
    ] {
        signs_in(&with_file(name, password)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn inline_as_base64() {
    let inline = STANDARD.encode(std::fs::read(file("modern.pfx")).unwrap());
    let credentials = Credentials { client_certificate_path: None, ..with_file("modern.pfx", PASSWORD) };
    // As `base64 file` prints it: in lines.
    let lines: Vec<&[u8]> = inline.as_bytes().chunks(76).collect();
    let lines = String::from_utf8(lines.join(&b"\n"[..])).unwrap();
    for inline in [inline, lines] {
        let inline = Some(Secret::new(inline));
        signs_in(&Credentials { client_certificate: inline, ..credentials.clone() }).await;
    }
}

#[track_caller]
fn unusable(content: &[u8], reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("application");
    std::fs::write(&path, content).unwrap();
    let path = path.to_str().unwrap();
    let credentials = Credentials { client_certificate_path: Some(path.into()), ..application() };
    assert_eq!(refused(&credentials), format!("Client certificate cannot be used: {path}: {reason}."));
}

#[test]
fn files_that_cannot_be_used() {
    let pem = std::fs::read_to_string(file("application.pem")).unwrap();
    let cut = pem.find("-----BEGIN CERTIFICATE").unwrap();
    let (key, certificate) = pem.split_at(cut);
    let other = rcgen::generate_simple_self_signed(vec!["other".into()]).unwrap();
    unusable(key.as_bytes(), "it holds a private key and no certificate");
    unusable(certificate.as_bytes(), "it holds no private key");
    unusable(
        format!("{key}{}", other.cert.pem()).as_bytes(),
        "its private key belongs to none of its certificates",
    );
    unusable(
        format!("{}{certificate}", other.signing_key.serialize_pem()).as_bytes(),
        "its private key is not an RSA key of 2048 to 8192 bits, which Entra needs",
    );
    unusable(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n???", "its private key is broken");
    let encrypted = std::fs::read(file("encrypted.pem")).unwrap();
    unusable(
        &encrypted,
        "its private key is encrypted; set client_certificate_password, ARM_CLIENT_CERTIFICATE_PASSWORD",
    );
    unusable(b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", OLD);
    let nonsense = refused(&with_file("../mod.rs", ""));
    assert!(nonsense.contains("it is neither PEM nor a PFX that can be read"), "{nonsense}");
}

const OLD: &str = "its private key is encrypted in an old way; convert it with `openssl pkcs8 -topk8 -in old.pem -out key.pem`, and put the certificate beside it";

#[test]
fn a_key_that_is_encrypted_in_an_old_way() {
    let path = file("pbes1.pem");
    assert_eq!(
        refused(&with_file("pbes1.pem", PASSWORD)),
        format!("Client certificate cannot be used: {}: {OLD}.", path.display())
    );
}

#[test]
fn a_wrong_password() {
    let wrong = "its password (client_certificate_password, ARM_CLIENT_CERTIFICATE_PASSWORD) is wrong.";
    for name in ["modern.pfx", "legacy.pfx", "encrypted.pem"] {
        let sentence = refused(&with_file(name, "wrong-canary"));
        assert!(sentence.ends_with(wrong), "{sentence}");
        assert!(!sentence.contains("canary"), "{sentence}");
    }
}

#[test]
fn a_missing_file_and_no_base64() {
    let path = file("missing.pfx");
    assert_eq!(
        refused(&with_file("missing.pfx", "")),
        format!(
            "Client certificate cannot be used: {} cannot be read (No such file or directory (os error 2)).",
            path.display()
        )
    );
    let inline = Credentials { client_certificate: Some(Secret::new("{canary}")), ..application() };
    assert_eq!(
        refused(&inline),
        "Client certificate cannot be used: client_certificate (ARM_CLIENT_CERTIFICATE) is not base64."
    );
}
