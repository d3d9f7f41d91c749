//! Why a ceremony was refused.
use crate::authenticator::AuthenticatorError;
use crate::credential::CredentialError;

/// What the relying party says of an answer, or the authenticator of a request. None names a person, a key or a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum FactorError {
    /// The answer names another origin or relying party: it was made for something else.
    #[error("answer is for another origin")]
    WrongOrigin,
    /// It answers another challenge: an old answer again, or one given over another statement.
    #[error("answer is to another challenge")]
    OtherChallenge,
    /// What is about to be done is not what was shown and asked for.
    #[error("statement is not the one that was asked about")]
    OtherStatement,
    /// The ceremony was begun for someone else.
    #[error("ceremony belongs to another user")]
    OtherUser,
    /// The answer comes from a credential that was not asked.
    #[error("answer is from another credential")]
    OtherCredential,
    /// More than two minutes have passed since it was begun.
    #[error("ceremony has expired")]
    Expired,
    /// Nobody was verified, by PIN or biometric.
    #[error("user was not verified")]
    NotVerified,
    /// Nobody touched the key.
    #[error("user was not present")]
    NotPresent,
    /// The counter did not advance: there may be a second copy of this key (WebAuthn §6.1.1). Record it as an
    /// incident.
    #[error("counter did not advance, the key may be cloned")]
    Cloned,
    /// The credential can be copied between devices, so it does not show that *this* one is in somebody's hand.
    #[error("credential is not bound to one device")]
    Synced,
    /// The signature is not the credential's.
    #[error("signature does not verify")]
    BadSignature,
    /// The answer does not have the form the standard asks for.
    #[error("malformed answer")]
    Malformed,
    /// This clinician has no security key enrolled.
    #[error("no credential is enrolled")]
    NoCredential,
    /// The key makes no hmac-secret, so it cannot take part in decryption.
    #[error("key has no hmac-secret")]
    NoHmacSecret,
    /// The operating system gives no randomness.
    #[error("no randomness")]
    NoEntropy,
    /// A fault of ours.
    #[error("internal")]
    Internal,
    /// The stored record cannot be used.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The key, or the way to it.
    #[error(transparent)]
    Authenticator(#[from] AuthenticatorError),
}
