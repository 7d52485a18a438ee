//! Whether a caller is let in: token, API version, subscription, allowed actions.

use super::entra::OBJECT;
use super::refusal::Refusal;
use super::route::Route;
use super::{Call, World};

/// The versions of the AKS API, oldest first (recorded, and those of its Python packages).
const VERSIONS: &str = "2017-07-01 2017-08-31 2018-03-31 2018-08-01-preview 2018-09-30-preview 2019-02-01 \
    2019-04-01 2019-04-30 2019-06-01 2019-08-01 2019-09-30-preview 2019-10-01 2019-10-27-preview 2019-11-01 \
    2020-01-01 2020-02-01 2020-03-01 2020-04-01 2020-06-01 2020-07-01 2020-09-01 2020-11-01 2020-12-01 \
    2021-02-01 2021-03-01 2021-05-01 2021-07-01 2021-08-01 2021-09-01 2021-10-01 2021-11-01-preview \
    2022-01-01 2022-01-02-preview 2022-02-01 2022-02-02-preview 2022-03-01 2022-03-02-preview 2022-04-01 \
    2022-04-02-preview 2022-05-02-preview 2022-06-01 2022-06-02-preview 2022-07-01 2022-07-02-preview \
    2022-08-02-preview 2022-08-03-preview 2022-09-01 2022-09-02-preview 2022-10-02-preview 2022-11-01 \
    2022-11-02-preview 2023-01-01 2023-01-02-preview 2023-02-01 2023-02-02-preview 2023-03-01 \
    2023-03-02-preview 2023-04-01 2023-04-02-preview 2023-05-01 2023-05-02-preview 2023-06-01 \
    2023-06-02-preview 2023-07-01 2023-07-02-preview 2023-08-01 2023-08-02-preview 2023-09-01 \
    2023-09-02-preview 2023-10-01 2023-10-02-preview 2023-11-01 2023-11-02-preview 2024-01-01 \
    2024-01-02-preview 2024-02-01 2024-02-02-preview 2024-03-02-preview 2024-04-02-preview 2024-05-01 \
    2024-05-02-preview 2024-06-02-preview 2024-07-01 2024-07-02-preview 2024-08-01 2024-09-01 \
    2024-09-02-preview 2024-10-01 2024-10-02-preview 2025-01-01 2025-01-02-preview 2025-02-01 \
    2025-02-02-preview 2025-03-01 2025-03-02-preview 2025-04-01 2025-04-02-preview 2025-05-01 \
    2025-05-02-preview 2025-06-02-preview 2025-07-01 2025-07-02-preview 2025-08-01 2025-08-02-preview \
    2025-09-01 2025-09-02-preview 2025-10-01 2025-10-02-preview 2026-01-01 2026-01-02-preview 2026-02-01 \
    2026-02-02-preview 2026-03-01 2026-03-02-preview 2026-04-01 2026-04-02-preview 2026-05-01 \
    2026-05-02-preview 2026-06-01 2026-06-02-preview 2026-07-01 2026-07-02-preview 2026-08-01 \
    2026-08-02-preview";

/// The versions of the Fleet Manager's API.
const FLEET_VERSIONS: &str = "2022-06-02-preview 2022-07-02-preview 2022-09-02-preview 2023-03-15-preview \
    2023-06-15-preview 2023-08-15-preview 2023-10-15 2024-02-02-preview 2024-04-01 2024-05-02-preview \
    2025-03-01 2025-04-01-preview 2025-08-01-preview 2026-03-02-preview 2026-06-01 2026-06-02-preview";

/// The first version that knows a kind of resource, where it is not the first of all.
const SINCE: [(&str, &str); 3] = [
    ("managedClusters/agentPools", "2019-02-01"),
    ("managedClusters/maintenanceConfigurations", "2020-12-01"),
    ("snapshots", "2021-08-01"),
];

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
        let day = version.strip_suffix("-preview").unwrap_or(&version);
        let Some(kind) = self.kind() else { return well_formed(&version, day) };
        let known: Vec<&str> = versions_of(&kind).collect();
        if jiff::civil::Date::strptime("%Y-%m-%d", day).is_err() || day.len() != 10 {
            return Err(Refusal::malformed_api_version(&version, &known.join(", ")));
        }
        // An operation's address carries the version that the service has chosen.
        let ours = !matches!(self.route, Route::Status { .. } | Route::Result { .. });
        if ours && !known.contains(&version.as_str()) {
            return Err(Refusal::unsupported_api_version(&version, &kind, &known.join(", ")));
        }
        Ok(())
    }

    /// Returns the action that Azure checks, and the scope over which.
    fn action(&self) -> Option<(String, String)> {
        let words = self.resource_words()?;
        let verb = match self.method.as_str() {
            "GET" | "HEAD" => "read",
            "DELETE" => "delete",
            "POST" => "action",
            _ => "write",
        };
        let path = format!("/{}", self.words.join("/"));
        let scope = if words.len() % 2 == 0 { path.as_str() } else { path.rsplit_once('/')?.0 };
        Some((format!("Microsoft.ContainerService/{}/{verb}", kind_of(words)), scope.to_owned()))
    }

    /// Returns `managedClusters/agentPools` for `…/managedClusters/prod/agentPools/user`.
    pub(super) fn kind(&self) -> Option<String> {
        self.resource_words().map(kind_of)
    }

    /// Returns the words of the path after the resource provider's name.
    fn resource_words(&self) -> Option<&[String]> {
        let at =
            self.words.iter().position(|word| word.eq_ignore_ascii_case("Microsoft.ContainerService"))?;
        Some(&self.words[at + 1..])
    }
}

fn kind_of(words: &[String]) -> String {
    words.iter().step_by(2).map(String::as_str).collect::<Vec<_>>().join("/")
}

/// Returns the versions of the API in which a kind of resource is known.
fn versions_of(kind: &str) -> impl Iterator<Item = &'static str> {
    let kind = kind.to_ascii_lowercase();
    let fleets = kind == "fleets" || kind.starts_with("fleets/");
    let since = SINCE.iter().find(|(own, _)| kind.starts_with(&own.to_ascii_lowercase()));
    let since = since.map_or("", |(_, since)| since);
    let all = if fleets { FLEET_VERSIONS } else { VERSIONS };
    all.split_whitespace().filter(move |version| *version >= since)
}

/// Resource Manager's own resources: any day will do.
fn well_formed(version: &str, day: &str) -> Result<(), Refusal> {
    if day.len() == 10 && jiff::civil::Date::strptime("%Y-%m-%d", day).is_ok() {
        return Ok(());
    }
    Err(Refusal::malformed_api_version(version, "2021-01-01, 2021-04-01, 2022-09-01, 2024-03-01"))
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
