//! `compass sign-out WHO...`: ends people's sessions at once, such as those of somebody who left.

use std::{process::ExitCode, str::FromStr, sync::Arc};

use clap::Args;
use compass_core::{
    User, UserId,
    app::Accounts,
    ports::{SystemClock, SystemRandom},
};
use serde_json::json;
use uuid::Uuid;

use super::{Done, StoreFlags, print};
use crate::store::Store;

/// So many people are read at a time.
const AT_A_TIME: u32 = 500;

/// End people's sessions at once, in all browsers and programs
///
/// The service may be running: it finds no open session at the next request. Whoever may still sign in can do so again, so first take
/// others off `allowed` and start the service again. Each person who was found is told on a line, as JSON.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The e-mail address that the identity provider told at the last sign-in, or the person's id here
    #[arg(value_name = "WHO", required_unless_present = "everybody", conflicts_with = "everybody")]
    who: Vec<Who>,
    /// Everybody who ever signed in
    #[arg(long)]
    everybody: bool,
    #[command(flatten)]
    store: StoreFlags,
}

/// How an operator names somebody.
#[derive(Clone, Debug)]
enum Who {
    Id(UserId),
    Email(String),
}

impl FromStr for Who {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Uuid::parse_str(text) {
            Ok(id) => Ok(Self::Id(UserId(id))),
            Err(_) if text.contains('@') => Ok(Self::Email(text.trim().to_lowercase())),
            Err(_) => Err("it is neither an e-mail address nor the id of a person"),
        }
    }
}

impl Who {
    fn is(&self, user: &User) -> bool {
        match self {
            Self::Id(id) => *id == user.id,
            Self::Email(address) => user.identity.email.as_ref().is_some_and(|email| email.to_lowercase() == *address),
        }
    }
}

pub(super) async fn run(arguments: Arguments) -> Done {
    let config = arguments.store.load([])?;
    let store = Store::open(&config).await?;
    let accounts = Accounts {
        store: Arc::clone(&store.accounts),
        refresh_tokens: Arc::clone(&store.refresh_tokens),
        data: Arc::clone(&store.account_data),
        audit: Arc::clone(&store.audit),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    let mut unknown = arguments.who.clone();
    let mut after = None;
    loop {
        let page = store.accounts.users(after, AT_A_TIME).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for user in page.iter().filter(|user| arguments.everybody || arguments.who.iter().any(|who| who.is(user))) {
            unknown.retain(|who| !who.is(user));
            let sessions = accounts.sign_out_everywhere(user.id).await?;
            print(&json!({"user": user.id, "email": user.identity.email, "sessions_ended": sessions}).to_string())?;
        }
    }
    store.close().await;
    for who in &unknown {
        match who {
            Who::Id(id) => eprintln!("error: nobody here has the id {id}"),
            Who::Email(email) => eprintln!("error: nobody here had the address {email} at the last sign-in"),
        }
    }
    Ok(if unknown.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
