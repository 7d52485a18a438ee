//! The provider block: which Azure, as whom.

mod block;
mod schema;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use azure_core::http::HttpClient;
use jiff::SignedDuration;
use tokio::sync::OwnedMutexGuard;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::value::Value;

use super::attributes::{Findings, Reader};
use super::inventory::Inventory;
use block::{Block, Obstacle, explained};

pub use schema::schema;

/// Reads a variable of the environment.
pub type Environment = fn(&str) -> Option<String>;

/// Makes what sends requests.
pub type Transport = Box<dyn Fn() -> Result<Arc<dyn HttpClient>, Error> + Send + Sync>;

/// The way to Azure, shared by every resource of the process.
#[derive(Default)]
pub struct Azure {
    client: RwLock<Option<Result<Client, Diagnostic>>>,
    simulated: AtomicBool,
    inventory: RwLock<Arc<Inventory>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Azure {
    /// Returns the client.
    ///
    /// # Errors
    ///
    /// A diagnostic that says why there is none: the provider block holds values that are not
    /// known yet, or no credential works.
    pub fn client(&self) -> Result<Client, Diagnostic> {
        let client = self.client.read().unwrap_or_else(PoisonError::into_inner);
        client.clone().unwrap_or_else(|| Err(not_configured()))
    }

    /// Returns what the resources read together.
    #[must_use]
    pub fn inventory(&self) -> Arc<Inventory> {
        Arc::clone(&self.inventory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns how far this machine's clock is from Azure's, when that is worth a warning. A
    /// simulator lives in a time of its own.
    #[must_use]
    pub fn clock_skew(&self, client: &Client) -> Option<SignedDuration> {
        client.clock_skew().filter(|_| !self.simulated.load(Ordering::Relaxed))
    }

    /// Waits for this cluster's turn: one operation at a time, across all resources of the process.
    pub async fn turn(&self, cluster: &ClusterId) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(cluster.to_string().to_lowercase()).or_default())
        };
        if let Ok(free) = Arc::clone(&turn).try_lock_owned() {
            return free;
        }
        tracing::info!(cluster = cluster.name(), "Waiting for another resource that works on the cluster");
        turn.lock_owned().await
    }

    fn set(&self, client: Result<Client, Diagnostic>) {
        *self.inventory.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = Some(client);
    }
}

/// Checks the provider block.
#[must_use]
pub fn validate(config: &Value) -> Vec<Diagnostic> {
    let findings = Findings::default();
    let reader = Reader::new(config, &findings);
    let _ = Block::read(&reader, |_| None);
    findings.into_diagnostics()
}

/// Takes the provider block over.
///
/// A block with unknown values is no error: a plan works without Azure, and says so where it does not.
/// So it is with a cloud that does not say where it is, but not with a block that cannot work.
pub async fn configure(
    azure: &Azure,
    config: &Value,
    environment: Environment,
    transport: &Transport,
    user_agent: &str,
) -> Vec<Diagnostic> {
    let findings = Findings::default();
    let mut told = Vec::new();
    let block = Block::read(&Reader::new(config, &findings), environment);
    if findings.has_unknown() {
        azure.set(Err(unknown_configuration()));
    } else if let Some(block) = block.filter(|_| !findings.has_errors()) {
        let connected = block.connect(transport, user_agent).await;
        let simulated = connected.as_ref().is_ok_and(|connected| connected.simulated);
        azure.simulated.store(simulated, Ordering::Relaxed);
        azure.set(match connected {
            Ok(connected) => Ok(connected.client),
            Err(Obstacle::Block(error)) => {
                told.push(error.clone());
                Err(error)
            }
            Err(Obstacle::Cloud(error)) => {
                told.push(Diagnostic::warning("Azure cannot be reached", error.to_string()));
                Err(explained(&error))
            }
        });
    }
    let mut diagnostics = findings.into_diagnostics();
    diagnostics.append(&mut told);
    diagnostics
}

fn not_configured() -> Diagnostic {
    let detail = "The provider was asked for Azure before it was configured. This is a bug in the provider.";
    Diagnostic::error("Provider not configured", detail)
}

fn unknown_configuration() -> Diagnostic {
    let detail = "The provider block holds values that are known only after apply, so Azure cannot be asked yet. Apply what they depend on first, with -target, or write them down.";
    Diagnostic::error("Provider configuration not known yet", detail)
}
