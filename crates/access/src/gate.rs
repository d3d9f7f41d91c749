//! Decide, record, permit: in this order, in one transaction.
use std::str::FromStr as _;

use audit::{Action, Actor, Ledger, Outcome, Subject, record_by};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request, RestrictedExpression, Schema,
    ValidationMode, Validator,
};
use kernel::{PatientId, RecordId, ResourceType, UserId};

use crate::emergency::EmergencyGrant;
use crate::permit::{Act, Permit};
use crate::scopes::User;
use crate::write::NoteKind;

const POLICIES: &str = include_str!("../policies/satchel.cedar");
const SCHEMA: &str = include_str!("../policies/satchel.cedarschema");

/// What the vault knows about a chart and the user who asks.
#[derive(Clone, Debug, Default)]
pub struct ChartFacts {
    /// Held on this workstation.
    pub known: bool,
    /// An ordinary reason to see it is recorded.
    pub related: bool,
    /// Labelled restricted.
    pub restricted: bool,
    /// Break-glass in force.
    pub emergency: Option<EmergencyGrant>,
}

impl ChartFacts {
    const fn circumstances(&self) -> Circumstances {
        Circumstances { known: self.known, related: self.related, restricted: self.restricted, emergency: self.emergency.is_some() }
    }
}

/// What a decision about a chart depends on, beside who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Circumstances {
    /// Held on this workstation.
    pub known: bool,
    /// An ordinary reason to see it is recorded.
    pub related: bool,
    /// Labelled restricted.
    pub restricted: bool,
    /// Break-glass in force.
    pub emergency: bool,
}

/// Where decisions take their facts from: the open transaction.
pub trait Facts: Ledger {
    /// Whose keys are open. Nobody else is decided for.
    fn holder(&self) -> &UserId;

    /// The facts for one chart.
    ///
    /// # Errors
    /// When they cannot be read; then there is no decision.
    fn chart_facts(&self, patient: &PatientId, user: &User) -> Result<ChartFacts, Self::Error>;
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The chart; `None` for what concerns the workstation.
    pub patient: Option<PatientId>,
    /// The record in it, for the audit entry.
    pub record: Option<(ResourceType, RecordId)>,
    /// The kind of note, where it is one and the kind is known.
    pub note: Option<NoteKind>,
    /// Counts and static words for the audit entry.
    pub detail: Option<String>,
}

impl Target {
    /// A whole chart.
    #[must_use]
    pub fn chart(patient: PatientId) -> Self {
        Self { patient: Some(patient), ..Self::default() }
    }

    /// A record in a chart.
    #[must_use]
    pub fn record(patient: PatientId, kind: ResourceType, id: RecordId) -> Self {
        Self { patient: Some(patient), record: Some((kind, id)), ..Self::default() }
    }

    /// The workstation.
    #[must_use]
    pub fn workstation() -> Self {
        Self::default()
    }

    /// A note of a kind: without the right to that kind there is no permit.
    #[must_use]
    pub fn note(mut self, kind: NoteKind) -> Self {
        self.note = Some(kind);
        self
    }

    /// With a static detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// Why there is no permit.
#[derive(Debug, thiserror::Error)]
pub enum Refusal<E> {
    /// The role does not allow it.
    #[error("not permitted")]
    Forbidden,
    /// Break-glass would allow it.
    #[error("break-glass required")]
    BreakGlassRequired,
    /// The chart is not on this workstation.
    #[error("chart not held")]
    Unknown,
    /// No decision could be made or recorded.
    #[error("decision could not be recorded")]
    Ledger(E),
}

/// Why the gate cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The schema does not parse.
    #[error("access schema is invalid")]
    Schema,
    /// The policies do not parse or do not fit the schema.
    #[error("access policies are invalid")]
    Policies,
}

/// The policies, parsed and validated.
pub struct Gate {
    authorizer: Authorizer,
    policies: PolicySet,
    schema: Schema,
    types: Types,
}

struct Types {
    user: EntityTypeName,
    chart: EntityTypeName,
    workstation: EntityTypeName,
    action: EntityTypeName,
}

impl Gate {
    /// Parses the shipped policies and validates them strictly against the schema.
    ///
    /// # Errors
    /// [`GateError`] if the program was built with invalid policies.
    pub fn new() -> Result<Self, GateError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|_| GateError::Schema)?;
        let policies = PolicySet::from_str(POLICIES).map_err(|_| GateError::Policies)?;
        if !Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict).validation_passed() {
            return Err(GateError::Policies);
        }
        let name = |text| EntityTypeName::from_str(text).map_err(|_| GateError::Schema);
        let types = Types { user: name("User")?, chart: name("Chart")?, workstation: name("Workstation")?, action: name("Action")? };
        Ok(Self { authorizer: Authorizer::new(), policies, schema, types })
    }

    /// Cedar's answer: on a chart (`Some`) or on what concerns the workstation. Anything that is not a clear allow is a deny.
    ///
    /// It records nothing and permits nothing: only [`admit`] does.
    #[must_use]
    pub fn decide(&self, user: &User, action: Action, chart: Option<Circumstances>, note: Option<NoteKind>) -> bool {
        self.ask(user, action, chart, note).unwrap_or(false)
    }

    fn ask(&self, user: &User, action: Action, chart: Option<Circumstances>, note: Option<NoteKind>) -> Option<bool> {
        let uid = |kind: &EntityTypeName, id: &str| EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id));
        let text = |s: &'static str| RestrictedExpression::new_string(s.to_owned());
        let principal = uid(&self.types.user, user.user.as_str());
        let person = Entity::new(
            principal.clone(),
            [
                ("role".to_owned(), RestrictedExpression::new_string(user.role.clone())),
                ("reads".to_owned(), RestrictedExpression::new_set(user.reads().map(text))),
                ("writes".to_owned(), RestrictedExpression::new_set(user.writes().map(text))),
                ("lapsed".to_owned(), RestrictedExpression::new_bool(user.is_lapsed())),
                ("quarantined".to_owned(), RestrictedExpression::new_bool(user.is_quarantined())),
            ]
            .into(),
            Default::default(),
        )
        .ok()?;
        // The one chart or workstation that is asked about; no policy names one.
        let (resource, thing) = match chart {
            Some(facts) => {
                let id = uid(&self.types.chart, "this");
                let flags = [("known", facts.known), ("related", facts.related), ("restricted", facts.restricted)];
                let flags = flags.map(|(name, on)| (name.to_owned(), RestrictedExpression::new_bool(on)));
                (id.clone(), Entity::new(id, flags.into(), Default::default()).ok()?)
            }
            None => {
                let id = uid(&self.types.workstation, "this");
                (id.clone(), Entity::new_no_attrs(id, Default::default()))
            }
        };
        let emergency = chart.is_some_and(|facts| facts.emergency);
        let emergency = ("emergency".to_owned(), RestrictedExpression::new_bool(emergency));
        let note = note.map(|kind| ("note".to_owned(), text(kind.write().scope())));
        let context = Context::from_pairs([Some(emergency), note].into_iter().flatten()).ok()?;
        let action = uid(&self.types.action, action.as_str());
        let request = Request::new(principal, action, resource, context, Some(&self.schema)).ok()?;
        let entities = Entities::from_entities([person, thing], Some(&self.schema)).ok()?;
        Some(self.authorizer.is_authorized(&request, &self.policies, &entities).decision() == Decision::Allow)
    }
}

/// Decides, takes the decision down, and only then mints the permit.
///
/// # Errors
/// [`Refusal`]; a refusal is recorded as well.
pub fn admit<'tx, A: Act, L: Facts>(gate: &Gate, ledger: &'tx L, user: &User, target: Target) -> Result<Permit<'tx, A>, Refusal<L::Error>> {
    let Target { patient, record: thing, note, detail } = target;
    let facts = match &patient {
        Some(patient) => ledger.chart_facts(patient, user).map_err(Refusal::Ledger)?,
        None => ChartFacts::default(),
    };
    let chart = patient.as_ref().map(|_| facts.circumstances());
    let emergency = facts.emergency.is_some();
    // INVARIANT: the permit, the entry and the open keys name the same person.
    let own = *ledger.holder() == user.user;
    let allowed = own && gate.decide(user, A::ACTION, chart, note);
    let purpose = facts.emergency.as_ref().map(|grant| grant.purpose.code().to_owned());
    let subject = Subject { patient: patient.clone(), record: thing, purpose, detail, ..Subject::default() };
    let outcome = if allowed { Outcome::Allowed } else { Outcome::Refused };
    let actor = Actor { user: user.user.clone(), practitioner: user.practitioner.clone(), role: user.role.clone() };
    let recorded = record_by(ledger, Some(actor.clone()), A::ACTION, outcome, subject).map_err(Refusal::Ledger)?;
    if allowed {
        return Ok(Permit::mint(patient, actor, user.sections(), emergency, &recorded));
    }
    if !own {
        return Err(Refusal::Forbidden);
    }
    if patient.is_some() && !facts.known {
        return Err(Refusal::Unknown);
    }
    let glass_would_help = !emergency
        && gate.decide(user, A::ACTION, chart.map(|facts| Circumstances { emergency: true, ..facts }), note)
        && gate.decide(user, Action::BreakGlass, chart, None);
    Err(if glass_would_help { Refusal::BreakGlassRequired } else { Refusal::Forbidden })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::cell::RefCell;
    use std::convert::Infallible;

    use audit::{Digest, Entry, Head, Link, Mac, Origin};
    use chrono::{DateTime, TimeDelta};
    use kernel::{CorrelationId, GrantId, Instants, Moment, PractitionerId, UserId};

    use super::*;
    use crate::emergency::Purpose;
    use crate::permit::{ExportAudit, ReadAudit, ReadChart, SignNote};
    use crate::scopes::Permissions;

    struct NoKey;
    impl Mac for NoKey {
        fn mac(&self, _: &[u8]) -> Digest {
            Digest::GENESIS
        }
    }

    struct Memory {
        facts: ChartFacts,
        entries: RefCell<Vec<Entry>>,
        origin: Origin,
        holder: UserId,
    }

    impl Ledger for Memory {
        type Error = Infallible;
        type Key = NoKey;
        fn head(&self) -> Result<Head, Infallible> {
            Ok(Head { sequence: self.entries.borrow().len() as u64, digest: Digest::GENESIS })
        }
        fn push(&self, link: Option<Link>, entry: &Entry) -> Result<(), Infallible> {
            assert!(link.is_some());
            self.entries.borrow_mut().push(entry.clone());
            Ok(())
        }
        fn key(&self) -> &NoKey {
            &NoKey
        }
        fn origin(&self) -> &Origin {
            &self.origin
        }
    }

    impl Facts for Memory {
        fn holder(&self) -> &UserId {
            &self.holder
        }
        fn chart_facts(&self, _: &PatientId, _: &User) -> Result<ChartFacts, Infallible> {
            Ok(self.facts.clone())
        }
    }

    fn ledger(known: bool, related: bool, restricted: bool, emergency: bool) -> Memory {
        let now = Instants { wall: DateTime::UNIX_EPOCH + TimeDelta::days(20_000), boot: Moment(1) };
        let emergency = emergency.then(|| EmergencyGrant {
            grant: GrantId::random(),
            number: None,
            user: UserId::new("u1").unwrap(),
            patient: patient(),
            purpose: Purpose::EmergencyTreatment,
            began: now.wall,
            until: now.wall + TimeDelta::hours(1),
            boot_id: "b".into(),
            until_boot: Moment(2),
        });
        let origin = Origin {
            actor: None,
            at: now,
            boot_id: "b".into(),
            correlation: CorrelationId::random(),
            workstation: "w".into(),
            address: None,
            client: "test",
            device: None,
        };
        let facts = ChartFacts { known, related, restricted, emergency };
        Memory { facts, entries: RefCell::default(), origin, holder: UserId::new("u1").unwrap() }
    }

    fn patient() -> PatientId {
        PatientId::new("pat-1").unwrap()
    }

    fn user(read: &[&str], write: &[&str]) -> User {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let granted = Permissions { ehr_read: own(read), ehr_write: own(write), ..Permissions::default() };
        User::new(UserId::new("u1").unwrap(), PractitionerId::new("pr-1").unwrap(), "role".into(), &granted)
    }

    fn physician() -> User {
        user(&["patient.*", "medication_history"], &["progress_notes"])
    }

    fn tried<A: Act>(ledger: &Memory, who: &User, target: Target) -> &'static str {
        let gate = Gate::new().unwrap();
        match admit::<A, _>(&gate, ledger, who, target) {
            Ok(permit) => {
                assert_eq!(permit.audit_sequence(), ledger.entries.borrow().len() as u64);
                "allowed"
            }
            Err(Refusal::Forbidden) => "forbidden",
            Err(Refusal::BreakGlassRequired) => "break-glass",
            Err(Refusal::Unknown) => "unknown",
        }
    }

    #[test]
    fn ordinary_access_needs_a_relation_and_no_restriction() {
        let chart = || Target::chart(patient());
        assert_eq!(tried::<ReadChart>(&ledger(true, true, false, false), &physician(), chart()), "allowed");
        assert_eq!(tried::<ReadChart>(&ledger(true, false, false, false), &physician(), chart()), "break-glass");
        assert_eq!(tried::<ReadChart>(&ledger(true, true, true, false), &physician(), chart()), "break-glass");
        assert_eq!(tried::<ReadChart>(&ledger(true, false, true, true), &physician(), chart()), "allowed");
        assert_eq!(tried::<ReadChart>(&ledger(false, true, false, false), &physician(), chart()), "unknown");
        assert_eq!(tried::<SignNote>(&ledger(true, false, false, true), &physician(), chart()), "allowed");
    }

    #[test]
    fn roles_bound_what_break_glass_can_do() {
        let billing = user(&["patient.demographics", "patient.claims"], &["claims"]);
        let chart = || Target::chart(patient());
        assert_eq!(tried::<ReadChart>(&ledger(true, false, false, false), &billing, chart()), "forbidden");
        assert_eq!(tried::<SignNote>(&ledger(true, true, false, false), &billing, chart()), "forbidden");
        assert_eq!(tried::<SignNote>(&ledger(true, true, false, true), &billing, chart()), "forbidden");
        assert_eq!(tried::<ReadAudit>(&ledger(true, true, false, false), &physician(), Target::workstation()), "forbidden");
        let officer = user(&["audit.*"], &[]);
        assert_eq!(tried::<ExportAudit>(&ledger(true, true, false, false), &officer, Target::workstation()), "allowed");
    }

    #[test]
    fn every_decision_leaves_one_entry() {
        let store = ledger(true, false, false, false);
        tried::<ReadChart>(&store, &physician(), Target::chart(patient()));
        let entries = store.entries.borrow();
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].action, entries[0].outcome), (Action::ReadChart, Outcome::Refused));
        assert_eq!(entries[0].actor.as_ref().map(|actor| actor.user.as_str()), Some("u1"));
        assert_eq!(entries[0].subject.patient, Some(patient()));
    }

    #[test]
    fn nobody_is_decided_for_but_whose_keys_are_open() {
        let mut store = ledger(true, true, false, true);
        store.holder = UserId::new("u2").unwrap();
        assert_eq!(tried::<ReadChart>(&store, &physician(), Target::chart(patient())), "forbidden");
        let entries = store.entries.borrow();
        assert_eq!((entries.len(), entries[0].outcome), (1, Outcome::Refused));
    }

    #[test]
    fn emergency_use_carries_its_purpose() {
        let store = ledger(true, false, false, true);
        tried::<ReadChart>(&store, &physician(), Target::chart(patient()));
        assert_eq!(store.entries.borrow()[0].subject.purpose.as_deref(), Some("ETREAT"));
    }

    #[test]
    fn an_expired_lease_leaves_emergency_access() {
        let lapsed = || physician().lapsed(true);
        let chart = || Target::chart(patient());
        assert_eq!(tried::<ReadChart>(&ledger(true, true, false, false), &lapsed(), chart()), "break-glass");
        assert_eq!(tried::<ReadChart>(&ledger(true, true, false, true), &lapsed(), chart()), "allowed");
        assert_eq!(tried::<SignNote>(&ledger(true, true, false, true), &lapsed(), chart()), "allowed");
    }

    #[test]
    fn a_workstation_act_never_opens_a_chart() {
        assert_eq!(tried::<ReadChart>(&ledger(true, true, false, true), &physician(), Target::workstation()), "forbidden");
    }
}
