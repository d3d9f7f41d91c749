//! What the key's status codes mean (CTAP 2.1 §8.2).
use crate::authenticator::AuthenticatorError;

/// A status code as a refusal. A wrong PIN's tries are asked of the key afterwards; here they are zero.
pub const fn meaning(status: u8) -> AuthenticatorError {
    match status {
        0x05 | 0x2f | 0x3a => AuthenticatorError::TimedOut,
        0x06 | 0x0a | 0x21 | 0x23 | 0x24 => AuthenticatorError::Busy,
        0x16 => AuthenticatorError::NoHmacSecret,
        0x19 => AuthenticatorError::AlreadyEnrolled,
        0x22 | 0x2e => AuthenticatorError::NotThisKey,
        0x27 | 0x2d => AuthenticatorError::Cancelled,
        0x31 => AuthenticatorError::WrongPin { tries_left: 0 },
        0x32 => AuthenticatorError::PinBlocked,
        0x34 => AuthenticatorError::Replug,
        0x35 | 0x36 => AuthenticatorError::NoVerification,
        0x3c | 0x3f => AuthenticatorError::NotRecognised,
        _ => AuthenticatorError::Failed,
    }
}

/// The code in the library's error, which it gives as text: `response_status err = 0x31 CTAP2_ERR_PIN_INVALID …`. Only the digits
/// are taken.
pub fn of(text: &str) -> AuthenticatorError {
    let code = text.split_once("response_status err = 0x").and_then(|(_, rest)| {
        let digits = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        u8::from_str_radix(&rest[..digits], 16).ok()
    });
    code.map_or(AuthenticatorError::Failed, meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_found_in_the_librarys_text() {
        assert_eq!(of("response_status err = 0x31 CTAP2_ERR_PIN_INVALID   PIN Invalid."), AuthenticatorError::WrongPin { tries_left: 0 });
        assert_eq!(of("response_status err = 0x2E CTAP2_ERR_NO_CREDENTIALS"), AuthenticatorError::NotThisKey);
        assert_eq!(of("response_status err = 0x34 CTAP2_ERR_PIN_AUTH_BLOCKED"), AuthenticatorError::Replug);
        assert_eq!(of("response_status err = 0xF1"), AuthenticatorError::Failed);
        assert_eq!(of("response_status err = 0x"), AuthenticatorError::Failed);
        assert_eq!(of("read err = 0xFE"), AuthenticatorError::Failed);
        assert_eq!(of(""), AuthenticatorError::Failed);
    }
}
