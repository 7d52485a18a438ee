//! Renders a page of the Terraform Registry from a schema and its examples, laid out as tfplugindocs does.

use terraform_provider_aks::terraform::function::{Function, Parameter};
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::{Attribute, Block, Kind, Nesting, Presence, Schema, Type};

use super::{PREFIX, Thing, files, project, provider, things};

/// Renders every generated page: its path below `docs`, and its text.
pub fn pages() -> Vec<(String, String)> {
    let index = ("index.md".to_owned(), index(&provider().schema()));
    let things = things();
    let things = things.iter().map(|thing| {
        (format!("{}/{}.md", thing.folder, thing.name.trim_start_matches(PREFIX)), thing_page(thing))
    });
    let functions = provider().functions();
    let functions = functions
        .iter()
        .map(|function| (format!("functions/{}.md", function.name()), function_page(function.as_ref())));
    std::iter::once(index).chain(things).chain(functions).collect()
}

fn index(schema: &Schema) -> String {
    let example = example("provider/provider.tf", "terraform").unwrap_or_default();
    format!(
        "{}# aks Provider\n\n{}\n\n## Example Usage\n\n{example}\n## Guides\n\n{}\n{}",
        frontmatter("aks Provider", None, &schema.description),
        schema.description,
        guides(),
        reference(schema)
    )
}

/// Returns a line per guide: its title and its description.
fn guides() -> String {
    let line = |name: String| {
        let text = std::fs::read_to_string(project("docs/guides").join(&name)).unwrap();
        let title = text.split("page_title: \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let about = text.split("description: |-\n  ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
        format!("- [{title}](guides/{name}): {about}\n")
    };
    files("docs/guides").into_iter().map(line).collect()
}

fn thing_page(thing: &Thing) -> String {
    let Thing { kind, folder, name, schema, .. } = thing;
    format!(
        "{}# {name} ({kind})\n\n{}\n\n{}{}{}",
        frontmatter(&format!("{name} {kind} - aks"), Some(""), &schema.description),
        schema.description,
        usage(&format!("{folder}/{name}/{}", thing.example)),
        reference(schema),
        import(&format!("{folder}/{name}")).unwrap_or_default()
    )
}

fn usage(path: &str) -> String {
    let usage = example(path, "terraform").map(|example| format!("## Example Usage\n\n{example}\n"));
    usage.unwrap_or_default()
}

fn function_page(function: &dyn Function) -> String {
    let (name, signature) = (function.name(), function.signature());
    let parameters = signature.parameters.iter().map(|parameter| (parameter, ""));
    let variadic = signature.variadic.iter().map(|parameter| (parameter, "..."));
    let all: Vec<_> = parameters.chain(variadic).collect();
    let given = |(parameter, dots): &(&Parameter, &str)| {
        format!("{} {}{dots}", parameter.name, plain_name(&parameter.kind).to_lowercase())
    };
    let argument = |(parameter, dots): &(&Parameter, &str)| {
        let variadic = if dots.is_empty() { "" } else { "Variadic, " };
        let nullable = if parameter.nullable { ", Nullable" } else { "" };
        let Parameter { name, kind, description, .. } = parameter;
        format!("1. `{name}` ({variadic}{}{nullable}) {description}\n", plain_name(kind))
    };
    format!(
        "{}# function: {name}\n\n{}\n\n{}## Signature\n\n```text\n{name}({}) {}\n```\n\n## Arguments\n\n{}",
        frontmatter(&format!("{name} function - aks"), Some(""), &signature.summary),
        signature.description,
        usage(&format!("functions/{name}/function.tf")),
        all.iter().map(given).collect::<Vec<_>>().join(", "),
        plain_name(&signature.returns).to_lowercase(),
        all.iter().map(argument).collect::<String>()
    )
}

/// The index must not have a subcategory. The first paragraph of a description is enough for a list of pages.
fn frontmatter(title: &str, subcategory: Option<&str>, description: &str) -> String {
    let description = description.lines().next().unwrap_or_default();
    let subcategory = subcategory.map(|name| format!("subcategory: {name:?}\n")).unwrap_or_default();
    format!("---\npage_title: {title:?}\n{subcategory}description: |-\n  {description}\n---\n\n")
}

/// Returns an example as a code block.
fn example(path: &str, language: &str) -> Option<String> {
    let text = std::fs::read_to_string(project("examples").join(path)).ok()?;
    Some(format!("```{language}\n{}\n```\n", text.trim_end()))
}

fn import(folder: &str) -> Option<String> {
    let ways = [
        (
            "import-by-identity.tf",
            "terraform",
            "In Terraform v1.12.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) can be used with the `identity` attribute, for example:",
        ),
        (
            "import-by-string-id.tf",
            "terraform",
            "In Terraform v1.5.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) can be used with the `id` attribute, for example:",
        ),
        (
            "import.sh",
            "shell",
            "The [`terraform import` command](https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for example:",
        ),
    ];
    let shown = ways.into_iter().filter_map(|(file, language, sentence)| {
        Some(format!("{sentence}\n\n{}", example(&format!("{folder}/{file}"), language)?))
    });
    let shown: Vec<String> = shown.collect();
    let head = "\n## Import\n\nImport is supported using the following syntax:\n\n";
    (!shown.is_empty()).then(|| format!("{head}{}", shown.join("\n")))
}

fn reference(schema: &Schema) -> String {
    let items = items(&schema.attributes, &schema.blocks);
    let groups = groups(&items);
    let listed = groups.iter().map(|(title, group)| format!("\n### {title}\n\n{}", list(group, "")));
    let nested = items.iter().map(|item| nested(*item, ""));
    std::iter::once("## Schema\n".to_owned()).chain(listed).chain(nested).collect()
}

/// What may be written in a block: an attribute, or another block.
#[derive(Clone, Copy)]
enum Item<'a> {
    Attribute(&'a Attribute),
    Block(&'a Block),
}

impl<'a> Item<'a> {
    fn name(self) -> &'a str {
        match self {
            Item::Attribute(attribute) => &attribute.name,
            Item::Block(block) => &block.name,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Item::Block(_) => "Optional",
            Item::Attribute(attribute) => match attribute.presence {
                Presence::Required => "Required",
                Presence::Optional | Presence::OptionalComputed => "Optional",
                Presence::Computed => "Read-Only",
            },
        }
    }

    /// Returns what it holds, where that has a section of its own.
    fn inside(self) -> Option<Vec<Item<'a>>> {
        match self {
            Item::Block(block) => Some(items(&block.attributes, &block.blocks)),
            Item::Attribute(Attribute { kind: Kind::Nested(_, attributes), .. }) => {
                Some(items(attributes, &[]))
            }
            Item::Attribute(_) => None,
        }
    }

    fn anchor(self, path: &str) -> String {
        let kind = if matches!(self, Item::Block(_)) { "nestedblock" } else { "nestedatt" };
        format!("{kind}--{}", path.replace('.', "--"))
    }

    fn line(self, path: &str) -> String {
        let (kind, description) = match self {
            Item::Block(block) => (block_name(block.nesting).to_owned(), &block.description),
            Item::Attribute(attribute) => {
                let sensitive = if attribute.sensitive { ", Sensitive" } else { "" };
                (type_name(&attribute.kind) + sensitive, &attribute.description)
            }
        };
        let anchor = self.anchor(&join(path, self.name()));
        let below = self.inside().map(|_| format!(" (see [below for nested schema](#{anchor}))"));
        format!("- `{}` ({kind}) {description}{}\n", self.name(), below.unwrap_or_default())
    }
}

/// Returns attributes and blocks by name.
fn items<'a>(attributes: &'a [Attribute], blocks: &'a [Block]) -> Vec<Item<'a>> {
    let blocks = blocks.iter().map(Item::Block);
    let mut items: Vec<Item> = attributes.iter().map(Item::Attribute).chain(blocks).collect();
    items.sort_by_key(|item| item.name());
    items
}

/// Renders the nested schema of an item and those inside it, outermost first.
fn nested(item: Item<'_>, path: &str) -> String {
    let Some(inside) = item.inside() else { return String::new() };
    let path = join(path, item.name());
    let mut text = format!("\n<a id=\"{}\"></a>\n### Nested Schema for `{path}`\n", item.anchor(&path));
    for (title, group) in groups(&inside) {
        text += &format!("\n{title}:\n\n{}", list(&group, &path));
    }
    inside.iter().fold(text, |text, inner| text + &nested(*inner, &path))
}

fn groups<'a>(items: &[Item<'a>]) -> Vec<(&'static str, Vec<Item<'a>>)> {
    let of = |wanted| items.iter().copied().filter(|item| item.title() == wanted).collect::<Vec<_>>();
    let groups = ["Required", "Optional", "Read-Only"].map(|wanted| (wanted, of(wanted)));
    groups.into_iter().filter(|(_, group)| !group.is_empty()).collect()
}

fn list(items: &[Item<'_>], path: &str) -> String {
    items.iter().map(|item| item.line(path)).collect()
}

fn block_name(nesting: Nesting) -> &'static str {
    match nesting {
        Nesting::Single => "Block, Optional",
        Nesting::List => "Block List",
        Nesting::Set => "Block Set",
        Nesting::Map => "Block Map",
    }
}

fn type_name(kind: &Kind) -> String {
    match kind {
        Kind::Plain(plain) => plain_name(plain),
        Kind::Nested(Nesting::Single, _) => "Attributes".to_owned(),
        Kind::Nested(Nesting::List, _) => "Attributes List".to_owned(),
        Kind::Nested(Nesting::Set, _) => "Attributes Set".to_owned(),
        Kind::Nested(Nesting::Map, _) => "Attributes Map".to_owned(),
    }
}

fn plain_name(plain: &Type) -> String {
    match plain {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", plain_name(element)),
        Type::Set(element) => format!("Set of {}", plain_name(element)),
        Type::Map(element) => format!("Map of {}", plain_name(element)),
        Type::Object(_) => "Object".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
