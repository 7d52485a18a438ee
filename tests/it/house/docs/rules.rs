//! The Terraform Registry's rules for documentation, and the linters' for schemas.

use std::collections::BTreeSet;

use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::{Attribute, Block, Kind, Presence, Schema, Type};

use super::{PREFIX, files, project, provider, resources};

/// Folders that the Registry shows; nothing may lie deeper.
const FOLDERS: [&str; 8] = [
    "resources",
    "data-sources",
    "functions",
    "ephemeral-resources",
    "actions",
    "list-resources",
    "state-stores",
    "guides",
];

/// Pages that are for readers of the repository; the Registry does not show files beside the index.
const OWN: [&str; 2] = ["many-clusters.md", "reliability.md"];

fn pages() -> Vec<String> {
    files("docs").into_iter().filter(|path| !OWN.contains(&path.as_str())).collect()
}

#[test]
fn pages_lie_where_the_registry_looks() {
    let pages = pages();
    assert!(pages.contains(&"index.md".to_owned()) && pages.len() < 1000);
    for path in pages {
        let parts: Vec<&str> = path.split('/').collect();
        let known = matches!(parts[..], ["index.md"])
            || matches!(parts[..], [folder, file] if FOLDERS.contains(&folder) && file.ends_with(".md"));
        assert!(known, "docs/{path} lies where the Registry does not look");
        let size = std::fs::metadata(project("docs").join(&path)).unwrap().len();
        assert!(size < 500_000, "docs/{path} has {size} bytes; the Registry takes less than 500,000");
    }
}

/// Returns the keys of a page's frontmatter.
fn frontmatter(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(project("docs").join(path)).unwrap();
    let inside = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    let (head, body) = inside.unwrap_or_else(|| panic!("docs/{path} does not begin with a frontmatter"));
    assert!(body.contains("\n# "), "docs/{path} has no title");
    let key = |line: &str| {
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("docs/{path}: {line:?} is no key"));
        assert!(value.is_empty() || value.starts_with(' '), "docs/{path}: {line:?}");
        key.to_owned()
    };
    head.lines().filter(|line| !line.starts_with("  ")).map(key).collect()
}

#[test]
fn every_page_has_the_frontmatter_that_the_registry_wants() {
    for path in pages() {
        let keys = frontmatter(&path);
        let has = |key: &str| keys.iter().any(|found| found == key);
        assert!(has("page_title") && has("description"), "docs/{path}: {keys:?}");
        assert!(!has("layout") && !has("sidebar_current"), "docs/{path}: {keys:?}");
        assert!(path != "index.md" || !has("subcategory"), "docs/index.md must not have a subcategory");
    }
}

#[test]
fn every_resource_has_examples_and_every_example_a_resource() {
    let types: BTreeSet<&str> = resources().iter().map(|resource| resource.type_name()).collect();
    let examples = files("examples/resources");
    for name in &types {
        for file in ["resource.tf", "import.sh"] {
            let path = format!("{name}/{file}");
            assert!(examples.contains(&path), "examples/resources/{path} is missing");
        }
    }
    for path in examples {
        let (name, file) = path.split_once('/').unwrap();
        assert!(types.contains(name), "examples/resources/{path} shows no resource of this provider");
        let known = ["resource.tf", "import.sh", "import-by-string-id.tf", "import-by-identity.tf"];
        assert!(known.contains(&file), "the Registry's documentation takes no examples/resources/{path}");
    }
    for name in types {
        assert!(name.starts_with(PREFIX), "{name}");
    }
}

/// Calls a check with every attribute and its path, those of blocks included.
fn walk(name: &str, schema: &Schema, check: &mut dyn FnMut(&str, &Attribute)) {
    walk_attributes(name, &schema.attributes, check);
    walk_blocks(name, &schema.blocks, &mut |path, block| walk_attributes(path, &block.attributes, check));
}

/// Calls a check with every block and its path.
fn walk_blocks(path: &str, blocks: &[Block], check: &mut dyn FnMut(&str, &Block)) {
    for block in blocks {
        let path = format!("{path}.{}", block.name);
        check(&path, block);
        walk_blocks(&path, &block.blocks, check);
    }
}

fn walk_attributes(path: &str, attributes: &[Attribute], check: &mut dyn FnMut(&str, &Attribute)) {
    for attribute in attributes {
        let path = format!("{path}.{}", attribute.name);
        check(&path, attribute);
        if let Kind::Nested(_, nested) = &attribute.kind {
            walk_attributes(&path, nested, check);
        }
    }
}

fn schemas() -> Vec<(String, Schema)> {
    let resources = resources();
    let own = resources.iter().map(|resource| (resource.type_name().to_owned(), resource.schema()));
    own.chain([("provider".to_owned(), provider().schema())]).collect()
}

#[test]
fn everything_is_described_in_a_sentence() {
    let sentence = |path: &str, text: &str| {
        let well =
            text.ends_with(['.', '`', ')']) && !text.contains('\n') && !text.starts_with(char::is_whitespace);
        assert!(well, "{path}: {text:?} is not a sentence on one line");
    };
    for (name, schema) in schemas() {
        // More paragraphs may follow the first.
        sentence(&name, schema.description.lines().next().unwrap_or_default());
        walk(&name, &schema, &mut |path, attribute| sentence(path, &attribute.description));
        walk_blocks(&name, &schema.blocks, &mut |path, block| sentence(path, &block.description));
    }
}

#[test]
fn names_are_plain_unique_and_not_terraforms_own() {
    let reserved =
        ["count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner", "locals"];
    let of_providers =
        ["alias", "version", "count", "for_each", "depends_on", "source", "lifecycle", "locals"];
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    for (name, schema) in schemas() {
        let mut seen = BTreeSet::new();
        walk(&name, &schema, &mut |path, attribute| {
            assert!(attribute.name.bytes().all(plain), "{path}");
            assert!(seen.insert(path.to_owned()), "{path} is there twice");
        });
        walk_blocks(&name, &schema.blocks, &mut |path, block| {
            assert!(block.name.bytes().all(plain), "{path}");
            assert!(seen.insert(path.to_owned()), "{path} is there twice");
        });
        let taken: &[&str] = if name == "provider" { &of_providers } else { &reserved };
        let clash = seen.iter().find(|path| taken.iter().any(|word| **path == format!("{name}.{word}")));
        assert_eq!(clash, None, "a word of Terraform's own");
    }
}

/// A list of such blocks would travel as another type, and a set of them not at all.
#[test]
fn no_block_holds_a_value_of_any_type() {
    for (name, schema) in schemas() {
        walk_blocks(&name, &schema.blocks, &mut |path, block| {
            let any = block.attributes.iter().find(|a| matches!(a.kind, Kind::Plain(Type::Dynamic)));
            assert!(any.is_none(), "{path}: {any:?}");
        });
    }
}

#[test]
fn what_only_the_provider_sets_holds_nothing_to_configure() {
    for (name, schema) in schemas() {
        walk(&name, &schema, &mut |path, attribute| {
            let Kind::Nested(_, nested) = &attribute.kind else { return };
            if attribute.presence == Presence::Computed {
                let inside = nested.iter().all(|a| a.presence == Presence::Computed);
                assert!(inside, "{path} is read-only, and something in it is not");
            }
        });
    }
}
