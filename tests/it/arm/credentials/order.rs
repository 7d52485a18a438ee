//! Which way is taken, and what is said when there is none.

use std::time::Duration;

use azure_core::credentials::Secret;
use terraform_provider_aks::arm::credential::{Credentials, Workload};
use terraform_provider_aks::provider::words::errors::sentence;

use super::{CLIENT, TENANT, application, refused, tokens, with_secret};
use crate::arm::script::{Script, text};

/// Everything at once.
fn everything() -> Credentials {
    Credentials {
        client_certificate_path: Some(
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/arm/credentials/certificates/application.pem")
                .into(),
        ),
        use_oidc: true,
        oidc_token: Some(Secret::new("issued")),
        use_aks_workload_identity: true,
        workload: Workload { token_file: Some("/token".into()), ..Workload::default() },
        use_msi: true,
        use_cli: true,
        ..with_secret()
    }
}

#[track_caller]
fn chosen(credentials: &Credentials, way: &str) {
    let shown = format!("{:?}", credentials.credential(Script::new([text(500, "")])).unwrap());
    assert!(shown.starts_with(&format!("{way}: ")), "{shown} instead of {way}");
}

#[test]
fn the_first_that_is_configured() {
    let mut credentials = everything();
    chosen(&credentials, "Client certificate");
    credentials.client_certificate_path = None;
    chosen(&credentials, "Client secret");
    credentials.client_secret = None;
    chosen(&credentials, "OpenID Connect");
    credentials.use_oidc = false;
    chosen(&credentials, "AKS workload identity");
    credentials.use_aks_workload_identity = false;
    chosen(&credentials, "Managed identity");
    credentials.use_msi = false;
    chosen(&credentials, "Azure CLI");
    credentials.use_cli = false;
    assert!(refused(&credentials).starts_with("No way to sign in to Azure is configured:\n"));
}

#[test]
fn nothing_is_configured() {
    assert_eq!(
        refused(&Credentials::default()),
        "No way to sign in to Azure is configured:\n  \
         Client certificate: tenant_id (ARM_TENANT_ID), client_id (ARM_CLIENT_ID), client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) not set.\n  \
         Client secret: tenant_id (ARM_TENANT_ID), client_id (ARM_CLIENT_ID), client_secret (ARM_CLIENT_SECRET) not set.\n  \
         OpenID Connect: use_oidc (ARM_USE_OIDC) is not true.\n  \
         AKS workload identity: use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true.\n  \
         Managed identity: use_msi (ARM_USE_MSI) is not true.\n  \
         Azure CLI: it is switched off (use_cli, ARM_USE_CLI).\n\
         Set what one of them needs, e.g. ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or ARM_USE_CLI=true and run `az login`."
    );
}

#[test]
fn half_configured_is_not_configured() {
    let empty = Credentials { client_secret: Some(Secret::new(" ")), ..application() };
    assert!(refused(&empty).contains("  Client secret: client_secret (ARM_CLIENT_SECRET) not set.\n"));
    let oidc = Credentials { use_oidc: true, ..application() };
    assert!(refused(&oidc).contains(
        "  OpenID Connect: none of oidc_token (ARM_OIDC_TOKEN), oidc_token_file_path (ARM_OIDC_TOKEN_FILE_PATH) and \
         oidc_request_url with oidc_request_token (ARM_OIDC_REQUEST_URL, ARM_OIDC_REQUEST_TOKEN) is set; a job of \
         GitHub Actions needs `permissions: id-token: write`, one of Azure DevOps SYSTEM_ACCESSTOKEN.\n"
    ));
    let nobody = Credentials { tenant_id: None, oidc_token: Some(Secret::new("issued")), ..oidc };
    assert!(refused(&nobody).contains("  OpenID Connect: tenant_id (ARM_TENANT_ID) not set.\n"));
}

#[tokio::test(start_paused = true)]
async fn nobody_becomes_somebody_else() {
    let credentials = Credentials { client_certificate_path: None, ..everything() };
    let script = Script::new([text(401, "{\"error_description\":\"AADSTS7000222: expired\"}")]);
    let sentence = sentence(&tokens(&credentials, &script).bearer().await.unwrap_err());
    assert_eq!(script.seen().len(), 1);
    assert_eq!(
        sentence,
        format!(
            "No access token for Azure. Client secret is configured, and failed:\n  \
             Client secret: POST https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token answered 401: AADSTS7000222: expired (the client secret has expired; create a new one).\n\
             The other ways to sign in:\n  \
             Client certificate: client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) not set.\n  \
             OpenID Connect: not tried, because Client secret goes first.\n  \
             AKS workload identity: not tried, because Client secret goes first.\n  \
             Managed identity: not tried, because Client secret goes first.\n  \
             Azure CLI: not tried, because Client secret goes first."
        )
    );
    assert!(!sentence.contains(CLIENT));
}

#[tokio::test(start_paused = true)]
async fn a_given_token_goes_first() {
    let given = Credentials { token: Some(Secret::new("given")), ..everything() };
    let script = Script::new([text(500, "")]);
    let tokens = tokens(&given, &script);
    assert_eq!(tokens.bearer().await.unwrap().secret(), "given");
    tokio::time::advance(Duration::from_secs(23 * 3600)).await;
    assert_eq!(tokens.bearer().await.unwrap().secret(), "given");
    assert_eq!(script.seen().len(), 0);
}
