//! `compass completions`: what a shell needs to complete the commands.

use std::process::ExitCode;

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{Cli, Done, print};

/// Print what a shell needs to complete these commands: compass completions bash > ~/.local/share/bash-completion/completions/compass
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Done {
    let mut script = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "compass", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
