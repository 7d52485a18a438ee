//! What an update run asks of a member's cluster, and what becomes of it.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::simulator::catalogue::{family, is_newer};
use crate::simulator::version::{Version, Wish};
use crate::simulator::world::cluster::{Cluster, Object, is_of_machines, pool_version, stopped, text};
use crate::simulator::world::fleet::members::cluster_place;
use crate::simulator::world::fleet::run::{Error, Member, Run};
use crate::simulator::world::fleet::window::Window;
use crate::simulator::world::operation::{End, Work};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::{Call, World};

/// What a look at a member's cluster says.
pub(super) enum Verdict {
    /// It has to wait, for this reason.
    Wait { code: &'static str, message: String },
    /// It is there already, and in which parts.
    Skip(String),
    /// The next request, and what of the cluster needs none.
    Ask(Ask, Option<String>),
    /// It cannot be upgraded.
    Fail(Error),
}

/// A request of an upgrade.
pub(super) struct Ask {
    method: &'static str,
    path: String,
    body: Value,
    /// The pool, for an upgrade of one.
    pub pool: Option<String>,
}

impl World {
    /// Looks at a member's cluster: whether it can be upgraded now, and with which request.
    pub(super) fn look_at_member(&self, run: &Run, member: &Member) -> Verdict {
        let place = cluster_place(&member.cluster);
        let found = place.as_ref().map(|place| self.look(place));
        let cluster = match found {
            Some(Ok(cluster)) => cluster,
            Some(Err(refusal)) => return Verdict::Fail(error_of(&refusal)),
            None => {
                return Verdict::Fail(Error {
                    code: "ResourceNotFound".into(),
                    message: member.cluster.clone(),
                });
            }
        };
        let verdict = match run.goal("/upgrade/type") {
            "NodeImageOnly" => self.renew_images(run, member, cluster),
            kind => self.move_version(run, cluster, kind == "Full"),
        };
        match (&verdict, Window::of(cluster, run.goal("/upgrade/type") == "NodeImageOnly", self.now)) {
            // A member that has begun is finished.
            (Verdict::Ask(..), Window::Closed(opens)) if member.operation.is_none() => closed(member, opens),
            _ => verdict,
        }
    }

    fn move_version(&self, run: &Run, cluster: &Cluster, full: bool) -> Verdict {
        let wanted = run.goal("/upgrade/kubernetesVersion");
        let Ok(wish) = wanted.parse::<Wish>() else {
            let message = format!("The Kubernetes version '{wanted}' is invalid.");
            return Verdict::Fail(Error { code: "InvalidParameter".into(), message });
        };
        // Ours, after the text for node images.
        let not_there = |target: &str| Verdict::Wait {
            code: "KubernetesVersionNotAvailable",
            message: format!(
                "target upgrade Kubernetes version \"{target}\" is not available in region \"{}\"",
                cluster.location()
            ),
        };
        let Some(target) = self.catalogue.resolve(wish, cluster.version(), self.now) else {
            return not_there(wanted);
        };
        let name = &cluster.place.name;
        // Auto-upgrade passes by what is more than a minor away, and the others go on (docs: concepts-auto-upgrade).
        if run.is_automatic() && target.minor > cluster.version().minor + 1 {
            let from = cluster.version();
            return Verdict::Skip(format!(
                "Skipped upgrade for cluster \"{name}\": auto-upgrade does not skip minor versions from {from} to {target}."
            ));
        }
        let there = |part: &str| {
            format!(
                "Skipped {part} upgrade for cluster \"{name}\": already at or ahead of the target Kubernetes version."
            )
        };
        // A version is shown at once; what an earlier upgrade has left unfinished is not there.
        let unfinished = |pool: &Object| {
            cluster.behind.get(&text(pool, "name").to_ascii_lowercase()).is_some_and(|behind| behind.upgrade)
        };
        let failed = cluster.version() == target && matches!(cluster.state(), "Failed" | "Canceled");
        let control_plane = cluster.version() >= target && !cluster.control_plane_behind && !failed;
        let control_plane = control_plane.then(|| there("control plane"));
        // Nodes of node auto-provisioning follow by themselves.
        let mut own = cluster.pools.iter().filter(|pool| !is_of_machines(pool));
        let behind = own.find(|pool| pool_version(pool) < target || unfinished(pool));
        let pools = behind.is_none().then(|| there("agent pool"));
        let (path, body) = (cluster.id("resourceGroups"), cluster.body());
        match (control_plane, pools, behind) {
            (Some(control_plane), _, _) if !full => Verdict::Skip(control_plane),
            (Some(control_plane), Some(pools), _) => Verdict::Skip(format!("{control_plane} {pools}")),
            (None, ..) if !self.catalogue.has(target, self.now) => not_there(&target.to_string()),
            (None, ..) => Verdict::Ask(
                Ask { method: "PUT", path, body: to_version(body, target, full), pool: None },
                None,
            ),
            (Some(control_plane), _, Some(pool)) => {
                let pool = text(pool, "name").to_owned();
                let body = json!({ "properties": { "orchestratorVersion": target.to_string() } });
                let path = format!("{path}/agentPools/{pool}");
                Verdict::Ask(Ask { method: "PUT", path, body, pool: Some(pool) }, Some(control_plane))
            }
            (Some(control_plane), None, None) => Verdict::Skip(control_plane),
        }
    }

    /// Asks for the next pool whose image is not the run's.
    fn renew_images(&self, run: &Run, member: &Member, cluster: &Cluster) -> Verdict {
        let mut skipped = vec![];
        let mut next = None;
        for pool in cluster.pools.iter().filter(|pool| !stopped(pool)) {
            let (name, image) = (text(pool, "name"), text(pool, "nodeImageVersion"));
            if member.pools.iter().any(|done| done == name) {
                continue;
            }
            match self.image_for(run, pool) {
                None if run.goal("/nodeImageSelection/type") == "Consistent" => {
                    return Verdict::Skip(format!("No consistent node image was selected for agent pool \"{name}\"."));
                }
                None => skipped.push(format!("no node image version of its family was given for agent pool \"{name}\".")),
                Some(wanted) if wanted == image || is_newer(image, &wanted) => skipped.push(format!(
                    "current node image version \"{image}\" of agent pool \"{name}\" is already at or ahead of target upgrade version \"{wanted}\"."
                )),
                Some(wanted) if is_newer(&wanted, &self.wanted_image(pool)) || !self.catalogue.has_image(&wanted, self.now) => {
                    return Verdict::Wait {
                        code: "NodeImageVersionNotAvailable",
                        message: format!(
                            "target upgrade node image version \"{wanted}\" for agent pool {name} is not available in region \"{}\"",
                            cluster.location()
                        ),
                    };
                }
                Some(_) => {
                    next.get_or_insert(name);
                }
            }
        }
        let note = (!skipped.is_empty())
            .then(|| format!("Skipped upgrade of following agent pool(s): {}", skipped.join(" ")));
        match (next, note) {
            (Some(pool), note) => {
                let path =
                    format!("{}/agentPools/{pool}/upgradeNodeImageVersion", cluster.id("resourceGroups"));
                Verdict::Ask(Ask { method: "POST", path, body: Value::Null, pool: Some(pool.into()) }, note)
            }
            (None, note) => Verdict::Skip(note.unwrap_or_default()),
        }
    }

    /// Returns the image to which a run brings a pool: the latest, or the one that it has selected.
    fn image_for(&self, run: &Run, pool: &Object) -> Option<String> {
        let latest = self.wanted_image(pool);
        match run.goal("/nodeImageSelection/type") {
            "Consistent" | "Custom" => {
                run.images.iter().find(|image| family(image) == family(&latest)).cloned()
            }
            _ => Some(latest),
        }
    }

    /// Sends a request, and returns the id of the operation that it begins.
    pub(super) fn send_for_member(&mut self, run: &Run, ask: &Ask) -> Result<String, Error> {
        let Ask { method, path, body, .. } = ask;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(*method)
            .uri(format!("https://management.azure.com{path}?api-version=2026-08-01"))
            .body(Bytes::from(body));
        let request =
            request.map_err(|error| Error { code: "BadRequest".into(), message: error.to_string() })?;
        let before = self.operations.len();
        // Fleet goes through Resource Manager: a lock holds for it as for everybody.
        let call = Call::of(request);
        let sent = self.judge_locks(&call).and_then(|()| self.dispatch(&call));
        sent.map_err(|refusal| error_of(&refusal))?;
        let Some(id) = self.operations.get(before).map(|operation| operation.id.clone()) else {
            let message = "The cluster began no operation.".into();
            return Err(Error { code: "InternalServerError".into(), message });
        };
        if run.goal("/nodeImageSelection/type") != "Latest" {
            self.choose_images(before, &run.images);
        }
        Ok(id)
    }

    /// Brings the nodes of an operation to the images that a run has selected.
    fn choose_images(&mut self, operation: usize, images: &[String]) {
        let Some(operation) = self.operations.get_mut(operation) else { return };
        let mut chosen = vec![];
        for step in &mut operation.steps {
            if let Work::Nodes { pool, image, .. } = &mut step.work
                && let Some(selected) = images.iter().find(|selected| family(selected) == family(image))
            {
                image.clone_from(selected);
                chosen.push((pool.to_ascii_lowercase(), selected.clone()));
            }
        }
        let place = operation.place.clone();
        let Ok(cluster) = self.hold(&place) else { return };
        for (pool, image) in chosen {
            if let Some(behind) = cluster.behind.get_mut(&pool) {
                behind.back = Some(image);
            }
        }
    }

    /// Returns how an operation on a cluster ended; none while it runs.
    pub(super) fn end_of(&self, id: &str) -> Option<Result<(), Error>> {
        let operation = self.operations.iter().find(|operation| operation.id == id)?;
        let (_, end) = operation.ended?;
        let text = |error: &Value, key: &str| error[key].as_str().unwrap_or_default().to_owned();
        Some(match operation.end_error(end) {
            None => Ok(()),
            Some(error) if end == End::Canceled || end == End::Failed => {
                Err(Error { code: text(&error, "code"), message: text(&error, "message") })
            }
            Some(_) => Ok(()),
        })
    }
}

/// Ours: the documentation says that the message tells the next opening.
fn closed(member: &Member, opens: Option<jiff::Timestamp>) -> Verdict {
    let when = opens.map_or("does not open within a year".into(), |at| format!("opens next at {at}"));
    Verdict::Wait {
        code: "MaintenanceWindowNotOpen",
        message: format!("the maintenance window of member \"{}\" is not open; it {when}", member.name),
    }
}

/// Returns the body of a cluster with another version, for its pools, too.
fn to_version(mut body: Value, target: Version, full: bool) -> Value {
    body["properties"]["kubernetesVersion"] = json!(target.to_string());
    let pools = body["properties"]["agentPoolProfiles"].as_array_mut();
    let own = pools.into_iter().flatten().filter(|pool| full && pool["mode"] != "Machines");
    for pool in own {
        pool["orchestratorVersion"] = json!(target.to_string());
    }
    body
}

fn error_of(refusal: &Refusal) -> Error {
    let error = refusal.body.get("error").unwrap_or(&refusal.body);
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    Error { code: text("code"), message: text("message") }
}
