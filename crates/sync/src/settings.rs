//! What a site and a person decide about synchronisation.
use chrono::FixedOffset;
use kernel::PractitionerId;

/// What a site and a person decide about synchronisation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The signed-in practitioner; without one there is no schedule and no care team to plan by.
    pub practitioner: Option<PractitionerId>,
    /// Hold every chart the EHR lets this user see, not the panel alone.
    pub whole_practice: bool,
    /// Where "today" begins and ends.
    pub utc_offset: FixedOffset,
    /// Records asked for per page; the EHR may give fewer.
    pub page_size: u16,
    /// Pages fetched side by side.
    pub fetches: u8,
    /// Patients whose outboxes are sent side by side.
    pub pushes: u8,
    /// Seconds a delta looks back before the newest change seen: on EHRs that stamp a record when its transaction begins, a
    /// record can become visible after later-stamped ones were handed out.
    pub overlap_s: u32,
    /// Seconds between two looks for changes.
    pub interval_s: u32,
}

impl Settings {
    /// The usual settings for a signed-in person.
    #[must_use]
    pub const fn new(practitioner: Option<PractitionerId>, utc_offset: FixedOffset) -> Self {
        Self { practitioner, whole_practice: true, utc_offset, page_size: 500, fetches: 4, pushes: 4, overlap_s: 10, interval_s: 60 }
    }

    /// The same, but nothing is taken in: what waits in the outbox goes out.
    #[must_use]
    pub fn sending_alone(self) -> Self {
        Self { fetches: 0, ..self }
    }
}
