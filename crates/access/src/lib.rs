#![doc = include_str!("../README.md")]
mod emergency;
mod gate;
mod permit;
mod role;
mod scopes;
mod section;
mod smart;
mod stock;
mod write;

pub use emergency::{EMERGENCY_MINUTES, EmergencyGrant, MIN_REASON_CHARS, Purpose, PurposeError};
pub use gate::{ChartFacts, Circumstances, Facts, Gate, GateError, Refusal, Target, admit};
pub use permit::{
    Act, AdministerMedication, BreakGlass, ChangePassphrase, ChangePolicy, ChangeRoster, ChangeSecurityKeys, Charted, ClearQuarantine,
    DeskMemory, DispenseMedication, EditDemographics, EditDirectory, EndBreakGlass, Enrol, EraseChart, EraseWorkstation, Export,
    ExportAudit, HoldVisit, Ingest, NoExport, OpenIndex, Permit, Pin, PlaceOrder, Prescribe, Push, ReadAudit, ReadChart, ReadOutbox,
    ReadSchedule, Recovery, RestrictChart, ReviewBreakGlass, RotateKeys, ScheduleAppointment, Search, SendAudit, SignNote, VerifyAudit,
    WriteAllergy, WriteClaim, WriteDraft, WriteImmunization, WriteProblem, WriteProcedure, WriteTask, WriteVitals,
};
pub use role::Role;
pub use scopes::{Permissions, User};
pub use section::{Section, Sections};
pub use smart::SmartScopes;
pub use stock::{GrantNumber, IssuedNumber, NotANumber, STOCK, Stock, Unnumbered};
pub use write::{NoteKind, Write};
