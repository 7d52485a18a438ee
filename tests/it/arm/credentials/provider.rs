//! The provider block and azurerm's variables, to the requests that they lead to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;
use terraform_provider_aks::terraform::diagnostic::Diagnostic;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::ReadRequest;
use terraform_provider_aks::terraform::schema::Type;
use terraform_provider_aks::terraform::value::Value;

use super::{CLIENT, TENANT, field, granted};
use crate::arm::path;
use crate::arm::script::{Reply, Script, Seen, json, text};

thread_local! {
    static VARIABLES: RefCell<HashMap<String, String>> = RefCell::default();
}

fn environment(name: &str) -> Option<String> {
    VARIABLES.with_borrow(|variables| variables.get(name).cloned())
}

fn set(variables: &[(&str, &str)]) {
    let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    VARIABLES.set(owned.collect());
}

/// Returns a provider block in which only these attributes are written.
fn block(provider: &Aks, written: &[(&str, &str)]) -> Value {
    let Type::Object(attributes) = provider.schema().value_type() else { panic!("no object") };
    let value = |name: &str| match written.iter().find(|(known, _)| *known == name) {
        Some((_, "true")) => Value::Bool(true),
        Some((_, "false")) => Value::Bool(false),
        Some((_, "unknown")) => Value::unknown(),
        Some(("max_retries", number)) => Value::from(number.parse::<i64>().unwrap()),
        Some((_, text)) => Value::String((*text).to_owned()),
        None => Value::Null,
    };
    for (name, _) in written {
        assert!(attributes.iter().any(|(known, _)| known == name), "{name} is no attribute");
    }
    Value::object(attributes.iter().map(|(name, _)| (name.clone(), value(name))))
}

/// Configures the provider and reads a cluster; returns what is said.
async fn read(provider: &Aks, written: &[(&str, &str)], cluster: &str) -> Vec<Diagnostic> {
    let config = block(provider, written);
    let mut said = provider.validate(&config);
    said.extend(provider.configure(config, "1.14.0").await);
    let resource = provider.resources().remove(0);
    let imported = resource.import_state(cluster);
    let Some(state) = imported.state else { panic!("{:?}", imported.diagnostics) };
    said.extend(resource.read(ReadRequest { state, private: imported.private }).await.diagnostics);
    said
}

async fn asked(variables: &[(&str, &str)], written: &[(&str, &str)], replies: Vec<Reply>) -> Vec<Seen> {
    set(variables);
    let script = Script::new(replies);
    let transport = Arc::clone(&script);
    let provider = Aks::over(move || Ok(transport.clone()), environment);
    read(&provider, written, &path()).await;
    script.seen()
}

/// What Azure says of a cluster that nobody has.
fn gone() -> Reply {
    text(403, "{}")
}

const PRINCIPAL: [(&str, &str); 2] = [("ARM_TENANT_ID", TENANT), ("ARM_CLIENT_ID", CLIENT)];

fn principal(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    PRINCIPAL.into_iter().chain(more.iter().copied()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_of_azurerm() {
    let issued = || json(200, &json!({ "value": "issued", "oidcToken": "issued" }));
    let github = principal(&[
        ("ARM_USE_OIDC", "true"),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://github.example/token?x=y"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "job"),
    ]);
    let seen = asked(&github, &[], vec![issued(), granted(), gone()]).await;
    assert_eq!(
        seen[0].line,
        "GET https://github.example/token?x=y&audience=api%3A%2F%2FAzureADTokenExchange"
    );
    assert_eq!(field(&seen[1].body, "client_assertion").as_deref(), Some("issued"));
    assert_eq!(seen[2].header("authorization"), Some("Bearer granted"));
    for connection in [
        "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
        "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    ] {
        let devops = principal(&[
            ("ARM_USE_OIDC", "1"),
            (connection, "c"),
            ("SYSTEM_OIDCREQUESTURI", "https://devops.example/token"),
            ("SYSTEM_ACCESSTOKEN", "job"),
        ]);
        let seen = asked(&devops, &[], vec![issued(), granted(), gone()]).await;
        assert_eq!(seen[0].line, "POST https://devops.example/token?api-version=7.1&serviceConnectionId=c");
    }
    let token = principal(&[("ARM_USE_OIDC", "true"), ("ARM_OIDC_TOKEN", "issued")]);
    let seen = asked(&token, &[], vec![granted(), gone()]).await;
    assert_eq!(field(&seen[0].body, "client_assertion").as_deref(), Some("issued"));
    let identity = [("ARM_USE_MSI", "true"), ("ARM_CLIENT_ID", CLIENT)];
    let seen = asked(&identity, &[], vec![granted(), gone()]).await;
    assert!(seen[0].line.starts_with("GET http://169.254.169.254/metadata/identity/oauth2/token?"));
    assert!(seen[0].line.ends_with(&format!("&client_id={CLIENT}")));
}

/// azurerm's attributes for signing in, with their variables.
const AZURERM: [(&str, &[&str]); 22] = [
    ("environment", &["ARM_ENVIRONMENT"]),
    ("metadata_host", &["ARM_METADATA_HOSTNAME"]),
    ("subscription_id", &["ARM_SUBSCRIPTION_ID"]),
    ("tenant_id", &["ARM_TENANT_ID"]),
    ("client_id", &["ARM_CLIENT_ID"]),
    ("client_id_file_path", &["ARM_CLIENT_ID_FILE_PATH"]),
    ("client_secret", &["ARM_CLIENT_SECRET"]),
    ("client_secret_file_path", &["ARM_CLIENT_SECRET_FILE_PATH"]),
    ("client_certificate", &["ARM_CLIENT_CERTIFICATE"]),
    ("client_certificate_path", &["ARM_CLIENT_CERTIFICATE_PATH"]),
    ("client_certificate_password", &["ARM_CLIENT_CERTIFICATE_PASSWORD"]),
    ("use_oidc", &["ARM_USE_OIDC"]),
    ("oidc_token", &["ARM_OIDC_TOKEN"]),
    ("oidc_token_file_path", &["ARM_OIDC_TOKEN_FILE_PATH"]),
    ("oidc_request_url", &["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"]),
    (
        "oidc_request_token",
        &["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"],
    ),
    (
        "ado_pipeline_service_connection_id",
        &["ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID"],
    ),
    ("use_aks_workload_identity", &["ARM_USE_AKS_WORKLOAD_IDENTITY"]),
    ("use_msi", &["ARM_USE_MSI"]),
    ("msi_endpoint", &["ARM_MSI_ENDPOINT"]),
    ("msi_api_version", &["ARM_MSI_API_VERSION"]),
    ("use_cli", &["ARM_USE_CLI"]),
];

#[test]
fn attributes_and_variables_are_azurerms() {
    let schema = Aks::new(environment).schema();
    for (name, variables) in AZURERM {
        let attribute = schema.attributes.iter().find(|attribute| attribute.name == name).unwrap();
        for variable in variables {
            let told = attribute.description.contains(&format!("`{variable}`"));
            assert!(told, "{name} does not name {variable}");
        }
    }
}

/// Sets variables only, and returns the first request: its line, and its assertion's first part.
async fn first(variables: &[(&str, &str)]) -> String {
    let issued = json(200, &json!({ "value": "issued" }));
    let asks_issuer = variables.iter().any(|(name, _)| *name == "ARM_OIDC_REQUEST_URL");
    let replies = if asks_issuer { vec![issued, granted(), gone()] } else { vec![granted(), gone()] };
    let seen = asked(variables, &[], replies).await;
    let at = usize::from(asks_issuer);
    let proof = field(&seen[at].body, "client_assertion").unwrap_or_default();
    let line = seen[at].line.split('?').next().unwrap();
    // A signed assertion has three parts; a token that was issued is shown as it is.
    let proof = if proof.split('.').count() == 3 { "signed" } else { &proof };
    format!("{line} {proof}")
}

#[tokio::test(start_paused = true)]
async fn every_variable_leads_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "in a file").unwrap();
    let token = token.to_str().unwrap();
    let certificates = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/arm/credentials/certificates/");
    let (pfx, pem) = (format!("{certificates}modern.pfx"), format!("{certificates}encrypted.pem"));
    let inline =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, std::fs::read(&pfx).unwrap());
    let password = ("ARM_CLIENT_CERTIFICATE_PASSWORD", "pfx-canary");
    let oidc = ("ARM_USE_OIDC", "true");
    let entra = format!("POST https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token");
    for (more, proof) in [
        (vec![("ARM_CLIENT_CERTIFICATE_PATH", pfx.as_str()), password], "signed"),
        (vec![("ARM_CLIENT_CERTIFICATE_PATH", pem.as_str()), password], "signed"),
        (vec![("ARM_CLIENT_CERTIFICATE", inline.as_str()), password], "signed"),
        (vec![oidc, ("ARM_OIDC_TOKEN", "given")], "given"),
        (vec![oidc, ("ARM_OIDC_TOKEN_FILE_PATH", token)], "in a file"),
        (
            vec![
                oidc,
                ("ARM_OIDC_REQUEST_URL", "https://issuer.example/"),
                ("ARM_OIDC_REQUEST_TOKEN", "job"),
            ],
            "issued",
        ),
        (vec![("ARM_USE_AKS_WORKLOAD_IDENTITY", "true"), ("AZURE_FEDERATED_TOKEN_FILE", token)], "in a file"),
    ] {
        let variables: Vec<_> = PRINCIPAL.into_iter().chain(more).collect();
        assert_eq!(first(&variables).await, format!("{entra} {proof}"), "{variables:?}");
    }
    let machine = [("ARM_USE_MSI", "true"), ("ARM_MSI_ENDPOINT", "http://127.0.0.1:1/token")];
    assert_eq!(first(&machine).await, "GET http://127.0.0.1:1/token ");
}

#[tokio::test(start_paused = true)]
async fn what_is_written_goes_before_its_variable() {
    let variables = principal(&[("ARM_CLIENT_SECRET", "of the variable"), ("ARM_ENVIRONMENT", "china")]);
    let seen = asked(&variables, &[], vec![granted(), gone()]).await;
    assert_eq!(seen[0].line, format!("POST https://login.chinacloudapi.cn/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(
        field(&seen[0].body, "scope").as_deref(),
        Some("https://management.chinacloudapi.cn/.default")
    );
    assert!(seen[1].line.starts_with("GET https://management.chinacloudapi.cn/subscriptions/"));
    let written =
        [("client_secret", "of the block"), ("environment", "usgovernment"), ("tenant_id", "t.example")];
    let seen = asked(&variables, &written, vec![granted(), gone()]).await;
    assert_eq!(seen[0].line, "POST https://login.microsoftonline.us/t.example/oauth2/v2.0/token");
    assert_eq!(field(&seen[0].body, "client_secret").as_deref(), Some("of the block"));
    assert!(seen[1].line.starts_with("GET https://management.usgovcloudapi.net/subscriptions/"));
}

#[tokio::test(start_paused = true)]
async fn secrets_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    let (id, secret) = (file("id", &format!("{CLIENT}\n")), file("secret", "in a file\n"));
    let variables = [
        ("ARM_TENANT_ID", TENANT),
        ("ARM_CLIENT_ID_FILE_PATH", &id),
        ("ARM_CLIENT_SECRET_FILE_PATH", &secret),
    ];
    let seen = asked(&variables, &[], vec![granted(), gone()]).await;
    assert_eq!(field(&seen[0].body, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(field(&seen[0].body, "client_secret").as_deref(), Some("in a file"));
    let same = [("client_id", CLIENT), ("client_secret", "in a file")];
    assert_eq!(asked(&variables, &same, vec![granted(), gone()]).await.len(), 2);
    for (name, path) in [("client_id", &id), ("client_secret", &secret)] {
        assert_eq!(
            said(&variables, &[(name, "other-canary")], text(500, "")).await[0],
            format!(
                "Two values for {name}: {name} is not what the file {path:?} of {name}_file_path holds. Write one of them only, or the same in both."
            )
        );
    }
}

#[tokio::test(start_paused = true)]
async fn another_cloud_by_its_addresses() {
    let variables = principal(&[
        ("ARM_CLIENT_SECRET", "s"),
        ("ARM_RESOURCE_MANAGER_ENDPOINT", "https://arm.example/"),
        ("ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST", "https://login.example/"),
        ("ARM_RESOURCE_MANAGER_AUDIENCE", "https://audience.example/"),
        ("ARM_METADATA_HOSTNAME", "unasked.example"),
    ]);
    let seen = asked(&variables, &[], vec![granted(), gone()]).await;
    assert_eq!(seen[0].line, format!("POST https://login.example/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(field(&seen[0].body, "scope").as_deref(), Some("https://audience.example/.default"));
    assert!(seen[1].line.starts_with("GET https://arm.example/subscriptions/"));
}

async fn said(variables: &[(&str, &str)], written: &[(&str, &str)], reply: Reply) -> Vec<String> {
    set(variables);
    let script = Script::new([reply]);
    let provider = Aks::over(move || Ok(script.clone()), environment);
    let said = read(&provider, written, &path()).await;
    said.into_iter().map(|diagnostic| format!("{}: {}", diagnostic.summary, diagnostic.detail)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_cannot_work_is_said() {
    let off = ("use_cli", "false");
    let said_of_nothing = said(&[], &[off], text(500, "")).await;
    assert!(
        said_of_nothing[0].starts_with(
            "No credential works: No way to sign in to Azure is configured:\n  Client certificate: "
        ),
        "{said_of_nothing:?}"
    );
    assert_eq!(
        said(&[("ARM_USE_OIDC", "yes")], &[off], text(500, "")).await[0],
        "Invalid variable: The variable ARM_USE_OIDC holds \"yes\". Write \"true\" or \"false\"."
    );
    assert_eq!(
        said(&[], &[off, ("client_secret_file_path", "/nowhere")], text(500, "")).await[0],
        "No value for client_secret_file_path: \"/nowhere\" cannot be read (No such file or directory (os error 2)). Name a file that holds the value and nothing else, such as \"/run/secrets/client_secret_file_path\"."
    );
    assert_eq!(
        said(&[], &[("metadata_host", "arm.example")], text(404, "")).await[0],
        "Azure cannot be reached: The metadata host \"arm.example\" does not describe its cloud: GET https://arm.example/metadata/endpoints answered 404: the body is empty. A correct example is \"management.azure.com\"."
    );
    let unknown = said(&[], &[("oidc_token", "unknown")], text(500, "")).await;
    assert!(unknown[0].starts_with("Provider configuration not known yet: "), "{unknown:?}");
}

#[test]
fn secrets_are_marked() {
    let schema = Aks::new(environment).schema();
    let marked = schema.attributes.iter().filter(|attribute| attribute.sensitive);
    assert_eq!(
        marked.map(|attribute| attribute.name.as_str()).collect::<Vec<_>>(),
        [
            "client_secret",
            "client_certificate",
            "client_certificate_password",
            "oidc_token",
            "oidc_request_token"
        ]
    );
}

const PROD: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";

async fn simulator() -> (Simulator, String) {
    (simulated("").await, PROD.to_owned())
}

async fn simulated(more: &str) -> Simulator {
    let text = format!("{more}\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"");
    let scenario = Scenario::parse(&text, ".".as_ref()).unwrap();
    Simulator::start(scenario, std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

/// What the provider says of a cluster when it has signed in at a simulator with a secret.
async fn misfortune(scenario: &str, cluster: &str) -> String {
    set(&[]);
    let simulator = simulated(scenario).await;
    let url = simulator.url();
    let principal = [("tenant_id", TENANT), ("client_id", CLIENT), ("client_secret", "canary")];
    let written = [&[("metadata_host", url.as_str()), ("max_retries", "0")], &principal[..]].concat();
    let said = read(&Aks::new(environment), &written, cluster).await;
    let [only] = said.try_into().unwrap();
    format!("{}: {}", only.summary, only.detail).replace(&url, "SIMULATOR")
}

/// The scenario, and what is said of it without the id of the request.
async fn met(scenario: &str, cluster: &str, expected: &str) {
    let said = misfortune(scenario, cluster).await.replace(cluster, "CLUSTER");
    let (before, after) = said.split_once(" (request id ").unwrap_or((&said, ""));
    let after = after.split_once(')').map_or(after, |(_, after)| after);
    assert_eq!(format!("{before}{after}"), expected, "{scenario:.200}");
}

#[tokio::test]
async fn an_account_that_is_refused() {
    met(
        "[entra]\nsecret = \"right\"",
        PROD,
        "No credential works: CLUSTER: No access token for Azure. Client secret is configured, and failed:\n  \
         Client secret: POST SIMULATOR/22222222-2222-2222-2222-222222222222/oauth2/v2.0/token answered 401: \
         AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client \
         secret value, not the client secret ID, for a secret added to app '33333333-3333-3333-3333-333333333333'. \
         Trace ID: 00000000-0000-0000-0000-00000000e27a Correlation ID: 00000000-0000-0000-0000-00000000e27a \
         Timestamp: 2026-11-22 09:00:00Z (client_secret (ARM_CLIENT_SECRET) is not a secret of this application; \
         take the secret's value, not its id).\n\
         The other ways to sign in:\n  \
         Client certificate: client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) not set.\n  \
         OpenID Connect: use_oidc (ARM_USE_OIDC) is not true.\n  \
         AKS workload identity: use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true.\n  \
         Managed identity: use_msi (ARM_USE_MSI) is not true.\n  \
         Azure CLI: not tried, because Client secret goes first. Nothing was changed.",
    )
    .await;
    met(
        "[entra]\nallow = []",
        PROD,
        "Not permitted: CLUSTER: The identity lacks the permission Microsoft.ContainerService/managedClusters/read \
         on CLUSTER: GET CLUSTER answered 403 AuthorizationFailed: The client \
         '22222222-2222-2222-2222-222222222222' with object id '22222222-2222-2222-2222-222222222222' does not have \
         authorization to perform action 'Microsoft.ContainerService/managedClusters/read' over scope 'CLUSTER' or \
         the scope is invalid. If access was recently granted, please refresh your credentials. Grant the role, and \
         wait a few minutes for it to take effect.",
    )
    .await;
    met(
        "[clock]\ntick = \"2s\"\n[entra]\ntoken_lives = \"1s\"",
        PROD,
        "No credential works: CLUSTER: Azure does not accept the access token: GET CLUSTER answered 401 \
         ExpiredAuthenticationToken: The access token expiry UTC time '11/22/2026 9:00:07 AM' is earlier than \
         current UTC time '11/22/2026 9:00:08 AM'. A new token was asked for and refused too; check this machine's \
         clock. Nothing was changed.",
    )
    .await;
}

/// A fault on every request about clusters.
fn about_clusters(does: &str) -> String {
    format!("[[fault]]\npath = \"managedClusters\"\ntimes = 9\n{does}")
}

#[tokio::test]
async fn an_azure_that_is_another() {
    met(
        "",
        &PROD.replace("00000000-0000", "99999999-0000"),
        "Cluster could not be read: CLUSTER: Azure refused a request: GET CLUSTER answered 404 \
         SubscriptionNotFound: The subscription '99999999-0000-0000-0000-000000000000' could not be found. Check the \
         subscription in cluster_id, the cloud (environment), and that the identity has a role in that \
         subscription. Nothing was changed.",
    )
    .await;
    let error = json!({ "error": { "code": "InvalidAuthenticationTokenAudience", "message":
        "The access token has been obtained for wrong audience." } });
    met(
        &about_clusters(&format!("does = \"answer\"\nstatus = 401\nbody = '{error}'")),
        PROD,
        "No credential works: CLUSTER: Azure does not accept the access token: GET CLUSTER answered 401 \
         InvalidAuthenticationTokenAudience: The access token has been obtained for wrong audience. The token is \
         for another cloud: check environment, audience and endpoint (ARM_ENVIRONMENT). Nothing was changed.",
    )
    .await;
    met(
        &about_clusters("does = \"redirect\""),
        PROD,
        "Cluster could not be read: CLUSTER: Azure refused a request: GET CLUSTER answered 307: a redirect, which \
         is not followed. The access token stays on its host: check endpoint \
         (ARM_RESOURCE_MANAGER_ENDPOINT) and the proxy in between (HTTPS_PROXY). Nothing was changed.",
    )
    .await;
    let body = "x".repeat((16 << 20) + 1);
    met(
        &about_clusters(&format!("does = \"answer\"\nstatus = 200\nbody = '{body}'")),
        PROD,
        "Cluster could not be read: CLUSTER: GET CLUSTER got an answer that cannot be understood: its body is \
         larger than 16 MiB. Nothing was changed.",
    )
    .await;
}

/// Returns how often the simulator was asked for a token.
fn sign_ins(simulator: &Simulator) -> usize {
    simulator.log().iter().filter(|entry| entry.path.ends_with("/oauth2/v2.0/token")).count()
}

#[tokio::test]
async fn a_simulator_describes_itself_and_signs_in() {
    let (simulator, cluster) = simulator().await;
    let url = simulator.url();
    let secret = [("client_secret", "canary"), ("tenant_id", TENANT), ("client_id", CLIENT)];
    let certificate =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/arm/credentials/certificates/application.pem");
    let certificate =
        [("client_certificate_path", certificate), ("tenant_id", TENANT), ("client_id", CLIENT)];
    let issued =
        [("use_oidc", "true"), ("oidc_token", "issued"), ("tenant_id", TENANT), ("client_id", CLIENT)];
    for (number, way) in [&secret[..], &certificate[..], &issued[..]].into_iter().enumerate() {
        set(&[]);
        let provider = Aks::new(environment);
        let written = [&[("metadata_host", url.as_str())], way].concat();
        let said = read(&provider, &written, &cluster).await;
        assert!(said.iter().all(|diagnostic| !diagnostic.summary.contains("Azure")), "{said:?}");
        assert_eq!(sign_ins(&simulator), number + 1);
    }
    assert!(simulator.log().iter().any(|entry| entry.path == "/metadata/endpoints"));
}

#[tokio::test]
async fn no_real_secret_goes_to_a_simulator_by_its_endpoint_alone() {
    let (simulator, cluster) = simulator().await;
    set(&principal(&[("ARM_CLIENT_SECRET", "canary")]));
    let said = read(&Aks::new(environment), &[("endpoint", &simulator.url())], &cluster).await;
    assert!(said.iter().all(|diagnostic| !diagnostic.summary.contains("Azure")), "{said:?}");
    assert_eq!(sign_ins(&simulator), 0);
}
