//! The proof that a decision was made and recorded.
use std::marker::PhantomData;

use audit::{Action, Actor, Recorded};
use kernel::PatientId;

use crate::section::Sections;

mod sealed {
    pub trait Sealed {}
}

/// Something that needs a permit.
pub trait Act: sealed::Sealed {
    /// How policies and the audit chain name it.
    const ACTION: Action;
}

/// An act in one patient's chart.
pub trait Charted: Act {}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $(: $charted:ident)?,)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl sealed::Sealed for $name {}
            impl Act for $name {
                const ACTION: Action = Action::$name;
            }
            $(impl $charted for $name {})?
        )*
    };
}

acts! {
    /// Read a chart.
    ReadChart: Charted,
    /// Begin, change or discard a draft.
    WriteDraft: Charted,
    /// Sign a note.
    SignNote: Charted,
    /// Pin a chart to this workstation.
    Pin: Charted,
    /// Begin emergency access.
    BreakGlass: Charted,
    /// End emergency access.
    EndBreakGlass: Charted,
    /// Release the keys of the patient index.
    OpenIndex,
    /// Search patients.
    Search,
    /// Read the schedule.
    ReadSchedule,
    /// Take records from the EHR.
    Ingest,
    /// Hand entries to the EHR.
    Push,
    /// Read the outbox.
    ReadOutbox,
    /// Read the audit chain.
    ReadAudit,
    /// Verify the audit chain.
    VerifyAudit,
    /// Export the audit chain.
    ExportAudit,
    /// Keep or read tabs, scroll and caret.
    DeskMemory,
    /// Enrol one more clinician on this workstation.
    Enrol,
    /// Hand entries of the chain to the EHR.
    SendAudit,
    /// Change one's own passphrase.
    ChangePassphrase,
    /// Change which security keys one unlocks with.
    ChangeSecurityKeys,
    /// Disable, enable or remove a clinician on this workstation.
    ChangeRoster,
    /// Carry a rotation of the vault's keys on.
    RotateKeys,
    /// Erase a chart from this workstation.
    EraseChart: Charted,
    /// Erase everything from this workstation.
    EraseWorkstation,
    /// Make or try the recovery key.
    Recovery,
    /// Read and judge emergency accesses.
    ReviewBreakGlass,
    /// Write vital signs and other observations.
    WriteVitals: Charted,
    /// Write what was given, held or refused.
    AdministerMedication: Charted,
    /// Write what was handed out.
    DispenseMedication: Charted,
    /// Order, change or stop a medication.
    Prescribe: Charted,
    /// Order anything else.
    PlaceOrder: Charted,
    /// Write an allergy.
    WriteAllergy: Charted,
    /// Write a problem.
    WriteProblem: Charted,
    /// Write an immunization.
    WriteImmunization: Charted,
    /// Write a procedure.
    WriteProcedure: Charted,
    /// Make, move or cancel an appointment.
    ScheduleAppointment: Charted,
    /// Change a patient's demographics.
    EditDemographics: Charted,
    /// Write a claim.
    WriteClaim: Charted,
    /// Write a task.
    WriteTask: Charted,
    /// Hold a visit by video.
    HoldVisit: Charted,
    /// Restrict or release a chart.
    RestrictChart: Charted,
    /// Change the directory of staff.
    EditDirectory,
    /// Change the deployment's settings for workstations.
    ChangePolicy,
    /// Take up again a chain that did not follow what the EHR had seen of it.
    ClearQuarantine,
}

/// The decision for `A`, recorded in the transaction `'tx`.
///
/// INVARIANT: made only by [`crate::admit`]; cannot leave the transaction that holds its audit entry.
#[derive(Debug)]
pub struct Permit<'tx, A: Act> {
    patient: Option<PatientId>,
    actor: Actor,
    sections: Sections,
    emergency: bool,
    sequence: u64,
    act: PhantomData<fn() -> A>,
    transaction: PhantomData<&'tx ()>,
}

impl<'tx, A: Act> Permit<'tx, A> {
    pub(crate) fn mint(patient: Option<PatientId>, actor: Actor, sections: Sections, emergency: bool, recorded: &Recorded) -> Self {
        Self { patient, actor, sections, emergency, sequence: recorded.sequence(), act: PhantomData, transaction: PhantomData }
    }

    /// Who holds it.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The audit entry behind it.
    #[must_use]
    pub const fn audit_sequence(&self) -> u64 {
        self.sequence
    }
}

/// Leave to take what one permit shows out of the program.
///
/// INVARIANT: made only by [`Permit::export`]; nobody has it under break-glass.
#[derive(Debug)]
pub struct Export<'p>(PhantomData<&'p ()>);

/// Emergency access shows and does not export.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no export under emergency access")]
pub struct NoExport;

impl<A: Charted> Permit<'_, A> {
    /// The one patient it is for.
    #[must_use]
    pub const fn patient(&self) -> Option<&PatientId> {
        self.patient.as_ref()
    }

    /// The sections the holder may see.
    #[must_use]
    pub const fn sections(&self) -> Sections {
        self.sections
    }

    /// Leave to take what is read out of the program: into a file, a pipe, onto paper.
    ///
    /// # Errors
    /// [`NoExport`] under break-glass, which shows and does not export.
    pub const fn export(&self) -> Result<Export<'_>, NoExport> {
        if self.emergency { Err(NoExport) } else { Ok(Export(PhantomData)) }
    }

    /// True under break-glass: restricted records are shown as well.
    #[must_use]
    pub const fn emergency(&self) -> bool {
        self.emergency
    }
}
