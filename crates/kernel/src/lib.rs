//! The words every room shares: identifiers, clocks, protected health information, error codes. No I/O beyond reading a clock.
mod clock;
mod code;
mod id;
mod phi;

pub use clock::{Clock, Instants, Moment, SystemClock};
pub use code::ErrorCode;
pub use id::{
    CorrelationId, DeviceId, DraftId, GrantId, IdError, LogId, PatientId, PractitionerId, RecordId, ResourceType, SiteId, UserId, VersionId,
};
pub use phi::Phi;
