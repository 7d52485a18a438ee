//! Bodies with places to fill in: `{name}` in the text of a JSON file.

use serde_json::{Map, Value};

/// Returns the object of a template with its places filled in.
///
/// The templates are this module's own files, so one that is no object is a mistake of ours: it comes out
/// empty, and every test that looks at a cluster sees it.
pub(super) fn fill(template: &str, words: &[(&str, &str)]) -> Map<String, Value> {
    let mut body: Value = serde_json::from_str(template).unwrap_or_default();
    fill_value(&mut body, words);
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

fn fill_value(value: &mut Value, words: &[(&str, &str)]) {
    match value {
        Value::String(text) => {
            *text = words.iter().fold(std::mem::take(text), |text, (place, word)| {
                text.replace(&format!("{{{place}}}"), word)
            });
        }
        Value::Array(list) => list.iter_mut().for_each(|value| fill_value(value, words)),
        Value::Object(object) => object.values_mut().for_each(|value| fill_value(value, words)),
        _ => {}
    }
}
