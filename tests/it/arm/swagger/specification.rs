//! Judges requests and answers by an OpenAPI 2 file, strictly: what it does not know is wrong.

use regex::Regex;
use serde_json::{Map, Value};

/// Which way a body goes.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// To Azure: no null.
    Request,
    /// From Azure, which writes null where it has nothing.
    Answer,
}

/// A specification of Azure's.
pub struct Specification(Value);

impl Specification {
    /// Reads a file of the folder AZURE_OPENAPI.
    pub fn read(file: &str) -> Self {
        let path = std::path::Path::new(&std::env::var("AZURE_OPENAPI").unwrap()).join(file);
        Self(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    /// Returns the operation of a method and path, with the number of fixed words in its template.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let fitting = self.0["paths"].as_object()?.iter().filter_map(|(template, operations)| {
            Some((fixed_words(template, path)?, operations.get(method.to_lowercase())?))
        });
        fitting.max_by_key(|(words, _)| *words).map(|(_, operation)| operation)
    }

    /// Returns what is wrong with a request: its query, headers and body.
    pub fn request(&self, operation: &Value, query: &[String], body: Option<&Value>) -> Vec<String> {
        let mut wrong = vec![];
        let parameters: Vec<&Value> = operation["parameters"].as_array().unwrap().iter().collect();
        let known = |name: &String| {
            parameters.iter().any(|known| known["in"] == "query" && known["name"] == name.as_str())
        };
        wrong.extend(query.iter().filter(|name| !known(name)).map(|name| format!("query {name}: unknown")));
        let schema = parameters.iter().find(|parameter| parameter["in"] == "body");
        match (schema, body) {
            (Some(schema), Some(body)) => self.judge(Way::Request, &schema["schema"], body, "", &mut wrong),
            (None, Some(_)) => wrong.push("a body where none is taken".into()),
            _ => {}
        }
        wrong
    }

    /// Returns what is wrong with an answer.
    pub fn answer(&self, operation: &Value, status: u16, headers: &[&str], body: &Value) -> Vec<String> {
        if status >= 400 {
            return self.error(body);
        }
        let Some(response) = operation["responses"].get(status.to_string()) else {
            return vec![format!("status {status}: unknown")];
        };
        let mut wrong = vec![];
        let optional = ["Retry-After"];
        let promised = response["headers"].as_object().into_iter().flat_map(Map::keys);
        let missing = promised.filter(|name| !optional.contains(&name.as_str()));
        let missing = missing.filter(|name| !headers.iter().any(|sent| sent.eq_ignore_ascii_case(name)));
        wrong.extend(missing.map(|name| format!("header {name}: missing")));
        if let Some(schema) = response.get("schema") {
            self.judge(Way::Answer, schema, body, "", &mut wrong);
        }
        wrong
    }

    /// The file says `{"error": …}`; AKS itself answers flat, with a `subcode` (recorded throughout).
    fn error(&self, body: &Value) -> Vec<String> {
        let mut wrong = vec![];
        let mut flat = body.get("error").unwrap_or(body).clone();
        if body.get("error").is_none() {
            flat.as_object_mut().unwrap().remove("subcode");
        }
        let detail = &self.0["definitions"]["ErrorDetail"];
        self.judge(Way::Answer, detail, &flat, "error", &mut wrong);
        for key in ["code", "message"].iter().filter(|key| flat[**key].as_str().is_none_or(str::is_empty)) {
            wrong.push(format!("error.{key}: missing"));
        }
        wrong
    }

    fn judge(&self, way: Way, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        let schema = self.resolve(schema);
        if value.is_null() {
            if way == Way::Request {
                wrong.push(format!("{at}: null"));
            }
            return;
        }
        let mut say = |what: String| wrong.push(format!("{at}: {what}"));
        match schema["type"].as_str() {
            Some("string") => judge_text(schema, value, &mut say),
            Some("integer" | "number") => judge_number(schema, value, &mut say),
            Some("boolean") if !value.is_boolean() => say(format!("{value} is no boolean")),
            Some("array") => match value.as_array() {
                Some(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.judge(way, &schema["items"], item, &format!("{at}[{index}]"), wrong);
                    }
                }
                None => say(format!("{value} is no array")),
            },
            Some("object") => match value.as_object() {
                Some(object) => self.judge_object(way, schema, object, at, wrong),
                None => say(format!("{value} is no object")),
            },
            _ => {}
        }
    }

    fn judge_object(
        &self,
        way: Way,
        schema: &Value,
        object: &Map<String, Value>,
        at: &str,
        wrong: &mut Vec<String>,
    ) {
        let mut known = Map::new();
        self.collect(schema, &mut known);
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = required.filter(|key| !object.contains_key(*key));
        wrong.extend(missing.map(|key| format!("{at}.{key}: missing")));
        for (key, value) in object {
            let at = format!("{at}.{key}");
            match (known.get(key), schema.get("additionalProperties")) {
                (Some(own), _) => self.judge(way, own, value, &at, wrong),
                (None, Some(any)) if any.is_object() => self.judge(way, any, value, &at, wrong),
                (None, Some(_)) => {}
                // An object without any properties is an open one.
                (None, None) if known.is_empty() => {}
                (None, None) => wrong.push(format!("{at}: unknown")),
            }
        }
    }

    /// Collects the properties of a schema and of those that it takes over.
    fn collect(&self, schema: &Value, into: &mut Map<String, Value>) {
        for parent in schema["allOf"].as_array().into_iter().flatten() {
            self.collect(self.resolve(parent), into);
        }
        into.extend(schema["properties"].as_object().cloned().unwrap_or_default());
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => &self.0["definitions"][name.rsplit('/').next().unwrap()],
            None => schema,
        }
    }
}

/// Returns how many words of a template are fixed, when it fits the path.
fn fixed_words(template: &str, path: &str) -> Option<usize> {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let open = |word: &str| word.starts_with('{');
    let fits = |(ours, theirs): (&&str, &&str)| open(ours) || ours.eq_ignore_ascii_case(theirs);
    (template.len() == path.len() && template.iter().zip(&path).all(fits))
        .then(|| template.iter().filter(|word| !open(word)).count())
}

fn judge_text(schema: &Value, value: &Value, say: &mut impl FnMut(String)) {
    let Some(text) = value.as_str() else { return say(format!("{value} is no string")) };
    let among = |list: &Value| list.as_array().unwrap().iter().any(|known| known == text);
    if schema.get("enum").is_some_and(|list| !among(list)) {
        say(format!("{text:?} is none of {}", schema["enum"]));
    }
    if schema["pattern"].as_str().is_some_and(|pattern| !Regex::new(pattern).unwrap().is_match(text)) {
        say(format!("{text:?} does not match {}", schema["pattern"]));
    }
    let length = text.chars().count() as u64;
    if schema["minLength"].as_u64().is_some_and(|least| length < least)
        || schema["maxLength"].as_u64().is_some_and(|most| length > most)
    {
        say(format!("{text:?} is too short or too long"));
    }
}

fn judge_number(schema: &Value, value: &Value, say: &mut impl FnMut(String)) {
    let Some(number) = value.as_f64() else { return say(format!("{value} is no number")) };
    if schema["type"] == "integer" && number.fract() != 0.0 {
        say(format!("{value} is no integer"));
    }
    if schema["minimum"].as_f64().is_some_and(|least| number < least)
        || schema["maximum"].as_f64().is_some_and(|most| number > most)
    {
        say(format!("{value} is too small or too large"));
    }
}
