//! Drivers to the EHR: FHIR over HTTPS, SMART sign-in, and the execution of the sync machine's instructions.
mod store;
mod token;

pub use store::{PanelHints, Restored, Store, StoreError};
pub use token::{Secret, Tokens};
