//! Recorded Azure traffic, from the folder AZURE_RECORDINGS.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

/// A request that Azure got and what it answered.
#[derive(Clone, Debug)]
pub struct Pair {
    pub method: String,
    /// The address without the host, from the slash on.
    pub target: String,
    pub sent: Option<Value>,
    /// The headers of the request, in lower case.
    pub asked: Vec<(String, String)>,
    pub status: u16,
    /// In lower case.
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub text: String,
}

impl Pair {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns a header of the request.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns when Azure answered; some recordings have no clock.
    pub fn at(&self) -> Option<Timestamp> {
        let date = jiff::fmt::rfc2822::parse(self.header("date")?).ok()?;
        Some(date.timestamp())
    }

    /// Returns the words after the resource provider's name, as they were written.
    pub fn words(&self) -> Option<Vec<&str>> {
        let mut words = self.path().trim_matches('/').split('/');
        words.find(|word| word.eq_ignore_ascii_case("Microsoft.ContainerService"))?;
        Some(words.collect())
    }
}

/// Returns the names of all cassettes, such as `acs/test_aks_abort.yaml`.
pub fn names() -> Vec<String> {
    let mut names = vec![];
    for folder in ["acs", "aks-preview", "aso", "fleet"] {
        for entry in std::fs::read_dir(folder_of_all().join(folder)).unwrap() {
            names.push(format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()));
        }
    }
    names.sort();
    names
}

/// Reads one cassette.
pub fn read(name: &str) -> Vec<Pair> {
    let text = std::fs::read_to_string(folder_of_all().join(name)).unwrap();
    let tape: Value = serde_norway::from_str(&text).unwrap();
    tape["interactions"].as_array().unwrap().iter().map(pair).collect()
}

fn folder_of_all() -> std::path::PathBuf {
    Path::new(&std::env::var("AZURE_RECORDINGS").unwrap()).to_path_buf()
}

/// Two recorders wrote them: one says `uri`, `body.string` and `status.code`, the other not.
fn pair(tape: &Value) -> Pair {
    let (request, response) = (&tape["request"], &tape["response"]);
    let uri = request["uri"].as_str().or(request["url"].as_str()).unwrap();
    let after_host = uri.splitn(4, '/').nth(3).unwrap();
    let text = response["body"]["string"].as_str().or(response["body"].as_str()).unwrap_or_default();
    let asked = request["headers"].as_object().into_iter().flatten();
    let headers = response["headers"].as_object().unwrap();
    let header = |(name, value): (&String, &Value)| {
        (name.to_lowercase(), value[0].as_str().unwrap_or_default().to_owned())
    };
    Pair {
        method: request["method"].as_str().unwrap().to_owned(),
        target: format!("/{after_host}"),
        sent: request["body"].as_str().and_then(|body| serde_json::from_str(body).ok()),
        asked: asked.map(header).collect(),
        status: response["status"]["code"].as_u64().or(response["code"].as_u64()).unwrap() as u16,
        headers: headers.iter().map(header).collect(),
        body: serde_json::from_str(text).unwrap_or_default(),
        text: text.to_owned(),
    }
}
