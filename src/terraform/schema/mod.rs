//! What a practitioner may write: attributes and blocks, their types and who sets them.
//!
//! Attributes are here, their types in [`types`], nested blocks in [`block`].

mod block;
pub mod types;

use crate::terraform::value::Value;

pub use block::Block;
pub use types::Type;

/// The attributes and blocks of a provider or a resource, with what they mean.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The version of the state that this schema describes.
    pub version: i64,
    /// What it is, in Markdown, for the reference docs.
    pub description: String,
    /// The attributes, in the order of the docs.
    pub attributes: Vec<Attribute>,
    /// The blocks, in the order of the docs.
    pub blocks: Vec<Block>,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name as written in HCL.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Who sets it.
    pub presence: Presence,
    /// What it means, in Markdown.
    pub description: String,
    /// Whether Terraform hides it in its output.
    pub sensitive: bool,
    /// Whether a change replaces the resource.
    pub replaces: bool,
}

/// What an attribute holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A plain value.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How nested objects are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// A sequence of objects.
    List,
    /// A set of objects.
    Set,
    /// Objects by name.
    Map,
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may.
    Optional,
    /// Only the provider does.
    Computed,
    /// The user may, else the provider does.
    OptionalComputed,
}

impl Attribute {
    fn new(name: &str, kind: Kind, presence: Presence, description: &str) -> Self {
        Attribute {
            name: name.to_owned(),
            kind,
            presence,
            description: description.to_owned(),
            sensitive: false,
            replaces: false,
        }
    }

    /// Creates an attribute that the user must set.
    #[must_use]
    pub fn required(name: &str, kind: impl Into<Kind>, description: &str) -> Self {
        Self::new(name, kind.into(), Presence::Required, description)
    }

    /// Creates an attribute that the user may set.
    #[must_use]
    pub fn optional(name: &str, kind: impl Into<Kind>, description: &str) -> Self {
        Self::new(name, kind.into(), Presence::Optional, description)
    }

    /// Creates an attribute that only the provider sets.
    #[must_use]
    pub fn computed(name: &str, kind: impl Into<Kind>, description: &str) -> Self {
        Self::new(name, kind.into(), Presence::Computed, description)
    }

    /// Creates an attribute that the provider sets when the user does not.
    #[must_use]
    pub fn optional_computed(name: &str, kind: impl Into<Kind>, description: &str) -> Self {
        Self::new(name, kind.into(), Presence::OptionalComputed, description)
    }

    /// Marks it: a change replaces the resource.
    #[must_use]
    pub fn replaces(self) -> Self {
        Attribute { replaces: true, ..self }
    }

    /// Marks it: Terraform hides the value in its output.
    #[must_use]
    pub fn sensitive(self) -> Self {
        Attribute { sensitive: true, ..self }
    }
}

impl From<Type> for Kind {
    fn from(plain: Type) -> Self {
        Kind::Plain(plain)
    }
}

impl Schema {
    /// Creates a schema without blocks.
    #[must_use]
    pub fn new(version: i64, description: &str, attributes: Vec<Attribute>) -> Self {
        Schema { version, description: description.to_owned(), attributes, blocks: Vec::new() }
    }

    /// Puts blocks in.
    #[must_use]
    pub fn with_blocks(self, blocks: Vec<Block>) -> Self {
        Schema { blocks, ..self }
    }

    /// Returns the type of the root object.
    #[must_use]
    pub fn value_type(&self) -> Type {
        object_of(&self.attributes, &self.blocks)
    }

    /// Returns the object in which nothing is set: every attribute null, and no block.
    #[must_use]
    pub fn nulls(&self) -> Value {
        let attributes = self.attributes.iter().map(|attribute| (attribute.name.as_str(), Value::Null));
        let blocks = self.blocks.iter().map(|block| (block.name.as_str(), block.absent()));
        Value::object(attributes.chain(blocks))
    }

    /// Writes empty lists where an object has null, or nothing, for a list of blocks.
    ///
    /// Terraform refuses null there; an import, a move and a state of before the block all lead to it.
    pub fn complete(&self, object: &mut Value) {
        block::complete(&self.blocks, object);
    }
}

impl Attribute {
    /// Returns the type of the attribute's value.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match &self.kind {
            Kind::Plain(plain) => plain.clone(),
            Kind::Nested(nesting, attributes) => nesting.of(object_of(attributes, &[])),
        }
    }
}

impl Nesting {
    fn of(self, object: Type) -> Type {
        match self {
            Nesting::Single => object,
            Nesting::List => Type::List(object.into()),
            Nesting::Set => Type::Set(object.into()),
            Nesting::Map => Type::Map(object.into()),
        }
    }
}

fn object_of(attributes: &[Attribute], blocks: &[Block]) -> Type {
    let attributes = attributes.iter().map(|attribute| (attribute.name.clone(), attribute.value_type()));
    let blocks = blocks.iter().map(|block| (block.name.clone(), block.value_type()));
    Type::Object(attributes.chain(blocks).collect())
}
