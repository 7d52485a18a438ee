//! What a command prints: for people, or for programs.

use std::io::{self, Write};

/// How an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// For people
    Table,
    /// For programs
    Json,
}

/// The flags that say how an answer is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Format {
    /// How to print the answer
    #[arg(long, short, value_name = "FORMAT", default_value = "table")]
    output: Output,
    /// The same as --output json
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

impl Format {
    /// Tells whether a program reads the answer.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.json || self.output == Output::Json
    }
}

/// Prints a text, with its colours only on a terminal: `NO_COLOR` and `CLICOLOR_FORCE` are heard.
///
/// # Errors
///
/// Nobody reads any more.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
