//! Whose charts are held, and in which order they arrive.
use std::collections::{BTreeMap, BTreeSet};

use kernel::PatientId;

use crate::record::{Member, Tier};

/// The panel: every patient whose chart is, or is to be, held here.
#[derive(Debug, Default)]
pub(crate) struct Panel {
    members: BTreeMap<PatientId, Row>,
    /// Incomplete charts, first in line first.
    waiting: BTreeSet<(Tier, u32, PatientId)>,
    ready: u32,
    joined: u32,
}

#[derive(Debug)]
struct Row {
    tier: Tier,
    complete: bool,
    /// Keeps the order in which patients of a tier were named.
    order: u32,
}

impl Panel {
    pub(crate) fn restore(members: Vec<Member>) -> Self {
        let mut panel = Self::default();
        for member in members {
            panel.put(member.patient, member.tier, member.complete);
        }
        panel
    }

    pub(crate) fn holds(&self, patient: &PatientId) -> bool {
        self.members.contains_key(patient)
    }

    /// Takes a patient in, or moves him up if `tier` is stronger than his. Returns the row to store if anything changed.
    pub(crate) fn admit(&mut self, patient: &PatientId, tier: Tier) -> Option<Member> {
        let complete = match self.members.get(patient) {
            Some(row) if row.tier <= tier => return None,
            Some(row) => row.complete,
            None => false,
        };
        self.put(patient.clone(), tier, complete);
        Some(Member { patient: patient.clone(), tier, complete })
    }

    /// Notes that a chart is whole. Returns the row to store.
    pub(crate) fn complete(&mut self, patient: &PatientId) -> Option<Member> {
        let tier = self.members.get(patient)?.tier;
        self.put(patient.clone(), tier, true);
        Some(Member { patient: patient.clone(), tier, complete: true })
    }

    /// Incomplete charts of these tiers, first in line first.
    pub(crate) fn waiting(&self, first: Tier, last: Tier) -> impl Iterator<Item = &PatientId> {
        self.waiting
            .iter()
            .skip_while(move |(tier, ..)| *tier < first)
            .take_while(move |(tier, ..)| *tier <= last)
            .map(|(.., patient)| patient)
    }

    pub(crate) fn incomplete(&self) -> Vec<PatientId> {
        self.waiting.iter().map(|(.., patient)| patient.clone()).collect()
    }

    pub(crate) fn tier(&self, patient: &PatientId) -> Option<Tier> {
        self.members.get(patient).map(|row| row.tier)
    }

    pub(crate) const fn ready(&self) -> u32 {
        self.ready
    }

    pub(crate) fn total(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    fn put(&mut self, patient: PatientId, tier: Tier, complete: bool) {
        let order = match self.members.get(&patient) {
            Some(row) => {
                self.waiting.remove(&(row.tier, row.order, patient.clone()));
                self.ready -= u32::from(row.complete);
                row.order
            }
            None => {
                self.joined = self.joined.saturating_add(1);
                self.joined
            }
        };
        self.ready += u32::from(complete);
        if !complete {
            self.waiting.insert((tier, order, patient.clone()));
        }
        self.members.insert(patient, Row { tier, complete, order });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn patient(id: &str) -> PatientId {
        PatientId::new(id).unwrap()
    }

    #[test]
    fn stronger_reasons_move_a_chart_up_and_never_down() {
        let mut panel = Panel::default();
        for id in ["a", "b", "c"] {
            assert!(panel.admit(&patient(id), Tier::Practice).is_some());
        }
        assert!(panel.admit(&patient("c"), Tier::Today).is_some());
        assert!(panel.admit(&patient("c"), Tier::Recent).is_none());
        let order: Vec<_> = panel.waiting(Tier::Today, Tier::Practice).map(PatientId::as_str).collect();
        assert_eq!(order, ["c", "a", "b"]);

        assert!(panel.complete(&patient("c")).is_some());
        assert_eq!((panel.ready(), panel.total()), (1, 3));
        assert_eq!(panel.waiting(Tier::Today, Tier::Recent).count(), 0);
        panel.admit(&patient("b"), Tier::Pinned);
        assert_eq!(panel.waiting(Tier::Today, Tier::Practice).next(), Some(&patient("b")));
    }
}
