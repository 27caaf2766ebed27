//! Whether access tokens can be signed, and whether nobody else can read with what.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use compass_auth::{JwtAccessTokens, TokenKey};
use compass_core::ports::SystemRandom;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Finding, can_hold, told};
use crate::{Config, token_key};

pub(super) fn look(config: &Config) -> Finding {
    if let Some(secret) = &config.token_secret {
        return held(
            config,
            secret,
            "token_secret",
            "say one of at least 32 bytes, such as `openssl rand -base64 48` prints",
        );
    }
    let file = config.data.join(token_key::FILE);
    if !file.exists() {
        return match can_hold(&config.data, true) {
            Ok(()) => Finding::good("keys", format!("{} is not there yet: serve makes it", file.display())),
            Err(error) => Finding::broken("keys", format!("cannot make {}: {error}", file.display()), FOLDER),
        };
    }
    let mend =
        "see that whoever runs the service may read it; without it, serve makes another, and people sign in again";
    let (secret, mode) =
        match fs::metadata(&file).and_then(|found| Ok((fs::read_to_string(&file)?, found.permissions().mode()))) {
            Ok((secret, mode)) => (SecretString::from(secret.trim()), mode),
            Err(error) => return Finding::broken("keys", format!("cannot read {}: {error}", file.display()), mend),
        };
    if mode & 0o077 != 0 {
        let found = format!("others on this machine can read {}", file.display());
        return Finding::doubtful("keys", found, format!("chmod 600 {}", file.display()));
    }
    held(config, &secret, &file.display().to_string(), mend)
}

const FOLDER: &str = "let whoever runs the service write there, or choose another folder with --data FOLDER";

fn held(config: &Config, secret: &SecretString, place: &str, mend: &str) -> Finding {
    let key = |secret: &SecretString| TokenKey::of(secret.expose_secret().as_bytes().to_vec().into());
    let retired = config.retired_token_secret.as_ref().map(key).into_iter().collect();
    match JwtAccessTokens::new("urn:compass:service", key(secret), retired, Arc::new(SystemRandom)) {
        Ok(_) => Finding::good("keys", format!("access tokens are signed with {place}")),
        Err(error) => Finding::broken("keys", format!("{place}: {}", told(&error)), mend),
    }
}
