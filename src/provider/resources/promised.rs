//! What a plan promises in its values, and whether an apply kept it.
//!
//! Facts (what Azure shows) and the promise (what this apply will do) never mix:
//!
//! | attribute | in a plan that acts | after the apply |
//! |---|---|---|
//! | `id`, `target_version`, `steps` | known | as planned, once the promised steps are done |
//! | `current_version`, also of a pool that a promised step moves | known | what Azure shows, else an error |
//! | everything else of a pool | unknown, its key known | what Azure shows |
//! | `status`, `blocked_by`, `next_window` | unknown | what Azure shows |

use crate::provider::assessment::Assessment;
use crate::provider::observation::Observation;
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::steps::Steps;
use crate::provider::words::explain::Mismatch;
use crate::terraform::schema::Presence;
use crate::terraform::value::Value;
use crate::upgrade::progress::is_reached;
use crate::upgrade::step::{Step, Work};

/// The leaf of a pool that a promised version step makes known.
const VERSION: &str = "current_version";

/// What changes by itself, or with what others do: never promised.
const FACTS: [&str; 3] = ["status", "blocked_by", "next_window"];

/// Puts the facts of an assessment into a state, and goes on with its map `steps`.
pub fn show<U: ClusterResource>(state: &mut Value, assessment: &Assessment) {
    let steps = steps(state).refreshed(&assessment.lines());
    set::<U>(state, assessment, &steps);
}

/// Puts the facts into a state whose promise was not kept: the lines whose steps are gone from what is pending, and
/// where they lead Azure shows, are done, counted from the map before the plan.
pub fn show_progress<U: ClusterResource>(
    state: &mut Value,
    before: &Value,
    promised: &Assessment,
    seen: &Observation,
    assessment: &Assessment,
) {
    let leading = promised.promise.steps.iter().take_while(|step| is_reached(&step.work, seen));
    let before = steps(before).refreshed(&promised.promised_lines());
    let steps = before.progressed(&assessment.lines(), leading.count());
    set::<U>(state, assessment, &steps);
}

/// Puts the promise of an assessment into a planned state.
pub fn commit<U: ClusterResource>(state: &mut Value, assessment: &Assessment) {
    let (usual, promised) = (assessment.lines(), assessment.promised_lines());
    let count = assessment.promise.steps.len();
    // The same lines in another order: each keeps its key, unless two of this apply would be read in the wrong order.
    let places = promised[..count].iter().map(|line| usual.iter().position(|known| known == line));
    let is_same = usual.len() == promised.len() && promised.iter().all(|line| usual.contains(line));
    let steps = if is_same && places.is_sorted() {
        steps(state).refreshed(&usual).promising_each(&promised[..count])
    } else {
        steps(state).refreshed(&promised).promising(count)
    };
    set::<U>(state, &assessment.after(), &steps);
    FACTS.into_iter().for_each(|name| state.set(name, Value::unknown()));
    let pools = state.get(U::POOLS).as_map().cloned().unwrap_or_default();
    let promised = pools.into_iter().map(|(name, pool)| {
        let moves = assessment.promise.steps.iter().any(|step| moves(step, &name, assessment));
        (name, facts_unknown(pool, moves))
    });
    state.set(U::POOLS, Value::object(promised));
}

/// Keeps the facts, and marks everything else as known after apply: an argument is unknown.
///
/// Terraform holds the plan that follows, once the argument is known, to the facts. One that acts unknows them.
pub fn hold<U: ClusterResource>(state: &mut Value, facts: &Assessment) {
    hide::<U>(state);
    for (name, value) in U::computed(facts).into_iter().filter(|(name, _)| [VERSION, U::POOLS].contains(name))
    {
        state.set(name, value);
    }
}

/// Keeps what the last refresh showed, and marks the rest as known after apply: an argument names what was not read, and
/// nothing is started. What it reads may bring steps, so their lines are not kept: the plan after it would show others.
pub fn keep<U: ClusterResource>(state: &mut Value, prior: &Value) {
    hide::<U>(state);
    let kept = U::schema().attributes.into_iter().map(|attribute| attribute.name);
    for name in kept.filter(|name| [VERSION, U::POOLS].contains(&name.as_str())) {
        state.set(&name, prior.get(&name).clone());
    }
}

/// Marks every fact as known after apply, and keeps the keys of the pools: nothing is deleted.
pub fn unknow<U: ClusterResource>(state: &mut Value, prior: &Value) {
    hide::<U>(state);
    let pools = prior.get(U::POOLS).as_map().cloned().unwrap_or_default();
    let pools = pools.into_iter().map(|(name, pool)| (name, facts_unknown(pool, false)));
    state.set(U::POOLS, Value::object(pools));
}

/// Tells whether a plan is about the cluster that the state is about, however its id is spelled.
#[must_use]
pub fn is_same_cluster(prior: &Value, planned: &Value) -> bool {
    let id = |state: &Value| state.get("cluster_id").as_str().map(str::to_lowercase);
    id(prior) == id(planned)
}

/// Marks every computed attribute as known after apply.
pub fn hide<U: ClusterResource>(state: &mut Value) {
    for attribute in U::schema().attributes {
        if attribute.presence == Presence::Computed {
            state.set(&attribute.name, Value::unknown());
        }
    }
    let id = state.get("cluster_id").clone();
    state.set("id", id);
}

/// Tells whether a plan leaves every argument as it is.
#[must_use]
pub fn keeps_arguments<U: ClusterResource>(prior: &Value, planned: &Value) -> bool {
    let schema = U::schema();
    let arguments = schema.attributes.iter().filter(|attribute| attribute.presence != Presence::Computed);
    let blocks = schema.blocks.iter().map(|block| block.name.as_str());
    let mut names = arguments.map(|attribute| attribute.name.as_str()).chain(blocks);
    names.all(|name| prior.get(name) == planned.get(name))
}

/// Returns the versions that a plan promised and Azure does not show: what runs, and what was planned.
#[must_use]
pub fn broken(planned: &Value, live: &Value, pools: &str) -> Vec<Mismatch> {
    let of = |part: &str, planned: &Value, live: &Value| {
        let (planned, found) = (planned.as_str()?, live.as_str().unwrap_or("nothing"));
        (planned != found).then(|| Mismatch {
            part: part.to_owned(),
            planned: planned.to_owned(),
            found: found.to_owned(),
        })
    };
    let control_plane = of("the control plane", planned.get(VERSION), live.get(VERSION));
    let entries = planned.get(pools).as_map().into_iter().flatten();
    let moved = entries.filter_map(|(name, pool)| {
        of(&format!("pool {name}"), pool.get(VERSION), live.get(pools).get(name).get(VERSION))
    });
    control_plane.into_iter().chain(moved).collect()
}

fn set<U: ClusterResource>(state: &mut Value, assessment: &Assessment, steps: &Steps) {
    let id = state.get("cluster_id").clone();
    state.set("id", id);
    for (name, value) in U::computed(assessment) {
        state.set(name, value);
    }
    let lines = steps.lines().map(|(key, text)| (key.to_owned(), text.into()));
    state.set("steps", Value::object(lines));
}

/// Reads the map of a state; unknown and null are empty.
fn steps(state: &Value) -> Steps {
    let lines = state.get("steps").as_map().into_iter().flatten();
    Steps::read(lines.filter_map(|(key, text)| Some((key.as_str(), text.as_str()?))))
}

/// Tells whether a step brings a pool to another Kubernetes version. Nodes of a pool of machines follow later.
fn moves(step: &Step, pool: &str, assessment: &Assessment) -> bool {
    match &step.work {
        Work::Pool { pool: moved, .. } => moved == pool,
        Work::Cluster { .. } => assessment.cluster.pool(pool).is_some_and(|pool| !pool.machines),
        _ => false,
    }
}

fn facts_unknown(pool: Value, moves: bool) -> Value {
    let leaves = pool.as_map().cloned().unwrap_or_default().into_iter().map(|(leaf, value)| {
        let known = moves && leaf == VERSION;
        (leaf, if known { value } else { Value::unknown() })
    });
    Value::object(leaves)
}
