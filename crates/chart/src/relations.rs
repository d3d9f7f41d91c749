//! Whose ordinary business a chart is: what the EHR's own records say, for access without breaking glass.
use kernel::PractitionerId;

use crate::directory::Directory;
use crate::read::{Node, Read};
use crate::record::Resource;

/// An appointment opens the chart a day before it starts and until a day after: to prepare, and to finish the note.
const AROUND_APPOINTMENT: i64 = 24 * 3600;
/// A finished encounter keeps it open for a day: to finish the note.
const AFTER_ENCOUNTER: i64 = 24 * 3600;

/// What makes a clinician one of the patient's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RelationKind {
    /// Member of an active CareTeam.
    CareTeam,
    /// In an Appointment with the patient.
    Appointment,
    /// In an Encounter with the patient.
    Encounter,
    /// The patient's general practitioner.
    GeneralPractitioner,
}

/// One clinician's relation to the patient a record belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relation {
    /// Who.
    pub practitioner: PractitionerId,
    /// By what.
    pub kind: RelationKind,
    /// From when, seconds since 1970-01-01 UTC; `None` from always.
    pub from: Option<i64>,
    /// Until when, exclusive; `None` without end.
    pub until: Option<i64>,
}

impl Relation {
    /// Whether it holds at that time, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn holds_at(&self, now: i64) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// The relations a CareTeam, Appointment, Encounter or Patient states; none for other types and for what does not read.
///
/// INVARIANT: in doubt there is no relation: an unreadable record, a status that is not in force, a person who cannot be
/// traced to a Practitioner.
#[must_use]
pub fn relations(kind: &str, body: &str, directory: &Directory) -> Vec<Relation> {
    if !matches!(kind, "CareTeam" | "Appointment" | "Encounter" | "Patient") {
        return Vec::new();
    }
    let Ok(resource) = Resource::parse(kind, body) else { return Vec::new() };
    let read = resource.node().and_then(|node| match kind {
        "CareTeam" => care_team(node, directory),
        "Appointment" => appointment(node, directory),
        "Encounter" => encounter(node, directory),
        _ => general_practitioner(node, directory),
    });
    read.unwrap_or_default()
}

/// Members while the team is active (or says nothing of its status) and their period and the team's both run.
fn care_team(node: Node<'_>, directory: &Directory) -> Read<Vec<Relation>> {
    if !matches!(node.text("status")?, None | Some("active")) {
        return Ok(Vec::new());
    }
    let team = Span::of(node, "period")?;
    let mut all = Vec::new();
    for participant in node.objects("participant")? {
        if let Some(practitioner) = person(participant, "member", directory)? {
            all.push(team.within(Span::of(participant, "period")?).relation(practitioner, RelationKind::CareTeam));
        }
    }
    Ok(all)
}

fn appointment(node: Node<'_>, directory: &Directory) -> Read<Vec<Relation>> {
    // proposed, pending, waitlist: not agreed; cancelled, entered-in-error: not at all.
    if !matches!(node.text("status")?, Some("booked" | "arrived" | "checked-in" | "fulfilled" | "noshow")) {
        return Ok(Vec::new());
    }
    let Some(start) = node.date("start")? else { return Ok(Vec::new()) };
    let end = node.date("end")?.unwrap_or(start).epoch_end().max(start.epoch_end());
    let span = Span { from: Some(start.epoch() - AROUND_APPOINTMENT), until: Some(end.saturating_add(AROUND_APPOINTMENT)) };
    let mut all = Vec::new();
    for participant in node.objects("participant")? {
        if participant.text("status")? != Some("declined")
            && let Some(practitioner) = person(participant, "actor", directory)?
        {
            all.push(span.relation(practitioner, RelationKind::Appointment));
        }
    }
    Ok(all)
}

fn encounter(node: Node<'_>, directory: &Directory) -> Read<Vec<Relation>> {
    let span = Span::of(node, "period")?;
    let span = match node.text("status")? {
        Some("arrived" | "triaged" | "in-progress" | "onleave") => span,
        // Without an end nobody knows how long ago it was.
        Some("finished") if span.until.is_some() => span,
        _ => return Ok(Vec::new()),
    };
    let span = Span { until: span.until.map(|until| until.saturating_add(AFTER_ENCOUNTER)), ..span };
    let mut all = Vec::new();
    for participant in node.objects("participant")? {
        if let Some(practitioner) = person(participant, "individual", directory)? {
            let own = Span::of(participant, "period")?;
            let own = Span { until: own.until.map(|until| until.saturating_add(AFTER_ENCOUNTER)), ..own };
            all.push(span.within(own).relation(practitioner, RelationKind::Encounter));
        }
    }
    Ok(all)
}

fn general_practitioner(node: Node<'_>, directory: &Directory) -> Read<Vec<Relation>> {
    let mut all = Vec::new();
    for reference in node.objects("generalPractitioner")? {
        if let Some(practitioner) = reference.text("reference")?.and_then(|reference| directory.practitioner(reference)) {
            all.push(Span { from: None, until: None }.relation(practitioner, RelationKind::GeneralPractitioner));
        }
    }
    Ok(all)
}

fn person(participant: Node<'_>, element: &str, directory: &Directory) -> Read<Option<PractitionerId>> {
    Ok(participant.reference(element)?.and_then(|reference| directory.practitioner(reference)))
}

#[derive(Clone, Copy)]
struct Span {
    from: Option<i64>,
    until: Option<i64>,
}

impl Span {
    fn of(node: Node<'_>, element: &str) -> Read<Self> {
        let Some(period) = node.object(element)? else { return Ok(Self { from: None, until: None }) };
        Ok(Self { from: period.date("start")?.map(|date| date.epoch()), until: period.date("end")?.map(|date| date.epoch_end()) })
    }

    fn within(self, other: Self) -> Self {
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { from: self.from.max(other.from), until }
    }

    fn relation(self, practitioner: PractitionerId, kind: RelationKind) -> Relation {
        Relation { practitioner, kind, from: self.from, until: self.until }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const DAY: i64 = 86_400;

    fn read(kind: &str, rest: &str) -> Vec<(String, Option<i64>, Option<i64>)> {
        let mut directory = Directory::new();
        directory
            .add("PractitionerRole", r#"{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"Practitioner/ada"}}"#);
        let body = format!(r#"{{"resourceType":"{kind}","id":"1",{rest}}}"#);
        let found = relations(kind, &body, &directory);
        found.into_iter().map(|relation| (relation.practitioner.as_str().to_owned(), relation.from, relation.until)).collect()
    }

    #[test]
    fn care_team_while_active_and_within_both_periods() {
        let team = |status: &str| {
            format!(
                r#"{status}"period":{{"start":"1970-01-02","end":"1970-01-31"}},"participant":[
                {{"member":{{"reference":"Practitioner/ben"}},"period":{{"start":"1970-01-01","end":"1970-01-10"}}}},
                {{"member":{{"reference":"PractitionerRole/r"}}}},
                {{"member":{{"reference":"PractitionerRole/unknown"}}}},{{"member":{{"reference":"Patient/p"}}}},{{"member":{{"display":"Dr X"}}}},
                {{"member":{{"reference":"https://elsewhere.example.org/Practitioner/eve"}}}}]"#
            )
        };
        let expected = vec![("ben".to_owned(), Some(DAY), Some(10 * DAY)), ("ada".to_owned(), Some(DAY), Some(31 * DAY))];
        assert_eq!(read("CareTeam", &team(r#""status":"active","#)), expected);
        assert_eq!(read("CareTeam", &team("")), expected);
        for status in ["proposed", "inactive", "suspended", "entered-in-error"] {
            assert!(read("CareTeam", &team(&format!(r#""status":"{status}","#))).is_empty(), "{status}");
        }
    }

    #[test]
    fn appointment_on_its_day_and_one_around() {
        let visit = |status: &str, participation: &str| {
            format!(
                r#""status":"{status}","start":"1970-01-05T10:00:00Z","end":"1970-01-05T10:20:00Z",
                "participant":[{{"actor":{{"reference":"Practitioner/ada"}},"status":"{participation}"}},{{"actor":{{"reference":"Patient/p"}}}}]"#
            )
        };
        let start = 4 * DAY + 10 * 3600;
        assert_eq!(
            read("Appointment", &visit("booked", "accepted")),
            vec![("ada".to_owned(), Some(start - DAY), Some(start + 1200 + 1 + DAY))]
        );
        assert!(read("Appointment", &visit("booked", "declined")).is_empty());
        for status in ["cancelled", "proposed", "entered-in-error", "waitlist"] {
            assert!(read("Appointment", &visit(status, "accepted")).is_empty(), "{status}");
        }
        assert!(read("Appointment", r#""status":"booked","participant":[{"actor":{"reference":"Practitioner/ada"}}]"#).is_empty());
    }

    #[test]
    fn encounter_while_it_lasts_and_a_day_after() {
        let visit = |status: &str, end: &str| {
            format!(
                r#""status":"{status}","period":{{"start":"1970-01-02"{end}}},"participant":[{{"individual":{{"reference":"Practitioner/ada"}}}}]"#
            )
        };
        assert_eq!(read("Encounter", &visit("in-progress", "")), vec![("ada".to_owned(), Some(DAY), None)]);
        assert_eq!(read("Encounter", &visit("finished", r#","end":"1970-01-03""#)), vec![("ada".to_owned(), Some(DAY), Some(4 * DAY))]);
        assert!(read("Encounter", &visit("finished", "")).is_empty());
        assert!(read("Encounter", &visit("planned", "")).is_empty());
        let now =
            Relation { practitioner: PractitionerId::new("a").unwrap(), kind: RelationKind::Encounter, from: Some(1), until: Some(3) };
        assert_eq!([0, 1, 2, 3].map(|at| now.holds_at(at)), [false, true, true, false]);
    }

    #[test]
    fn general_practitioner_always() {
        let patient = r#""generalPractitioner":[{"reference":"Practitioner/ada"},{"reference":"Organization/o"}]"#;
        assert_eq!(read("Patient", patient), vec![("ada".to_owned(), None, None)]);
        assert!(read("Patient", r#""generalPractitioner":"Practitioner/ada""#).is_empty());
        assert!(read("Observation", patient).is_empty());
    }
}
