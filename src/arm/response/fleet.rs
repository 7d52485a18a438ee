//! The update runs of a Fleet, which upgrade its member clusters.
//!
//! Nothing in a cluster's body tells that it is the member of a Fleet; the Fleet's own lists do. Shapes: the models
//! of `azure-mgmt-containerservicefleet` 4.0.

use serde_json::Value;

use crate::arm::id::FleetId;
use crate::arm::response::{LONGEST_WORD, list, text};
use crate::arm::text::plain;
use crate::upgrade::cluster::UpdateRun;

/// States after which a run, or its work on a member, does nothing any more.
const ENDED: [&str; 4] = ["Completed", "Failed", "Skipped", "Stopped"];

/// Reads the ids of a list of Fleets; what is no id of a Fleet is passed over.
#[must_use]
pub fn fleets(body: &Value) -> Vec<FleetId> {
    list(body, "value").filter_map(|fleet| FleetId::parse(text(fleet, "id"))).collect()
}

/// Reads the update runs that still have work to do on a cluster, from the elements of lists of them.
///
/// A run that nobody has started yet counts: it may be started at any time.
///
/// ```
/// use serde_json::json;
/// use terraform_provider_aks::arm::response::update_runs;
///
/// let run = json!({ "id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.ContainerService/fleets/all/updateRuns/monthly", "properties": { "status": {
///     "status": { "state": "Running" },
///     "stages": [{ "groups": [{ "members": [
///         { "clusterResourceId": "/a/one", "status": { "state": "Completed" } },
///         { "clusterResourceId": "/A/Two", "status": { "state": "NotStarted" } },
///     ] }] }],
/// } } });
/// assert!(update_runs("/a/one", [&run]).is_empty(), "it is done with this one");
/// assert_eq!(update_runs("/a/two", [&run])[0].fleet, "all");
/// ```
#[must_use]
pub fn update_runs<'a>(cluster: &str, runs: impl IntoIterator<Item = &'a Value>) -> Vec<UpdateRun> {
    runs.into_iter().filter_map(|run| update_run(cluster, run)).collect()
}

fn update_run(cluster: &str, run: &Value) -> Option<UpdateRun> {
    let status = &run["properties"]["status"];
    let state = text(&status["status"], "state");
    let groups = list(status, "stages").flat_map(|stage| list(stage, "groups"));
    let mut members = groups.flat_map(|group| list(group, "members"));
    let waits = |member: &Value| is(member, cluster) && !ENDED.contains(&text(&member["status"], "state"));
    if ENDED.contains(&state) || !members.any(waits) {
        return None;
    }
    let id: Vec<&str> = text(run, "id").split('/').collect();
    let [.., fleet, _, name] = id[..] else { return None };
    let kept = |text| plain(text, LONGEST_WORD);
    Some(UpdateRun { fleet: kept(fleet), name: kept(name), state: kept(state) })
}

/// Returns an update run without its other members: a state keeps its own cluster's part alone.
#[must_use]
pub fn member_of_update_run(cluster: &str, run: &Value) -> Value {
    let mut run = run.clone();
    let stages = each(run.pointer_mut("/properties/status/stages"));
    let groups = stages.flat_map(|stage| each(stage.get_mut("groups")));
    let members = groups.filter_map(|group| group.get_mut("members")?.as_array_mut());
    members.for_each(|members| members.retain(|member| is(member, cluster)));
    run
}

fn each(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

fn is(member: &Value, cluster: &str) -> bool {
    text(member, "clusterResourceId").eq_ignore_ascii_case(cluster)
}
