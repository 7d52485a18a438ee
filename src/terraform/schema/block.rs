//! Nested blocks: `maintenance_window { … }`.
//!
//! Terraform itself refuses a key that a block does not have; inside an attribute of objects it drops such a key
//! without a word. What a user writes is therefore a block, and what a provider shows an attribute.

use crate::terraform::schema::{Attribute, Nesting, Type, object_of};
use crate::terraform::value::Value;

/// A block inside a schema, or inside another block.
///
/// A block is what the configuration says, and nothing else: a provider may fill computed attributes inside, and
/// can neither add a block nor leave one out. In a state a list of blocks is empty where there is none, and never
/// null; a single block is null. A `dynamic` block whose `for_each` is unknown makes the whole list unknown, and
/// is planned as that.
///
/// No attribute inside may be of [`Type::Dynamic`]: the list would travel as another type.
#[derive(Clone, Debug)]
pub struct Block {
    /// The name as written in HCL.
    pub name: String,
    /// How many there may be, and in which order. Terraform holds [`Nesting::Single`] to one at most.
    pub nesting: Nesting,
    /// What it means, in Markdown.
    pub description: String,
    /// The attributes inside.
    pub attributes: Vec<Attribute>,
    /// The blocks inside.
    pub blocks: Vec<Block>,
}

impl Block {
    /// Creates a block that may be written any number of times, in an order that counts.
    #[must_use]
    pub fn list(name: &str, attributes: Vec<Attribute>, description: &str) -> Self {
        Block::new(name, Nesting::List, attributes, description)
    }

    /// Creates a block that may be written once.
    #[must_use]
    pub fn single(name: &str, attributes: Vec<Attribute>, description: &str) -> Self {
        Block::new(name, Nesting::Single, attributes, description)
    }

    /// Creates a block that may be written any number of times, in any order.
    ///
    /// Prefer [`Block::list`]: Terraform cannot name one element of a set in an error.
    #[must_use]
    pub fn set(name: &str, attributes: Vec<Attribute>, description: &str) -> Self {
        Block::new(name, Nesting::Set, attributes, description)
    }

    fn new(name: &str, nesting: Nesting, attributes: Vec<Attribute>, description: &str) -> Self {
        let (name, description) = (name.to_owned(), description.to_owned());
        Block { name, nesting, description, attributes, blocks: Vec::new() }
    }

    /// Puts blocks inside.
    #[must_use]
    pub fn with_blocks(self, blocks: Vec<Block>) -> Self {
        Block { blocks, ..self }
    }

    /// Returns the type of all the blocks of this name.
    #[must_use]
    pub fn value_type(&self) -> Type {
        self.nesting.of(object_of(&self.attributes, &self.blocks))
    }

    /// Returns a value of another block of this name without what this one lacks, and null for what it has more.
    #[must_use]
    pub fn fitted(&self, other: &Value) -> Value {
        let fit = |object: &Value| {
            let attributes = self
                .attributes
                .iter()
                .map(|attribute| (&*attribute.name, object.get(&attribute.name).clone()));
            let blocks =
                self.blocks.iter().map(|block| (&*block.name, block.fitted(object.get(&block.name))));
            Value::object(attributes.chain(blocks))
        };
        match other {
            Value::Null => self.absent(),
            Value::List(items) => Value::List(items.iter().map(fit).collect()),
            Value::Map(_) if self.nesting == Nesting::Single => fit(other),
            other => other.clone(),
        }
    }

    /// Returns the value that says that there is no such block: null for a single one, else empty.
    #[must_use]
    pub fn absent(&self) -> Value {
        match self.nesting {
            Nesting::Single => Value::Null,
            Nesting::List | Nesting::Set => Value::List(Vec::new()),
            Nesting::Map => Value::Map(Default::default()),
        }
    }
}

/// Replaces null by what says that there is no such block, in an object and in the blocks inside it.
pub(super) fn complete(blocks: &[Block], object: &mut Value) {
    let Value::Map(entries) = object else { return };
    for block in blocks {
        let value = entries.entry(block.name.clone()).or_insert(Value::Null);
        match (block.nesting, &mut *value) {
            (_, Value::Null) => *value = block.absent(),
            (Nesting::Single, single) => complete(&block.blocks, single),
            (_, Value::List(items)) => items.iter_mut().for_each(|item| complete(&block.blocks, item)),
            (_, Value::Map(items)) => items.values_mut().for_each(|item| complete(&block.blocks, item)),
            _ => {}
        }
    }
}
