//! Where security keys come from, as the keyring does: the host is started with a way to find one.
use factor::Authenticator;

/// Finds the security key that is plugged in.
pub struct SecurityKeys {
    find: Box<dyn Fn() -> Box<dyn Authenticator> + Send + Sync>,
    practice: bool,
}

impl SecurityKeys {
    /// Whether this system has a driver for them.
    pub(crate) const HAVE_DRIVER: bool = cfg!(target_os = "linux");

    /// Those plugged into this machine; in a build for practice, the one kept in the file that `SATCHEL_PRACTICE_KEY` names, if it
    /// names one.
    #[must_use]
    pub fn of_this_machine() -> Self {
        #[cfg(feature = "practice-key")]
        if let Some(path) = std::env::var_os("SATCHEL_PRACTICE_KEY") {
            let key = factor::testing::FileKey::at(path.into());
            return Self { practice: true, ..Self::found_by(move || Box::new(key.clone())) };
        }
        Self::found_by(plugged_in)
    }

    /// Those that `find` gives.
    #[must_use]
    pub fn found_by(find: impl Fn() -> Box<dyn Authenticator> + Send + Sync + 'static) -> Self {
        Self { find: Box::new(find), practice: false }
    }

    /// Whether what stands in their place is a file that anybody can copy.
    #[must_use]
    pub const fn are_practice(&self) -> bool {
        self.practice
    }

    pub(super) fn find(&self) -> Box<dyn Authenticator> {
        (self.find)()
    }
}

#[cfg(target_os = "linux")]
fn plugged_in() -> Box<dyn Authenticator> {
    Box::new(factor::UsbKey)
}

/// Other systems have no driver yet.
#[cfg(not(target_os = "linux"))]
fn plugged_in() -> Box<dyn Authenticator> {
    use factor::{Asserted, AuthenticatorError, Cancel, GetAssertion, Info, Made, MakeCredential, Prompt};

    struct None;

    impl Authenticator for None {
        fn info(&self) -> Result<Info, AuthenticatorError> {
            Err(AuthenticatorError::NoDevice)
        }
        fn make_credential(&self, _: &MakeCredential, _: &dyn Prompt, _: &Cancel) -> Result<Made, AuthenticatorError> {
            Err(AuthenticatorError::NoDevice)
        }
        fn get_assertion(&self, _: &GetAssertion, _: &dyn Prompt, _: &Cancel) -> Result<Asserted, AuthenticatorError> {
            Err(AuthenticatorError::NoDevice)
        }
    }
    Box::new(None)
}

#[cfg(all(feature = "practice-key", not(debug_assertions)))]
compile_error!("`practice-key` puts a file that anybody can copy in the security key's place: never in a release");
