//! The secret behind access tokens: the operator's, or one that is made once and kept.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use compass_auth::{JwtAccessTokens, TokenKey, TokenSetupError};
use compass_core::ports::{Random, new_secret};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use tempfile::NamedTempFile;

use crate::{Config, StartError, store::make_folder};

pub(crate) const FILE: &str = "token-secret";
/// Who issues the tokens, and reads them.
const ISSUER: &str = "urn:compass:service";

/// Where the secret that signs is from.
#[derive(Clone, Debug)]
pub(crate) enum SecretFrom {
    Configuration,
    File(PathBuf),
}

/// Access tokens with the configured secrets, or with the one of the data folder, which is made where it is not there.
pub(crate) fn access_tokens(config: &Config, random: &Arc<dyn Random>) -> Result<JwtAccessTokens, StartError> {
    if let Some(secret) = &config.token_secret {
        return signed_with(secret, SecretFrom::Configuration, config, random);
    }
    make_folder(&config.data)?;
    let file = config.data.join(FILE);
    let secret = kept(&file, &**random).map_err(|source| StartError::TokenFile { file: file.clone(), source })?;
    signed_with(&secret, SecretFrom::File(file), config, random)
}

/// Access tokens that this secret signs; those that were signed before its last change are still accepted.
pub(crate) fn signed_with(
    secret: &SecretString,
    from: SecretFrom,
    config: &Config,
    random: &Arc<dyn Random>,
) -> Result<JwtAccessTokens, StartError> {
    let (signing, retired) = (key(secret), config.retired_token_secret.as_ref().map(key));
    let name = signing.id.clone();
    let made = JwtAccessTokens::new(ISSUER, signing, retired.into_iter().collect(), Arc::clone(random));
    made.map_err(|error| match (error, from) {
        (TokenSetupError::ShortSecret { id, len }, _) if id != name => {
            StartError::ShortSecret { key: "retired_token_secret", len, mend: "leave it out if there was none before" }
        }
        (TokenSetupError::ShortSecret { len, .. }, SecretFrom::Configuration) => StartError::ShortSecret {
            key: "token_secret",
            len,
            mend: "say one of at least 32, such as `openssl rand -base64 48` prints",
        },
        (TokenSetupError::ShortSecret { len, .. }, SecretFrom::File(file)) => StartError::ShortSecretFile { file, len },
        (TokenSetupError::DuplicateKey(_), _) => StartError::SameSecret,
        (other, _) => StartError::Tokens(other),
    })
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
        // Else a power cut may leave the name with nothing under it.
        fresh.as_file().sync_all()?;
        match fresh.persist_noclobber(file) {
            Err(lost) if lost.error.kind() != io::ErrorKind::AlreadyExists => return Err(lost.error),
            _ => {}
        }
    }
    Ok(fs::read_to_string(file)?.trim().into())
}
