//! The table of fields, held against Azure's specification.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

/// The objects that requests hold, and the specifications that describe them: the preview's and the stable one.
const ROOTS: [(&[&str], &str, &str); 2] = [
    (
        &[
            "ManagedCluster",
            "AgentPool",
            "MaintenanceConfiguration",
            "Snapshot",
            "TagsObject",
            "AgentPoolGenerateUpgradeInsightsContent",
            "ControlPlaneGenerateUpgradeInsightsContent",
            "NodeImageGenerateUpgradeInsightsContent",
            "ControlPlaneAndAgentPoolsGenerateUpgradeInsightsContent",
        ],
        "managedClusters.2026-08-02-preview.derived.json",
        "managedClusters.2026-08-01.derived.json",
    ),
    (
        &[
            "Fleet",
            "FleetMember",
            "FleetUpdateStrategy",
            "UpdateRun",
            "AutoUpgradeProfile",
            "Gate",
            "FleetPatch",
            "FleetMemberUpdate",
            "GatePatch",
            "SkipProperties",
        ],
        "fleets.2026-06-02-preview.derived.json",
        "fleets.2026-06-01.derived.json",
    ),
];

/// A specification's definitions.
struct Definitions(Map<String, Value>);

impl Definitions {
    fn read(file: &str) -> Self {
        let path = std::path::Path::new(&std::env::var("AZURE_OPENAPI").unwrap()).join(file);
        let mut all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Definitions(all["definitions"].as_object_mut().map(std::mem::take).unwrap())
    }

    fn parents(&self, name: &str) -> Vec<&str> {
        let parents = self.0.get(name).and_then(|definition| definition["allOf"].as_array());
        parents.into_iter().flatten().filter_map(reference).collect()
    }

    /// Returns the fields of an object, those that it takes over first.
    fn fields(&self, name: &str) -> Map<String, Value> {
        let mut fields: Map<String, Value> =
            self.parents(name).into_iter().flat_map(|parent| self.fields(parent)).collect();
        let own = self.0.get(name).and_then(|definition| definition["properties"].as_object());
        fields.extend(own.cloned().unwrap_or_default());
        fields
    }

    fn required(&self, name: &str) -> BTreeSet<String> {
        let own = self.0.get(name).and_then(|definition| definition["required"].as_array());
        let own = own.into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned));
        let inherited = self.parents(name).into_iter().flat_map(|parent| self.required(parent));
        own.chain(inherited).collect()
    }

    fn values(&self, name: &str) -> Option<Vec<&str>> {
        let values = self.0.get(name)?["enum"].as_array()?;
        Some(values.iter().filter_map(Value::as_str).collect())
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// Writes a schema of the preview as a cell of the table; `stable` tells which values previews only know.
fn cell(preview: &Definitions, stable: &Definitions, schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        return match preview.values(name) {
            Some(values) => {
                let known = stable.values(name).unwrap_or_default();
                let value = |value: &str| {
                    format!(" {}{}", if known.contains(&value) { "" } else { "+" }, value.replace(' ', "~"))
                };
                format!("one of{}", values.into_iter().map(value).collect::<String>())
            }
            None if preview.fields(name).is_empty() => "any".into(),
            None => name.into(),
        };
    }
    let limits = |least: &str, most: &str| {
        let text = |key: &str| schema.get(key).map(Value::to_string).unwrap_or_default();
        let (least, most) = (text(least), text(most));
        if least.is_empty() && most.is_empty() { String::new() } else { format!(" {least}..{most}") }
    };
    match (schema["type"].as_str().unwrap_or_default(), schema["format"].as_str().unwrap_or_default()) {
        ("array", _) => format!("list {}", cell(preview, stable, &schema["items"])),
        ("object", _) => match schema["additionalProperties"].as_object() {
            Some(inner) if !inner.is_empty() => {
                format!("map {}", cell(preview, stable, &schema["additionalProperties"]))
            }
            _ => "any".into(),
        },
        ("string", "date-time") => "instant".into(),
        ("string", "date") => "date".into(),
        ("string", _) => {
            let pattern = schema["pattern"].as_str().map(|pattern| format!(" /{pattern}/"));
            format!("text{}{}", limits("minLength", "maxLength"), pattern.unwrap_or_default())
        }
        ("integer", _) => format!("int{}", limits("minimum", "maximum")),
        ("number", _) => format!("number{}", limits("minimum", "maximum")),
        ("boolean", _) => "bool".into(),
        _ => "any".into(),
    }
}

/// Returns the names that a schema points to.
fn names(schema: &Value) -> Vec<String> {
    let inner = ["items", "additionalProperties"].into_iter().filter_map(|key| schema.get(key));
    let own = reference(schema).map(str::to_owned);
    own.into_iter().chain(inner.flat_map(names)).collect()
}

/// Writes the whole table: the objects as requests reach them. What both describe is AKS's.
fn table() -> Vec<String> {
    let mut seen = BTreeSet::new();
    let part = |(roots, preview, stable): (&[&str], &str, &str)| {
        objects(roots, &Definitions::read(preview), &Definitions::read(stable), &mut seen)
    };
    ROOTS.into_iter().flat_map(part).collect()
}

fn objects(
    roots: &[&str],
    preview: &Definitions,
    stable: &Definitions,
    seen: &mut BTreeSet<String>,
) -> Vec<String> {
    let mut lines = vec![];
    let mut queue: VecDeque<String> = roots.iter().map(|root| (*root).to_owned()).collect();
    while let Some(object) = queue.pop_front() {
        if !seen.insert(object.clone()) || preview.values(&object).is_some() {
            continue;
        }
        let (known, required) = (stable.fields(&object), preview.required(&object));
        for (field, schema) in preview.fields(&object) {
            let flags = [("preview", !known.contains_key(&field)), ("required", required.contains(&field))];
            let flags: Vec<&str> = flags.into_iter().filter(|(_, set)| *set).map(|(flag, _)| flag).collect();
            let cells = [&object, &field, &cell(preview, stable, &schema), &flags.join(" ")];
            lines.push(cells.map(String::as_str).join("\t").trim_end().to_owned());
            queue.extend(names(&schema));
        }
    }
    lines
}

#[test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
fn the_table_says_what_the_specification_says() {
    let by_field = |lines: Vec<String>| -> BTreeMap<String, String> {
        let pair = |line: String| {
            line.match_indices('\t').nth(1).map(|(at, _)| (line[..at].to_owned(), line[at..].to_owned()))
        };
        lines.into_iter().filter_map(pair).collect()
    };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulator/rules/fields.tsv");
    let ours = by_field(std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect());
    let theirs = by_field(table());
    assert!(theirs.len() > 850, "{}", theirs.len());
    let wrong = |(field, says): &(&String, &String)| ours.get(*field) != Some(*says);
    let differences: Vec<_> = theirs.iter().filter(wrong).take(20).collect();
    assert!(differences.is_empty(), "the specification says: {differences:#?}");
    let surplus: Vec<_> = ours.keys().filter(|field| !theirs.contains_key(*field)).take(20).collect();
    assert!(surplus.is_empty(), "the specification does not know: {surplus:#?}");
}

/// The objects of a specification in Bicep's form, each with its fields.
fn bicep(file: &str) -> BTreeMap<String, Vec<String>> {
    let path = std::path::Path::new(&std::env::var("AZURE_OPENAPI").unwrap()).join(file);
    let types: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let fields = |object: &Value| {
        let name = object["name"].as_str()?.to_owned();
        Some((name, object["properties"].as_object()?.keys().cloned().collect()))
    };
    types.iter().filter_map(fields).collect()
}

/// What makes a field that is not in the table an unknown one in every version since these.
#[test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
fn the_table_holds_every_field_of_the_versions_from_which_on_it_is_complete() {
    let table =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/simulator/rules/fields.tsv"));
    let mut ours: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in table.unwrap().lines() {
        let mut cells = line.split('\t').map(str::to_owned);
        ours.entry(cells.next().unwrap()).or_default().extend(cells.next());
    }
    // An identity that Azure makes is shown, and never sent.
    let shown = |object: &str, field: &str| object == "UserAssignedIdentity" && field == "principalId";
    for (file, objects) in [
        ("azapi.containerservice.2026-05-01.types.json", 100),
        ("azapi.fleet.2025-03-01.types.json", 25),
        ("azapi.fleet.2026-03-02-preview.types.json", 35),
    ] {
        let theirs = bicep(file);
        let known = theirs.iter().filter_map(|(name, fields)| Some((name, fields, ours.get(name)?)));
        let mut count = 0;
        for (name, fields, known) in known {
            count += 1;
            let unknown: Vec<_> =
                fields.iter().filter(|field| !known.contains(*field) && !shown(name, field)).collect();
            assert!(unknown.is_empty(), "{file}: {name} has {unknown:?}");
        }
        assert!(count >= objects, "{file}: {count} objects were compared");
    }
}
