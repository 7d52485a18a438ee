//! Starts the process: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    terraform_provider_aks::cli::run()
}
