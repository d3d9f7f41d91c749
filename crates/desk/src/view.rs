//! What the window shows beside charts. The same types serve `--json` in the terminal.
use chart::view::{PatientRow, ScheduleRow};
use kernel::ErrorCode;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Every failed command. The UI owns the words for each code.
#[derive(Serialize, TS, Clone, Debug)]
#[ts(export)]
pub struct CommandError {
    /// What kind.
    #[ts(type = "string")]
    pub code: ErrorCode,
    /// Finds the log line and the audit entry.
    pub correlation_id: String,
    /// For `soft_locked`: seconds to wait.
    pub retry_after_seconds: Option<u32>,
    /// For `security_key_wrong_pin`: tries left before the key locks itself for good.
    pub tries_left: Option<u8>,
}

/// Where the program stands; the first thing the window asks.
#[derive(Serialize, TS, Clone)]
#[serde(tag = "stage", rename_all = "snake_case")]
#[ts(export)]
pub enum Stage {
    /// No vault on this workstation.
    FirstRun {
        /// Address given on the command line, to be offered.
        suggested_ehr: Option<String>,
        /// The token that is to keep this workstation's secret: its PIN is given before enrolling.
        token: Option<TokenView>,
    },
    /// A vault, locked.
    Locked {
        /// Who may unlock.
        users: Vec<EnrolledUser>,
        /// Seconds until the next try is allowed.
        retry_after_seconds: Option<u32>,
        /// Why it locked, for the screen.
        reason: Option<LockReason>,
        /// The EHR's name.
        ehr: String,
        /// The token that keeps this workstation's secret: its PIN is given before unlocking.
        token: Option<TokenView>,
    },
    /// Open.
    Open {
        /// The desk.
        desk: Box<DeskView>,
    },
}

/// A token whose PIN is part of proving who one is.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct TokenView {
    /// What its owner called it, if one was named.
    pub label: Option<String>,
}

/// Why the desk locked.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LockReason {
    /// The clinician asked.
    Asked,
    /// Nobody touched keyboard or mouse.
    Idle,
    /// The machine went to sleep.
    Suspend,
    /// The operating system's session was locked.
    OsLock,
    /// Twelve hours.
    Cap,
    /// The token that keeps this workstation's secret was removed.
    TokenRemoved,
    /// The program was started or restarted.
    Start,
}

/// A clinician enrolled on this workstation.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EnrolledUser {
    /// Id for `unlock`.
    pub user: String,
    /// Name.
    pub name: String,
    /// Role, "physician".
    pub role: String,
    /// Kept from unlocking.
    pub disabled: bool,
    /// Unlocks with one of their security keys besides.
    pub security_key: bool,
}

/// A security key that takes part in the clinician's unlocking.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SecurityKeyView {
    /// Its credential's id, base64url.
    pub id: String,
    /// As its holder named it.
    pub name: String,
    /// Enrolled, RFC 3339.
    pub enrolled_at: String,
}

/// What is asked of whoever holds a security key. While it is asked, the act waits.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SecurityKeyPrompt {
    /// For what: `unlock`, `sign`, `sign_controlled_substance`, `break_glass`, `export`, `key_operation`.
    pub act: String,
    /// What the key signs; the screen shows these lines and nothing else as what is signed.
    pub lines: Vec<StatementLine>,
    /// What to do.
    pub step: SecurityKeyStep,
}

/// What the holder is to do.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(tag = "step", rename_all = "snake_case")]
#[ts(export)]
pub enum SecurityKeyStep {
    /// Touch the key that is plugged in.
    Touch,
    /// Type the key's PIN.
    Pin {
        /// Before the key locks itself for good.
        tries_left: u8,
        /// The one just typed was wrong.
        wrong: bool,
    },
    /// Put the new key in, and say so.
    Insert,
}

/// A line of what is signed.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct StatementLine {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// The open desk.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct DeskView {
    /// Who is working.
    pub user: EnrolledUser,
    /// What the role may do, for hiding what cannot be used; the core decides anyway.
    pub may: Vec<String>,
    /// What the UI asked to keep: tabs, scroll, caret (opaque to the core, sealed).
    pub memory: Option<String>,
    /// Where sync stands.
    pub sync: SyncView,
    /// Idle limit in force, seconds.
    pub idle_limit_seconds: u32,
    /// Offline lease ends, RFC 3339.
    pub lease_until: Option<String>,
    /// The workstation's name for audit and print.
    pub workstation: String,
    /// The token that keeps this workstation's secret: its PIN is given wherever the passphrase is asked for.
    pub token: Option<TokenView>,
}

/// Someone with a place on this workstation, as whoever looks after it sees them.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ClinicianView {
    /// Id.
    pub user: String,
    /// Name.
    pub name: String,
    /// Role at enrolment.
    pub role: String,
    /// Kept from unlocking.
    pub disabled: bool,
    /// The one who is working now.
    pub working: bool,
    /// Entries of theirs that the EHR has not taken.
    pub unsent: u32,
    /// Notes of theirs that are not signed.
    pub unsigned: u32,
}

/// How far a rotation of the keys has come, in charts.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct RotationView {
    /// Done.
    pub done: u32,
    /// In all.
    pub of: u32,
    /// Not being carried on.
    pub paused: bool,
}

/// Where the vault's keys stand.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct KeyStatusView {
    /// Generation in force.
    pub generation: u32,
    /// Made, RFC 3339; `null` for a vault of the first form.
    pub made_at: Option<String>,
    /// To be replaced, RFC 3339.
    pub due_at: Option<String>,
    /// The own keys of whoever is working are to be replaced, RFC 3339; `null` for the next unlock.
    pub own_due_at: Option<String>,
    /// The device's secret is to be replaced, RFC 3339; `null` for the next unlock.
    pub device_due_at: Option<String>,
    /// Clinicians who have not unlocked since the device's secret was replaced: the former one is kept for them.
    pub awaited: u32,
    /// The rotation under way.
    pub rotation: Option<RotationView>,
    /// A recovery key was made.
    pub recovery: bool,
    /// Keys are never swapped out.
    pub locked_in_memory: bool,
}

/// A recovery key, shown once.
#[derive(Serialize, TS)]
#[ts(export)]
pub struct RecoveryCodeView {
    /// 14 groups of four letters and digits.
    pub code: String,
}

/// What a recovery drill found.
#[derive(Serialize, TS, Clone, Copy)]
#[ts(export)]
pub struct DrillView {
    /// Pieces of unsent work there are.
    pub of: u32,
    /// Those that the recovery key brings back, word for word.
    pub recovered: u32,
}

/// What the EHR said of itself.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EhrView {
    /// FHIR base address.
    pub url: String,
    /// Software name from the CapabilityStatement.
    pub name: String,
    /// "4.0.1".
    pub fhir_version: String,
}

/// A finished sign-in, before the passphrase is set.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SignedInView {
    /// Name from the EHR.
    pub name: String,
    /// Role.
    pub role: String,
    /// Has a place on this workstation already.
    pub enrolled: bool,
}

/// Connection to the EHR.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Connection {
    /// Not tried yet.
    Unknown,
    /// Answering.
    Online,
    /// Not answering.
    Offline,
    /// Answers, but wants a fresh sign-in.
    SignInNeeded,
}

/// Where sync stands. Pushed as event `sync` and readable at any time.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SyncView {
    /// Connection.
    pub connection: Connection,
    /// Since when offline, RFC 3339.
    pub offline_since: Option<String>,
    /// A round is running.
    pub running: bool,
    /// Running round: charts complete on this workstation.
    pub charts_ready: u32,
    /// Charts planned.
    pub charts_total: u32,
    /// Records received in this round.
    pub records_received: u32,
    /// What is being fetched: `schedule`, `care_team`, `pinned`, `practice`, `changes`.
    pub tier: Option<String>,
    /// Last round that ended without a fault, RFC 3339.
    pub last_success: Option<String>,
    /// Why the last round failed, if it did.
    #[ts(type = "string | null")]
    pub last_error: Option<ErrorCode>,
    /// What the EHR did not give, and is therefore missing here.
    pub missing: Vec<MissingView>,
    /// Entries by state that are not yet on the EHR.
    pub waiting: Waiting,
    /// For those who review emergency access: how many wait.
    pub reviews: Option<u32>,
    /// While the audit chain is not what the EHR has seen of it: charts open with emergency access alone, and nothing new is taken in.
    pub quarantine: Option<QuarantineView>,
}

/// The audit chain is not what the EHR has seen of it.
#[derive(Serialize, Deserialize, TS, Clone, Debug, PartialEq, Eq)]
#[ts(export)]
pub struct QuarantineView {
    /// `behind` or `forked`.
    pub standing: String,
    /// When it was found, RFC 3339.
    pub since: String,
    /// The entry that says so.
    pub entry: u32,
}

/// Something the EHR did not give.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct MissingView {
    /// Resource type; absent for charts and changes of every type.
    pub kind: Option<String>,
    /// `forbidden`, `bad_answer`, `failing`, `not_offered`, `incomplete`.
    pub why: String,
    /// How many requests ended so.
    pub count: u32,
}

/// Entries not yet on the EHR. All zero means everything entered here has been acknowledged.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[ts(export)]
pub struct Waiting {
    /// Not sent.
    pub local_only: u32,
    /// Sent, no answer.
    pub sending: u32,
    /// Refused by the EHR.
    pub rejected: u32,
    /// Changed on both sides.
    pub conflict: u32,
    /// This clinician's notes that are not signed; they go nowhere until they are.
    pub drafts: u32,
}

/// A note begun and not signed.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct UnsignedNote {
    /// Draft.
    pub draft: String,
    /// Chart.
    pub patient: String,
    /// Patient as in lists; absent where this clinician may not see who it is.
    pub name: Option<String>,
    /// LOINC code.
    pub note_type: String,
    /// Last saved, RFC 3339.
    pub saved_at: String,
}

/// Today.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ScheduleView {
    /// The day, "Sunday 22-Nov-2026".
    pub day: String,
    /// Lines by time.
    pub rows: Vec<ScheduleRow>,
    /// Appointments that could not be read: one of them may be today.
    pub unreadable: u32,
    /// When the EHR last answered for the schedule, RFC 3339.
    pub as_of: Option<String>,
}

/// Answer to a search.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SearchView {
    /// Best first, 50 at most.
    pub rows: Vec<PatientRow>,
    /// All that match.
    pub total: u32,
    /// How many patients this workstation knows.
    pub searched: u32,
}

/// An unsigned note.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct DraftView {
    /// Id.
    pub draft: String,
    /// The chart it belongs to.
    pub patient: String,
    /// Kind of note: LOINC code of the document type, "11506-3" progress note.
    pub note_type: String,
    /// Text.
    pub text: String,
    /// Caret, in UTF-16 units as the web counts.
    pub caret: u32,
    /// Counts up with every save; a save names the revision it builds on.
    pub revision: u32,
    /// When last sealed on disk, RFC 3339.
    pub saved_at: String,
}

/// A save of a draft.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SaveDraft {
    /// Chart.
    pub patient: String,
    /// Draft.
    pub draft: String,
    /// Text.
    pub text: String,
    /// Caret, UTF-16 units.
    pub caret: u32,
    /// The revision this save builds on.
    pub revision: u32,
}

/// The answer to a save: on disk.
#[derive(Serialize, TS, Clone, Copy)]
#[ts(export)]
pub struct DraftSaved {
    /// Revision now on disk.
    pub revision: u32,
}

/// A signed note, on disk and in the outbox.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct NoteSigned {
    /// DocumentReference id.
    pub id: String,
    /// The chart.
    pub patient: String,
}

/// A reason for break-glass (HL7 v3 PurposeOfUse).
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct BreakGlassReason {
    /// Code, "ETREAT".
    pub code: String,
    /// One key that picks it.
    pub key: String,
}

/// Asks to open a chart by break-glass.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BreakGlassRequest {
    /// Chart.
    pub patient: String,
    /// Re-authentication.
    pub passphrase: String,
    /// Code from the list of reasons.
    pub reason: String,
    /// The reason in words, at least a few.
    pub text: String,
}

/// A break-glass access in force; its banner stands on the chart.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct BreakGlassView {
    /// Chart.
    pub patient: String,
    /// Reason code.
    pub reason: String,
    /// Ends, RFC 3339.
    pub until: String,
    /// Seconds left.
    pub seconds_left: u32,
    /// The EHR's number for it; without one it is an unnumbered access, which is said.
    pub number: Option<String>,
    /// The EHR has heard of it, and with it the privacy officer.
    pub reported: bool,
}

/// One of the clinician's own emergency accesses.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OwnEmergency {
    /// Chart.
    pub patient: String,
    /// Patient as in lists, if held here.
    pub name: Option<String>,
    /// Reason code.
    pub reason: String,
    /// The EHR's number for it.
    pub number: Option<String>,
    /// When it began, RFC 3339.
    pub began: String,
    /// When it ended, RFC 3339.
    pub ended: Option<String>,
    /// The EHR has heard of it, and with it the privacy officer.
    pub reported: bool,
}

/// Which emergency accesses are asked for.
#[derive(Deserialize, TS, Clone, Debug, Default)]
#[ts(export)]
pub struct ReviewQuery {
    /// Closed ones as well.
    pub closed: bool,
    /// The page after another, as that one named it.
    pub next: Option<String>,
}

/// A page of the queue, newest first.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ReviewQueue {
    /// Emergency accesses.
    pub rows: Vec<ReviewRow>,
    /// Reports that could not be read: one of them may matter.
    pub unreadable: u32,
    /// For the next page.
    pub next: Option<String>,
}

/// Where a review stands.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReviewState {
    /// Nobody has judged it.
    Waiting,
    /// Judged; the judgement may still change.
    Judged,
    /// Closed.
    Closed,
}

/// An emergency access as its reviewer reads it.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ReviewRow {
    /// Id.
    pub task: String,
    /// The EHR's version shown, to be named when judging.
    pub version: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Who broke the glass: practitioner's id.
    pub user: String,
    /// Name.
    pub user_name: String,
    /// Chart.
    pub patient: String,
    /// Patient as in lists, if known here.
    pub patient_name: Option<String>,
    /// Reason code.
    pub reason: String,
    /// The reason in words.
    pub text: String,
    /// When it began, RFC 3339.
    pub began: String,
    /// When it ended, RFC 3339; absent while it lasts or the EHR has not heard.
    pub ended: Option<String>,
    /// From where.
    pub workstation: String,
    /// Its number.
    pub number: Option<String>,
    /// What the EHR found of the number: `good`, `unnumbered`, `not-issued`, `used-twice`, `of-another`, `out-of-time`; `unchecked` if
    /// it says nothing.
    pub worth: String,
    /// `appropriate`, `inappropriate`, `follow-up`.
    pub judgement: Option<String>,
    /// The reviewer's latest note.
    pub note: Option<String>,
    /// The reviewer's name.
    pub judged_by: Option<String>,
}

/// A judgement of one emergency access.
#[derive(Deserialize, TS, Clone)]
#[ts(export)]
pub struct JudgeReview {
    /// Which.
    pub task: String,
    /// The version it was read in.
    pub version: String,
    /// `appropriate`, `inappropriate`, `follow-up`.
    pub judgement: String,
    /// Why, in words.
    pub note: String,
}

/// How often the glass was broken.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EmergencyStatistics {
    /// In so many days.
    pub days: u32,
    /// By clinician, most first.
    pub uses: Vec<EmergencyUse>,
    /// Charts opened on this workstation in these days.
    pub openings: ChartOpenings,
    /// There are more reports than were read, or some could not be.
    pub incomplete: bool,
    /// Numbers that ended without a word of their use; absent where the EHR issues none.
    pub unreported: Option<u32>,
}

/// Charts opened on a workstation, by its audit chain: one clinician in one chart on one day is one opening.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ChartOpenings {
    /// Of all clinicians; names nobody.
    pub all: OpeningsBy,
    /// By clinician, most emergencies first.
    pub by: Vec<OpeningsBy>,
    /// Entries of the chain could not be read: one of them may be an opening.
    pub unreadable: bool,
}

/// Openings of one clinician, or of all.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OpeningsBy {
    /// Clinician's id.
    pub user: String,
    /// Name; empty where no place on this workstation is known.
    pub name: String,
    /// With an ordinary reason.
    pub ordinary: u32,
    /// With broken glass.
    pub emergency: u32,
    /// Part of the emergencies in all, in percent; absent where there are no openings.
    pub percent: Option<f64>,
}

/// One clinician's emergency accesses.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EmergencyUse {
    /// Practitioner's id.
    pub user: String,
    /// Name.
    pub name: String,
    /// How many.
    pub uses: u32,
    /// Of them without a number.
    pub unnumbered: u32,
    /// Of them with a number the EHR objects to, or has not checked.
    pub doubtful: u32,
    /// Of them judged inappropriate.
    pub inappropriate: u32,
    /// Of them nobody has judged yet.
    pub waiting: u32,
}

/// A chart opened: the chart, the drafts of this clinician in it, and the access it was opened under.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OpenedChart {
    /// The chart.
    pub chart: chart::view::ChartView,
    /// Unsigned notes of this clinician.
    pub drafts: Vec<DraftView>,
    /// Break-glass in force.
    pub break_glass: Option<BreakGlassView>,
    /// Pinned by this clinician: kept on this workstation.
    pub pinned: bool,
}

/// An entry on its way.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OutboxRow {
    /// Number in the outbox.
    pub entry: u32,
    /// Chart.
    pub patient: String,
    /// Patient as in lists; absent where this clinician may not see who it is.
    pub name: Option<String>,
    /// Resource type.
    pub kind: String,
    /// Logical id.
    pub id: String,
    /// Where it stands.
    pub state: chart::view::RecordState,
    /// For `rejected`: `validation`, `forbidden`, `gone`, `too_large`, `other`.
    pub reason: Option<String>,
    /// Tries so far.
    pub attempts: u32,
    /// When entered, RFC 3339.
    pub entered_at: String,
}

/// Which entries of the audit chain are asked for; what is left out takes any.
#[derive(Deserialize, TS, Clone, Debug, Default)]
#[ts(export)]
pub struct AuditQuery {
    /// Of this patient.
    pub patient: Option<String>,
    /// By this clinician.
    pub user: Option<String>,
    /// This action, as the policies name it.
    pub action: Option<String>,
    /// Refused or failed ones only.
    pub unsuccessful: bool,
    /// At this time or later, RFC 3339.
    pub from: Option<String>,
    /// Before this time, RFC 3339.
    pub until: Option<String>,
    /// At most so many, the latest.
    pub limit: u32,
}

/// What `verify` found of the audit chain.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AuditVerified {
    /// Entries checked.
    pub entries: u32,
    /// Whole and unaltered.
    pub intact: bool,
    /// First sequence number at which it is not, and how: `changed`, `removed`, `reordered`, `truncated`, `checkpoint`, `signature`, `state`.
    pub fault: Option<AuditFault>,
}

/// Where the chain breaks.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AuditFault {
    /// Sequence number.
    pub sequence: u32,
    /// How.
    pub kind: String,
}

/// One audit entry for reading.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AuditRow {
    /// Sequence number.
    pub sequence: u32,
    /// When, RFC 3339.
    pub at: String,
    /// Who, name.
    pub who: String,
    /// Role.
    pub role: String,
    /// What: the action's name.
    pub action: String,
    /// `allowed`, `refused`, `failed`.
    pub outcome: String,
    /// Patient's logical id, if one is concerned.
    pub patient: Option<String>,
    /// Purpose of use, break-glass reason.
    pub purpose: Option<String>,
    /// Further detail: ids and static text only.
    pub detail: Option<String>,
    /// What was there before and after is kept, and can be looked at.
    pub kept: bool,
}

/// How far the EHR vouches for the audit chain.
#[derive(Serialize, TS, Clone, Debug, PartialEq, Eq)]
#[ts(export)]
pub struct AuditStatusView {
    /// What it has countersigned; absent before the first.
    pub countersigned: Option<CountersignedView>,
    /// The two disagree.
    pub quarantine: Option<QuarantineView>,
    /// Why it is not countersigned at present: `not_offered`, `other_key`, `refused`.
    pub trouble: Option<String>,
}

/// Takes a quarantined chain up again.
#[derive(Deserialize, TS, Clone)]
#[ts(export)]
pub struct ClearQuarantineRequest {
    /// `restored`, `copied`, `ehr_changed`, `investigated`; goes into the chain.
    pub reason: String,
    /// What happened, in words; goes to the EHR alone.
    pub note: String,
}

/// What the EHR has countersigned.
#[derive(Serialize, TS, Clone, Debug, PartialEq, Eq)]
#[ts(export)]
pub struct CountersignedView {
    /// Up to this entry.
    pub sequence: u32,
    /// When, by the EHR's clock, RFC 3339.
    pub at: String,
}

/// What is set on this workstation, and by whom.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct SettingsView {
    /// How the hospital's policy stands.
    pub standing: PolicyStanding,
    /// What an administrator must look at, in English: names of settings and numbers.
    pub findings: Vec<String>,
    /// Fewest characters of a new passphrase.
    pub min_passphrase_chars: u32,
    /// Every setting there is.
    pub settings: Vec<SettingRow>,
}

/// How the hospital's policy stands.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStanding {
    /// There is none.
    Absent,
    /// There was one, and what it said holds.
    Gone,
    /// In force.
    InForce,
    /// Someone besides the administrator may write it: it only tightens.
    NotTheAdministrators,
    /// It cannot be believed: strict settings hold.
    Unbelievable,
}

/// One setting as it holds.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct SettingRow {
    /// Its name in the policy file.
    pub name: String,
    /// What holds.
    pub value: SettingValue,
    /// The same in English, for a terminal.
    pub words: String,
    /// Who decided it.
    pub by: SetBy,
    /// Whether the hospital has spoken: whoever works here can tighten it at most.
    pub locked: bool,
}

/// Who decided a setting.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// No one.
    Default,
    /// The hospital.
    Hospital,
    /// Whoever started the program.
    Option,
}

/// A setting's value, and what it counts.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SettingValue {
    /// Nothing is set.
    Nothing,
    /// A bare number.
    Number {
        /// How much.
        n: u32,
    },
    /// Seconds.
    Seconds {
        /// How many.
        n: u32,
    },
    /// Hours.
    Hours {
        /// How many.
        n: u32,
    },
    /// Characters.
    Characters {
        /// How many.
        n: u32,
    },
    /// Days for each class of keys.
    Days {
        /// Class and days.
        classes: Vec<(String, u32)>,
    },
    /// A number for each name.
    Numbers {
        /// Name and number.
        named: Vec<(String, u32)>,
    },
    /// A switch.
    Switch {
        /// Whether it is on.
        on: bool,
    },
    /// Names of the policy file's closed lists.
    Names {
        /// Which.
        names: Vec<String>,
    },
    /// An address or a path.
    Text {
        /// As it is.
        text: String,
    },
}

/// What this program is.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct AboutView {
    /// Version.
    pub version: String,
    /// Licence, SPDX.
    pub licence: String,
}
