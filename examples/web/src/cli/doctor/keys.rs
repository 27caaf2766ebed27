//! Whether access tokens can be signed, and whether nobody else can read with what.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use compass_core::ports::{Random, SystemRandom};
use secrecy::SecretString;

use super::{Finding, Health, can_hold, told};
use crate::{
    Config,
    token_key::{self, SecretFrom, signed_with},
};

pub(super) fn look(config: &Config) -> Finding {
    if let Some(secret) = &config.token_secret {
        return held(config, secret, SecretFrom::Configuration, "token_secret");
    }
    let file = config.data.join(token_key::FILE);
    if !file.exists() {
        return match can_hold(&config.data, true) {
            Ok(()) => Finding::good("keys", format!("{} is not there yet: serve makes it", file.display())),
            Err(error) => Finding::broken("keys", format!("cannot make {}: {error}", file.display()), FOLDER),
        };
    }
    let (secret, mode) =
        match fs::metadata(&file).and_then(|found| Ok((fs::read_to_string(&file)?, found.permissions().mode()))) {
            Ok((secret, mode)) => (SecretString::from(secret.trim()), mode),
            Err(error) => return Finding::broken("keys", format!("cannot read {}: {error}", file.display()), UNREAD),
        };
    if mode & 0o077 != 0 {
        let found = format!("others on this machine can read {}", file.display());
        return Finding::doubtful("keys", found, format!("chmod 600 {}", file.display()));
    }
    let place = file.display().to_string();
    held(config, &secret, SecretFrom::File(file), &place)
}

const FOLDER: &str = "let whoever runs the service write there, or choose another folder with --data FOLDER";
const UNREAD: &str =
    "see that whoever runs the service may read it; without it, serve makes another, and programs ask for new tokens";

fn held(config: &Config, secret: &SecretString, from: SecretFrom, place: &str) -> Finding {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    match signed_with(secret, from, config, &random) {
        Ok(_) => Finding::good("keys", format!("access tokens are signed with {place}")),
        // What went wrong is told with how to mend it, as at a start.
        Err(error) => Finding { what: "keys", health: Health::Broken, found: told(&error), mend: None },
    }
}
