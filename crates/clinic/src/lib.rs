//! The seeded synthetic clinic: FHIR R4 records (US Core shaped) of people who do not exist.
//!
//! ```
//! use chrono::{TimeZone, Utc};
//! let now = Utc.with_ymd_and_hms(2026, 3, 4, 15, 0, 0).unwrap();
//! let clinic = clinic::Clinic::new(clinic::ClinicSpec { seed: 1, patients: 250, today: now.date_naive(), now });
//! let staff_and_places = clinic.directory();
//! let chart = clinic.patient(7);
//! assert_eq!(chart[0]["resourceType"], "Patient");
//! # assert!(!staff_and_places.is_empty());
//! ```
//!
//! What callers may rely on:
//! - Output is a pure function of `(seed, patients, today, now)` and [`GENERATOR_VERSION`]; no clock, no global state.
//! - [`Clinic::patient`] depends on no other patient, so any number can be produced, in any order, in parallel.
//! - Ids are chosen by the client and stable; every reference points to the directory or to an *earlier* record of the
//!   same patient, so records can be sent in the order given.
//! - Nothing happens after `now`, but for what is planned (future appointments, open tasks, due dates).
//!
//! Every person, identifier, telephone number (555-01xx), address and NPI (2xxxxxxxxx, never assigned) is fictitious.

mod acute;
mod allergies;
mod chart;
mod codes;
mod conditions;
mod course;
mod directory;
mod draw;
mod drugs;
mod encounters;
mod growth;
mod immunizations;
mod labs;
mod names;
mod notes;
mod orders;
mod people;
mod prescriptions;
mod questionnaires;
mod schedule;
mod stays;
mod team;
mod visits;
mod vitals;
mod when;

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

pub use directory::{CLINICIANS, Clinician};
pub use when::Zone;

/// Raised whenever the same specification yields other records than before.
pub const GENERATOR_VERSION: u32 = 3;

/// What to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClinicSpec {
    /// Everything random is drawn from this.
    pub seed: u64,
    /// How many patients the clinic has: indexes `0..patients`. It does not change what a given index yields.
    pub patients: u32,
    /// The clinic's calendar day: the day of the schedule.
    pub today: NaiveDate,
    /// The instant up to which things have happened.
    pub now: DateTime<Utc>,
}

/// A clinic that can be asked for its directory and for any one chart.
#[derive(Clone, Debug)]
pub struct Clinic {
    spec: ClinicSpec,
    zone: Zone,
}

impl Clinic {
    /// A clinic of that specification. Cheap: records are made when asked for.
    #[must_use]
    pub fn new(spec: ClinicSpec) -> Self {
        Self { spec, zone: Zone::default() }
    }

    /// The same clinic on another wall clock: office hours are local, so this moves every time of day.
    #[must_use]
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// The specification this clinic was made from.
    #[must_use]
    pub fn spec(&self) -> &ClinicSpec {
        &self.spec
    }

    /// What all charts refer to: Organization, Location, Practitioner, PractitionerRole, Questionnaire, Group.
    #[must_use]
    pub fn directory(&self) -> Vec<Value> {
        directory::records()
    }

    /// The logical id of patient `i`'s Patient resource.
    #[must_use]
    pub fn patient_id(&self, i: u32) -> String {
        draw::record_id(self.spec.seed, i, "Patient", 0)
    }

    /// Every record of patient `i`, the Patient first, references pointing backwards.
    #[must_use]
    pub fn patient(&self, i: u32) -> Vec<Value> {
        course::chart(&self.spec, self.zone, i)
    }

    /// Patient `i`'s Patient resource alone: the same as the first of [`Clinic::patient`], without making the chart.
    #[must_use]
    pub fn demographics(&self, i: u32) -> Value {
        chart::Chart::open(&self.spec, self.zone, people::Person::draw(&self.spec, i), self.spec.today, self.spec.today)
            .close()
            .swap_remove(0)
    }

    /// An index below `patients` whose chart holds more than 1,000 records (the first; there is one in every 125).
    #[must_use]
    pub fn heavy_patient(&self) -> Option<u32> {
        people::first_heavy(self.spec.patients)
    }
}
