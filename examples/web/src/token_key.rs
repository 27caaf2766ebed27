//! The secret behind access tokens: the operator's, or one that is made once and kept.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use compass_auth::TokenKey;
use compass_core::ports::{Random, new_secret};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use tempfile::NamedTempFile;

use crate::{Config, StartError, store::make_folder};

pub(crate) const FILE: &str = "token-secret";

/// The key that signs access tokens, and the one that signed them before the last change and is still accepted, if any.
pub(crate) fn token_keys(config: &Config, random: &dyn Random) -> Result<(TokenKey, Option<TokenKey>), StartError> {
    let secret = match &config.token_secret {
        Some(secret) => secret.clone(),
        None => {
            make_folder(&config.data)?;
            let file = config.data.join(FILE);
            kept(&file, random).map_err(|source| StartError::TokenFile { file, source })?
        }
    };
    Ok((key(&secret), config.retired_token_secret.as_ref().map(key)))
}

fn key(secret: &SecretString) -> TokenKey {
    let secret: SecretSlice<u8> = secret.expose_secret().as_bytes().to_vec().into();
    TokenKey::of(secret)
}

/// The secret in the file. The first to come makes it; of several at once one wins and all read that one.
fn kept(file: &Path, random: &dyn Random) -> io::Result<SecretString> {
    if !file.exists() {
        // Temporary files are for their owner's eyes alone, and so stays what they become.
        let mut fresh = NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
        writeln!(fresh, "{}", new_secret(random))?;
        match fresh.persist_noclobber(file) {
            Err(lost) if lost.error.kind() != io::ErrorKind::AlreadyExists => return Err(lost.error),
            _ => {}
        }
    }
    Ok(fs::read_to_string(file)?.trim().into())
}
