//! Renders a page of the Terraform Registry from a schema and its examples, laid out as tfplugindocs does.

use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::Resource;
use terraform_provider_aks::terraform::schema::{Attribute, Kind, Nesting, Presence, Schema, Type};

use super::{PREFIX, project, provider, resources};

/// Renders every generated page: its path below `docs`, and its text.
pub fn pages() -> Vec<(String, String)> {
    let page = |resource: &dyn Resource| {
        let name = resource.type_name();
        (format!("resources/{}.md", name.trim_start_matches(PREFIX)), resource_page(name, &resource.schema()))
    };
    let index = ("index.md".to_owned(), index(&provider().schema()));
    let resources = resources();
    std::iter::once(index).chain(resources.iter().map(|resource| page(resource.as_ref()))).collect()
}

fn index(schema: &Schema) -> String {
    let example = example("provider/provider.tf", "terraform").unwrap_or_default();
    format!(
        "{}# aks Provider\n\n{}\n\n## Example Usage\n\n{example}\n{}",
        frontmatter("aks Provider", None, &schema.description),
        schema.description,
        reference(schema)
    )
}

fn resource_page(name: &str, schema: &Schema) -> String {
    let folder = format!("resources/{name}");
    let usage = example(&format!("{folder}/resource.tf"), "terraform")
        .map(|example| format!("## Example Usage\n\n{example}\n"));
    format!(
        "{}# {name} (Resource)\n\n{}\n\n{}{}{}",
        frontmatter(&format!("{name} Resource - aks"), Some(""), &schema.description),
        schema.description,
        usage.unwrap_or_default(),
        reference(schema),
        import(&folder).unwrap_or_default()
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
    let mut text = "## Schema\n".to_owned();
    for (title, attributes) in groups(&schema.attributes) {
        text += &format!("\n### {title}\n\n{}", list(&attributes, ""));
    }
    for attribute in sorted(&schema.attributes) {
        text += &nested(attribute, "");
    }
    text
}

/// Renders the nested schema of an attribute and those inside it, outermost first.
fn nested(attribute: &Attribute, path: &str) -> String {
    let Kind::Nested(_, attributes) = &attribute.kind else { return String::new() };
    let path = join(path, &attribute.name);
    let anchor = anchor(&path);
    let mut text = format!("\n<a id=\"{anchor}\"></a>\n### Nested Schema for `{path}`\n");
    for (title, group) in groups(attributes) {
        text += &format!("\n{title}:\n\n{}", list(&group, &path));
    }
    sorted(attributes).iter().fold(text, |text, inner| text + &nested(inner, &path))
}

fn groups(attributes: &[Attribute]) -> Vec<(&'static str, Vec<&Attribute>)> {
    let title = |attribute: &Attribute| match attribute.presence {
        Presence::Required => "Required",
        Presence::Optional | Presence::OptionalComputed => "Optional",
        Presence::Computed => "Read-Only",
    };
    let of = |wanted| sorted(attributes).into_iter().filter(|a| title(a) == wanted).collect::<Vec<_>>();
    let groups = ["Required", "Optional", "Read-Only"].map(|wanted| (wanted, of(wanted)));
    groups.into_iter().filter(|(_, group)| !group.is_empty()).collect()
}

fn sorted(attributes: &[Attribute]) -> Vec<&Attribute> {
    let mut sorted: Vec<&Attribute> = attributes.iter().collect();
    sorted.sort_by_key(|attribute| &attribute.name);
    sorted
}

fn list(attributes: &[&Attribute], path: &str) -> String {
    let line = |attribute: &&Attribute| {
        let sensitive = if attribute.sensitive { ", Sensitive" } else { "" };
        let below = match attribute.kind {
            Kind::Plain(_) => String::new(),
            Kind::Nested(..) => {
                format!(" (see [below for nested schema](#{}))", anchor(&join(path, &attribute.name)))
            }
        };
        let Attribute { name, kind, description, .. } = attribute;
        format!("- `{name}` ({}{sensitive}) {description}{below}\n", type_name(kind))
    };
    attributes.iter().map(line).collect()
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

fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}
