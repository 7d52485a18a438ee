//! Decides what may run, when it may run and what to do next: pure functions of values.
//!
//! Two wings that do not know each other meet in [`action::next`]: *what* ([`seen`] × [`policy`] → [`plan`])
//! and *when* ([`window`]). Nothing here does I/O, reads a clock or an environment variable, is `async`, or
//! logs. Time is an argument. In reading order:
//!
//! | module | |
//! |---|---|
//! | [`text`], [`duration`] | What is parsed and printed for more than one of them. |
//! | [`version`], [`node_image`] | Kubernetes versions and node images: parse, order. |
//! | [`kind`], [`task`] | What windows tell apart: kinds of work, and the parts of a cluster. |
//! | [`window`] | When: windows less blackouts, and AKS's own schedules. |
//! | [`cluster`], [`aks_channel`] | What Azure showed: control plane, pools, other owners; AKS's own channels. |
//! | [`os`] | Which operating system comes and ends with which version. |
//! | [`offer`] | What Azure offers. |
//! | [`seen`] | Both at one instant: what every decision is made from. |
//! | [`support`] | When a minor leaves support. |
//! | [`policy`] | What the user wants. |
//! | [`step`] | The words of a plan: what becomes what. |
//! | [`block`] | Every reason that stands in the way, its code and its effect. |
//! | [`resume`] | What a write goes on with beside its own work. |
//! | [`plan`] | What: the steps to the goal in order, and what blocks them. |
//! | [`slot`] | The first instant at which a step may start. |
//! | [`course`] | Which way a plan goes at an instant: straight, or by the patches first. |
//! | [`promise`] | What an apply now would do. |
//! | [`progress`] | How far a step has come, and what keeps it from starting. |
//! | [`foresight`] | What will be seen later, as far as anybody can know. |
//! | [`forecast`] | What is to come, with dates. |
//! | [`attempted`] | What a run has tried: the only memory that a decision is made from. |
//! | [`action`] | The next thing to do. |

pub mod text;
pub mod duration;
pub mod version;
pub mod node_image;
pub mod kind;
pub mod task;
pub mod window;
pub mod cluster;
pub mod aks_channel;
pub mod os;
pub mod offer;
pub mod seen;
pub mod support;
pub mod policy;
pub mod step;
pub mod block;
mod resume;
pub mod plan;
pub mod slot;
pub mod course;
pub mod promise;
pub mod progress;
pub mod foresight;
pub mod forecast;
pub mod attempted;
pub mod action;
