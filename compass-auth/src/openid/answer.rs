//! What can be wrong with a provider's answer, and why somebody whom it names may not come in.

/// What is wrong with a provider's answer, for the log: the person is told no more than that it does not hold. It never quotes a
/// code, a token or a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The code in the address is no code.
    #[error("the code is too long")]
    CodeTooLong,
    /// The provider does not give a token for the code: it was used, or another browser's, or its verifier is not the one.
    #[error("the provider refused the code: invalid_grant")]
    CodeRefused,
    /// The provider does not know the client or its secret, or does not let it sign people in: mend the configuration.
    #[error("the provider refused this client: {0}; check the client id, the client secret and the redirect URI")]
    ClientRefused(&'static str),
    /// The answer to the code is not a token response.
    #[error("the answer to the code is no token response")]
    NoTokenResponse,
    /// There is no ID token in the answer.
    #[error("there is no ID token in the answer")]
    NoIdToken,
    /// The ID token cannot be read.
    #[error("the ID token is not a signed JSON web token of at most 16 KiB")]
    NotAToken,
    /// It is signed with an algorithm that is not configured, or not at all.
    #[error(
        "the ID token is signed with an algorithm that is not accepted: name the one that the provider signs with in algorithms"
    )]
    Algorithm,
    /// It is another type of token.
    #[error("the ID token says that it is another type of token")]
    Type,
    /// It has extensions that must be understood, and are not.
    #[error("the ID token has critical headers")]
    CriticalHeader,
    /// It does not say with which key it is signed.
    #[error("the ID token names no key")]
    NoKeyName,
    /// The provider does not publish that key, or publishes two under that name.
    #[error("the ID token names a key that the provider does not publish")]
    UnknownKey,
    /// The signature is not the key's.
    #[error("the signature of the ID token does not hold")]
    Signature,
    /// A claim is missing, or not of its type.
    #[error("a claim of the ID token is missing or of another type")]
    Claims,
    /// Somebody else issued it.
    #[error("the ID token has another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the ID token is for another audience")]
    Audience,
    /// It was issued to another client.
    #[error("the ID token was issued to another party")]
    AuthorizedParty,
    /// It does not belong to this sign-in.
    #[error("the ID token repeats another nonce, or none")]
    Nonce,
    /// It is too old.
    #[error("the ID token has expired")]
    Expired,
    /// It is from the future.
    #[error("the ID token is not valid yet")]
    NotYet,
    /// It would live for longer than a day.
    #[error("the ID token lives for more than a day, or for less than nothing")]
    Lifetime,
    /// The person's id is not one: 1 to 255 printable ASCII characters.
    #[error("the subject of the ID token is empty, longer than 255 characters, or not plain ASCII")]
    Subject,
}

/// Why somebody whom the provider knows may not sign in here, for the log: the person is told no more than that. It never quotes who it
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountRefusal {
    /// The account is not of the Workspace domain.
    #[error("the account is not of the Workspace domain hosted_domain")]
    HostedDomain,
    /// There is no address that could be on the list.
    #[error("allowed needs an e-mail address, and the ID token has none: have the provider put it into the ID token")]
    NoEmail,
    /// The provider does not vouch for the address.
    #[error(
        "allowed needs a verified e-mail address, and the ID token does not say email_verified: true: have the provider say so"
    )]
    EmailNotVerified,
    /// The list has neither the address nor its domain.
    #[error(
        "neither the account's e-mail address nor its domain is in allowed; a private Google account is in no domain but gmail.com"
    )]
    NotListed,
}
