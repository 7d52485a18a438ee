//! The way to Azure that one configured provider has: its client, what its resources share, and their turns.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::limiter::HeldBack;
use crate::provider::notes::Notes;
use crate::provider::observation::inventory::Inventory;
use crate::provider::owners::Owners;
use crate::terraform::diagnostic::Diagnostic;

/// How long a plan or a refresh waits for a token.
const SIGN_IN: Duration = Duration::from_secs(30);

/// The same after another resource has waited in vain.
const AGAIN: Duration = Duration::from_secs(5);

/// The way to Azure, shared by every resource of the process.
#[derive(Default)]
pub struct Azure {
    client: RwLock<Option<Result<Client, Diagnostic>>>,
    simulated: AtomicBool,
    azure_devops: AtomicBool,
    inventory: RwLock<Arc<Inventory>>,
    /// What this machine keeps between the processes of a run.
    pub notes: Notes,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// What this process has planned for each cluster.
    pub owners: Owners,
    /// Whether whoever signed in last got no token.
    no_token: AtomicBool,
    /// Whether it was told how long Azure's limits held this process back.
    told_wait: AtomicBool,
}

impl Azure {
    /// Creates a way to Azure that is configured later, with notes.
    #[must_use]
    pub fn with_notes(notes: Notes) -> Self {
        Azure { notes, ..Azure::default() }
    }

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

    /// Signs in for a plan or a refresh, within so much time and not more than half a minute: a person watches.
    ///
    /// # Errors
    ///
    /// Why there is no token; what is known of it when the time is up.
    pub async fn sign_in(&self, client: &Client, most: Duration) -> Result<(), Error> {
        let patience = if self.no_token.load(Ordering::Relaxed) { AGAIN } else { SIGN_IN };
        let signed_in = client.until(Instant::now() + patience.min(most)).sign_in().await;
        self.no_token.store(signed_in.is_err(), Ordering::Relaxed);
        signed_in
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

    /// Returns which of Azure's limits held this process back, and for how long: once, and not for less than ten
    /// seconds.
    #[must_use]
    pub fn held_back(&self) -> Option<HeldBack> {
        let held = self.client().ok()?.held_back()?;
        (!self.told_wait.swap(true, Ordering::Relaxed)).then_some(held)
    }

    /// Says whether Azure is a simulator, whose time is its own.
    pub fn simulate(&self, simulated: bool) {
        self.simulated.store(simulated, Ordering::Relaxed);
    }

    /// Says whether this is a job of Azure DevOps.
    pub fn run_in_azure_devops(&self, it_is: bool) {
        self.azure_devops.store(it_is, Ordering::Relaxed);
    }

    /// Tells whether this is a job of Azure DevOps, which ends after an hour where nobody says otherwise.
    #[must_use]
    pub fn is_in_azure_devops(&self) -> bool {
        self.azure_devops.load(Ordering::Relaxed)
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

    /// Takes over what a provider block led to; what was shared before is forgotten.
    pub fn set(&self, client: Result<Client, Diagnostic>) {
        *self.inventory.write().unwrap_or_else(PoisonError::into_inner) = Arc::default();
        *self.client.write().unwrap_or_else(PoisonError::into_inner) = Some(client);
    }
}

fn not_configured() -> Diagnostic {
    let detail = "The provider was asked for Azure before it was configured. This is a bug in the provider.";
    Diagnostic::error("Provider not configured", detail)
}
