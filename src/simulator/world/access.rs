//! Whether a caller is let in: token, subscription, allowed actions.

use serde_json::json;

use crate::simulator::world::entra::OBJECT;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        let token = call.bearer.as_deref().ok_or_else(Refusal::unauthenticated)?;
        self.check_expiry(token)?;
        call.check_api_version()?;
        match call.words.as_slice() {
            [_, subscription, ..] if call.is_of_arm() && !self.has_subscription(subscription) => {
                Err(Refusal::no_subscription(subscription))
            }
            _ => self.allow(call),
        }
    }

    /// Returns what every caller may do, at whatever scope.
    pub(super) fn permissions(&self) -> Reply {
        let actions = self.entra.allow.clone().unwrap_or_else(|| vec!["*".to_owned()]);
        Reply::json(200, json!({ "value": [{ "actions": actions, "notActions": [] }] }))
    }

    fn allow(&self, call: &Call) -> Result<(), Refusal> {
        let Some(((action, scope), allowed)) = call.action().zip(self.entra.allow.as_ref()) else {
            return Ok(());
        };
        if allowed.iter().any(|pattern| fits(pattern, &action)) {
            return Ok(());
        }
        Err(Refusal::forbidden(OBJECT, &action, &scope))
    }
}

impl Call {
    /// Returns the action that Azure checks, and the scope over which.
    fn action(&self) -> Option<(String, String)> {
        let words = self.resource_words()?;
        let verb = self.verb();
        let path = format!("/{}", self.words.join("/"));
        let scope = if words.len() % 2 == 0 { path.as_str() } else { path.rsplit_once('/')?.0 };
        Some((format!("Microsoft.ContainerService/{}/{verb}", kind_of(words)), scope.to_owned()))
    }

    /// Returns what Azure calls a method.
    pub(super) fn verb(&self) -> &'static str {
        match self.method.as_str() {
            "GET" | "HEAD" => "read",
            "DELETE" => "delete",
            "POST" => "action",
            _ => "write",
        }
    }

    /// Returns `managedClusters/agentPools` for `…/managedClusters/prod/agentPools/user`.
    pub(super) fn kind(&self) -> Option<String> {
        self.resource_words().map(kind_of)
    }

    /// Returns the words of the path after the resource provider's name, where it is this one: the last provider
    /// that a path names is the one that is asked, as for the locks of a cluster.
    fn resource_words(&self) -> Option<&[String]> {
        let at = self.words.iter().rposition(|word| word.eq_ignore_ascii_case("providers"))?;
        let provider = self.words.get(at + 1)?;
        provider.eq_ignore_ascii_case("Microsoft.ContainerService").then(|| &self.words[at + 2..])
    }
}

fn kind_of(words: &[String]) -> String {
    words.iter().step_by(2).map(String::as_str).collect::<Vec<_>>().join("/")
}

/// Tells whether an action fits a pattern, in any case; `*` stands for anything.
fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == action };
    let Some(mut action) = action.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match action.find(part) {
            Some(at) => action = &action[at + part.len()..],
            None => return false,
        }
    }
    action.ends_with(last)
}
