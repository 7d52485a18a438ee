//! Lists, a page at a time.

use serde_json::{Value, json};

use crate::simulator::world::reply::Reply;
use crate::simulator::world::{Call, World};

impl World {
    /// Returns one page; a `nextLink` follows while there is more.
    pub(super) fn list<T>(&self, call: &Call, items: &[T], show: impl Fn(&T) -> Value) -> Reply {
        let all = items.len();
        let mut reply = self.page(call, items, show);
        let body = reply.body.as_mut().and_then(Value::as_object_mut);
        if let Some(body) = body.filter(|_| self.shown_up_to(call) >= all) {
            body.shift_remove("nextLink");
        }
        reply
    }

    fn shown_up_to(&self, call: &Call) -> usize {
        call.skipped().saturating_add(self.service.page_size.max(1))
    }

    /// Returns one page; a `nextLink` follows every page that holds something, and an empty page ends.
    pub(super) fn page<T>(&self, call: &Call, items: &[T], show: impl Fn(&T) -> Value) -> Reply {
        let size = self.service.page_size.max(1);
        let from = call.skipped();
        let page: Vec<Value> = items.iter().skip(from).take(size).map(show).collect();
        if page.is_empty() {
            return Reply::json(200, json!({ "value": page }));
        }
        let next = from + page.len();
        let version = call.parameter("api-version").unwrap_or_default();
        let link =
            format!("{}{}?%24skipToken={next}&api-version={version}&skipToken={next}", call.base, call.path);
        Reply::json(200, json!({ "value": page, "nextLink": link }))
    }
}

impl Call {
    /// Returns how many entries of a list the caller has seen.
    fn skipped(&self) -> usize {
        self.parameter("skipToken").and_then(|token| token.parse().ok()).unwrap_or(0)
    }
}
