//! Locks: what nobody may delete or change until the lock is taken away.

use serde_json::{Value, json};

use crate::simulator::scenario::{Level, Lock};
use crate::simulator::world::cluster::{Cluster, text};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Route;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn list_locks(&self, call: &Call, scope: &str) -> Reply {
        let locks: Vec<&Lock> = self.limits.locks.iter().filter(|lock| is_at(&lock.scope, scope)).collect();
        self.list(call, &locks, |lock| show(lock))
    }

    pub(super) fn get_lock(&self, scope: &str, name: &str) -> Result<Reply, Refusal> {
        let found = self.limits.locks.iter().find(|lock| is(lock, scope, name));
        let missing = || {
            let message = format!("The lock '{name}' could not be found.");
            Refusal::gateway(404, "LockNotFound", message)
        };
        Ok(Reply::json(200, show(found.ok_or_else(missing)?)))
    }

    pub(super) fn put_lock(&mut self, call: &Call, scope: &str, name: &str) -> Result<Reply, Refusal> {
        if let Some(place) = Route::of(scope).place() {
            self.look(place)?;
        }
        let body = call.json()?;
        let properties = body.get("properties").cloned().unwrap_or_default();
        let level = match properties["level"].as_str() {
            Some("CanNotDelete") => Level::CanNotDelete,
            Some("ReadOnly") => Level::ReadOnly,
            _ => {
                return Err(Refusal::gateway(
                    400,
                    "InvalidLockLevel",
                    "The lock level is CanNotDelete or ReadOnly.",
                ));
            }
        };
        let notes = properties["notes"].as_str().map(str::to_owned);
        let lock = Lock { scope: scope.into(), name: name.into(), level, notes };
        let before = self.limits.locks.len();
        self.limits.locks.retain(|kept| !is(kept, scope, name));
        let status = if self.limits.locks.len() < before { 200 } else { 201 };
        let shown = show(&lock);
        self.limits.locks.push(lock);
        self.stop_locked_turns();
        Ok(Reply::json(status, shown))
    }

    pub(super) fn delete_lock(&mut self, scope: &str, name: &str) -> Reply {
        let before = self.limits.locks.len();
        self.limits.locks.retain(|kept| !is(kept, scope, name));
        Reply::empty(if self.limits.locks.len() < before { 200 } else { 204 })
    }

    /// Refuses what a lock forbids: a deletion by every lock at it, above it or below it, any other write by a
    /// lock that lets one only read. The code is Resource Manager's, the sentence that of the locks on nodes.
    pub(in crate::simulator::world) fn judge_locks(&self, call: &Call) -> Result<(), Refusal> {
        let deletes = call.method == http::Method::DELETE;
        let path = format!("/{}", call.words.join("/"));
        let holds = |lock: &&Lock| {
            let above = is_at(&path, &lock.scope) && (deletes || lock.level == Level::ReadOnly);
            above || deletes && is_at(&lock.scope, &path)
        };
        let Some(lock) = self.limits.locks.iter().find(holds).filter(|_| call.is_write()) else {
            return Ok(());
        };
        let scope = &lock.scope;
        let verb = if deletes { "delete" } else { "write" };
        let message = format!(
            "The scope '{path}' cannot perform {verb} operation because following scope(s) are locked: '{scope}'. Please remove the lock and try again."
        );
        Err(Refusal::gateway(409, "ScopeLocked", message))
    }

    /// Returns the lock that holds the node resource group of a cluster, at the group or above it.
    pub(super) fn lock_of_nodes(&self, cluster: &Cluster) -> Option<&Lock> {
        let group = node_group(cluster);
        self.limits.locks.iter().find(|lock| is_at(&group, &lock.scope))
    }
}

/// Returns the ARM id of the resource group with a cluster's nodes.
pub(super) fn node_group(cluster: &Cluster) -> String {
    let group = text(&cluster.properties, "nodeResourceGroup");
    format!("/subscriptions/{}/resourceGroups/{group}", cluster.place.subscription)
}

/// Tells whether a scope is another one, or lies below it.
fn is_at(inner: &str, outer: &str) -> bool {
    let (inner, outer) = (inner.to_lowercase(), outer.to_lowercase());
    inner.strip_prefix(outer.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is(lock: &Lock, scope: &str, name: &str) -> bool {
    lock.scope.eq_ignore_ascii_case(scope) && lock.name.eq_ignore_ascii_case(name)
}

fn show(lock: &Lock) -> Value {
    let mut properties = json!({ "level": lock.level });
    if let Some(notes) = &lock.notes {
        properties["notes"] = json!(notes);
    }
    json!({
        "properties": properties, "id": format!("{}/providers/Microsoft.Authorization/locks/{}", lock.scope, lock.name),
        "type": "Microsoft.Authorization/locks", "name": lock.name,
    })
}
