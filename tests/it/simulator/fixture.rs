//! A world, a clock and short ways to ask.

use bytes::Bytes;
use http::{Request, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use terraform_provider_aks::simulator::{scenario::Scenario, world::World};

pub const PROD: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";

pub struct Azure {
    pub world: World,
    pub now: Timestamp,
}

pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: http::HeaderMap,
}

impl Azure {
    #[track_caller]
    pub fn new(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario, ".".as_ref()).unwrap();
        let now = scenario.clock.start;
        Self { world: World::new(scenario), now }
    }

    pub fn prod() -> Self {
        Self::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"")
    }

    pub fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub fn send(&mut self, request: Request<Bytes>) -> Answer {
        Answer::of(self.world.handle(request, self.now))
    }

    /// Asks; the body of a cluster has its location, unless it names one.
    pub fn ask(&mut self, method: &str, path: &str, mut body: Value, headers: &[(&str, &str)]) -> Answer {
        if let (Some(("managedClusters", name)), Some(body), "PUT") =
            (last(path), body.as_object_mut(), method)
        {
            let here =
                self.world.cluster(name).map_or("westeurope".into(), |cluster| cluster["location"].clone());
            body.entry("location").or_insert(here);
        }
        let previews = ["UpgradeInsights", "/upgradeInsights", "/completeUpgrade"];
        let version = match path {
            path if path.contains("/fleets") => "2026-06-02-preview",
            path if previews.iter().any(|name| path.contains(name)) => "2026-08-02-preview",
            _ => "2026-08-01",
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{path}?api-version={version}"))
            .header("authorization", "Bearer secret");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(request.body(Bytes::from(body)).unwrap())
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, Value::Null, &[])
    }

    /// Reads what only previews of the API show.
    pub fn preview(&mut self, path: &str) -> Answer {
        self.follow(&format!("https://management.azure.com{path}?api-version=2026-08-02-preview"))
    }

    pub fn put(&mut self, path: &str, body: Value) -> Answer {
        self.ask("PUT", path, body, &[])
    }

    pub fn post(&mut self, path: &str) -> Answer {
        self.ask("POST", path, Value::Null, &[])
    }

    /// Asks at an address that an answer gave.
    pub fn follow(&mut self, address: &str) -> Answer {
        let request = Request::get(address).header("authorization", "Bearer secret");
        self.send(request.body(Bytes::new()).unwrap())
    }

    /// `pool: state version image` of every pool, after the cluster's own `state version`.
    pub fn picture(&mut self) -> Vec<String> {
        let body = self.get(PROD).body;
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let p = &body["properties"];
        let mut lines =
            vec![format!("{} {}", text(&p["provisioningState"]), text(&p["currentKubernetesVersion"]))];
        for pool in p["agentPoolProfiles"].as_array().unwrap() {
            let image = text(&pool["nodeImageVersion"]);
            lines.push(format!(
                "{}: {} {} {}",
                text(&pool["name"]),
                text(&pool["provisioningState"]),
                text(&pool["currentOrchestratorVersion"]),
                image.rsplit_once('-').unwrap().1
            ));
        }
        lines
    }
}

impl Answer {
    pub fn of(response: Response<Bytes>) -> Self {
        let body = serde_json::from_slice(response.body()).unwrap_or_default();
        Self { status: response.status().as_u16(), body, headers: response.headers().clone() }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// `status code: message`, of either shape.
    pub fn refusal(&self) -> String {
        let error = self.body.get("error").unwrap_or(&self.body);
        format!(
            "{} {}: {}",
            self.status,
            error["code"].as_str().unwrap_or("-"),
            error["message"].as_str().unwrap_or("-")
        )
    }
}

/// Returns the last two words of a path.
fn last(path: &str) -> Option<(&str, &str)> {
    let (rest, name) = path.rsplit_once('/')?;
    Some((rest.rsplit('/').next()?, name))
}
