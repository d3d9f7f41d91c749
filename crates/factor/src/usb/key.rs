//! One open security key: this room's requests in the library's words, and its answers back.
use ctap_hid_fido2::fidokey::credential_management::credential_management_params::CredentialProtectionPolicy;
use ctap_hid_fido2::fidokey::{AssertionExtension, CredentialExtension, GetAssertionArgsBuilder, MakeCredentialArgsBuilder};
use ctap_hid_fido2::public_key_credential_user_entity::PublicKeyCredentialUserEntity;
use ctap_hid_fido2::{Cfg, FidoKeyHid, FidoKeyHidFactory, get_fidokey_devices};

use super::status;
use super::worker::Abort;
use crate::authenticator::{Asserted, AuthenticatorError, BuiltIn, GetAssertion, Info, Made, MakeCredential, Pin, Verification};
use crate::secret::HmacSecret;

/// An open key.
pub struct Key(FidoKeyHid);

/// What it says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// What it can do.
    pub info: Info,
    /// Wrong PINs it still takes; zero where no PIN is set.
    pub pin_tries: u8,
    /// It can refuse a credential's use without verification by itself.
    protects: bool,
}

/// How the user is to be verified.
pub enum Means {
    /// With the PIN.
    Pin(Pin),
    /// By the key.
    BuiltIn(Verification),
}

impl Abort for Key {
    /// CTAPHID_CANCEL. It gets in between two of the key's signs of life, which come every 100 ms.
    fn abort(&self) {
        // A key that is gone needs no telling.
        let _ = self.0.cancel_selection();
    }
}

/// Whatever of the library's printing can be turned off.
///
/// INVARIANT: no trace, whatever the library's default: it would print S and what carries the PIN.
fn silent() -> Cfg {
    Cfg { enable_log: false, enable_keep_alive_msg: false, keep_alive_msg: String::new(), ..Cfg::init() }
}

impl Key {
    /// Opens the one key that is plugged in.
    pub fn open() -> Result<Self, AuthenticatorError> {
        let mut found = get_fidokey_devices();
        let only = found.pop().ok_or(AuthenticatorError::NoDevice)?;
        if !found.is_empty() {
            return Err(AuthenticatorError::SeveralDevices);
        }
        let mut key = FidoKeyHidFactory::create_by_params(&[only.param], &silent()).map_err(|_| AuthenticatorError::Failed)?;
        // Protocol two is the sounder (CTAP 2.1 §6.5.7); old keys have the first alone.
        key.set_pin_uv_auth_protocol_two().map_err(|error| refusal(&error))?;
        Ok(Self(key))
    }

    /// What the key can do.
    pub fn look(&self) -> Result<Seen, AuthenticatorError> {
        let info = self.0.get_info().map_err(|error| refusal(&error))?;
        let option = |name: &str| info.options.iter().any(|(option, on)| option == name && *on);
        let extension = |name: &str| info.extensions.iter().any(|extension| extension == name);
        let pin_set = option("clientPin");
        let pin_tries = if pin_set { self.tries()? } else { 0 };
        let built_in = if option("uv") { built_in(info.uv_modality) } else { BuiltIn::Absent };
        let seen = Info { hmac_secret: extension("hmac-secret"), pin_set, built_in, platform: option("plat") };
        Ok(Seen { info: seen, pin_tries, protects: extension("credProtect") })
    }

    pub fn make_credential(&self, request: &MakeCredential, seen: &Seen, means: &Means) -> Result<Made, AuthenticatorError> {
        let user = PublicKeyCredentialUserEntity::new(Some(&request.user_handle), Some(&request.rp_name), Some(&request.rp_name));
        let mut extensions = vec![CredentialExtension::HmacSecret(Some(true))];
        if seen.protects {
            extensions.push(CredentialExtension::CredProtect(Some(CredentialProtectionPolicy::UserVerificationRequired)));
        }
        // INVARIANT: the library hashes what it calls the challenge (SHA-256), so that is the clientDataJSON.
        let mut args = MakeCredentialArgsBuilder::new(&request.rp_id, &request.client_data).user_entity(&user).extensions(&extensions);
        for id in &request.exclude {
            args = args.exclude_authenticator(id);
        }
        if let Means::Pin(pin) = means {
            // EXPOSE: the library sends its hash to the key, enciphered.
            args = args.pin(pin.expose());
        }
        let made = self.0.make_credential_with_args(&args.build()).map_err(|error| self.refused(&error))?;
        let hmac_secret = made.extensions.iter().any(|extension| matches!(extension, CredentialExtension::HmacSecret(Some(true))));
        Ok(Made { client_data: request.client_data.clone(), auth_data: made.auth_data, hmac_secret, platform: seen.info.platform })
    }

    pub fn get_assertion(&self, request: &GetAssertion, means: &Means) -> Result<Asserted, AuthenticatorError> {
        // INVARIANT: as above. And with an empty list a key would answer with any credential it stores.
        let first = request.allow.first().ok_or(AuthenticatorError::NotThisKey)?;
        let mut args = GetAssertionArgsBuilder::new(&request.rp_id, &request.client_data);
        for id in &request.allow {
            args = args.add_credential_id(id);
        }
        if let Some(salt) = &request.salt {
            args = args.extensions(&[AssertionExtension::HmacSecret(Some(*salt.as_bytes()))]);
        }
        if let Means::Pin(pin) = means {
            // EXPOSE: the library sends its hash to the key, enciphered.
            args = args.pin(pin.expose());
        }
        let mut answers = self.0.get_assertion_with_args(&args.build()).map_err(|error| self.refused(&error))?;
        if answers.is_empty() {
            return Err(AuthenticatorError::Failed);
        }
        let mut answer = answers.swap_remove(0);
        let secret = answer.extensions.iter_mut().find_map(|extension| match extension {
            AssertionExtension::HmacSecret(Some(bytes)) => Some(HmacSecret::taken(bytes)),
            _ => None,
        });
        // A key may leave the id out where only one was asked for (CTAP 2.1 §6.2).
        let credential = if answer.credential_id.is_empty() && request.allow.len() == 1 { first.clone() } else { answer.credential_id };
        let verification = match means {
            Means::Pin(_) => Verification::Pin,
            Means::BuiltIn(verification) => *verification,
        };
        let client_data = request.client_data.clone();
        Ok(Asserted { credential, client_data, auth_data: answer.auth_data, signature: answer.signature, secret, verification })
    }

    fn tries(&self) -> Result<u8, AuthenticatorError> {
        let tries = self.0.get_pin_retries().map_err(|error| refusal(&error))?;
        u8::try_from(tries).map_err(|_| AuthenticatorError::Failed)
    }

    /// As [`refusal`], with the tries that are left after a wrong PIN.
    fn refused(&self, error: &dyn std::fmt::Display) -> AuthenticatorError {
        match refusal(error) {
            AuthenticatorError::WrongPin { .. } => {
                self.tries().map_or_else(|error| error, |tries_left| AuthenticatorError::WrongPin { tries_left })
            }
            other => other,
        }
    }
}

fn refusal(error: &dyn std::fmt::Display) -> AuthenticatorError {
    status::of(&error.to_string())
}

/// FIDO Registry of Predefined Values §3.1: presence 0x1, fingerprint 0x2, voice 0x8, face 0x10, eye 0x40, hand 0x100. Anything
/// else among the modalities (a code 0x4, a pattern 0x80) means that it need not have been a biometric.
const fn built_in(modality: u32) -> BuiltIn {
    const BIOMETRIC: u32 = 0x02 | 0x08 | 0x10 | 0x40 | 0x100;
    if modality & BIOMETRIC != 0 && modality & !(BIOMETRIC | 0x01) == 0 { BuiltIn::Biometric } else { BuiltIn::Unspecified }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_neither_traces_nor_prompts() {
        let Cfg { enable_log, enable_keep_alive_msg, keep_alive_msg, .. } = silent();
        assert_eq!((enable_log, enable_keep_alive_msg, keep_alive_msg.as_str()), (false, false, ""));
    }

    #[test]
    fn only_what_must_have_been_a_biometric_is_one() {
        for modality in [0x02, 0x03, 0x12, 0x10] {
            assert_eq!(built_in(modality), BuiltIn::Biometric, "{modality:x}");
        }
        for modality in [0, 0x01, 0x04, 0x06, 0x82, 0x402, 0x800] {
            assert_eq!(built_in(modality), BuiltIn::Unspecified, "{modality:x}");
        }
    }
}
