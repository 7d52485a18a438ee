//! The Terraform Registry's rules for documentation, and the linters' for schemas.

use std::collections::BTreeSet;

use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::{Attribute, Block, Kind, Presence, Schema, Type};

use super::{PREFIX, files, project, provider, resources, things};

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

#[test]
fn pages_lie_where_the_registry_looks() {
    let pages = files("docs");
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
    for path in files("docs") {
        let keys = frontmatter(&path);
        let has = |key: &str| keys.iter().any(|found| found == key);
        assert!(has("page_title") && has("description"), "docs/{path}: {keys:?}");
        assert!(!has("layout") && !has("sidebar_current"), "docs/{path}: {keys:?}");
        assert!(path != "index.md" || !has("subcategory"), "docs/index.md must not have a subcategory");
    }
}

/// Returns the names of what has examples in a folder, and the files that each must have.
fn wanted(folder: &str) -> BTreeSet<String> {
    let functions = provider().functions();
    let functions = functions.iter().map(|f| format!("functions/{}/function.tf", f.name()));
    let things = things();
    let things = things.iter().map(|thing| format!("{}/{}/{}", thing.folder, thing.name, thing.example));
    let imports = resources().into_iter().map(|r| format!("resources/{}/import.sh", r.type_name()));
    let all: Vec<String> = functions.chain(things).chain(imports).collect();
    all.into_iter().filter(|path| path.starts_with(folder)).collect()
}

#[test]
fn everything_has_an_example_and_every_example_shows_something() {
    for folder in ["resources", "data-sources", "functions", "actions", "list-resources"] {
        let wanted = wanted(folder);
        let found: BTreeSet<String> = if project("examples").join(folder).is_dir() {
            files(&format!("examples/{folder}")).into_iter().map(|path| format!("{folder}/{path}")).collect()
        } else {
            BTreeSet::new()
        };
        let missing: Vec<_> = wanted.difference(&found).collect();
        assert!(missing.is_empty(), "examples/ lacks {missing:?}");
        for path in found.difference(&wanted) {
            let (name, file) = path.rsplit_once('/').unwrap();
            let import = ["import-by-string-id.tf", "import-by-identity.tf"].contains(&file);
            let known = import && wanted.contains(&format!("{name}/import.sh"));
            assert!(known, "the Registry's documentation takes no examples/{path}");
        }
    }
    for thing in things() {
        assert!(thing.name.starts_with(PREFIX), "{}", thing.name);
    }
}

/// `terraform query` imports what it lists by its identity.
#[test]
fn what_can_be_listed_has_an_identity() {
    let resources = resources();
    for list in provider().list_resources() {
        let resource = resources.iter().find(|resource| resource.type_name() == list.type_name());
        assert!(resource.is_some_and(|resource| !resource.identity().is_empty()), "{}", list.type_name());
    }
}

/// Names of functions and parameters must be identifiers, and those of parameters unique.
#[test]
fn functions_are_named_and_described() {
    for function in provider().functions() {
        let signature = function.signature();
        let parameters: Vec<_> = signature.parameters.iter().chain(&signature.variadic).collect();
        let names: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        assert_eq!(names.len(), parameters.len(), "{}: a parameter is there twice", function.name());
        for name in names.into_iter().chain([function.name()]) {
            let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(plain && name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
        }
        let described = parameters.iter().map(|parameter| &parameter.description);
        described.chain([&signature.summary]).for_each(|text| sentence(function.name(), text));
        sentence(function.name(), signature.description.lines().next().unwrap_or_default());
    }
}

fn sentence(path: &str, text: &str) {
    let well =
        text.ends_with(['.', '`', ')']) && !text.contains('\n') && !text.starts_with(char::is_whitespace);
    assert!(well, "{path}: {text:?} is not a sentence on one line");
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
    let own = things().into_iter().map(|thing| (format!("{}:{}", thing.folder, thing.name), thing.schema));
    own.chain([("provider".to_owned(), provider().schema())]).collect()
}

#[test]
fn everything_is_described_in_a_sentence() {
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
