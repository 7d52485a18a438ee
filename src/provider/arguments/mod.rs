//! What a practitioner wrote about one cluster, in the core's types.
//!
//! Each file holds an argument's schema and its way into the core's types. Everything wrong with a
//! configuration is found in one pass and attached to its attribute; unknown values are passed
//! over, and the caller is told that there were some.
//!
//! | module | |
//! |---|---|
//! | [`mod@windows`], [`mod@blackouts`] | When work may start, and when not. |
//! | [`mod@node_image`] | Which node images are kept. |
//! | [`overrides`] | Breaking glass, with a paper trail. |
//! | [`calendar`] | All of these together: when work may start. |
//! | [`mod@rollout`] | In which order the steps run, and how. |
//! | [`mod@executor`] | Who upgrades, and what does not go with it. |
//! | [`mod@timeouts`] | How long a call may take. |
//! | [`generated`] | What an import writes down where nobody wrote anything. |
//! | [`ahead`] | How far a look ahead goes, and from when. |
//! | [`refusals`] | What a window or blackout may not be, and what AKS cannot keep of one: attribute and sentence. |
//! | [`conflicts`] | Arguments that are right one by one and do not go together. |

pub mod ahead;
pub mod blackouts;
pub mod calendar;
pub mod conflicts;
pub mod executor;
pub mod generated;
pub mod node_image;
pub mod overrides;
pub mod refusals;
pub mod rollout;
pub mod timeouts;
pub mod windows;

use jiff::Timestamp;

use crate::arm::id::ClusterId;
use crate::provider::arguments::blackouts::blackout_block;
use crate::provider::arguments::calendar::Calendar;
use crate::provider::arguments::executor::{executor, executor_attribute};
use crate::provider::arguments::overrides::override_block;
use crate::provider::arguments::rollout::rollout;
use crate::provider::arguments::timeouts::{Timeouts, timeouts, timeouts_block};
use crate::provider::arguments::windows::{always_open_attribute, window_block};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::{Attribute, Block, Type};
use crate::terraform::value::Value;
use crate::upgrade::duration;
use crate::upgrade::policy::{Goal, Policy};
use crate::upgrade::promise::OutsideWindow;
use crate::upgrade::window::Windows;

/// The arguments that every upgrading resource has.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// The cluster.
    pub cluster: ClusterId,
    /// What to reach, in which order.
    pub policy: Policy,
    /// When work may start; an override opens what it ignores until it expires.
    pub windows: Windows,
    /// What to do when the window is closed.
    pub outside: OutsideWindow,
    /// How long a call may take.
    pub timeouts: Timeouts,
}

impl Arguments {
    /// Reads a configuration, a plan or a state, and returns what is wrong with it.
    ///
    /// No arguments are returned when something is wrong, when something is not known yet, and
    /// after an import, when there is a cluster but no goal.
    pub fn read(
        config: &Value,
        goal: impl FnOnce(&Reader<'_>) -> Option<Goal>,
    ) -> (Option<Arguments>, Vec<Diagnostic>) {
        let findings = Findings::default();
        let arguments = Self::gather(&Reader::new(config, &findings), goal);
        let usable = !findings.has_errors() && !findings.has_unknown();
        (arguments.filter(|_| usable), findings.into_diagnostics())
    }

    /// Returns the windows as they count when no override does.
    #[must_use]
    pub fn lasting_windows(&self) -> Windows {
        Windows { exemption: None, ..self.windows.clone() }
    }

    /// Tells whether a window is open at that instant for some of the work: what can be done now is worth doing first.
    ///
    /// Where every hour is open, none is worth more than another.
    #[must_use]
    pub fn is_in_window(&self, at: Timestamp) -> bool {
        !self.windows.windows.is_empty() && self.windows.is_open_to_any(at)
    }

    fn gather(config: &Reader<'_>, goal: impl FnOnce(&Reader<'_>) -> Option<Goal>) -> Option<Arguments> {
        let cluster = config.parse("cluster_id", "Invalid cluster id", str::parse);
        let mut goal = goal(config);
        let Calendar { windows, override_ } = Calendar::read(config);
        // A block that could not be read must never become one less: no window at all means always open.
        let is_whole = config.count("maintenance_window") == Some(windows.windows.len())
            && config.count("blackout") == Some(windows.blackouts.len());
        let outside = config.parse("outside_window", "Invalid mode", outside_window).unwrap_or_default();
        let mut min_age = config.parse("min_age", "Invalid duration", duration::parse);
        if let Some(Goal::NodeImage(images)) = &mut goal {
            images.min_age = min_age.take();
        }
        let rollout = rollout(config);
        let timeouts = timeouts(config);
        let executor = executor(config, goal.as_ref(), &windows);
        if !is_whole {
            return None;
        }
        let policy = Policy { goal: goal?, executor, min_age, rollout, override_ };
        Some(Arguments { cluster: cluster?, policy, windows, outside, timeouts })
    }
}

/// Returns the attributes that every upgrading resource begins with.
#[must_use]
pub fn leading_attributes() -> Vec<Attribute> {
    let cluster = "The ARM id of the cluster, such as `azurerm_kubernetes_cluster.prod.id`. A change replaces the resource, which changes nothing in Azure.";
    vec![Attribute::required("cluster_id", Type::String, cluster).replaces()]
}

/// Returns the attributes that say when and how, which every upgrading resource has.
#[must_use]
pub fn shared_attributes() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "min_age",
            Type::String,
            "Adopt nothing younger than this, such as `7d`. In a policy it is about Kubernetes versions, whose age counts from the first refresh that saw them offered; for images the block `node_image` has its own. In `aks_node_image` it is about images, which carry their date.",
        ),
        always_open_attribute(),
        Attribute::optional(
            "outside_window",
            Type::String,
            "What to do while the window is closed. `defer` (default): nothing, the next plan in a window acts. `fail`: plan the work for review, refuse to apply it before the window opens. `wait`: plan the work, and let apply wait for the opening.",
        ),
        Attribute::optional(
            "cutoff",
            Type::String,
            "A step starts only if this much of the opening is left, such as `45m`. Default: the estimate of the step.",
        ),
        executor_attribute(),
    ]
}

/// Returns the blocks that say when and how, which every upgrading resource has, with its own `rollout`.
#[must_use]
pub fn shared_blocks(rollout: Block) -> Vec<Block> {
    vec![window_block(), blackout_block(), rollout, override_block(), timeouts_block()]
}

fn outside_window(text: &str) -> Result<OutsideWindow, String> {
    match text {
        "defer" => Ok(OutsideWindow::Defer),
        "fail" => Ok(OutsideWindow::Fail),
        "wait" => Ok(OutsideWindow::Wait),
        _ => Err(format!("{text:?} is not a mode. It has to be \"defer\", \"fail\" or \"wait\".")),
    }
}
