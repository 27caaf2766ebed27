//! `compass openapi`: the API's description on stdout.

use std::process::ExitCode;

use clap::Args;

use super::{Done, print};

/// Print the OpenAPI document of the service
#[derive(Args, Debug)]
pub(super) struct Arguments {}

pub(super) fn run(_: Arguments) -> Done {
    print(&compass_http::openapi().to_pretty_json()?)?;
    Ok(ExitCode::SUCCESS)
}
