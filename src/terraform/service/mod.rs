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

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::provider::Provider;

use catalogue::Catalogue;

/// A provider as Terraform sees it.
pub struct Service {
    provider: Arc<dyn Provider>,
    catalogue: Catalogue,
    /// Cancelled by StopProvider, and then replaced: RPCs may follow.
    stop: Mutex<CancellationToken>,
    /// Reads, plans and applies that are under way.
    under_way: AtomicUsize,
}

/// A read, plan or apply that is under way until this is dropped, however it ends.
struct UnderWay<'a>(Option<&'a AtomicUsize>);

impl UnderWay<'_> {
    /// Ends it, and tells whether it was the last one.
    fn was_last(mut self) -> bool {
        self.0.take().is_some_and(|all| all.fetch_sub(1, Ordering::AcqRel) == 1)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.take().map(|all| all.fetch_sub(1, Ordering::AcqRel));
    }
}

impl Service {
    /// Creates the service of a provider.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Service {
            provider,
            catalogue: Catalogue::default(),
            stop: Mutex::default(),
            under_way: AtomicUsize::new(0),
        }
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

    /// Answers a read, plan or apply; with the last one under way, what the provider has to tell at the end.
    async fn to_the_end<T>(
        &self,
        answer: impl Future<Output = T>,
        diagnostics: impl FnOnce(&mut T) -> &mut Vec<wire::Diagnostic>,
    ) -> T {
        self.under_way.fetch_add(1, Ordering::AcqRel);
        let call = UnderWay(Some(&self.under_way));
        let mut answer = answer.await;
        if call.was_last() {
            let told = self.ask("at_rest", Provider::at_rest).await.unwrap_or_else(|bug| vec![bug]);
            diagnostics(&mut answer).extend(convert::diagnostics(told));
        }
        answer
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
