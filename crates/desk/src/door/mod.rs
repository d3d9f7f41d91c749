//! Getting in and out: first run, enrolment, unlock, lock.
mod enrol;
mod join;
pub(crate) mod key_file;
mod lock;
mod passphrase;
mod sign_in;
mod stage;
mod unlock;

pub use enrol::enrol;
pub use join::join;
pub use passphrase::change_passphrase;
pub(crate) use sign_in::renewed;
pub use sign_in::{cancel_sign_in, choose_ehr, sign_in, sign_in_again};
pub use stage::stage;
pub use unlock::unlock;
pub(crate) use unlock::{json, reauthenticate};
