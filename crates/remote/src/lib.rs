//! Drivers to the EHR: FHIR over HTTPS, SMART sign-in, and the execution of the sync machine's instructions.
mod address;
mod capability;
mod drive;
mod ehr_keys;
mod exchange;
mod fhir_client;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod hostile;

mod identity;
mod incoming;
mod loopback;
mod session;
mod sign_in;
mod smart;
mod store;
mod token;

pub use address::{AddressError, EhrAddress};
pub use drive::{Command, Drive, Handle};
pub use ehr_keys::{EhrKeys, NotSigned};
pub use exchange::{Http, HttpError, OldestTls};
pub use fhir_client::FhirClient;
pub use identity::{Identity, Permissions};
pub use session::Session;
pub use sign_in::{PendingSignIn, SignIn, SignedIn};
pub use smart::{SignInError, Smart};
pub use store::{PanelHints, Restored, Store, StoreError};
pub use token::{Secret, Tokens};
