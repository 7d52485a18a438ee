//! Upgrades AKS clusters from Terraform: a plan that says what, when and why not; an apply that keeps it.
//!
//! `DESIGN.md` says what the provider promises and why; this page is the map of the code.
//!
//! # The rooms, in reading order
//!
//! | floor | room | |
//! |---|---|---|
//! | 1 | [`upgrade`] | Pure. What may run, when it may run, what to do next. |
//! | 1 | [`terraform`] | The plugin protocol: a small framework that knows no Azure. |
//! | 2 | [`arm`] | Azure Resource Manager. Knows no Terraform. |
//! | 2 | [`simulator`] | A stand-in Azure. Shares nothing with the others. |
//! | 3 | [`provider`] | Joins them: the attributes practitioners write. |
//! | 4 | [`cli`] | What a person, and Terraform, can run. |
//! | 0 | [`clock`] | The only reader of the wall clock. |
//!
//! No arrow points upward, and rooms on one floor are strangers; a test reads the `use` lines and keeps it so.
//! The head of each folder names all of its modules, in reading order.
//!
//! # Where do I look?
//!
//! | question | places, below `src/` |
//! |---|---|
//! | When does a window open, and what does it take? | `upgrade/window/` |
//! | Which version or image is chosen, by which steps? | `upgrade/plan/` |
//! | Why does it not run? | `upgrade/block.rs` for the reason and what it does, `provider/words/` for its sentence |
//! | What does an apply do next; how does it wait and end? | `upgrade/action.rs`, `provider/apply/` |
//! | What is written to Azure? | `provider/apply/write.rs`, `arm/request.rs`, `arm/response/` |
//! | What does a refresh read, share and keep? | `provider/observation/` |
//! | Which arguments are there, and what do they not go with? | `provider/arguments/` |
//! | Which resources and functions are there? | `provider/resources/`, `provider/functions/`, and a line in `provider/mod.rs` |
//! | What counts as failure, and what is tried again? | `arm/retry.rs`, `arm/operation.rs`, `arm/error/` |
//! | How does it sign in? | `provider/configuration/`, `arm/credential/` |
//! | What does Terraform ask, and what does it not forgive? | `terraform/` |
//! | What does the stand-in answer, and how does it go wrong? | `simulator/world/`, `simulator/faults/` |
//!
//! # Invariants
//!
//! Most of them are about something absent.
//!
//! 1. `upgrade` does no I/O, reads no clock and no environment, is not `async`, logs nothing. Time is an argument.
//! 2. `arm` and `terraform` do not know each other. `provider` is the only room that knows both.
//! 3. `simulator` shares no type or rule with `arm` or `upgrade`: it answers from recorded shapes and meets us
//!    only at HTTP, so a misspelled field or a wrong rule cannot pass on both sides.
//! 4. Only `clock` asks what time it is. Only `cli` and `terraform/serve.rs` read the environment. While serving,
//!    only the handshake writes to stdout.
//! 5. A plan names every step. Nothing is chosen during an apply except *when*.
//! 6. An apply keeps no memory but the steps that it has attempted: stop it anywhere, start it again, and observing
//!    the cluster is enough to go on.
//! 7. One engine: whoever executes (Terraform, AKS), the loop, its waiting, its ending and its words are the same
//!    code.
//! 8. A type admits only what can be (no node image of a control plane); what was observed is never changed.
//!
//! # One walk through an apply
//!
//! Terraform refreshes: `provider::observation` asks Azure for the cluster and its offers, and keeps what it saw
//! beside the state. Terraform plans, twice, in two processes: `provider::assessment` computes [`upgrade::plan`]
//! and [`upgrade::promise`] from the arguments and what was kept, and nothing else, so both answers are the
//! same. Terraform applies: `provider::apply` computes the promise once more, then loops: observe, ask
//! [`upgrade::action::next`], do it. A step is one write; [`arm::operation`] follows it to its end. When every
//! step of the promise is observed to be done, the planned values are the true ones.

pub mod arm;
pub mod cli;
pub mod clock;
pub mod provider;
pub mod simulator;
pub mod terraform;
pub mod upgrade;
