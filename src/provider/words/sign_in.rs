//! Why nobody could sign in, and what to do about it.

use std::fmt::Write;

use crate::arm::address::Insecure;
use crate::arm::error::sign_in::{
    AzError, CertificateFlaw, NoToken, Setting, SignInError, Switch, Unusable, Unused, Way,
};

/// Says why there is no token: a line for each way to sign in.
#[must_use]
pub fn no_token(SignInError { tried, others }: &SignInError) -> String {
    let mut text = String::new();
    if let Some((way, reason)) = tried {
        text = format!("No access token for Azure. {way} is configured, and failed:\n");
        line(&mut text, *way, &advised(*way, reason));
    } else {
        text.push_str("No way to sign in to Azure is configured:\n");
    }
    if tried.is_some() && !others.is_empty() {
        text.push_str("The other ways to sign in:\n");
    }
    others.iter().for_each(|(way, reason)| line(&mut text, *way, &unused(reason)));
    if tried.is_none() {
        text.push_str(
            "Set what one of them needs, e.g. ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or ARM_USE_CLI=true and run `az login`.",
        );
    }
    text.trim_end().to_owned()
}

/// Terraform leaves lines alone that begin with a space.
fn line(text: &mut String, way: Way, reason: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "  {way}: {reason}.");
}

fn unused(reason: &Unused) -> String {
    match reason {
        Unused::Off(switch) => switched_off(*switch).to_owned(),
        Unused::Unset(settings) => {
            let names: Vec<&str> = settings.iter().map(|setting| name(*setting)).collect();
            format!("{} not set", names.join(", "))
        }
        Unused::NoIdToken => {
            "none of oidc_token (ARM_OIDC_TOKEN), oidc_token_file_path (ARM_OIDC_TOKEN_FILE_PATH) and \
             oidc_request_url with oidc_request_token (ARM_OIDC_REQUEST_URL, ARM_OIDC_REQUEST_TOKEN) is set; \
             a job of GitHub Actions needs `permissions: id-token: write`, \
             one of Azure DevOps SYSTEM_ACCESSTOKEN"
                .to_owned()
        }
        Unused::NoWorkload => {
            "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set; label the pod \
             azure.workload.identity/use: \"true\""
                .to_owned()
        }
        Unused::After(first) => format!("not tried, because {first} goes first"),
    }
}

fn switched_off(switch: Switch) -> &'static str {
    match switch {
        Switch::OpenId => "use_oidc (ARM_USE_OIDC) is not true",
        Switch::WorkloadIdentity => "use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true",
        Switch::ManagedIdentity => "use_msi (ARM_USE_MSI) is not true",
        Switch::Cli => "it is switched off (use_cli, ARM_USE_CLI)",
    }
}

fn name(setting: Setting) -> &'static str {
    match setting {
        Setting::TenantId => "tenant_id (ARM_TENANT_ID)",
        Setting::ClientId => "client_id (ARM_CLIENT_ID)",
        Setting::ClientSecret => "client_secret (ARM_CLIENT_SECRET)",
        Setting::ClientCertificate => "client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH)",
    }
}

/// What to do about Entra's codes; from <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const ENTRA: [(&str, &str); 11] = [
    (
        "AADSTS7000215",
        "client_secret (ARM_CLIENT_SECRET) is not a secret of this application; take the secret's value, not its id",
    ),
    ("AADSTS7000222", "the client secret has expired; create a new one"),
    (
        "AADSTS700016",
        "client_id (ARM_CLIENT_ID) is not an application of tenant_id (ARM_TENANT_ID); check both",
    ),
    ("AADSTS90002", "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment"),
    ("AADSTS900023", "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment"),
    (
        "AADSTS700027",
        "the certificate is not one of this application, or has expired; upload its public part to the application",
    ),
    ("AADSTS700024", "the assertion has expired or is not valid yet; check this machine's clock"),
    (
        "AADSTS70021",
        "no federated credential of the application fits issuer, subject and audience of the token; add one",
    ),
    ("AADSTS700213", "no federated credential of the application fits the subject of the token; add one"),
    (
        "AADSTS900382",
        "the tenant is in another cloud; check environment (ARM_ENVIRONMENT) and authority_host",
    ),
    ("AADSTS500011", "this tenant does not know the audience; check audience and environment"),
];

/// Adds what to do about the reason of the way that was tried.
fn advised(way: Way, reason: &NoToken) -> String {
    let text = reason.to_string();
    // A code ends with a colon: AADSTS700021 is not AADSTS70002.
    if let Some((_, advice)) = ENTRA.iter().find(|(code, _)| text.contains(&format!("{code}:"))) {
        return format!("{text} ({advice})");
    }
    match reason {
        NoToken::Az(AzError::Silent(_) | AzError::NotYet(_)) => text,
        NoToken::Az(AzError::Said(said)) if said.contains("az login") => text,
        NoToken::Az(AzError::Lacks("expires_on")) => format!("{text}; use Azure CLI 2.54 or newer"),
        _ if way == Way::Cli => format!("{text} (run `az login`)"),
        _ => text,
    }
}

/// Says what is wrong with a way to sign in, and what would be right, as the end of a sentence.
#[must_use]
pub fn unusable(flaw: &Unusable) -> String {
    match flaw {
        Unusable::Address(address) => insecure(address),
        Unusable::IssuerAddress(address) => format!("oidc_request_url: {}", insecure(address)),
        Unusable::Tenant(_) => {
            format!("{flaw}; write its id, e.g. \"72f988bf-86f1-41af-91ab-2d7cd011db47\", or its domain")
        }
        Unusable::NotBase64 => format!("{INLINE} is not base64"),
        Unusable::Certificate { path, flaw } => {
            format!("{}: {}", path.as_deref().unwrap_or(INLINE), certificate(flaw))
        }
        Unusable::Account(_) | Unusable::Unreadable { .. } => flaw.to_string(),
    }
}

const INLINE: &str = "client_certificate (ARM_CLIENT_CERTIFICATE)";
const PASSWORD: &str = "client_certificate_password, ARM_CLIENT_CERTIFICATE_PASSWORD";

fn certificate(flaw: &CertificateFlaw) -> String {
    match flaw {
        CertificateFlaw::Encrypted => format!("{flaw}; set {PASSWORD}"),
        CertificateFlaw::WrongPassword => format!("its password ({PASSWORD}) is wrong"),
        CertificateFlaw::OldEncryption => format!(
            "{flaw}; convert it with `openssl pkcs8 -topk8 -in old.pem -out key.pem`, and put the certificate beside it"
        ),
        _ => flaw.to_string(),
    }
}

fn insecure(address: &Insecure) -> String {
    match address {
        Insecure::Relative(_) => {
            format!("{address}; write one such as \"https://login.microsoftonline.com\"")
        }
        _ => address.to_string(),
    }
}
