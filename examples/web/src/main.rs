//! The binary `compass`.

use std::process::ExitCode;

fn main() -> ExitCode {
    compass_web::cli::main()
}
