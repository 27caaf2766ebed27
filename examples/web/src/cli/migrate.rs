//! `compass migrate`: brings the database to this program's schema.

use std::process::ExitCode;

use clap::Args;

use super::{Done, StoreFlags};
use crate::store::Store;

/// Bring the database to this program's schema, which `serve` does by itself
#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    store: StoreFlags,
}

pub(super) async fn run(arguments: Arguments) -> Done {
    let config = arguments.store.load([])?;
    let store = Store::open(&config).await?;
    store.close().await;
    eprintln!("{} has the schema of this program", store.place());
    Ok(ExitCode::SUCCESS)
}
