//! Which token, whether it is there, and how its PIN stands.
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};
use serde::{Deserialize, Serialize};

use super::module::Module;
use crate::provider::StoreError;

/// A token by what it says of itself: maker, model and serial number are one token's alone (PKCS#11 v3.1, `CK_TOKEN_INFO`), the
/// label tells apart what one device shows as several tokens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenName {
    /// Who made it.
    pub manufacturer: String,
    /// Which kind it is.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// What its owner called it.
    pub label: String,
}

impl TokenName {
    fn of(about: &TokenInfo) -> Self {
        Self {
            manufacturer: about.manufacturer_id().to_owned(),
            model: about.model().to_owned(),
            serial: about.serial_number().to_owned(),
            label: about.label().to_owned(),
        }
    }
}

/// A token that is there.
pub(super) struct Found {
    pub slot: Slot,
    pub pin: PinState,
}

/// What the token tells about its PIN; many tell less than there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinState {
    /// Nothing is wrong with it.
    Open,
    /// One more wrong PIN locks it.
    LastTry,
    /// No PIN is taken any more.
    Locked,
}

impl PinState {
    fn of(about: &TokenInfo) -> Self {
        match (about.user_pin_locked(), about.user_pin_final_try()) {
            (true, _) => Self::Locked,
            (_, true) => Self::LastTry,
            _ => Self::Open,
        }
    }
}

impl Module {
    /// Every token that is there and whose PIN is set.
    pub fn tokens(&self) -> Result<Vec<TokenName>, StoreError> {
        let usable = |about: &TokenInfo| about.token_initialized() && about.user_pin_initialized();
        Ok(self.present()?.filter(|(_, about)| usable(about)).map(|(_, about)| TokenName::of(&about)).collect())
    }

    /// The token, if it is there.
    pub fn find(&self, token: &TokenName) -> Result<Found, StoreError> {
        let mut present = self.present()?;
        let found = present.find(|(_, about)| TokenName::of(about) == *token);
        found.map(|(slot, about)| Found { slot, pin: PinState::of(&about) }).ok_or(StoreError::TokenAbsent)
    }

    /// How the PIN stands after a try.
    pub fn pin_state(&self, slot: Slot) -> Result<PinState, StoreError> {
        self.pkcs11.get_token_info(slot).map(|about| PinState::of(&about)).map_err(told)
    }

    /// Whatever does not tell about itself is not there.
    fn present(&self) -> Result<impl Iterator<Item = (Slot, TokenInfo)>, StoreError> {
        let slots = self.pkcs11.get_slots_with_token().map_err(told)?;
        Ok(slots.into_iter().filter_map(|slot| Some((slot, self.pkcs11.get_token_info(slot).ok()?))))
    }
}

/// A token's answer in Satchel's terms. A changed blob and a broken token are one to it: a general error.
pub(super) fn told(error: Error) -> StoreError {
    match error {
        Error::Pkcs11(RvError::TokenNotPresent | RvError::TokenNotRecognized | RvError::DeviceRemoved | RvError::SlotIdInvalid, _)
        // It was to start again when its token was gone, and did not.
        | Error::Pkcs11(RvError::CryptokiNotInitialized, _) => StoreError::TokenAbsent,
        Error::Pkcs11(RvError::PinLocked, _) => StoreError::PinLocked,
        _ => StoreError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    #[test]
    fn a_missing_token_and_a_locked_pin_are_told_from_other_troubles() {
        let login = |error| told(Error::Pkcs11(error, Function::Login));
        for gone in [
            RvError::TokenNotPresent,
            RvError::TokenNotRecognized,
            RvError::DeviceRemoved,
            RvError::SlotIdInvalid,
            RvError::CryptokiNotInitialized,
        ] {
            assert_eq!(login(gone), StoreError::TokenAbsent);
        }
        assert_eq!(login(RvError::PinLocked), StoreError::PinLocked);
        assert_eq!(login(RvError::GeneralError), StoreError::Failed);
        assert_eq!(told(Error::NullFunctionPointer), StoreError::Failed);
    }
}
