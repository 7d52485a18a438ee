//! Every message, field, number and RPC against tables made from the published descriptions.
//!
//! The tables are not part of this repository: `tfplugin6.fields.tsv` and `goplugin.fields.tsv`
//! with the columns kind, message, name, number, label, type.

use std::collections::BTreeSet;
use std::path::PathBuf;

use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
};

const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

fn file(package: &str) -> FileDescriptorProto {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    set.file.into_iter().find(|file| file.package() == package).unwrap()
}

/// Returns one row per RPC, field and enum value: message, name, number, label, type.
fn rows(package: &str) -> BTreeSet<String> {
    let file = file(package);
    let mut rows = BTreeSet::new();
    for service in &file.service {
        for rpc in &service.method {
            let label = match (rpc.client_streaming(), rpc.server_streaming()) {
                (false, false) => "unary",
                (false, true) => "server-stream",
                (true, false) => "client-stream",
                (true, true) => "bidi-stream",
            };
            let (from, to) = (short(rpc.input_type(), package), short(rpc.output_type(), package));
            rows.insert(format!("{}\t{}\t\t{label}\t{from} -> {to}", service.name(), rpc.name()));
        }
    }
    file.enum_type.iter().for_each(|choice| add_enum(choice, choice.name(), &mut rows));
    file.message_type.iter().for_each(|message| add_message(message, message.name(), package, &mut rows));
    rows
}

fn add_enum(choice: &EnumDescriptorProto, path: &str, rows: &mut BTreeSet<String>) {
    for value in &choice.value {
        rows.insert(format!("{path}\t{}\t{}\t\t", value.name(), value.number()));
    }
}

fn add_message(message: &DescriptorProto, path: &str, package: &str, rows: &mut BTreeSet<String>) {
    for field in &message.field {
        let (label, kind) = describe(field, message, package);
        rows.insert(format!("{path}\t{}\t{}\t{label}\t{kind}", field.name(), field.number()));
    }
    for choice in &message.enum_type {
        add_enum(choice, &format!("{path}.{}", choice.name()), rows);
    }
    for inner in message.nested_type.iter().filter(|inner| !is_map(inner)) {
        add_message(inner, &format!("{path}.{}", inner.name()), package, rows);
    }
}

fn is_map(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(|options| options.map_entry())
}

fn describe(field: &FieldDescriptorProto, parent: &DescriptorProto, package: &str) -> (String, String) {
    let entry =
        parent.nested_type.iter().find(|inner| is_map(inner) && field.type_name().ends_with(inner.name()));
    if let Some(entry) = entry {
        return (
            "map".into(),
            format!("map<{},{}>", kind(&entry.field[0], package), kind(&entry.field[1], package)),
        );
    }
    let deprecated = field.options.as_ref().is_some_and(|options| options.deprecated());
    let label = match field.oneof_index {
        _ if deprecated => "deprecated".into(),
        _ if field.proto3_optional() => "optional".into(),
        Some(index) => format!("oneof:{}", parent.oneof_decl[usize::try_from(index).unwrap()].name()),
        None if field.label() == Label::Repeated => "repeated".into(),
        None => String::new(),
    };
    (label, kind(field, package))
}

fn kind(field: &FieldDescriptorProto, package: &str) -> String {
    match field.r#type() {
        Type::Message | Type::Enum => short(field.type_name(), package),
        scalar => format!("{scalar:?}").to_lowercase(),
    }
}

fn short(name: &str, package: &str) -> String {
    let name = name.trim_start_matches('.');
    name.strip_prefix(&format!("{package}.")).unwrap_or(name).to_owned()
}

fn table(name: &str) -> BTreeSet<String> {
    let folder = std::env::var("PLUGIN_FIELDS").expect("PLUGIN_FIELDS names the folder of the tables");
    let text = std::fs::read_to_string(PathBuf::from(folder).join(name)).unwrap();
    let wanted = |line: &&str| {
        ["rpc\t", "field\t", "enum_field\t", "enum_value\t"].iter().any(|kind| line.starts_with(kind))
    };
    let row = |line: &str| line.split_once('\t').unwrap().1.to_owned();
    text.lines().filter(wanted).map(row).collect()
}

#[track_caller]
fn agree(package: &str, name: &str) {
    let (ours, theirs) = (rows(package), table(name));
    let only_ours: Vec<_> = ours.difference(&theirs).collect();
    let only_theirs: Vec<_> = theirs.difference(&ours).collect();
    assert!(
        only_ours.is_empty() && only_theirs.is_empty(),
        "only ours {only_ours:#?}\nonly theirs {only_theirs:#?}"
    );
}

#[test]
#[ignore = "needs tables of the published fields: set PLUGIN_FIELDS"]
fn the_messages_are_the_published_ones() {
    agree("tfplugin6", "tfplugin6.fields.tsv");
    agree("plugin", "goplugin.fields.tsv");
}

#[test]
fn the_messages_are_all_there() {
    assert_eq!(file("tfplugin6").service[0].method.len(), 36);
    assert_eq!(file("plugin").service.len(), 3);
}
