//! The pieces of work of a pull, and how far each has come.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::{PatientId, Phi, ResourceType};
use serde::{Deserialize, Serialize};

/// One piece of work: a series of pages that is pulled in order.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Today's appointments of the practitioner.
    Schedule,
    /// Care teams the practitioner is on.
    CareTeams,
    /// One patient's chart.
    Chart(PatientId),
    /// All records of a type that is nobody's in particular.
    Directory(ResourceType),
    /// What changed since the last look.
    Changes,
    /// Everybody the EHR lets this user see.
    Patients,
    /// How many records of a type the EHR has.
    Count(ResourceType),
    /// All records of a type that is filed in charts.
    Sweep(ResourceType),
}

/// How far a unit has come.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Where the unit goes type by type: the type it is at.
    pub(crate) step: Option<ResourceType>,
    /// The next page's link; none at the beginning of the unit or step.
    #[serde(with = "link", default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<Phi<Box<str>>>,
    /// Page size, where a page was too large at the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u16>,
    /// Times this unit was begun anew because the EHR no longer knew its link.
    #[serde(default)]
    pub(crate) restarts: u8,
}

/// What is kept between runs. Panel rows are kept apart, since there may be a hundred thousand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Saved {
    /// The EHR's clock up to which every change has been seen.
    pub(crate) high_water: Option<DateTime<Utc>>,
    /// The delta under way: since when it asks, and the newest time it has seen.
    pub(crate) changes: Option<Changes>,
    /// Units begun and not finished.
    pub(crate) open: BTreeMap<Unit, Position>,
    /// Units finished once and for all.
    pub(crate) done: BTreeSet<Unit>,
    /// Wall clock of the last complete look.
    pub(crate) current_as_of: Option<DateTime<Utc>>,
}

/// A delta under way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Changes {
    pub(crate) since: DateTime<Utc>,
    pub(crate) newest: Option<DateTime<Utc>>,
    /// The EHR's clock at the look's first answer.
    pub(crate) answered: Option<DateTime<Utc>>,
    /// Wall clock when it began.
    pub(crate) began: DateTime<Utc>,
    /// Types whose number the EHR had confirmed when it began.
    #[serde(default)]
    pub(crate) counted: BTreeSet<ResourceType>,
    /// Types of which it brought deletions.
    #[serde(default)]
    pub(crate) deleted: BTreeSet<ResourceType>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    format: u8,
    high_water: Option<DateTime<Utc>>,
    changes: Option<Changes>,
    open: Vec<(Unit, Position)>,
    done: BTreeSet<Unit>,
    current_as_of: Option<DateTime<Utc>>,
}

const FORMAT: u8 = 1;

impl Saved {
    /// As the store keeps it.
    pub(crate) fn write(&self) -> Phi<Box<str>> {
        let wire = Wire {
            format: FORMAT,
            high_water: self.high_water,
            changes: self.changes.clone(),
            open: self.open.iter().map(|(unit, position)| (unit.clone(), position.clone())).collect(),
            done: self.done.clone(),
            current_as_of: self.current_as_of,
        };
        // A plain struct of strings, numbers and lists always has a JSON form.
        Phi::new(serde_json::to_string(&wire).unwrap_or_default().into())
    }

    /// `None` if the text is none of ours: the pull then begins anew, which loses nothing.
    pub(crate) fn read(text: &Phi<Box<str>>) -> Option<Self> {
        // EXPOSE: the checkpoint goes back into the machine that wrote it.
        let wire: Wire = serde_json::from_str(text.expose()).ok()?;
        (wire.format == FORMAT).then(|| Self {
            high_water: wire.high_water,
            changes: wire.changes,
            open: wire.open.into_iter().collect(),
            done: wire.done,
            current_as_of: wire.current_as_of,
        })
    }
}

mod link {
    use kernel::Phi;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(link: &Option<Phi<Box<str>>>, to: S) -> Result<S::Ok, S::Error> {
        // EXPOSE: only into the checkpoint, which the store seals.
        link.as_ref().map(|link| link.expose()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Phi<Box<str>>>, D::Error> {
        Ok(Option::<Box<str>>::deserialize(from)?.map(Phi::new))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_and_a_foreign_one_does_not() {
        let mut saved = Saved { high_water: Some(DateTime::UNIX_EPOCH), ..Saved::default() };
        let chart = Unit::Chart(PatientId::new("p1").unwrap());
        let position = Position { next: Some(Phi::new("https://ehr/next?p=1".into())), count: Some(10), ..Position::default() };
        saved.open.insert(chart, position);
        saved.done.insert(Unit::Directory(ResourceType::new("Location").unwrap()));
        saved.done.insert(Unit::Patients);
        assert_eq!(Saved::read(&saved.write()), Some(saved.clone()));

        let text = saved.write();
        assert!(!format!("{text:?} {saved:?}").contains("ehr/next"));
        assert_eq!(Saved::read(&Phi::new("".into())), None);
        assert_eq!(Saved::read(&Phi::new(text.expose().replace("\"format\":1", "\"format\":2").into())), None);
    }
}
