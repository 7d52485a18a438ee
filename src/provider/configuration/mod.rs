//! The provider block: which Azure, as whom.
//!
//! [`mod@schema`] says what may be written, [`block`] what it leads to.

mod block;
mod schema;

use std::sync::Arc;

use azure_core::http::HttpClient;

use crate::arm::error::Error;
use crate::provider::azure::Azure;
use crate::provider::configuration::block::ProviderBlock;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::value::Value;

pub use schema::schema;

/// What every job of Azure DevOps sets.
const AZURE_DEVOPS: &str = "TF_BUILD";

/// Reads a variable of the environment.
pub type Environment = fn(&str) -> Option<String>;

/// Makes what sends requests.
pub type MakeTransport = Box<dyn Fn() -> Result<Arc<dyn HttpClient>, Error> + Send + Sync>;

/// Checks the provider block.
#[must_use]
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let findings = Findings::default();
    let reader = Reader::new(config, &findings);
    let _ = ProviderBlock::read(&reader, |_| None);
    findings.into_diagnostics()
}

/// Takes the provider block over.
///
/// A block with unknown values is no error: a plan works without Azure, and says so where it does not. A block
/// that cannot work is one, and so is a cloud that does not say where it is.
pub async fn configure(
    azure: &Azure,
    config: &Value,
    environment: Environment,
    transport: &MakeTransport,
    user_agent: &str,
) -> Vec<Diagnostic> {
    let findings = Findings::default();
    let mut told = Vec::new();
    azure.run_in_azure_devops(environment(AZURE_DEVOPS).is_some());
    let block = ProviderBlock::read(&Reader::new(config, &findings), environment);
    if findings.has_unknown() {
        azure.set(Err(unknown_configuration()));
    } else if let Some(block) = block.filter(|_| !findings.has_errors()) {
        let connected = block.connect(transport, user_agent).await;
        let simulated = connected.as_ref().is_ok_and(|connected| connected.simulated);
        azure.simulate(simulated);
        azure.set(match connected {
            Ok(connected) => Ok(connected.client),
            Err(error) => {
                told.push(error.clone());
                Err(error)
            }
        });
    }
    let mut diagnostics = findings.into_diagnostics();
    diagnostics.append(&mut told);
    diagnostics
}

fn unknown_configuration() -> Diagnostic {
    let detail = "The provider block holds values that are known only after apply, so Azure cannot be asked yet. Apply what they depend on first, with -target, or write them down.";
    Diagnostic::error("Provider configuration not known yet", detail)
}
