#![doc = include_str!("../README.md")]

mod authenticator;
mod ceremony;
mod client;
mod credential;
mod error;
mod policy;
mod relying_party;
mod secret;
mod statement;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(all(feature = "usb", target_os = "linux"))]
mod usb;

pub use authenticator::{
    Asserted, Authenticator, AuthenticatorError, BuiltIn, Cancel, GetAssertion, Info, Made, MakeCredential, Pin, Prompt, Verification,
};
pub use ceremony::{Answered, Ceremony};
pub use credential::{Credential, CredentialError, Placement};
pub use error::FactorError;
pub use policy::{Demand, Enrolled, Factors, Granted, Policy, Presented, Refusal, Requirement, decide, required};
pub use relying_party::{Asked, LIFETIME_S, ORIGIN, RP_ID, Registering, RelyingParty, SteppedUp, SteppingUp};
pub use secret::{HmacSecret, Salt};
pub use statement::{Act, Line, Statement, StatementError, is_showable};
#[cfg(all(feature = "usb", target_os = "linux"))]
pub use usb::UsbKey;

#[cfg(test)]
mod vectors;
