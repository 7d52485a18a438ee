//! Somebody else, who asks beside the client that is looked at.

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use serde_json::Value;

use crate::simulator::world::api_version::newest_for;
use crate::simulator::world::route::Route;
use crate::simulator::world::{Call, World};

impl World {
    /// Lets somebody else ask: the request takes effect and is not in the log.
    ///
    /// A cluster's body may leave its `location` out.
    ///
    /// # Errors
    ///
    /// A sentence when method and path make no request, for example a path with a space.
    pub fn ask_as_somebody_else(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
        now: Timestamp,
    ) -> Result<Value, String> {
        let body = &self.located(method, path, body);
        let separator = if path.contains('?') { '&' } else { '?' };
        let request = Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{path}{separator}api-version={}", newest_for(path)))
            .header("authorization", "Bearer somebody-else")
            .body(Bytes::from(if body.is_null() { String::new() } else { body.to_string() }))
            .map_err(|error| format!("{method} {path} is no request: {error}."))?;
        let response = self.answer(&Call::of(request), now);
        let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        Ok(serde_json::json!({ "status": response.status().as_u16(), "body": body }))
    }

    /// Fills in the location of a cluster that is to be changed.
    fn located(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut body = body.clone();
        let Route::Cluster(place) = Route::of(path.split('?').next().unwrap_or_default()) else {
            return body;
        };
        if let (Ok(cluster), Some(object), "PUT") = (self.look(&place), body.as_object_mut(), method) {
            object.entry("location").or_insert_with(|| cluster.location().into());
        }
        body
    }
}
