//! How a command ends, for whoever runs it from a script.
//!
//! | code | |
//! |---|---|
//! | 0 | It was done. |
//! | 1 | It could not be done: Azure, the network, a file. |
//! | 2 | The command line is wrong, and nothing was done. |
//! | 3 | It was done, and the answer is no; only with `--exit-code`. |

use std::io;
use std::process::ExitCode;

/// The codes, as `--help` tells them.
pub const HELP: &str = "Exit codes:
  0  it was done
  1  it could not be done: Azure, the network, a file
  2  the command line is wrong, and nothing was done
  3  it was done, and the answer is no; only with --exit-code";

/// What is wrong with a command line, in sentences.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Returns the code of an answer that `--exit-code` asked for.
#[must_use]
pub fn answered(asked: bool, yes: bool) -> ExitCode {
    if asked && !yes { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

/// Tells what went wrong, and returns the code.
#[must_use]
pub fn of(result: anyhow::Result<ExitCode>) -> ExitCode {
    let error = match result {
        Ok(code) => return code,
        Err(error) => error,
    };
    // Whoever reads has enough: `… | head`.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::SUCCESS;
    }
    anstream::eprintln!("{BAD}Error:{BAD:#} {error:#}", BAD = crate::cli::table::BAD);
    if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}
