//! What is to come for one cluster: the steps of its resource laid over the openings to come.
//!
//! The observation, the plan and the windows are those of the resource, by the same code; only the instant may be
//! another one. Data source and command line show it.
//!
//! | module | |
//! |---|---|
//! | [`words`] | In a line: what is to come, and each step with its time. |
//! | [`table`] | Rows of cells in Markdown, and texts that it does not read. |
//! | [`markdown`] | For a pull request. |
//! | [`calendar`] | For a calendar: iCalendar. |
//! | [`attributes`] | As values of Terraform. |

pub mod words;
pub mod table;
pub mod markdown;
pub mod calendar;
pub mod attributes;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::arm::id::ClusterId;
use crate::provider::arguments::Arguments;
use crate::provider::arguments::ahead::Ahead;
use crate::provider::assessment::{Assessment, line};
use crate::provider::observation::observe::OfferKind;
use crate::provider::observation::{Memory, Observation};
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::upgrader::Upgrader;
use crate::provider::steps::Steps;
use crate::provider::words::explain;
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::forecast::{Forecast, Held, Scheduled, forecast};
use crate::upgrade::step::Step;
use crate::upgrade::window::interval::Interval;

/// What is to come for one cluster.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The cluster.
    pub cluster: ClusterId,
    /// What it is called where it is shown: its name, and more where that names several.
    pub name: String,
    /// What the arguments make of it now.
    pub assessment: Assessment,
    /// The same with dates.
    pub forecast: Forecast,
    /// Steps that would start from here on are left.
    pub until: Timestamp,
}

/// A step to come.
#[derive(Clone, Debug)]
pub struct Coming<'a> {
    /// Its key in the map `steps` of the resource.
    pub key: String,
    /// What becomes what.
    pub step: &'a Step,
    /// When; `None` when it does not start before the horizon.
    pub scheduled: Option<&'a Scheduled>,
}

/// What stands in the way, today or later.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The reason.
    pub block: &'a Block,
    /// From when on, where it does not today.
    pub since: Option<Timestamp>,
}

impl Outlook {
    /// Lays what an observation leads to over the openings to come.
    #[must_use]
    pub fn new(arguments: &Arguments, seen: &Observation, horizon: SignedDuration) -> Self {
        let assessment = Assessment::new(arguments, seen);
        let forecast = forecast(seen, &arguments.policy, &assessment.windows, horizon);
        let until = Interval::lasting(seen.at, horizon).end;
        let (cluster, name) = (arguments.cluster.clone(), assessment.cluster.name.clone());
        Outlook { cluster, name, assessment, forecast, until }
    }

    /// Asks Azure, as a refresh does, and looks ahead.
    ///
    /// # Errors
    ///
    /// What keeps the cluster from being read.
    pub(in crate::provider) async fn of<U: ClusterResource>(
        upgrader: &Upgrader<U>,
        arguments: &Arguments,
        ahead: Ahead,
    ) -> Result<Self, Diagnostic> {
        let client = upgrader.azure.client()?.until(Instant::now() + arguments.timeouts.read);
        let offers = OfferKind::of(&arguments.policy.goal);
        let id = &arguments.cluster;
        let seen = upgrader.observe(&client, id, Some(arguments), offers, Memory::default(), true).await;
        let seen = seen.map_err(|error| explain::not_observed(&arguments.cluster, &error))?;
        // Azure's clock counts seconds.
        let now = Timestamp::from_second(seen.at.as_second()).unwrap_or(seen.at);
        let seen = seen.seen_at(ahead.as_of.unwrap_or(now));
        Ok(Outlook::new(arguments, &seen, ahead.horizon))
    }

    /// Returns the instant that it was made for.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.assessment.at
    }

    /// Returns the steps to come, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<Coming<'_>> {
        let scheduled = self.forecast.scheduled.iter().map(|one| (&one.step, Some(one)));
        let all: Vec<_> = scheduled.chain(self.forecast.left.iter().map(|step| (step, None))).collect();
        let lines: Vec<_> = all.iter().map(|(step, _)| line(step)).collect();
        let keys = Steps::default().refreshed(&lines);
        let keys = keys.lines().map(|(key, _)| key.to_owned());
        keys.zip(&all).map(|(key, (step, scheduled))| Coming { key, step, scheduled: *scheduled }).collect()
    }

    /// Returns everything that stands in the way, time aside: what does today, and what will hold the rest.
    #[must_use]
    pub fn blocks(&self) -> Vec<Told<'_>> {
        let today = self.assessment.blocks();
        let is_told = |held: &&Held| today.iter().any(|one| **one == held.block || one.is_alike(&held.block));
        let held = self.forecast.held.iter().filter(|held| !is_told(held));
        let held = held
            .map(|held| Told { block: &held.block, since: Some(held.since).filter(|at| *at > self.at()) });
        let today = today.iter().copied().map(|block| Told { block, since: None });
        today.chain(held).filter(|told| told.block.effect() != Effect::Waits).collect()
    }
}
