//! Fleets as time goes by: operations end, runs go on, profiles begin runs.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::simulator::world::World;
use crate::simulator::world::fleet::members::cluster_place;
use crate::simulator::world::fleet::resource::etag;
use crate::simulator::world::fleet::run::{At, Run, State};
use crate::simulator::world::fleet::upgrade::Verdict;
use crate::simulator::world::fleet::window::Window;
use crate::simulator::world::fleet::{Fleet, NEVER};
use crate::simulator::world::operation::later;
use crate::simulator::world::reply::instant;

/// How often a pending member, and what is newest, is looked at.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl World {
    /// Returns the next instant at which something happens to a Fleet by itself.
    pub(in crate::simulator::world) fn next_of_fleets(&self) -> Option<Timestamp> {
        let runs = self.fleets.all.iter().flat_map(|fleet| &fleet.runs);
        let runs = runs.filter(|run| run.goes_on()).flat_map(|run| {
            let ends =
                run.follows().filter_map(|id| self.operations.iter().find(|kept| kept.id == id)?.ends());
            ends.chain([run.next_instant(self.now)])
        });
        let watched =
            self.fleets.all.iter().any(|fleet| fleet.profiles.iter().any(|profile| profile.is_on()));
        let hour = HOUR.as_secs();
        let look = self.now.as_second() - self.now.as_second().rem_euclid(hour) + hour;
        let look = Timestamp::from_second(look).ok().filter(|_| watched);
        runs.chain(self.next_fleet_end()).chain(look).filter(|at| *at > self.now && *at < NEVER).min()
    }

    /// Lets Fleets do what they do by themselves at this instant.
    pub(in crate::simulator::world) fn follow_fleets(&mut self) {
        self.end_fleet_operations();
        self.follow_runs();
        // A run that a profile makes begins at that instant, and not when somebody looks.
        if self.follow_profiles() {
            self.follow_runs();
        }
    }

    fn follow_runs(&mut self) {
        let mut all = std::mem::take(&mut self.fleets.all);
        for fleet in &mut all {
            let images = self.latest_images(fleet);
            for run in &mut fleet.runs {
                self.follow_run(run, &images);
            }
        }
        self.fleets.all = all;
    }

    fn follow_run(&mut self, run: &mut Run, latest: &[String]) {
        if !run.goes_on() {
            return;
        }
        let before = run.picture();
        if run.asked_to_start {
            run.begin(self.now);
            self.select_images(run, latest);
        }
        if run.status.state == State::Stopping {
            run.stop(self.now);
        } else {
            self.follow_members(run);
            self.begin_members(run);
        }
        self.name_gates(run);
        if run.picture() != before {
            run.resource.etag = etag(self.stamp_now());
        }
    }

    /// Picks the images of a run once, when it starts first.
    fn select_images(&self, run: &mut Run, latest: &[String]) {
        let update = run.resource.properties.get("managedClusterUpdate");
        let selection = update.map(|update| &update["nodeImageSelection"]);
        let given = selection.and_then(|selection| selection["customNodeImageVersions"].as_array());
        let given = given.into_iter().flatten().filter_map(|image| image["version"].as_str());
        match run.goal("/nodeImageSelection/type") {
            "Consistent" if run.images.is_empty() => run.images = latest.to_vec(),
            "Custom" => run.images = given.map(str::to_owned).collect(),
            _ => {}
        }
    }

    /// Looks at members that have begun, and at operations that have ended.
    fn follow_members(&mut self, run: &mut Run) {
        let running: Vec<At> = run.members().filter(|(_, member)| member.runs()).map(|(at, _)| at).collect();
        for at in running {
            let Some(member) = run.member(at) else { continue };
            let due = member.looked_at.is_none_or(|at| at <= self.now);
            match member.operation.clone() {
                Some(id) => match self.end_of(&id) {
                    Some(Ok(())) => self.serve_member(run, at),
                    Some(Err(error)) => self.fail_member(run, at, error),
                    None => {}
                },
                None if due && run.status.state != State::Failed => self.serve_member(run, at),
                None if due => run.give_back(at),
                None => {}
            }
        }
    }

    /// Lets the members begin whose turn it is, and works out where everything stands.
    fn begin_members(&mut self, run: &mut Run) {
        let failed = run.status.state == State::Failed;
        run.settle(self.now);
        if failed {
            return;
        }
        loop {
            let images_only = run.goal("/upgrade/type") == "NodeImageOnly";
            let rank = |id: &str| self.window_of(id, images_only).map_or(3, |window| window.rank(self.now));
            let chosen = run.choose(self.now, rank);
            if chosen.is_empty() {
                break;
            }
            for at in chosen {
                let pending = run.member(at).is_some_and(|member| member.status.state == State::Pending);
                run.begin_member(at, self.now);
                if pending {
                    self.serve_member(run, at);
                }
            }
            run.settle(self.now);
        }
    }

    fn window_of(&self, id: &str, images_only: bool) -> Option<Window> {
        let place = cluster_place(id)?;
        let cluster = self.clusters.iter().find(|cluster| cluster.place.is(&place))?;
        Some(Window::of(cluster, images_only, self.now))
    }

    /// Looks at a member, and does what there is to do.
    fn serve_member(&mut self, run: &mut Run, at: At) {
        let Some(member) = run.member(at).cloned() else { return };
        let now = self.now;
        match self.look_at_member(run, &member) {
            Verdict::Fail(error) => self.fail_member(run, at, error),
            Verdict::Wait { code, message } => {
                let Some(member) = run.member_mut(at) else { return };
                member.status.go_on(State::Pending, now);
                let said = format!(
                    "set member: {} to Pending due to failed validation err: {message} \n",
                    member.name
                );
                member.status.error = Some(crate::simulator::world::fleet::run::Error {
                    code: code.into(),
                    message: format!("{message} \n"),
                });
                member.message = Some(said);
                member.looked_at = Some(later(now, HOUR));
            }
            Verdict::Skip(why) => {
                let Some(member) = run.member_mut(at) else { return };
                if member.operation.is_some() {
                    member.status.end(State::Completed, now);
                } else {
                    member.status.end(State::Skipped, now);
                    member.message =
                        Some(format!("skipping member \"{}\". Skip message: {why}", member.name));
                }
            }
            Verdict::Ask(ask, note) => match self.send_for_member(run, &ask) {
                Ok(id) => {
                    let Some(member) = run.member_mut(at) else { return };
                    member.status.error = None;
                    member.status.go_on(State::Running, now);
                    if member.operation.replace(id).is_none() {
                        member.message = note;
                    }
                    member.pools.extend(ask.pool);
                }
                Err(error) => self.fail_member(run, at, error),
            },
        }
    }

    fn fail_member(&mut self, run: &mut Run, at: At, error: crate::simulator::world::fleet::run::Error) {
        if let Some(member) = run.member_mut(at) {
            member.message = Some(error.message.clone());
            member.status.fail(error, self.now);
        }
    }

    /// Makes a run where something newer has come than a profile has seen, and tells whether one did.
    fn follow_profiles(&mut self) -> bool {
        let mut is_triggered = false;
        let fleets: Vec<Fleet> =
            self.fleets.all.iter().filter(|fleet| !fleet.profiles.is_empty()).cloned().collect();
        for fleet in fleets {
            for profile in fleet.profiles.iter().filter(|profile| profile.is_on()) {
                let newest = self.newest(&fleet.place, &profile.resource.properties);
                if newest == profile.seen || newest.is_empty() {
                    continue;
                }
                let made = self.generate(&fleet.place, profile, &newest);
                let status = match &made {
                    Ok(_) => json!({ "lastTriggerStatus": "Succeeded" }),
                    Err(refusal) => {
                        json!({ "lastTriggerStatus": "Failed", "lastTriggerError": refusal.body["error"] })
                    }
                };
                self.note_trigger(&fleet, &profile.resource.name, newest, status, made.ok());
                is_triggered = true;
            }
        }
        is_triggered
    }

    fn note_trigger(
        &mut self,
        fleet: &Fleet,
        profile: &str,
        newest: Vec<String>,
        mut status: Value,
        run: Option<String>,
    ) {
        status["lastTriggeredAt"] = json!(instant(self.now));
        status["lastTriggerUpgradeVersions"] = json!(newest);
        let stamp = self.stamp_now();
        let Ok(fleet) = self.hold_fleet(&fleet.place) else { return };
        if let Some(profile) = fleet.profiles.iter_mut().find(|kept| kept.resource.is(profile)) {
            profile.seen = newest;
            profile.resource.properties.insert("autoUpgradeProfileStatus".into(), status);
            profile.resource.etag = etag(stamp);
        }
        if let Some(run) =
            fleet.runs.iter_mut().find(|kept| run.as_deref().is_some_and(|name| kept.resource.is(name)))
        {
            run.asked_to_start = run.status.state == State::NotStarted;
        }
    }
}

impl crate::simulator::world::fleet::Profile {
    fn is_on(&self) -> bool {
        self.resource.properties.get("disabled").is_none_or(|disabled| disabled != true)
    }
}
