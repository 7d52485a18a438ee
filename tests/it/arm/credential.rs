//! Where tokens come from, and what is said when there are none.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{Secret, TokenCredential};
use terraform_provider_aks::arm::credential::{Cloud, Credentials};
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::token::Tokens;

use super::script::{Reply, Script, text};

const SCOPE: &str = "https://management.azure.com/.default";

fn application() -> Credentials {
    Credentials {
        tenant_id: Some("22222222-2222-2222-2222-222222222222".into()),
        client_id: Some("33333333-3333-3333-3333-333333333333".into()),
        client_secret: Some(Secret::new("s3cr3t")),
        ..Credentials::default()
    }
}

fn tokens(credentials: &Credentials, script: &Arc<Script>) -> Tokens {
    Tokens::new(credentials.credential(script.clone()).unwrap(), SCOPE.into())
}

#[track_caller]
fn refused(credentials: &Credentials) -> String {
    match credentials.credential(Script::new([text(500, "")])) {
        Err(Error::Credential(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

fn granted(token: &str) -> Reply {
    text(
        200,
        &format!(
            "{{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"{token}\"}}"
        ),
    )
}

#[test]
fn clouds() {
    assert_eq!(Cloud::named("public"), Some(Cloud::Public));
    assert_eq!(Cloud::named("AzureUSGovernment"), Some(Cloud::UsGovernment));
    assert_eq!(Cloud::named("China"), Some(Cloud::China));
    assert_eq!(Cloud::named("german"), None);
    for cloud in [Cloud::Public, Cloud::UsGovernment, Cloud::China] {
        for text in [cloud.endpoint(), cloud.authority(), cloud.scope()] {
            assert!(text.starts_with("https://"), "{text}");
        }
    }
    assert_eq!(Cloud::UsGovernment.scope(), "https://management.core.usgovcloudapi.net/.default");
}

#[test]
fn nothing_is_configured() {
    assert_eq!(
        refused(&Credentials::default()),
        "No way to sign in to Azure is configured. Access token: none was given. Client secret: \
         tenant_id (ARM_TENANT_ID), client_id (ARM_CLIENT_ID), client_secret (ARM_CLIENT_SECRET) not set. \
         Azure CLI: it is switched off (ARM_USE_CLI). \
         Set ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or set ARM_USE_CLI=true and run `az login`."
    );
    let empty = Credentials { client_secret: Some(Secret::new("")), ..application() };
    assert!(refused(&empty).contains("Client secret: client_secret (ARM_CLIENT_SECRET) not set."));
}

#[test]
fn a_wrong_configuration_is_said_at_once() {
    let tenant = Credentials { tenant_id: Some("my tenant/../x".into()), ..application() };
    assert!(refused(&tenant).starts_with("The client secret cannot be used: "), "{}", refused(&tenant));
    let authority = Credentials { authority_host: Some("http://login.example".into()), ..application() };
    assert_eq!(
        refused(&authority),
        "The client secret cannot be used: authority host doesn't use HTTPS scheme: http://login.example."
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_secret() {
    let script = Script::new([granted("one"), granted("two")]);
    let tokens = tokens(&application(), &script);
    let token = tokens.bearer().await.unwrap();
    assert_eq!((token.secret(), tokens.bearer().await.unwrap().secret()), ("one", "one"));
    let [seen] = script.seen().try_into().unwrap();
    assert_eq!(
        seen.line,
        "POST https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222/oauth2/v2.0/token"
    );
    assert_eq!(
        seen.body,
        "client_id=33333333-3333-3333-3333-333333333333&client_secret=s3cr3t&grant_type=client_credentials\
         &scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
    );
    tokens.forget(&token).await;
    assert_eq!(tokens.bearer().await.unwrap().secret(), "two", "a refused token is not given again");
}

#[tokio::test(start_paused = true)]
async fn another_cloud_another_authority() {
    for (credentials, host) in [
        (Credentials { cloud: Cloud::China, ..application() }, "https://login.chinacloudapi.cn/"),
        (
            Credentials { authority_host: Some("https://127.0.0.1:8443".into()), ..application() },
            "https://127.0.0.1:8443/",
        ),
    ] {
        let script = Script::new([granted("one")]);
        tokens(&credentials, &script).bearer().await.unwrap();
        assert!(script.seen()[0].line.starts_with(&format!("POST {host}")), "{}", script.seen()[0].line);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_is_said_without_the_secret() {
    let body = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: t","error_codes":[7000215]}"#;
    let script = Script::new([text(401, body)]);
    let sentence = tokens(&application(), &script).bearer().await.unwrap_err().to_string();
    assert!(
        sentence.starts_with("No access token for Azure: ClientSecretCredential authentication failed."),
        "{sentence}"
    );
    assert!(sentence.contains("AADSTS7000215: Invalid client secret provided."), "{sentence}");
    assert!(!sentence.contains("s3cr3t"), "{sentence}");
    assert_eq!(script.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_given_token_goes_first() {
    let given = Credentials { token: Some(Secret::new("given")), use_cli: true, ..application() };
    let script = Script::new([text(500, "")]);
    let tokens = tokens(&given, &script);
    assert_eq!(tokens.bearer().await.unwrap().secret(), "given");
    tokio::time::advance(Duration::from_secs(23 * 3600)).await;
    assert_eq!(tokens.bearer().await.unwrap().secret(), "given");
    assert_eq!(script.seen().len(), 0);
}

#[test]
fn nothing_secret_is_shown() {
    let given = Credentials { token: Some(Secret::new("canary")), ..application() };
    let credential: Arc<dyn TokenCredential> = given.credential(Script::new([text(500, "")])).unwrap();
    let secret = application().credential(Script::new([text(500, "")])).unwrap();
    let shown = format!("{given:?} {credential:?} {secret:?}");
    assert!(!shown.contains("canary") && !shown.contains("s3cr3t"), "{shown}");
}
