//! The gRPC service: decode, call, encode; one function per RPC, one file per family of them.
//!
//! Two rules hold for all of them. Whatever goes wrong is a diagnostic in an answer, never a gRPC
//! status: a status loses the state of an apply and tells the user only "Plugin error". And no RPC
//! depends on another having been called before in this process, for Terraform starts several and
//! fetches the schema from one.
//!
//! # Reading order
//!
//! - the door: [`rpc`], and what goes through it: [`convert`], [`typed`], [`events`];
//! - what there is: [`catalogue`], [`describe`], [`identity`];
//! - the provider itself: [`configure`];
//! - a resource: [`read`], [`plan`], [`apply`], [`import`], [`saved`];
//! - the other kinds: [`data_source`], [`function`], [`action`], [`list`].

mod action;
mod apply;
mod catalogue;
mod configure;
mod convert;
mod data_source;
mod describe;
mod events;
mod function;
mod identity;
mod import;
mod list;
mod plan;
mod read;
mod rpc;
mod saved;
mod typed;

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::provider::Provider;

use catalogue::Catalogue;

/// A provider as Terraform sees it.
pub struct Service {
    provider: Arc<dyn Provider>,
    catalogue: Catalogue,
    /// Cancelled by StopProvider, and then replaced: RPCs may follow.
    stop: Mutex<CancellationToken>,
}

impl Service {
    /// Creates the service of a provider.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Service { provider, catalogue: Catalogue::default(), stop: Mutex::default() }
    }

    /// Returns what the provider is asked for about itself, and a diagnostic when that panics.
    async fn ask<T: Send + 'static>(
        &self,
        question: &'static str,
        answer: impl FnOnce(&dyn Provider) -> T + Send + 'static,
    ) -> Result<T, Diagnostic> {
        let provider = Arc::clone(&self.provider);
        handler::run(question, "the provider", async move { answer(provider.as_ref()) }).await
    }

    fn stop_token(&self) -> CancellationToken {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stop(&self) {
        let mut current = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *current).cancel();
    }

    /// Runs a call that only looks: an interrupt ends it, however long Azure takes to answer.
    async fn look<T: Send + 'static>(
        &self,
        call: &'static str,
        subject: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Diagnostic> {
        let stop = self.stop_token();
        let work = async move {
            tokio::select! {
                biased;
                answer = work => Some(answer),
                () = stop.cancelled() => None,
            }
        };
        handler::run(call, subject, work).await?.ok_or_else(|| interrupted(call, subject))
    }
}

/// Says that a call that only looks did not come to its end.
fn interrupted(call: &str, subject: &str) -> Diagnostic {
    let detail = format!("{call} of {subject} was interrupted before the answer came; nothing was changed.");
    Diagnostic::error("Interrupted", detail)
}
