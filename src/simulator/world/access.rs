//! Whether a caller is let in: token, API version, subscription, allowed actions.

use super::entra::OBJECT;
use super::refusal::Refusal;
use super::route::Route;
use super::{Call, World};

/// The newest API versions, for refusals that list them.
const NEWEST: &str =
    "2025-10-01, 2026-04-01, 2026-05-01, 2026-06-01, 2026-08-01, 2026-05-02-preview, 2026-08-02-preview";
/// The oldest and the newest day of an API version.
const DAYS: (&str, &str) = ("2017-08-31", "2026-08-02");

impl World {
    pub(super) fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        let token = call.bearer.as_deref().ok_or_else(Refusal::unauthenticated)?;
        self.check_expiry(token)?;
        call.check_api_version()?;
        match call.path.trim_matches('/').split('/').collect::<Vec<_>>().as_slice() {
            [_, subscription, ..] if !self.has_subscription(subscription) => {
                Err(Refusal::no_subscription(subscription))
            }
            _ => self.allow(call),
        }
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
    fn check_api_version(&self) -> Result<(), Refusal> {
        let version = self.parameter("api-version").filter(|version| !version.is_empty());
        let version = version.ok_or_else(Refusal::no_api_version)?;
        let day = version.strip_suffix("-preview").unwrap_or(version);
        if day.len() != 10 || jiff::civil::Date::strptime("%Y-%m-%d", day).is_err() {
            return Err(Refusal::malformed_api_version(version, NEWEST));
        }
        // An operation's address carries the version that the service has chosen.
        let ours = !matches!(self.route, Route::Status { .. } | Route::Result { .. });
        match self.words().filter(|_| ours && !(DAYS.0..=DAYS.1).contains(&day)) {
            Some(words) => Err(Refusal::unsupported_api_version(version, &kind(&words), NEWEST)),
            None => Ok(()),
        }
    }

    /// Returns the action that Azure checks, and the scope over which.
    fn action(&self) -> Option<(String, String)> {
        let words = self.words()?;
        let verb = match self.method.as_str() {
            "GET" | "HEAD" => "read",
            "DELETE" => "delete",
            "POST" => "action",
            _ => "write",
        };
        let scope = if words.len() % 2 == 0 { &self.path } else { self.path.rsplit_once('/')?.0 };
        Some((format!("Microsoft.ContainerService/{}/{verb}", kind(&words)), scope.to_owned()))
    }

    /// Returns the words of the path after the resource provider's name.
    fn words(&self) -> Option<Vec<&str>> {
        let mut words = self.path.trim_matches('/').split('/');
        words.find(|word| word.eq_ignore_ascii_case("Microsoft.ContainerService"))?;
        Some(words.collect())
    }
}

/// Returns `managedClusters/agentPools` for `managedClusters/prod/agentPools/user`.
fn kind(words: &[&str]) -> String {
    words.iter().step_by(2).copied().collect::<Vec<_>>().join("/")
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
