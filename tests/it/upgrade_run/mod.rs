//! The provider and a simulated Azure in one process, in virtual time.
//!
//! [`Terraform`] does what Terraform does with a provider: it starts a process per command, refreshes,
//! plans, plans again before it applies, and holds every answer against its own rules. [`Azure`] is the
//! simulator's world behind an HTTP client: no socket, no thread, and a clock that is tokio's, paused, so
//! that a wait for Saturday takes no time at all.
//!
//! ```text
//! #[tokio::test(start_paused = true)]
//! async fn a_cluster_is_upgraded() {
//!     let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
//!     let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
//!     terraform.up().await;                                        // create: observes and acts
//!     assert_eq!(terraform.shown()["current_version"], "1.35.6");
//!     assert!(terraform.plan().await.is_empty());
//! }
//! ```
//!
//! When a [`Terraform`] goes out of scope, the laws in [`laws`] are held against everything that Azure
//! was asked: no write outside a window, none that no plan named, no downgrade, one operation at a
//! time, every PUT what was read and the step. A scenario need not repeat them.

mod attach;
mod azure;
mod calendar;
mod calls;
mod data;
mod edits;
pub mod facts;
mod fleet;
mod forecast;
mod interruption;
mod journey;
mod laws;
mod lines;
mod minutes;
mod misfortune;
mod offers;
mod one_owner;
mod opening;
mod order;
mod outputs;
mod picture;
mod preview;
mod reported;
mod resume;
mod rules;
mod same_fault;
pub mod scene;
mod story;
mod terraform;
mod told;
mod unknown;
mod truth;
mod whole;
mod window;

pub use azure::{Azure, Call, Fate, PROD};
pub use lines::pending;
pub use terraform::{Action, Terraform, validated};
