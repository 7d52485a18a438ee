//! `completions` and `man`: what clap knows about the commands, for a shell and for `man`.

use std::io;
use std::path::PathBuf;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;

/// The name of the program.
const PROGRAM: &str = "terraform-provider-aks";

const COMPLETIONS_EXAMPLES: &str = "Examples:
  source <(terraform-provider-aks completions bash)
  terraform-provider-aks completions zsh > \"${fpath[1]}/_terraform-provider-aks\"
  terraform-provider-aks completions fish > ~/.config/fish/completions/terraform-provider-aks.fish
  terraform-provider-aks completions powershell >> $PROFILE";

const MAN_EXAMPLES: &str = "Examples:
  terraform-provider-aks man --into ~/.local/share/man/man1
  man terraform-provider-aks-windows";

/// Prints what a shell needs to complete the commands and their flags.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

/// Prints the manual page, or writes one for each command.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = MAN_EXAMPLES)]
pub struct Man {
    /// Write the page of the program and one for each command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub into: Option<PathBuf>,
}

/// Prints the completions of a shell.
///
/// # Errors
///
/// Nobody reads any more.
pub fn completions(mut program: Command, arguments: &Completions) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, PROGRAM, &mut script);
    Ok(crate::cli::output::print(&String::from_utf8(script)?)?)
}

/// Prints the page of the program, or writes all pages.
///
/// # Errors
///
/// The folder cannot be written to.
pub fn man(program: Command, arguments: &Man) -> anyhow::Result<()> {
    let program = program.name(PROGRAM);
    if let Some(folder) = &arguments.into {
        let failed = || format!("the manual pages cannot be written into {}", folder.display());
        let written =
            std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(program, folder));
        return written.with_context(failed);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(program).render(&mut page)?;
    Ok(io::Write::write_all(&mut io::stdout().lock(), &page)?)
}
