//! Tokens of trusted issuers: given, in a file, of GitHub Actions, of Azure DevOps, of a pod.

use azure_core::credentials::Secret;
use serde_json::json;
use terraform_provider_aks::arm::credential::{Credentials, Workload};

use super::{CLIENT, TENANT, application, asked, field, granted, refused, said, tokens};
use crate::arm::script::{Script, json, text};

fn oidc() -> Credentials {
    Credentials { use_oidc: true, ..application() }
}

fn requested(url: &str) -> Credentials {
    Credentials {
        oidc_request_url: Some(url.into()),
        oidc_request_token: Some(Secret::new("request-canary")),
        ..oidc()
    }
}

#[tokio::test(start_paused = true)]
async fn a_given_token() {
    let given = Credentials { oidc_token: Some(Secret::new("issued")), ..oidc() };
    let seen = asked(&given, [granted()]).await;
    assert_eq!(
        seen[0].body,
        format!(
            "client_id={CLIENT}&client_assertion=issued&grant_type=client_credentials\
             &scope=https%3A%2F%2Fmanagement.azure.com%2F.default\
             &client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_is_read_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let credentials = Credentials { oidc_token_file_path: Some(path.to_str().unwrap().into()), ..oidc() };
    let script = Script::new([granted()]);
    let tokens = tokens(&credentials, &script);
    for issued in ["first", "second"] {
        std::fs::write(&path, format!("{issued}\n")).unwrap();
        let token = tokens.bearer().await.unwrap();
        tokens.forget(&token).await;
    }
    let issued: Vec<_> =
        script.seen().iter().map(|seen| field(&seen.body, "client_assertion").unwrap()).collect();
    assert_eq!(issued, ["first", "second"]);
    std::fs::write(&path, "\n").unwrap();
    let empty = tokens.bearer().await.unwrap_err().to_string();
    assert!(
        empty.contains(&format!("OpenID Connect: the token file {} is empty.", path.display())),
        "{empty}"
    );
    std::fs::remove_file(&path).unwrap();
    let missing = tokens.bearer().await.unwrap_err().to_string();
    let part =
        format!("the token file {} cannot be read (No such file or directory (os error 2)).", path.display());
    assert!(missing.contains(&part), "{missing}");
}

#[tokio::test(start_paused = true)]
async fn github_actions() {
    let url = "https://run.actions.githubusercontent.com/x/idtoken?api-version=2.0";
    let seen = asked(&requested(url), [json(200, &json!({ "value": "issued" })), granted()]).await;
    assert_eq!(seen[0].line, format!("GET {url}&audience=api%3A%2F%2FAzureADTokenExchange"));
    assert_eq!(seen[0].header("authorization"), Some("Bearer request-canary"));
    assert_eq!(field(&seen[1].body, "client_assertion").as_deref(), Some("issued"));
    assert_eq!(seen[1].header("authorization"), None, "Entra ID is not shown the token of the job");
}

#[tokio::test(start_paused = true)]
async fn azure_devops() {
    let connection = Some("44444444-4444-4444-4444-444444444444".to_owned());
    let url = "https://vstoken.dev.azure.com/org/_apis/distributedtask/hubs/build/plans/p/jobs/j/oidctoken";
    let pipeline = Credentials { service_connection: connection, ..requested(url) };
    let seen = asked(&pipeline, [json(200, &json!({ "oidcToken": "issued" })), granted()]).await;
    assert_eq!(
        seen[0].line,
        format!("POST {url}?api-version=7.1&serviceConnectionId=44444444-4444-4444-4444-444444444444")
    );
    assert_eq!(seen[0].header("authorization"), Some("Bearer request-canary"));
    assert_eq!(field(&seen[1].body, "client_assertion").as_deref(), Some("issued"));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_does_not_give() {
    let url = "https://run.actions.githubusercontent.com/idtoken?secret=url-canary";
    for (reply, part) in [
        (
            json(401, &json!({ "message": "token request-canary has expired" })),
            "GET https://run.actions.githubusercontent.com/idtoken answered 401: token [redacted] has expired.",
        ),
        (json(200, &json!({ "count": 1 })), "the answer of the token service lacks value."),
        (text(302, ""), "answered 302: a redirect, which is not followed."),
    ] {
        let sentence = said(&requested(url), reply).await;
        assert!(sentence.contains(part), "{sentence}");
        assert!(!sentence.contains("canary"), "{sentence}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_federated_credential_fits() {
    let given = Credentials { oidc_token: Some(Secret::new("issued-canary")), ..oidc() };
    let body = json!({ "error": "invalid_client", "error_description":
        "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:o/r:ref:refs/heads/main'." });
    let sentence = said(&given, json(401, &body)).await;
    let advice = "(no federated credential of the application fits the subject of the token; add one).";
    assert!(sentence.contains("'repo:o/r:ref:refs/heads/main'") && sentence.contains(advice), "{sentence}");
    assert!(!sentence.contains("canary"), "{sentence}");
}

#[test]
fn a_token_is_not_shown_in_the_clear() {
    assert_eq!(
        refused(&requested("http://issuer.example/token")),
        "OpenID Connect cannot be used: oidc_request_url: \"http://issuer.example/token\" is not an https URL; plain http may only go to this machine."
    );
}

#[tokio::test(start_paused = true)]
async fn the_identity_of_a_pod() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("azure-identity-token");
    std::fs::write(&path, "projected").unwrap();
    let pod = Credentials {
        use_aks_workload_identity: true,
        workload: Workload {
            tenant_id: Some(TENANT.into()),
            client_id: Some(CLIENT.into()),
            token_file: Some(path.to_str().unwrap().into()),
            authority_host: Some("https://login.microsoftonline.us/".into()),
        },
        ..Credentials::default()
    };
    let seen = asked(&pod, [granted()]).await;
    assert_eq!(seen[0].line, format!("POST https://login.microsoftonline.us/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(field(&seen[0].body, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(field(&seen[0].body, "client_assertion").as_deref(), Some("projected"));
    let unlabelled = Credentials { workload: Workload::default(), ..pod };
    let sentence = refused(&unlabelled);
    let part = "  AKS workload identity: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set; label the pod azure.workload.identity/use: \"true\".\n";
    assert!(sentence.contains(part), "{sentence}");
}
