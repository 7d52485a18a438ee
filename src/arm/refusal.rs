//! What Azure says when it refuses, in each of the shapes in which it does.

use std::fmt;

use serde_json::Value;

use crate::arm::text::{LONGEST, json, page, plain};

/// What Azure said when it refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Method and path, e.g. `GET /subscriptions/…`.
    pub call: String,
    /// The HTTP status.
    pub status: u16,
    /// Azure's code, e.g. `OperationNotAllowed`; empty when the body had none.
    pub code: String,
    /// The AKS resource provider's finer code, e.g. `GetManagedCluster_NotFound`; mostly empty.
    pub subcode: String,
    /// Azure's message with its details, on one line, at most 4 KiB.
    pub message: String,
    /// What Microsoft's support asks for (`x-ms-request-id`, else `x-ms-correlation-request-id`).
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { call, status, code, message, request_id, .. } = self;
        write!(f, "{call} answered {status}")?;
        if !code.is_empty() {
            write!(f, " {code}")?;
        }
        if !message.is_empty() {
            write!(f, ": {}", message.trim_end_matches('.'))?;
        }
        match request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl Refusal {
    /// Reads an answer that is not a success.
    ///
    /// Accepts ARM's shape (`{"error":{"code","message"}}`), the flat one of the AKS resource provider and of
    /// App Service (`{"code","message","subcode"}`), Entra ID's (`{"error","error_description"}`), HTML pages,
    /// empty and broken bodies.
    #[must_use]
    pub fn read(call: &str, status: u16, request_id: Option<&str>, body: &[u8]) -> Self {
        let mut refusal = Refusal { call: call.into(), status, ..Refusal::default() };
        refusal.request_id = request_id.map(|id| plain(id, 100));
        if refusal.is_redirect() {
            refusal.message = "a redirect, which is not followed".to_owned();
        } else {
            refusal.describe(body);
        }
        refusal
    }

    fn describe(&mut self, body: &[u8]) {
        match json(body) {
            Ok(value) => {
                let error = value.get("error").filter(|error| error.is_object()).unwrap_or(&value);
                self.code = plain(text(error, "code"), 200);
                self.subcode = plain(text(error, "subcode"), 200);
                self.message = message(error);
            }
            Err(_) if body.is_empty() => self.message = "the body is empty".into(),
            Err(_) => self.message = page(&String::from_utf8_lossy(body)),
        }
    }

    /// Tells whether Azure, or a proxy, wants the request somewhere else.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// Tells whether nobody there knows the kind of thing that was asked for, which Azure Resource Manager does: it says that
    /// a resource, its group or its subscription was not found (the recorded codes of 404 all end so).
    #[must_use]
    pub fn is_from_elsewhere(&self) -> bool {
        self.status == 404 && !self.code.ends_with("NotFound")
    }

    /// Tells whether exactly the resource that was asked for is missing, and not its group or its parent; of an upgrade
    /// profile of a pool, the pool.
    ///
    /// ARM names the resource in its message; the AKS resource provider names the call in its subcode.
    /// Both forms, and both spellings of the subcode, are recorded.
    #[must_use]
    pub fn is_about_the_resource_itself(&self) -> bool {
        let Some((_, resource)) = self.call.split_once("/providers/") else { return false };
        let of_pool =
            resource.split_once("/upgradeProfiles/").filter(|(pool, _)| pool.contains("/agentPools/"));
        let resource = of_pool.map_or(resource, |(pool, _)| pool);
        let message = self.message.to_ascii_lowercase();
        let subcode = match resource.split('/').count() {
            3 => "GetManagedCluster_NotFound",
            5 if resource.contains("/agentPools/") => "GetAgentPool_NotFound",
            _ => return false,
        };
        match self.code.as_str() {
            "ResourceNotFound" => message.contains(&format!("'{}'", resource.to_ascii_lowercase())),
            "NotFound" => self.subcode.starts_with(subcode),
            _ => false,
        }
    }

    /// Tells whether another operation stands in the way.
    #[must_use]
    pub fn is_about_another_operation(&self) -> bool {
        self.message.contains("in progress") || self.message.contains("preempted by another")
    }

    /// Tells whether it says that only a newer node image helps; see [`asks_for_the_image`].
    #[must_use]
    pub fn asks_for_the_image(&self) -> bool {
        asks_for_the_image(&self.message)
    }

    /// Returns the action that is not permitted, e.g. `Microsoft.ContainerService/managedClusters/write`.
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        between(&self.message, "perform action '")
    }

    /// Returns the scope on which it is not permitted.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        between(&self.message, "over scope '")
    }
}

/// Tells whether Azure says that a write has to wait for a newer node image.
///
/// Nodes on an image that is too old answer every PUT with "ConfigurationVersion 'v0.…' is not supported for
/// AgentBaker. Please upgrade agent pool to the latest NodeImageVersion" (Azure/AKS#4975, Azure/AgentBaker#6229).
#[must_use]
pub fn asks_for_the_image(message: &str) -> bool {
    message.contains("latest NodeImageVersion") || message.contains("not supported for AgentBaker")
}

/// The most sentences that are shown of a refusal: each is compared with all before it.
const MOST_SENTENCES: usize = 20;

/// Returns an error object's message with those of its details, one line, at most 4 KiB.
#[must_use]
pub fn message(error: &Value) -> String {
    let mut sentences = Vec::new();
    collect(error, 4, &mut sentences);
    plain(&sentences.join("; "), LONGEST)
}

fn collect(error: &Value, depth: usize, sentences: &mut Vec<String>) {
    if sentences.len() >= MOST_SENTENCES {
        return;
    }
    let own = ["message", "error_description", "error"].map(|field| text(error, field).trim());
    let own = own.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    if !own.is_empty() && !sentences.iter().any(|known| known.contains(own)) {
        sentences.push(own.trim_end_matches('.').to_owned());
    }
    let details = error.get("details").and_then(Value::as_array);
    for detail in details.into_iter().flatten().take(MOST_SENTENCES).filter(|_| depth > 0) {
        collect(detail, depth - 1, sentences);
    }
}

/// A body up to this long is searched for secrets as it is.
const SHORT: usize = 64 << 10;

/// The fields that are read of a refusal, in each of its shapes.
const READ: [&str; 6] = ["error", "code", "subcode", "message", "error_description", "details"];

/// Returns what is read of a refusal, so that a long one is understood as fast as a short one.
///
/// Azure Policy adds every policy that it tried (`additionalInfo`), which makes bodies of a hundred kilobytes. One whose
/// end is missing is closed where it ends.
#[must_use]
pub fn essence(mut body: Vec<u8>) -> Vec<u8> {
    let read = json(&body);
    if body.len() <= SHORT && read.is_ok() {
        return body;
    }
    match read.or_else(|_| json(&closed(&body))) {
        Ok(value) => kept(&value, 4).to_string().into_bytes(),
        Err(_) => {
            body.truncate(SHORT);
            body
        }
    }
}

fn kept(value: &Value, depth: usize) -> Value {
    match value {
        Value::String(text) => text.chars().take(4 * LONGEST).collect::<String>().into(),
        Value::Array(list) if depth > 0 => {
            list.iter().take(MOST_SENTENCES).map(|one| kept(one, depth - 1)).collect()
        }
        Value::Object(fields) if depth > 0 => {
            let read = fields.iter().filter(|(name, _)| READ.contains(&name.as_str()));
            read.map(|(name, one)| (name.clone(), kept(one, depth - 1))).collect()
        }
        _ => Value::Null,
    }
}

/// Closes the strings, lists and objects that are open where a body was cut off.
fn closed(body: &[u8]) -> Vec<u8> {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => open.push(b'}'),
            b'[' if !quoted => open.push(b']'),
            b'}' | b']' if !quoted => drop(open.pop()),
            _ => {}
        }
    }
    let mut whole = String::from_utf8_lossy(body).into_owned();
    if escaped {
        whole.pop();
    }
    whole.extend(quoted.then_some('"'));
    let end = whole.trim_end().trim_end_matches([',', ':']).len();
    // A name without its value: null would be wrong for no field that is read.
    let named = matches!(open.last(), Some(b'}')) && is_name(&whole[..end]);
    whole.truncate(end);
    whole.push_str(if named { ":null" } else { "" });
    whole.into_bytes().into_iter().chain(open.into_iter().rev()).collect()
}

/// Tells whether a text ends with the name of a field, and not with its value.
fn is_name(text: &str) -> bool {
    let Some(before) = text.strip_suffix('"').and_then(|text| text.rsplit_once('"')) else { return false };
    before.0.trim_end().ends_with(['{', ','])
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn between<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(before)?;
    rest.split_once('\'').map(|(found, _)| found)
}
