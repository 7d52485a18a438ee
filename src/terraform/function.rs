//! A function: pure, and without a provider configuration.

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::Type;
use crate::terraform::value::Value;

/// A function: what it takes and gives, and how.
///
/// Terraform calls it in every phase, on a provider that was not configured. The same arguments must always give
/// the same result, or Terraform reports `function returned an inconsistent result`: no clock, no network.
pub trait Function: Send + Sync + 'static {
    /// Returns the name, without the provider's: `in_window`.
    fn name(&self) -> &'static str;

    /// Returns what it takes and gives.
    fn signature(&self) -> Signature;

    /// Computes the result. There is an argument for each parameter, those of the variadic one at the end.
    ///
    /// # Errors
    ///
    /// Arguments that it cannot work with.
    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError>;
}

/// What a function takes and gives.
#[derive(Clone, Debug)]
pub struct Signature {
    /// What it does, in one line.
    pub summary: String,
    /// What it does, in Markdown, for the reference docs.
    pub description: String,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes all further arguments.
    pub variadic: Option<Parameter>,
    /// What it returns.
    pub returns: Type,
}

/// One parameter. Arguments are known, and not null unless that is allowed.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, for the docs and for errors.
    pub name: String,
    /// What is taken. An argument for [`Type::Dynamic`] brings its own type.
    pub kind: Type,
    /// What it means, in Markdown.
    pub description: String,
    /// Whether null may be passed.
    pub nullable: bool,
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong and what to write instead, in sentences.
    pub text: String,
    /// The argument that it is about, counted from 0.
    pub argument: Option<usize>,
}

impl Parameter {
    /// Creates a parameter that takes no null.
    #[must_use]
    pub fn new(name: &str, kind: Type, description: &str) -> Self {
        Parameter { name: name.to_owned(), kind, description: description.to_owned(), nullable: false }
    }

    /// Lets null be passed.
    #[must_use]
    pub fn nullable(self) -> Self {
        Parameter { nullable: true, ..self }
    }
}

impl FunctionError {
    /// Creates an error about the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        FunctionError { text: text.into(), argument: None }
    }

    /// Creates an error about one argument, counted from 0.
    pub fn at(argument: usize, text: impl Into<String>) -> Self {
        FunctionError { text: text.into(), argument: Some(argument) }
    }

    /// Says what was found wrong in one argument; `None` when that is nothing.
    ///
    /// A function has no paths, so where in the argument it is stands in the text. Warnings cannot be told.
    #[must_use]
    pub fn of(argument: usize, found: &[Diagnostic]) -> Option<Self> {
        let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).map(Diagnostic::located);
        let text = errors.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then(|| FunctionError::at(argument, text))
    }
}
