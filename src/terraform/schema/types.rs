//! The types of values.

/// A type of Terraform's type system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// A string.
    String,
    /// An exact number.
    Number,
    /// A boolean.
    Bool,
    /// Any type, carried with the value.
    Dynamic,
    /// A sequence.
    List(Box<Type>),
    /// A sequence without order or repetition.
    Set(Box<Type>),
    /// Values by name.
    Map(Box<Type>),
    /// Named values of different types.
    Object(Vec<(String, Type)>),
    /// A fixed sequence of different types.
    Tuple(Vec<Type>),
}

impl Type {
    /// Returns what a value of this type is called in a sentence.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Type::String => "a string",
            Type::Number => "a number",
            Type::Bool => "a boolean",
            Type::Dynamic => "a value with its type",
            Type::List(_) => "a list",
            Type::Set(_) => "a set",
            Type::Map(_) => "a map",
            Type::Object(_) => "an object",
            Type::Tuple(_) => "a tuple",
        }
    }
}
