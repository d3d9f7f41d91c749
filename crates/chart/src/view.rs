//! What the window shows of a chart. These types leave the core, so they carry plain text and derive no `Debug`.
// EXPOSE: a view is made only for the clinician who holds the Permit under which its records were read.
use serde::Serialize;
use ts_rs::TS;

/// How far a record has got on its way between this workstation and the EHR.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RecordState {
    /// Written here, not yet sent.
    LocalOnly,
    /// On its way, no answer yet.
    Sending,
    /// The EHR acknowledged this very version.
    Synced,
    /// The EHR refused it; a person must act.
    Rejected,
    /// Changed here and there; both are kept.
    Conflict,
}

/// Which record an item was read from, and how fresh it is.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Source {
    /// FHIR resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Where it stands.
    pub state: RecordState,
    /// `meta.lastUpdated` as the EHR wrote it; absent for what is local only.
    pub last_updated: Option<String>,
}

/// The identity banner (NHS Common User Interface, "Patient Banner").
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Banner {
    /// The chart this banner belongs to.
    pub patient: String,
    /// "FAMILY, Given (Title)"; the name as recorded when it has no parts.
    pub name: String,
    /// Preferred or romanised name beside the official one.
    pub also_known_as: Option<String>,
    /// "12-Mar-1961", "Mar-1961", "1961", or `None` when not recorded.
    pub born: Option<String>,
    /// "65y", "14m", "3w", "5d" (NHS CUI age steps); at death for the deceased.
    pub age: Option<String>,
    /// "Male", "Female", "Other", "Unknown", or `None` when not recorded.
    pub gender: Option<String>,
    /// Record numbers, the medical record number first.
    pub identifiers: Vec<Identifier>,
    /// "12-Mar-2024" or "yes" when only that is known; `None` for the living.
    pub deceased: Option<String>,
    /// Postal address on one line.
    pub address: Option<String>,
    /// Phone numbers and addresses to reach the patient.
    pub contact: Vec<String>,
    /// Alerts that stand on every screen: active Flag resources.
    pub flags: Vec<String>,
    /// Language and whether an interpreter is needed, if recorded.
    pub language: Option<String>,
    /// Another patient on this workstation has the same or a similar name: "look twice".
    pub similar_name: bool,
    /// Confidentiality label R or V on the patient.
    pub restricted: bool,
}

/// A record number and what it is.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Identifier {
    /// "MRN", "NHS No.", …
    pub label: String,
    /// The number.
    pub value: String,
}

/// Condition.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Problem {
    /// Where it was read.
    pub source: Source,
    /// Name.
    pub name: String,
    /// Code for display, "SNOMED CT 44054006".
    pub code: Option<String>,
    /// `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`, or `unknown`.
    pub status: String,
    /// `confirmed`, `provisional`, `refuted`, …
    pub verification: Option<String>,
    /// Onset as recorded, formatted; partial dates stay partial.
    pub onset: Option<String>,
    /// Abatement as recorded.
    pub abated: Option<String>,
    /// `problem-list-item`, `encounter-diagnosis`.
    pub category: Option<String>,
}

/// The allergy statement has exactly four states (NHS CUI, "Displaying Adverse Drug Reaction Risks").
#[derive(Serialize, TS, Clone)]
#[serde(tag = "state", rename_all = "snake_case")]
#[ts(export)]
pub enum Allergies {
    /// At least one is recorded; the list.
    Known {
        /// The entries, highest criticality first.
        items: Vec<Allergy>,
    },
    /// Recorded as having none.
    NoneKnown {
        /// When and by whom that was recorded.
        source: Source,
    },
    /// Nothing is recorded: ask.
    NotRecorded,
    /// Records exist that could not be read: do not rely on this list.
    Unreadable {
        /// The entries that could be read.
        items: Vec<Allergy>,
        /// How many could not.
        unreadable: u32,
    },
}

/// AllergyIntolerance.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Allergy {
    /// Where it was read.
    pub source: Source,
    /// Substance or class.
    pub substance: String,
    /// `allergy` or `intolerance`.
    pub kind: Option<String>,
    /// `high`, `low`, `unable-to-assess`.
    pub criticality: Option<String>,
    /// Reactions with severity, "Urticaria (moderate)".
    pub reactions: Vec<String>,
    /// `active`, `inactive`, `resolved`.
    pub status: String,
    /// `confirmed`, `unconfirmed`, `refuted`, …
    pub verification: Option<String>,
    /// Onset or recorded date.
    pub since: Option<String>,
}

/// MedicationRequest or MedicationStatement.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Medication {
    /// Where it was read.
    pub source: Source,
    /// Drug as prescribed.
    pub name: String,
    /// Dosage in words: the text recorded, or built from the structured dose.
    pub dosage: Option<String>,
    /// `active`, `on-hold`, `stopped`, `completed`, …
    pub status: String,
    /// `order`, `plan`, `statement`, …
    pub intent: Option<String>,
    /// Date written.
    pub written: Option<String>,
    /// Prescriber, as recorded.
    pub prescriber: Option<String>,
    /// Indication, as recorded.
    pub reason: Option<String>,
}

/// How a value stands to its range; shown by letter and word, never by colour alone.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Abnormal {
    /// Below the critical limit (LL).
    CriticalLow,
    /// Below the range (L).
    Low,
    /// Within (N).
    Normal,
    /// Above the range (H).
    High,
    /// Above the critical limit (HH).
    CriticalHigh,
    /// Abnormal without direction (A, AA, POS).
    Abnormal,
    /// No range and no interpretation recorded.
    Unknown,
}

/// One measured value.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Point {
    /// Where it was read.
    pub source: Source,
    /// Milliseconds since 1970-01-01 UTC.
    pub at: f64,
    /// When, as recorded, formatted with its own offset: "12-Mar-2024 14:05".
    pub when: String,
    /// Number for the plot; absent for a text result.
    pub value: Option<f64>,
    /// Value with the digits recorded: "7.20", "128/76", "Positive", "< 0.5".
    pub shown: String,
    /// Against its own range.
    pub abnormal: Abnormal,
    /// Range recorded with this value, "3.5–5.1".
    pub range: Option<String>,
    /// `final`, `preliminary`, `amended`, `corrected`, … (`entered-in-error` never reaches a series).
    pub status: String,
}

/// All values of one code, oldest first.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Series {
    /// Key to ask for it again: "http://loinc.org|4548-4".
    pub code: String,
    /// Name.
    pub name: String,
    /// The name as recorded, where `name` is shorter.
    pub long_name: Option<String>,
    /// Unit as recorded (UCUM), "mmol/L".
    pub unit: Option<String>,
    /// Latest reference range, for the band in the plot.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Components drawn together, as in blood pressure: parallel to `points`; e.g. diastolic under systolic.
    pub second: Vec<Option<f64>>,
    /// What `second` is.
    pub second_name: Option<String>,
    /// Values, oldest first.
    pub points: Vec<Point>,
}

/// Immunization.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Immunization {
    /// Where it was read.
    pub source: Source,
    /// Vaccine.
    pub vaccine: String,
    /// CVX code.
    pub cvx: Option<String>,
    /// Date given.
    pub given: Option<String>,
    /// `completed`, `not-done`.
    pub status: String,
    /// Dose number or lot, when recorded.
    pub detail: Option<String>,
}

/// Encounter.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Encounter {
    /// Where it was read.
    pub source: Source,
    /// Type or class, "Ambulatory: follow-up".
    pub kind: String,
    /// "12-Mar-2024 14:00 – 14:30".
    pub period: Option<String>,
    /// `finished`, `in-progress`, …
    pub status: String,
    /// Reason, as recorded.
    pub reason: Option<String>,
    /// With whom and where.
    pub with: Option<String>,
}

/// One line of a list that needs no more: Procedure, DiagnosticReport, ServiceRequest, CarePlan, CareTeam, Task, Appointment, …
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Line {
    /// Where it was read.
    pub source: Source,
    /// What.
    pub title: String,
    /// Status as recorded.
    pub status: Option<String>,
    /// Date, formatted.
    pub when: Option<String>,
    /// More, on one line.
    pub detail: Option<String>,
}

/// A note or document, without its text.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct DocumentRow {
    /// Where it was read.
    pub source: Source,
    /// Type, "Progress note".
    pub title: String,
    /// Date, formatted.
    pub when: Option<String>,
    /// Author, as recorded.
    pub author: Option<String>,
    /// `current`, `superseded`; for reports the report's status.
    pub status: String,
    /// MIME type of the first attachment.
    pub content_type: Option<String>,
    /// First words, for the list.
    pub excerpt: Option<String>,
    /// Clinical note (true) or other document.
    pub note: bool,
}

/// A document opened.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct DocumentView {
    /// The row it was opened from.
    pub row: DocumentRow,
    /// The chart it belongs to.
    pub patient: String,
    /// Text, for `text/*` attachments.
    pub text: Option<String>,
    /// Why there is no text: another type, not fetched, not readable.
    pub not_shown: Option<NotShown>,
}

/// Why an attachment is not shown.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NotShown {
    /// A type that this version does not display.
    OtherType,
    /// The attachment is a link that was not fetched.
    NotFetched,
    /// The content does not decode.
    Unreadable,
}

/// A record that exists and could not be read or understood. Never silently left out.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct Unreadable {
    /// FHIR resource type.
    pub kind: String,
    /// Logical id, when at least that could be read.
    pub id: Option<String>,
    /// `seal` (does not decrypt) or `content` (is not what its type promises).
    pub why: String,
}

/// The whole chart.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ChartView {
    /// Who.
    pub banner: Banner,
    /// When the EHR last answered for this chart, RFC 3339; `None` if never completely fetched.
    pub as_of: Option<String>,
    /// The first pull of this chart has not finished: what is missing is unknown.
    pub incomplete: bool,
    /// Conditions, active first.
    pub problems: Vec<Problem>,
    /// Allergies.
    pub allergies: Allergies,
    /// Medications, active first.
    pub medications: Vec<Medication>,
    /// Vital signs, in chart order (BP, HR, RR, SpO2, temperature, weight, height, BMI, others).
    pub vitals: Vec<Series>,
    /// Laboratory, by name.
    pub labs: Vec<Series>,
    /// Other observations (social history, survey, …).
    pub observations: Vec<Series>,
    /// Immunizations, newest first.
    pub immunizations: Vec<Immunization>,
    /// Encounters, newest first.
    pub encounters: Vec<Encounter>,
    /// Notes and documents, newest first.
    pub documents: Vec<DocumentRow>,
    /// Procedures, newest first.
    pub procedures: Vec<Line>,
    /// Diagnostic reports, newest first.
    pub reports: Vec<Line>,
    /// Orders (ServiceRequest).
    pub orders: Vec<Line>,
    /// Care plans, goals, care team, tasks, messages, forms, appointments, administrations.
    pub other: Vec<Line>,
    /// Records that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Restricted records that this opening does not show (break-glass shows them).
    pub withheld: u32,
    /// Records that types not listed here hold, "Claim": 12.
    pub not_displayed: Vec<Count>,
}

/// A count under a name.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct Count {
    /// Name, e.g. a resource type.
    pub name: String,
    /// How many.
    pub count: u32,
}

/// A row of the patient list or of the search.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct PatientRow {
    /// Logical id.
    pub patient: String,
    /// As in the banner.
    pub name: String,
    /// Preferred or romanised name.
    pub also_known_as: Option<String>,
    /// As in the banner.
    pub born: Option<String>,
    /// As in the banner.
    pub age: Option<String>,
    /// As in the banner.
    pub gender: Option<String>,
    /// Medical record number.
    pub number: Option<String>,
    /// As in the banner.
    pub deceased: bool,
    /// Same or similar name nearby in this list.
    pub similar_name: bool,
    /// Restricted label: opens by break-glass.
    pub restricted: bool,
}

/// A line of today's schedule.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ScheduleRow {
    /// Where it was read (Appointment).
    pub source: Source,
    /// Start, "09:20" on the workstation's clock.
    pub start: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub at: f64,
    /// Minutes.
    pub minutes: Option<u32>,
    /// `booked`, `arrived`, `fulfilled`, `noshow`, `cancelled`, …
    pub status: String,
    /// Why, as recorded.
    pub reason: Option<String>,
    /// With whom: the clinicians' names.
    pub with: Vec<String>,
    /// The signed-in clinician is one of them.
    pub mine: bool,
    /// Who is seen; absent when the patient's record is not on this workstation yet.
    pub patient: Option<PatientRow>,
}
