//! The attributes of the provider block.

use crate::terraform::schema::{Attribute, Schema, Type};

const DESCRIPTION: &str = "Upgrades AKS clusters inside maintenance windows. Its attributes and variables are azurerm's, so a pipeline that runs azurerm runs this provider without a new secret.

It needs Terraform 1.8 or newer, or OpenTofu 1.8 or newer. Imports by identity need Terraform 1.12.

The first way to sign in that is configured is used, in azurerm's order, and no other:

1. client certificate: `tenant_id`, `client_id` and `client_certificate_path` or `client_certificate`;
2. client secret: `tenant_id`, `client_id` and `client_secret`;
3. OpenID Connect: `use_oidc`, `tenant_id`, `client_id`, and the first of `oidc_token`, `oidc_token_file_path`, `oidc_request_url` with `oidc_request_token` (Azure DevOps with `ado_pipeline_service_connection_id`, else GitHub Actions);
4. AKS workload identity: `use_aks_workload_identity`;
5. managed identity: `use_msi`, with `client_id` for a user-assigned one;
6. the login of the Azure CLI, unless `use_cli` is false.

What is written in the block goes before its variable. Proxies are taken from `HTTPS_PROXY` and `NO_PROXY`, other certificate authorities from `SSL_CERT_FILE`.";

/// Returns the schema of the provider block.
#[must_use]
pub fn schema() -> Schema {
    let attributes = [cloud(), principal(), federation(), machine(), waiter()].concat();
    Schema::new(0, DESCRIPTION, attributes)
}

fn text(name: &str, description: &str) -> Attribute {
    Attribute::optional(name, Type::String, description)
}

fn flag(name: &str, description: &str) -> Attribute {
    Attribute::optional(name, Type::Bool, description)
}

fn cloud() -> Vec<Attribute> {
    vec![
        text(
            "environment",
            "`public` (default), `usgovernment` or `china`; the Azure CLI's names, such as `AzureCloud`, mean the same. Variable: `ARM_ENVIRONMENT`.",
        ),
        text(
            "endpoint",
            "Another Azure Resource Manager, such as the simulator's `http://127.0.0.1:8080`. Variable: `ARM_RESOURCE_MANAGER_ENDPOINT`.",
        ),
        text(
            "authority_host",
            "Another Microsoft Entra endpoint. Variable: `ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST`.",
        ),
        text(
            "audience",
            "The audience of the tokens, when `endpoint` is not Azure's own. Variable: `ARM_RESOURCE_MANAGER_AUDIENCE`.",
        ),
        text(
            "metadata_host",
            "A host that is asked for `endpoint`, `authority_host` and `audience`, as far as they are not written, such as `management.local.azurestack.external`. Variable: `ARM_METADATA_HOSTNAME`.",
        ),
        text(
            "subscription_id",
            "The subscription whose tenant the Azure CLI signs in to; clusters name their own. Variable: `ARM_SUBSCRIPTION_ID`.",
        ),
    ]
}

fn principal() -> Vec<Attribute> {
    vec![
        text("tenant_id", "The Entra tenant. Variable: `ARM_TENANT_ID`."),
        text(
            "client_id",
            "The service principal, or the user-assigned managed identity. Variable: `ARM_CLIENT_ID`.",
        ),
        text(
            "client_id_file_path",
            "A file that holds the client id; beside `client_id` it has to hold the same. Variable: `ARM_CLIENT_ID_FILE_PATH`.",
        ),
        text("client_secret", "The service principal's secret. Variable: `ARM_CLIENT_SECRET`.").sensitive(),
        text(
            "client_secret_file_path",
            "A file that holds the secret; beside `client_secret` it has to hold the same. Variable: `ARM_CLIENT_SECRET_FILE_PATH`.",
        ),
        text(
            "client_certificate",
            "The service principal's certificate with its RSA key: a PFX file in base64. Variable: `ARM_CLIENT_CERTIFICATE`.",
        )
        .sensitive(),
        text(
            "client_certificate_path",
            "The service principal's certificate with its RSA key: a PFX file, or a PEM file that holds both. Variable: `ARM_CLIENT_CERTIFICATE_PATH`.",
        ),
        text(
            "client_certificate_password",
            "The password of the PFX file, or of the key in the PEM file (PKCS#8, PBES2). Variable: `ARM_CLIENT_CERTIFICATE_PASSWORD`.",
        )
        .sensitive(),
    ]
}

fn federation() -> Vec<Attribute> {
    vec![
        flag(
            "use_oidc",
            "Whether to sign in with the token of an issuer that Entra trusts. Default false. Variable: `ARM_USE_OIDC`.",
        ),
        text("oidc_token", "The issuer's token. Variable: `ARM_OIDC_TOKEN`.").sensitive(),
        text(
            "oidc_token_file_path",
            "A file that holds the issuer's token; it is read anew each time. Variable: `ARM_OIDC_TOKEN_FILE_PATH`.",
        ),
        text(
            "oidc_request_url",
            "The service that gives the issuer's token. Variables: `ARM_OIDC_REQUEST_URL`, `ACTIONS_ID_TOKEN_REQUEST_URL`, `SYSTEM_OIDCREQUESTURI`.",
        ),
        text(
            "oidc_request_token",
            "What that service is shown. Variables: `ARM_OIDC_REQUEST_TOKEN`, `ACTIONS_ID_TOKEN_REQUEST_TOKEN`, `SYSTEM_ACCESSTOKEN`.",
        )
        .sensitive(),
        text(
            "ado_pipeline_service_connection_id",
            "The service connection of an Azure DevOps pipeline. Variables: `ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID`, `ARM_OIDC_AZURE_SERVICE_CONNECTION_ID`, `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID`.",
        ),
        flag(
            "use_aks_workload_identity",
            "Whether to sign in as the pod's workload identity, with the variables `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_FEDERATED_TOKEN_FILE` and `AZURE_AUTHORITY_HOST`. Default false. Variable: `ARM_USE_AKS_WORKLOAD_IDENTITY`.",
        ),
    ]
}

fn machine() -> Vec<Attribute> {
    vec![
        flag(
            "use_msi",
            "Whether to sign in as the machine's managed identity. Default false. Variable: `ARM_USE_MSI`.",
        ),
        text(
            "msi_endpoint",
            "Another metadata service than the machine's own. That of App Service and Container Apps is found by itself, in `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`. Variable: `ARM_MSI_ENDPOINT`.",
        ),
        text(
            "msi_api_version",
            "The API version that the metadata service speaks: `2018-02-01` on a virtual machine, `2019-08-01` in App Service and Container Apps. Variable: `ARM_MSI_API_VERSION`.",
        ),
        flag("use_cli", "Whether to use the login of the Azure CLI. Default true. Variable: `ARM_USE_CLI`."),
    ]
}

fn waiter() -> Vec<Attribute> {
    vec![
        text(
            "poll_interval",
            "The least time between two looks at a running operation when Azure names none. Default `10s`.",
        ),
        Attribute::optional("max_retries", Type::Number, "How often a request is tried again. Default 8."),
    ]
}
