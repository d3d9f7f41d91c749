//! The tokens of one sign-in (OAuth 2.0, RFC 6749; OpenID Connect Core 1.0).
use std::fmt;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

/// A secret text: zeroized when dropped, redacted in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself; write the reason on the line above, as `// EXPOSE: why`.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// The tokens of one sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Bearer token for the EHR.
    pub access: Secret,
    /// When the access token ends, by this workstation's wall clock; `None` where the EHR does not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// Token for the next access token; rotated, so each value is used once.
    pub refresh: Option<Secret>,
}
