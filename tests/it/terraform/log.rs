//! Log lines as Terraform parses them.

use std::sync::{Arc, Mutex};

use serde_json::Value as Json;
use terraform_provider_aks::terraform::log::{Hclog, level};
use tracing::level_filters::LevelFilter;

use crate::house::listen::listen;

/// Returns the lines that some work logs.
fn lines(work: impl FnOnce()) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let layer = Hclog::new(move |line| sink.lock().unwrap().push(line));
    let guard = listen(layer);
    work();
    drop(guard);
    std::mem::take(&mut *lines.lock().unwrap())
}

fn parsed(line: &str) -> Json {
    assert_eq!(line.matches('\n').count(), 1);
    assert!(line.ends_with('\n'));
    serde_json::from_str(line).unwrap()
}

#[test]
fn a_line_carries_level_message_module_time_and_fields() {
    let lines = lines(|| tracing::warn!(target: "provider::aks", pool = "np1", tries = 3, "it\nwaits"));
    let line = parsed(&lines[0]);
    assert_eq!(line["@level"], "warn");
    assert_eq!(line["@message"], "it\nwaits");
    assert_eq!(line["@module"], "provider.aks");
    assert_eq!(line["pool"], "np1");
    assert_eq!(line["tries"], 3);
    let time = line["@timestamp"].as_str().unwrap();
    assert_eq!(time.len(), "2026-01-02T03:04:05.123456Z".len(), "{time}");
    assert!(time.ends_with('Z') && time.as_bytes()[19] == b'.', "{time}");
}

#[test]
fn the_fields_of_a_span_are_in_its_events() {
    let lines = lines(|| {
        let span = tracing::info_span!("call", tf_rpc = "ReadResource", depth = 1);
        let _inside = span.enter();
        tracing::info!(depth = 2, "reads");
    });
    let line = parsed(&lines[0]);
    assert_eq!(line["tf_rpc"], "ReadResource");
    assert_eq!(line["depth"], 2);
}

#[test]
fn the_keys_that_must_be_strings_always_are() {
    let lines = lines(|| tracing::info!("@message" = 1, "@level" = true, "@timestamp" = 2, message = 3));
    let line = parsed(&lines[0]);
    for key in ["@message", "@level", "@timestamp", "@module"] {
        assert!(line[key].is_string(), "{key}: {line}");
    }
}

#[test]
fn a_line_stays_below_64_kib() {
    let long = "\u{1}".repeat(1 << 20);
    let lines = lines(|| {
        tracing::info!(a = long, b = long, c = long, d = long, "{long}");
    });
    assert!(lines[0].len() < 64 << 10);
    assert!(parsed(&lines[0])["@message"].as_str().unwrap().starts_with('\u{1}'));
}

#[track_caller]
fn asks(variables: &[(&str, &str)], wanted: Option<LevelFilter>) {
    let variable =
        |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
    assert_eq!(level("registry.terraform.io/aks-upgrades/aks", variable), wanted);
}

#[test]
fn the_narrowest_variable_decides() {
    asks(&[], None);
    asks(&[("TF_LOG", "")], None);
    asks(&[("TF_LOG", "warn")], Some(LevelFilter::WARN));
    asks(&[("TF_LOG", "JSON")], Some(LevelFilter::TRACE));
    asks(&[("TF_LOG", "loud")], Some(LevelFilter::TRACE));
    asks(&[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "INFO")], Some(LevelFilter::INFO));
    asks(&[("TF_LOG_PROVIDER", "INFO"), ("TF_LOG_PROVIDER_AKS", "OFF")], None);
}
