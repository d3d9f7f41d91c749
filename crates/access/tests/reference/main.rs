//! The gate against a second evaluator, written from the tables of the room's README and sharing nothing with it: every role and
//! action under every circumstance, then triples at random.
//!
//! `SATCHEL_TRIPLES` says how many (10,000 by default), `SATCHEL_SEED` which:
//! `cargo xtask access-triples` takes a million.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
mod draw;
mod tables;

use std::num::NonZero;
use std::thread;

use access::{Circumstances, Gate, NoteKind, Permissions, User};
use audit::Action;
use kernel::{PractitionerId, UserId};

use draw::{Draw, ROLES, TYPES};

/// Who asks, as the EHR's token says it.
#[derive(Clone, Debug, Default)]
struct Asker {
    role: &'static str,
    read: Vec<&'static str>,
    write: Vec<&'static str>,
    scope: Option<String>,
    by_role: bool,
    lapsed: bool,
    quarantined: bool,
}

impl Asker {
    fn compiled(&self) -> User {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let granted = Permissions {
            ehr_read: own(&self.read),
            ehr_write: own(&self.write),
            scope: self.scope.clone(),
            by_role: self.by_role,
            until: None,
        };
        let (user, practitioner) = (UserId::new("u").unwrap(), PractitionerId::new("p").unwrap());
        User::new(user, practitioner, self.role.into(), &granted).lapsed(self.lapsed).quarantined(self.quarantined)
    }
}

/// What a chart is to the asker: held, related, restricted, glass broken. `None`: the workstation is asked about.
type Chart = Option<Circumstances>;

fn agree(gate: &Gate, asker: &Asker, user: &User, action: Action, chart: Chart, note: Option<NoteKind>) -> bool {
    let expected = tables::decides(asker, action.as_str(), chart, note.map(|kind| kind.write().scope()));
    let decided = gate.decide(user, action, chart, note);
    assert_eq!(decided, expected, "{asker:?} {action:?} {chart:?} {note:?}");
    decided
}

/// Every chart that is held, one that is not (whatever else speaks for it), and the workstation.
fn every_chart() -> impl Iterator<Item = Chart> {
    let bit = |set: u8, at: u8| set >> at & 1 == 1;
    let held = (0..8).map(move |set| Circumstances { known: true, related: bit(set, 0), restricted: bit(set, 1), emergency: bit(set, 2) });
    let absent = Circumstances { known: false, related: true, restricted: false, emergency: true };
    held.chain([absent]).map(Some).chain([None])
}

fn charted(action: Action) -> bool {
    matches!(action, Action::WriteDraft | Action::SignNote)
}

#[test]
fn every_role_and_action_under_every_circumstance() {
    let gate = Gate::new().unwrap();
    let mut allowed = 0;
    for role in ROLES.into_iter().filter(|role| !matches!(*role, "Doctor" | "icu_nurse" | "janitor")) {
        for lapsed in [false, true] {
            let asker = Asker { role, scope: Some("openid user/*.cruds".into()), by_role: true, lapsed, ..Asker::default() };
            let user = asker.compiled();
            for action in Action::ALL {
                for chart in every_chart() {
                    allowed += u32::from(agree(&gate, &asker, &user, *action, chart, None));
                }
                for note in NoteKind::ALL.into_iter().filter(|_| charted(*action)) {
                    let chart = Circumstances { known: true, related: true, ..Circumstances::default() };
                    allowed += u32::from(agree(&gate, &asker, &user, *action, Some(chart), Some(note)));
                }
            }
        }
    }
    assert!(allowed > 500, "{allowed}");
}

#[test]
fn triples_at_random() {
    let set = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let (triples, seed) = (set("SATCHEL_TRIPLES").unwrap_or(10_000), set("SATCHEL_SEED").unwrap_or(1));
    let gate = Gate::new().unwrap();
    let workers = thread::available_parallelism().map_or(1, NonZero::get) as u64;
    let (mut allowed, mut shown) = (0, 0);
    thread::scope(|scope| {
        let run = |worker: u64| {
            let (gate, mut allowed, mut shown) = (&gate, 0_u64, 0_u64);
            move || {
                for triple in (worker..triples).step_by(usize::try_from(workers).unwrap()) {
                    let mut draw = Draw(seed << 32 ^ triple.wrapping_mul(0xD134_2543_DE82_EF95));
                    let asker = draw.asker();
                    let user = asker.compiled();
                    let action = draw.of(Action::ALL);
                    let chart = if draw.one_in(3) { None } else { Some(draw.chart()) };
                    let note = (charted(action) && draw.one_in(2)).then(|| draw.of(&NoteKind::ALL));
                    allowed += u64::from(agree(gate, &asker, &user, action, chart, note));
                    let kind = draw.of(TYPES);
                    assert_eq!(user.sections().show(kind), tables::shows(&asker, kind), "{asker:?} {kind}");
                    shown += u64::from(user.sections().show(kind));
                }
                (allowed, shown)
            }
        };
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(run(worker))).collect();
        for worker in running {
            let (more, seen) = worker.join().unwrap();
            allowed += more;
            shown += seen;
        }
    });
    // A test in which almost nothing, or almost everything, is allowed proves little.
    assert!(allowed * 20 > triples && allowed * 20 < triples * 19, "{allowed} of {triples} allowed");
    assert!(shown * 20 > triples && shown * 20 < triples * 19, "{shown} of {triples} shown");
    println!("{triples} triples agree; {allowed} allowed, {shown} records shown");
}

#[test]
fn billing_sees_no_note_and_a_nurse_prescribes_nothing() {
    let gate = Gate::new().unwrap();
    let billing = Asker { role: "billing", scope: Some("user/*.cruds".into()), by_role: true, ..Asker::default() }.compiled();
    assert!(!billing.sections().show("DocumentReference"));
    let nurse = Asker { role: "nurse", scope: Some("user/*.cruds".into()), by_role: true, ..Asker::default() }.compiled();
    for chart in every_chart() {
        for action in [Action::WriteDraft, Action::SignNote, Action::WriteVitals, Action::Prescribe] {
            assert!(!gate.decide(&billing, action, chart, None));
        }
        assert!(!gate.decide(&nurse, Action::Prescribe, chart, None) && !gate.decide(&nurse, Action::PlaceOrder, chart, None));
    }
    let own = Some(Circumstances { known: true, related: true, ..Circumstances::default() });
    assert!(gate.decide(&nurse, Action::WriteVitals, own, None) && gate.decide(&nurse, Action::AdministerMedication, own, None));
}
