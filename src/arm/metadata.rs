//! A cloud's own description of its addresses: Azure Stack, air-gapped clouds, the simulator.

use std::sync::Arc;

use azure_core::http::{HttpClient, Method, Url};
use serde_json::Value;

use crate::arm::address::{secure, shown};
use crate::arm::error::{Error, Undescribed};
use crate::arm::exchange::ask;
use crate::arm::send::Sender;
use crate::arm::wire::Outgoing;

/// The version of the description that azurerm asks for, too.
const API_VERSION: &str = "2022-09-01";

/// Where a cloud is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The base URL of Azure Resource Manager, e.g. `https://management.azure.com/`.
    pub endpoint: String,
    /// The base URL of Entra ID, e.g. `https://login.microsoftonline.com`.
    pub authority_host: String,
    /// What tokens for Azure Resource Manager are for, e.g. `https://management.core.windows.net/`.
    pub audience: String,
}

/// Asks a host such as `management.azure.com` for its cloud:
/// `GET https://host/metadata/endpoints?api-version=2022-09-01`.
///
/// A whole URL is taken, too; plain http only on this machine.
///
/// # Errors
///
/// Says why there is no description: the host cannot be reached, or its answer lacks an address.
pub async fn discover(host: &str, transport: Arc<dyn HttpClient>) -> Result<Endpoints, Error> {
    let failed = |flaw: Undescribed| Error::Metadata { host: shown(host), flaw };
    let base = if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
    let mut url = secure(&base).map_err(|flaw| failed(flaw.into()))?;
    url.set_path("/metadata/endpoints");
    url.set_query(Some(&format!("api-version={API_VERSION}")));
    let plain_http = url.scheme() == "http";
    let question = Outgoing::to_service(Method::Get, url);
    let answer = ask(&Sender::to_services(transport), &question).await;
    let answer = answer.map_err(|error| failed(Undescribed::Call(error)))?;
    read(&answer, plain_http).map_err(failed)
}

fn read(answer: &Value, plain_http: bool) -> Result<Endpoints, Undescribed> {
    let text = |place: &'static str| {
        let found = answer.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
        found.map(str::to_owned).ok_or(Undescribed::Lacks(place.trim_start_matches('/')))
    };
    let endpoint = text("/resourceManager")?;
    let authority_host = text("/authentication/loginEndpoint")?;
    for address in [&endpoint, &authority_host] {
        let url: Url = secure(address)?;
        if url.scheme() == "http" && !plain_http {
            return Err(Undescribed::PlainHttp(url.to_string()));
        }
    }
    let audiences = answer.pointer("/authentication/audiences").and_then(Value::as_array);
    let audience = audiences.and_then(|list| list.iter().find_map(Value::as_str));
    let audience = audience.ok_or(Undescribed::Lacks("authentication/audiences"))?.to_owned();
    Ok(Endpoints { endpoint, authority_host, audience })
}
