//! What an entry says. Ids, closed names and digests only.
use kernel::{CorrelationId, DeviceId, Instants, LogId, PatientId, PractitionerId, RecordId, ResourceType, UserId};
use serde::{Deserialize, Serialize};

use crate::chain::Digest;
use crate::countersign::Countersigned;
use crate::epoch::EpochMark;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What was done or tried.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action, for policies and their tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

actions! {
    /// The program started.
    Start,
    /// A clinician was enrolled on this workstation.
    Enrol,
    /// The vault was opened.
    Unlock,
    /// An unlock failed.
    UnlockFailed,
    /// The vault was locked.
    Lock,
    /// A clinician signed in at the EHR.
    SignIn,
    /// Keys were released for the patient index.
    OpenIndex,
    /// Patients were searched.
    Search,
    /// The schedule was read.
    ReadSchedule,
    /// A chart or a document in it was read.
    ReadChart,
    /// A chart was pinned to or unpinned from this workstation.
    Pin,
    /// A draft was begun, changed or discarded.
    WriteDraft,
    /// A note was signed.
    SignNote,
    /// Records came from the EHR.
    Ingest,
    /// An entry was handed to or acknowledged by the EHR.
    Push,
    /// The outbox was read.
    ReadOutbox,
    /// Emergency access began (DCM 110127).
    BreakGlass,
    /// Emergency access ended (DCM 110138 notes the alert that ends it).
    EndBreakGlass,
    /// The audit chain was read.
    ReadAudit,
    /// The audit chain was verified.
    VerifyAudit,
    /// The audit chain was exported.
    ExportAudit,
    /// The clinician's own tabs, scroll and caret were kept or read.
    DeskMemory,
    /// Entries were handed to the EHR's audit repository.
    SendAudit,
    /// A clinician's passphrase was changed.
    ChangePassphrase,
    /// A security key was made or ceased to be part of a clinician's unlocking.
    ChangeSecurityKeys,
    /// A clinician was disabled, enabled or removed on this workstation.
    ChangeRoster,
    /// A new generation of keys was begun or finished.
    RotateKeys,
    /// A chart was erased from this workstation.
    EraseChart,
    /// Everything was erased from this workstation.
    EraseWorkstation,
    /// A recovery key was made, tried or used.
    Recovery,
    /// An emergency access was reviewed.
    ReviewBreakGlass,
    /// A key in a hardware token was used.
    UseToken,
    /// A second factor was asked for.
    StepUp,
    /// An unusual pattern of access was noticed.
    Incident,
    /// The chain's end was signed here or countersigned by the EHR.
    Countersign,
    /// Vital signs or other observations were written.
    WriteVitals,
    /// A medication was given, held or refused.
    AdministerMedication,
    /// A medication was handed out.
    DispenseMedication,
    /// A medication was ordered, changed or stopped.
    Prescribe,
    /// Anything else was ordered.
    PlaceOrder,
    /// An allergy was written.
    WriteAllergy,
    /// A problem was written.
    WriteProblem,
    /// An immunization was written.
    WriteImmunization,
    /// A procedure was written.
    WriteProcedure,
    /// An appointment was made, moved or cancelled.
    ScheduleAppointment,
    /// A patient's demographics were changed.
    EditDemographics,
    /// A claim was written.
    WriteClaim,
    /// A task was written.
    WriteTask,
    /// A visit by video was begun or ended.
    HoldVisit,
    /// A chart was restricted or released.
    RestrictChart,
    /// The directory of staff was changed.
    EditDirectory,
    /// The deployment's settings for workstations were changed.
    ChangePolicy,
    /// A quarantine of this workstation's chain was lifted.
    ClearQuarantine,
}

impl Action {
    /// The stable name, as policies, exports and the screen carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Enrol => "enrol",
            Self::Unlock => "unlock",
            Self::UnlockFailed => "unlock_failed",
            Self::Lock => "lock",
            Self::SignIn => "sign_in",
            Self::OpenIndex => "open_index",
            Self::Search => "search",
            Self::ReadSchedule => "read_schedule",
            Self::ReadChart => "read_chart",
            Self::Pin => "pin",
            Self::WriteDraft => "write_draft",
            Self::SignNote => "sign_note",
            Self::Ingest => "ingest",
            Self::Push => "push",
            Self::ReadOutbox => "read_outbox",
            Self::BreakGlass => "break_glass",
            Self::EndBreakGlass => "end_break_glass",
            Self::ReadAudit => "read_audit",
            Self::VerifyAudit => "verify_audit",
            Self::ExportAudit => "export_audit",
            Self::DeskMemory => "desk_memory",
            Self::SendAudit => "send_audit",
            Self::ChangePassphrase => "change_passphrase",
            Self::ChangeSecurityKeys => "change_security_keys",
            Self::ChangeRoster => "change_roster",
            Self::RotateKeys => "rotate_keys",
            Self::EraseChart => "erase_chart",
            Self::EraseWorkstation => "erase_workstation",
            Self::Recovery => "recovery",
            Self::ReviewBreakGlass => "review_break_glass",
            Self::UseToken => "use_token",
            Self::StepUp => "step_up",
            Self::Incident => "incident",
            Self::Countersign => "countersign",
            Self::WriteVitals => "write_vitals",
            Self::AdministerMedication => "administer_medication",
            Self::DispenseMedication => "dispense_medication",
            Self::Prescribe => "prescribe",
            Self::PlaceOrder => "place_order",
            Self::WriteAllergy => "write_allergy",
            Self::WriteProblem => "write_problem",
            Self::WriteImmunization => "write_immunization",
            Self::WriteProcedure => "write_procedure",
            Self::ScheduleAppointment => "schedule_appointment",
            Self::EditDemographics => "edit_demographics",
            Self::WriteClaim => "write_claim",
            Self::WriteTask => "write_task",
            Self::HoldVisit => "hold_visit",
            Self::RestrictChart => "restrict_chart",
            Self::EditDirectory => "edit_directory",
            Self::ChangePolicy => "change_policy",
            Self::ClearQuarantine => "clear_quarantine",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Permitted and done in the same transaction.
    Allowed,
    /// Refused by policy.
    Refused,
    /// Permitted, but the work failed and was undone.
    Failed,
}

/// Who acted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// The enrolled user.
    pub user: UserId,
    /// The EHR's practitioner behind the user.
    pub practitioner: PractitionerId,
    /// Role held at that time, as the EHR named it.
    pub role: String,
}

/// What every entry of one piece of work shares.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who; absent while locked.
    pub actor: Option<Actor>,
    /// Both clocks.
    pub at: Instants,
    /// Identifies the boot that `at.boot` counts from.
    pub boot_id: Box<str>,
    /// Ties the entry to the command, its log line and its request to the EHR.
    pub correlation: CorrelationId,
    /// Workstation.
    pub workstation: Box<str>,
    /// Network address of the workstation towards the EHR, if known.
    pub address: Option<Box<str>>,
    /// Client version.
    pub client: &'static str,
    /// The machine, if it is known (before a vault is made it is not).
    pub device: Option<Device>,
}

/// The machine an entry was made on, as a log reader tells user agents apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Device {
    /// As enrolled at the EHR.
    pub id: DeviceId,
    /// Operating system and its version.
    pub system: String,
}

/// What it was done to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Subject {
    /// Patient concerned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub patient: Option<PatientId>,
    /// Record concerned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<(ResourceType, RecordId)>,
    /// Purpose of use (HL7 v3 PurposeOfUse code).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<String>,
    /// Digest of the encrypted state before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Digest>,
    /// Digest of the encrypted state after.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Digest>,
    /// Counts and static words; never free text, never PHI.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Whether the sealed states before and after are kept beside the chain.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub kept: bool,
    /// Where an epoch begins or ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epoch: Option<EpochMark>,
    /// The server's word on this chain.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub countersigned: Option<Box<Countersigned>>,
}

impl Subject {
    /// The same thing, with nothing that was only true of the work that was done to it: what is said of work that was undone.
    #[must_use]
    pub fn untouched(self) -> Self {
        Self { before: None, after: None, kept: false, epoch: None, countersigned: None, ..self }
    }
}

/// One entry. Field order is the persisted order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the chain, from 1.
    pub sequence: u64,
    /// Wall clock, RFC 3339 with milliseconds; the zone is always named, and is UTC.
    pub at: String,
    /// Boot the boot clock counts from.
    pub boot_id: String,
    /// Boot clock, milliseconds.
    pub boot_ms: u64,
    /// Who; absent while locked.
    pub actor: Option<Actor>,
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// To what.
    pub subject: Subject,
    /// Workstation.
    pub workstation: String,
    /// Network address.
    pub address: Option<String>,
    /// Client version.
    pub client: String,
    /// Command.
    pub correlation: CorrelationId,
    /// Names the entry wherever it is copied to (UUID version 4). Entries of before it was introduced have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub log_id: Option<LogId>,
    /// The machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub device: Option<Device>,
}

impl Entry {
    /// An entry at `sequence`, from what its work shares; it has no log id yet.
    #[must_use]
    pub fn new(sequence: u64, origin: &Origin, action: Action, outcome: Outcome, subject: Subject) -> Self {
        Self {
            sequence,
            at: origin.at.wall.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            boot_id: origin.boot_id.to_string(),
            boot_ms: origin.at.boot.0,
            actor: origin.actor.clone(),
            action,
            outcome,
            subject,
            workstation: origin.workstation.to_string(),
            address: origin.address.as_deref().map(str::to_owned),
            client: origin.client.to_owned(),
            correlation: origin.correlation,
            log_id: None,
            device: origin.device.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use kernel::Moment;

    use super::*;

    #[test]
    fn the_persisted_form_with_log_id_and_device_is_frozen_and_the_one_of_before_still_reads() {
        let correlation = CorrelationId::parse("6f2c0c36-5d0b-4c7e-9d5a-111111111111").unwrap();
        let device = Some(Device { id: DeviceId::new("ward-3").unwrap(), system: "Linux 6.1.0".into() });
        let origin = Origin {
            actor: None,
            at: Instants { wall: "2026-03-01T08:00:00Z".parse().unwrap(), boot: Moment(5) },
            boot_id: "boot".into(),
            correlation,
            workstation: "ward-3".into(),
            address: Some("10.0.0.7".into()),
            client: "0.1.0",
            device,
        };
        let subject = Subject { kept: true, after: Some(Digest([7; 32])), ..Subject::default() };
        let mut entry = Entry::new(1, &origin, Action::SignNote, Outcome::Allowed, subject);
        entry.log_id = LogId::parse("00000000-0000-4000-8000-000000000002");
        let frozen = r#"{"sequence":1,"at":"2026-03-01T08:00:00.000Z","boot_id":"boot","boot_ms":5,"actor":null,"action":"sign_note","outcome":"allowed","subject":{"after":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","kept":true},"workstation":"ward-3","address":"10.0.0.7","client":"0.1.0","correlation":"6f2c0c36-5d0b-4c7e-9d5a-111111111111","log_id":"00000000-0000-4000-8000-000000000002","device":{"id":"ward-3","system":"Linux 6.1.0"}}"#;
        assert_eq!(serde_json::to_string(&entry).unwrap(), frozen);
        assert_eq!(serde_json::from_str::<Entry>(frozen).unwrap(), entry);

        let before = r#"{"sequence":1,"at":"2026-03-01T08:00:00.000Z","boot_id":"boot","boot_ms":5,"actor":null,"action":"search","outcome":"allowed","subject":{"detail":"1 rows"},"workstation":"ward-3","address":null,"client":"0.1.0","correlation":"6f2c0c36-5d0b-4c7e-9d5a-111111111111"}"#;
        let read: Entry = serde_json::from_str(before).unwrap();
        assert_eq!((read.log_id, read.device.clone(), read.subject.kept), (None, None, false));
        assert_eq!(serde_json::to_string(&read).unwrap(), before, "and is written as it was");
    }
}
