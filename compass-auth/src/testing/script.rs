//! What the provider does, as data that a test changes.

use std::fmt;

use serde_json::{Value, json};

use super::SigningKey;

/// How the provider answers at one address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// As it should.
    #[default]
    Good,
    /// With this status and a short JSON text.
    Status(u16),
    /// With a redirect to this address.
    Redirect(String),
    /// With a web page.
    Html,
    /// With a hundred megabytes.
    Huge,
    /// Not at all.
    Silent,
    /// With half of an answer and then nothing more.
    CutOff,
    /// With this JSON text.
    Json(String),
}

type Edit = Box<dyn Fn(&mut Value) + Send>;

/// What the provider does. Everything is public, to be tampered with.
pub struct Script {
    /// How it answers when it is asked about itself.
    pub discovery: Page,
    /// How it answers when it is asked for its keys.
    pub keys: Page,
    /// How it answers when it is given a code.
    pub token: Page,
    /// `Cache-Control` of what it publishes.
    pub cache_control: Option<&'static str>,
    /// The keys that it publishes.
    pub published: Vec<Value>,
    /// The key that it signs with.
    pub signer: SigningKey,
    /// Who signs in: claims beside those of the sign-in itself.
    pub person: Value,
    /// Changes what it says about itself.
    pub edit_discovery: Edit,
    /// Changes the header of the ID token before it is signed.
    pub edit_header: Edit,
    /// Changes the claims of the ID token before it is signed.
    pub edit_claims: Edit,
    /// Changes the answer to a code.
    pub edit_token_response: Edit,
}

impl Script {
    /// A good provider with one RSA key, where Ada signs in.
    pub(super) fn good() -> Self {
        let signer = SigningKey::rs256("rsa-1");
        let nothing = || -> Edit { Box::new(|_| {}) };
        Self {
            discovery: Page::Good,
            keys: Page::Good,
            token: Page::Good,
            cache_control: Some("public, max-age=3600"),
            published: vec![signer.published()],
            signer,
            person: json!({
                "sub": "1234567890", "email": "ada@compass.example", "email_verified": true, "name": "Ada",
            }),
            edit_discovery: nothing(),
            edit_header: nothing(),
            edit_claims: nothing(),
            edit_token_response: nothing(),
        }
    }

    /// Signs with this key from now on, and publishes it alone.
    pub fn rotate_to(&mut self, key: SigningKey) {
        self.published = vec![key.published()];
        self.signer = key;
    }

    /// Changes the claims of the ID tokens to come.
    pub fn claims(&mut self, edit: impl Fn(&mut Value) + Send + 'static) {
        self.edit_claims = Box::new(edit);
    }

    /// Changes the headers of the ID tokens to come.
    pub fn header(&mut self, edit: impl Fn(&mut Value) + Send + 'static) {
        self.edit_header = Box::new(edit);
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("signer", &self.signer).finish_non_exhaustive()
    }
}
