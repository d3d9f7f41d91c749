//! Reading charts.
use access::{Permit, ReadChart, ReadSchedule};
use kernel::{Phi, RecordId, ResourceType};
use keys::RecordContext;
use rusqlite::{OptionalExtension as _, Row as SqlRow, params};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::keyed;
use crate::tx::Tx;

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Acknowledged by the EHR at this version.
    Synced,
    /// Only here.
    LocalOnly,
    /// Handed to the network.
    Sending,
    /// Refused.
    Rejected,
    /// Changed on both sides.
    Conflict,
}

impl State {
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Synced => 0,
            Self::LocalOnly => 1,
            Self::Sending => 2,
            Self::Rejected => 3,
            Self::Conflict => 4,
        }
    }

    /// A number that is none of ours counts as in conflict: a person must look.
    pub(crate) const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Synced,
            1 => Self::LocalOnly,
            2 => Self::Sending,
            3 => Self::Rejected,
            _ => Self::Conflict,
        }
    }
}

/// One record, open.
pub struct Row {
    /// Resource type.
    pub kind: Box<str>,
    /// Where it stands.
    pub state: State,
    /// Its JSON text, digit for digit.
    pub body: Phi<Zeroizing<String>>,
}

/// A record whose seal did not open: shown as unreadable, never left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRow {
    /// Resource type.
    pub kind: Box<str>,
}

/// What a chart holds.
#[derive(Default)]
pub struct ChartRows {
    /// Records that could be opened, in key order.
    pub rows: Vec<Row>,
    /// Records that could not.
    pub unreadable: Vec<UnreadableRow>,
    /// Restricted records that this permit does not open.
    pub withheld: u32,
}

const COLUMNS: &str = "r.key, r.tag, k.name, r.seal, r.state, r.restricted, r.body";

/// A record's row.
pub(crate) struct Sealed {
    patient: i64,
    tag: [u8; 16],
    kind: Box<str>,
    seal: String,
    state: State,
    restricted: bool,
    body: Vec<u8>,
}

impl Sealed {
    pub(crate) const fn patient(&self) -> i64 {
        self.patient
    }

    fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            patient: keyed::patient_of(row.get(0)?),
            tag: row.get(1)?,
            kind: row.get::<_, String>(2)?.into(),
            seal: row.get(3)?,
            state: State::from_number(row.get(4)?),
            restricted: row.get(5)?,
            body: row.get(6)?,
        })
    }
}

impl Tx<'_> {
    /// The whole chart, as far as the permit's role and circumstance show it.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if the patient is not held.
    pub fn chart(&self, permit: &Permit<'_, ReadChart>) -> Result<ChartRows, VaultError> {
        let patient = self.permitted_row(permit.patient())?;
        let (first, last) = keyed::chart(patient);
        let query = format!("SELECT {COLUMNS} FROM record r JOIN kind k ON k.id = r.kind WHERE r.key BETWEEN ?1 AND ?2 ORDER BY r.key");
        let mut statement = self.sql().prepare_cached(&query)?;
        let mut chart = ChartRows::default();
        for sealed in statement.query_map([first, last], Sealed::read)? {
            let sealed = sealed?;
            if !permit.sections().show(&sealed.kind) {
                continue;
            }
            if sealed.restricted && !permit.emergency() {
                chart.withheld += 1;
                continue;
            }
            self.open_into(&mut chart, sealed)?;
        }
        Ok(chart)
    }

    /// One record of the permitted chart.
    ///
    /// # Errors
    /// [`VaultError::NotFound`] if it is not in this chart or not shown under this permit; [`VaultError::Seal`] if it does not open.
    pub fn record(&self, permit: &Permit<'_, ReadChart>, kind: &ResourceType, id: &RecordId) -> Result<Row, VaultError> {
        let tag = self.record_tag(kind.as_str(), id.as_str());
        let sealed = self.shown(permit, &tag)?;
        self.open(sealed)
    }

    /// Records that belong to no patient (organisations, practitioners), for names in views.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn directory(&self, _: &Permit<'_, ReadSchedule>) -> Result<ChartRows, VaultError> {
        let (first, last) = keyed::chart(0);
        let query = format!("SELECT {COLUMNS} FROM record r JOIN kind k ON k.id = r.kind WHERE r.key BETWEEN ?1 AND ?2 ORDER BY r.key");
        let mut statement = self.sql().prepare_cached(&query)?;
        let mut found = ChartRows::default();
        for sealed in statement.query_map([first, last], Sealed::read)? {
            self.open_into(&mut found, sealed?)?;
        }
        Ok(found)
    }

    /// Appointments that begin in `from..until` (seconds since 1970), of every patient on this workstation;
    /// restricted ones are only counted.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn appointments(&self, _: &Permit<'_, ReadSchedule>, from: i64, until: i64) -> Result<ChartRows, VaultError> {
        let query = format!(
            "SELECT {COLUMNS} FROM record r JOIN kind k ON k.id = r.kind WHERE r.kind = 13 AND r.date >= ?1 AND r.date < ?2 ORDER BY r.date"
        );
        let mut statement = self.sql().prepare_cached(&query)?;
        let mut found = ChartRows::default();
        for sealed in statement.query_map(params![from, until], Sealed::read)? {
            let sealed = sealed?;
            if sealed.restricted {
                found.withheld += 1;
                continue;
            }
            self.open_into(&mut found, sealed)?;
        }
        Ok(found)
    }

    /// The row of the permit's patient.
    pub(crate) fn permitted_row(&self, patient: Option<&kernel::PatientId>) -> Result<i64, VaultError> {
        let patient = patient.ok_or(VaultError::WrongPatient)?;
        self.patient_row(patient)?.ok_or(VaultError::NotFound)
    }

    /// A record, if it is of the permitted chart and shown under the permit.
    pub(crate) fn shown(&self, permit: &Permit<'_, ReadChart>, tag: &[u8; 16]) -> Result<Sealed, VaultError> {
        let patient = self.permitted_row(permit.patient())?;
        let query = format!("SELECT {COLUMNS} FROM record r JOIN kind k ON k.id = r.kind WHERE r.tag = ?1");
        let sealed = self.sql().prepare_cached(&query)?.query_row([tag], Sealed::read).optional()?.ok_or(VaultError::NotFound)?;
        let shown = permit.sections().show(&sealed.kind) && (!sealed.restricted || permit.emergency());
        if sealed.patient == patient && shown { Ok(sealed) } else { Err(VaultError::NotFound) }
    }

    fn open_into(&self, chart: &mut ChartRows, sealed: Sealed) -> Result<(), VaultError> {
        let kind = sealed.kind.clone();
        match self.open(sealed) {
            Ok(row) => chart.rows.push(row),
            Err(VaultError::Seal) => chart.unreadable.push(UnreadableRow { kind }),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn open(&self, sealed: Sealed) -> Result<Row, VaultError> {
        let Sealed { patient, tag, kind, seal, state, body, .. } = sealed;
        let packed = self.patient_key(patient)?.unseal(&RecordContext { patient, kind: &kind, tag, version: &seal }, &body)?;
        let body = Phi::new(self.codec().unpack(&packed)?);
        Ok(Row { kind, state, body })
    }
}
