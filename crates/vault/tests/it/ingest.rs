//! Taking in what the EHR sent: idempotent, in any order, never over local work.
use access::{Ingest, OpenIndex, Push, ReadChart, SignNote, Target};
use sync::{Ingested, Member, Tier, Tombstone};
use vault::{Arrival, NewRecord, OpenVault, State};

use crate::support::{
    ADA, BEN, No, Ward, arrival, at, care_team, incoming, kind, patient, patient_record, record_id, sql, text, user_id, versioned,
};

fn observation(body: &str) -> Arrival {
    arrival("Observation", "obs-1", "pat-1", body)
}

fn bury(ward: &Ward, vault: &mut OpenVault, kind_name: &str, id: &str, minute: Option<i64>) -> u32 {
    let stone = Tombstone { kind: kind(kind_name), id: record_id(id), deleted_at: minute.map(at) };
    ward.work(vault, |tx| Ok(tx.bury(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?, &[stone])?)).unwrap()
}

fn held(ward: &Ward, vault: &mut OpenVault, of: &str, kind_name: &str, id: &str) -> Option<(State, String)> {
    let row = ward.work(vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient(of)))?;
        Ok(tx.record(&permit, &kind(kind_name), &record_id(id))?)
    });
    row.ok().map(|row| (row.state, row.body.expose().to_string()))
}

fn shown(ward: &Ward, vault: &mut OpenVault) -> Option<String> {
    held(ward, vault, "pat-1", "Observation", "obs-1").map(|(_, body)| body)
}

fn ward() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    (ward, vault)
}

#[test]
fn the_same_page_twice_changes_nothing() {
    let (ward, mut vault) = ward();
    let page = || [observation("one"), arrival("Condition", "con-1", "pat-1", "{}"), patient_record("pat-2", "1", 0)];
    assert_eq!(ward.file(&mut vault, &page()), Ingested { added: 3, ..Ingested::default() });
    assert_eq!(ward.file(&mut vault, &page()), Ingested { unchanged: 3, ..Ingested::default() });
    let counts = ward.work(&mut vault, |tx| Ok(tx.counts(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?)).unwrap();
    let counts: Vec<_> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counts, [("CareTeam", 1), ("Condition", 1), ("Observation", 1), ("Patient", 2)]);
}

#[test]
fn versions_may_come_in_any_order_and_the_latest_stays() {
    let (ward, mut vault) = ward();
    for (number, minute, expected) in [("2", 20, "v2"), ("1", 10, "v2"), ("3", 30, "v3"), ("2", 20, "v3"), ("3", 30, "v3")] {
        ward.file(&mut vault, &[versioned(observation(&format!("v{number}")), number, minute)]);
        assert_eq!(shown(&ward, &mut vault).as_deref(), Some(expected), "after version {number}");
    }
}

#[test]
fn an_ehr_without_versions_or_times_is_believed_in_the_order_it_speaks() {
    let (ward, mut vault) = ward();
    let bare = |body: &str, minute: Option<i64>| {
        let mut arrival = observation(body);
        (arrival.incoming.version, arrival.incoming.last_updated) = (None, minute.map(at));
        arrival
    };
    for (body, minute, expected) in
        [("a", None, "a"), ("b", None, "b"), ("c", Some(5), "c"), ("old", Some(4), "c"), ("d", Some(5), "d"), ("e", None, "e")]
    {
        ward.file(&mut vault, &[bare(body, minute)]);
        assert_eq!(shown(&ward, &mut vault).as_deref(), Some(expected));
    }
    let counts = ward.work(&mut vault, |tx| Ok(tx.counts(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(counts[&kind("Observation")], 1, "the EHR's own, though it has no version");
}

#[test]
fn a_tombstone_hides_what_was_until_then() {
    let (ward, mut vault) = ward();
    ward.file(&mut vault, &[versioned(observation("v1"), "1", 10)]);
    assert_eq!(bury(&ward, &mut vault, "Observation", "obs-1", Some(9)), 0, "older than what is held");
    assert_eq!(shown(&ward, &mut vault).as_deref(), Some("v1"));
    assert_eq!(bury(&ward, &mut vault, "Observation", "obs-1", Some(20)), 1);
    assert_eq!(bury(&ward, &mut vault, "Observation", "obs-1", Some(15)), 0, "an older one does not take the later one's place");
    for (number, minute) in [("1", 10), ("2", 19), ("3", 20)] {
        assert_eq!(ward.file(&mut vault, &[versioned(observation("old"), number, minute)]).unchanged, 1);
        assert_eq!(shown(&ward, &mut vault), None, "version of minute {minute}");
    }
    ward.file(&mut vault, &[versioned(observation("again"), "4", 21)]);
    assert_eq!(shown(&ward, &mut vault).as_deref(), Some("again"));
    ward.file(&mut vault, &[versioned(observation("and on"), "5", 22)]);
    assert_eq!(shown(&ward, &mut vault).as_deref(), Some("and on"));
}

#[test]
fn a_tombstone_of_what_was_never_held_is_remembered() {
    let (ward, mut vault) = ward();
    assert_eq!(bury(&ward, &mut vault, "Observation", "obs-1", Some(20)), 0);
    ward.file(&mut vault, &[versioned(observation("old"), "1", 10)]);
    assert_eq!(shown(&ward, &mut vault), None);
    let mut timeless = observation("timeless");
    timeless.incoming.last_updated = None;
    ward.file(&mut vault, &[timeless]);
    assert_eq!(shown(&ward, &mut vault), None, "nothing says that it is not the deleted version");
    ward.file(&mut vault, &[versioned(observation("new"), "2", 21)]);
    assert_eq!(shown(&ward, &mut vault).as_deref(), Some("new"));
}

#[test]
fn a_tombstone_without_a_time_hides_what_is_held_and_what_was_before() {
    let (ward, mut vault) = ward();
    ward.minutes_pass(30);
    ward.file(&mut vault, &[versioned(observation("v1"), "1", 10)]);
    assert_eq!(bury(&ward, &mut vault, "Observation", "obs-1", None), 1);
    ward.file(&mut vault, &[versioned(observation("v2"), "2", 29)]);
    assert_eq!(shown(&ward, &mut vault), None, "a version between the held one and the deletion");
    ward.file(&mut vault, &[versioned(observation("v4"), "4", 31)]);
    assert_eq!(shown(&ward, &mut vault).as_deref(), Some("v4"), "made again later");
    // Held later than this workstation's clock says: hidden whatever its time.
    ward.file(&mut vault, &[versioned(observation("v5"), "5", 500)]);
    assert_eq!(bury(&ward, &mut vault, "Observation", "obs-1", None), 1);
    assert_eq!(shown(&ward, &mut vault), None);
}

#[test]
fn a_record_that_moves_is_in_one_chart_only() {
    let (ward, mut vault) = ward();
    ward.admit_patient(&mut vault, "pat-2");
    ward.file(&mut vault, &[observation("{}")]);
    let mut moved = versioned(arrival("Observation", "obs-1", "pat-2", "{}"), "2", 20);
    moved.filing.code = Some("http://loinc.org|8480-6".into());
    assert_eq!(ward.file(&mut vault, &[moved]).replaced, 1);
    assert_eq!(held(&ward, &mut vault, "pat-1", "Observation", "obs-1"), None);
    assert!(held(&ward, &mut vault, "pat-2", "Observation", "obs-1").is_some());
}

#[test]
fn a_patient_resource_belongs_to_itself() {
    let (ward, mut vault) = ward();
    let mut stray = patient_record("pat-2", "1", 0);
    stray.incoming.patient = Some(patient("pat-1"));
    ward.file(&mut vault, &[stray]);
    let (cards, _) = ward.work(&mut vault, |tx| Ok(tx.cards(&ward.permit::<OpenIndex>(tx, ADA, Target::workstation())?)?)).unwrap();
    let mut ids: Vec<_> = cards.iter().map(|card| (card.patient.as_str(), card.entry.as_ref().unwrap().expose().clone())).collect();
    ids.sort();
    assert_eq!(ids, [("pat-1", b"card of pat-1".to_vec()), ("pat-2", b"card of pat-2".to_vec())]);
}

#[test]
fn records_of_one_code_lie_together_and_move_when_the_code_changes() {
    let (ward, mut vault) = ward();
    let coded = |id: &str, code: &str, number: &str| {
        let mut arrival = versioned(arrival("Observation", id, "pat-1", "{}"), number, number.parse().unwrap());
        arrival.filing.code = Some(code.into());
        arrival
    };
    ward.file(&mut vault, &[coded("a", "x", "1"), coded("b", "y", "1"), coded("c", "x", "1"), coded("d", "y", "1")]);
    ward.file(&mut vault, &[coded("b", "x", "2")]);
    drop(vault.lock());
    sql(
        &ward,
        "CREATE TABLE counted AS SELECT (key >> 24) & 1023 AS slot, count(*) AS n FROM record WHERE kind = 8 GROUP BY 1;
         CREATE TABLE found (one INTEGER CHECK (one = 1)) STRICT;
         INSERT INTO found SELECT (SELECT group_concat(slot || ':' || n) FROM (SELECT * FROM counted ORDER BY slot)) = '1:3,2:1';",
    );
}

#[test]
fn many_patients_types_and_codes_keep_apart() {
    let (ward, mut vault) = Ward::new();
    let mut page = Vec::new();
    for p in 0..40 {
        page.push(patient_record(&format!("pat-{p}"), "1", 0));
        for n in 0..40 {
            let kind_name = format!("Kind{}", char::from(b'A' + u8::try_from(n % 20).unwrap()));
            let mut arrival = arrival(&kind_name, &format!("r-{p}-{n}"), &format!("pat-{p}"), &format!("{p}/{n}"));
            arrival.filing.code = Some(format!("code {}", n % 7).into());
            page.push(arrival);
        }
    }
    assert_eq!(ward.file(&mut vault, &page).added, 40 * 41);
    for p in [0, 17, 39] {
        let id = format!("pat-{p}");
        ward.file(&mut vault, &[crate::support::care_team(&id, ADA)]);
        let chart = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient(&id)))?)?)).unwrap();
        assert_eq!(chart.rows.len(), 42);
        let own = chart.rows.iter().filter(|row| row.body.expose().starts_with(&format!("{p}/"))).count();
        assert_eq!(own, 40);
    }
}

#[test]
fn local_work_stays_on_screen_while_the_ehrs_side_is_kept_beside_it() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "ours");
    let note = |body: &str, number: &str, minute| versioned(arrival("DocumentReference", "note-1", "pat-1", body), number, minute);
    for (number, minute, side) in [("1", 10, "theirs 1"), ("3", 30, "theirs 3"), ("2", 20, "theirs 3"), ("3", 30, "theirs 3")] {
        assert_eq!(ward.file(&mut vault, &[note(&format!("theirs {number}"), number, minute)]).unchanged, 1);
        assert_eq!(held(&ward, &mut vault, "pat-1", "DocumentReference", "note-1"), Some((State::LocalOnly, "ours".to_owned())));
        assert_eq!(ehr_side(&ward, &mut vault, "note-1"), Some(Some(side.to_owned())), "histories come newest first");
    }
    assert_eq!(bury(&ward, &mut vault, "DocumentReference", "note-1", Some(40)), 0);
    assert_eq!(held(&ward, &mut vault, "pat-1", "DocumentReference", "note-1"), Some((State::LocalOnly, "ours".to_owned())));
    assert_eq!(ehr_side(&ward, &mut vault, "note-1"), Some(None), "deleted there, not here");
    let outbox = ward.work(&mut vault, |tx| Ok(tx.outgoing(&ward.permit::<Push>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(outbox.iter().map(|out| &**out.body.expose()).collect::<Vec<_>>(), ["ours"]);
    let counts = ward.work(&mut vault, |tx| Ok(tx.counts(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(counts.get(&kind("DocumentReference")), None, "never acknowledged");
}

fn enter(ward: &Ward, vault: &mut OpenVault, id: &str, body: &str) {
    let new = NewRecord {
        kind: kind("DocumentReference"),
        id: record_id(id),
        patient: patient("pat-1"),
        body: text(body),
        filing: vault::Filing::default(),
    };
    ward.work(vault, |tx| Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, Target::chart(patient("pat-1")))?, new)?)).unwrap();
}

/// The EHR's side, if kept: its text, `None` for deleted.
fn ehr_side(ward: &Ward, vault: &mut OpenVault, id: &str) -> Option<Option<String>> {
    let side = ward.work(vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?;
        Ok(tx.ehr_side(&permit, &kind("DocumentReference"), &record_id(id))?)
    });
    side.unwrap().map(|side| side.body.map(|body| body.expose().to_string()))
}

#[test]
fn a_deleted_patient_is_no_longer_found_unless_work_would_go_with_it() {
    let (ward, mut vault) = ward();
    ward.admit_patient(&mut vault, "pat-2");
    enter(&ward, &mut vault, "note-1", "unsent");
    assert_eq!(bury(&ward, &mut vault, "Patient", "pat-1", Some(50)), 1);
    assert_eq!(bury(&ward, &mut vault, "Patient", "pat-2", Some(50)), 1);
    let (cards, _) = ward.work(&mut vault, |tx| Ok(tx.cards(&ward.permit::<OpenIndex>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(cards.iter().map(|card| card.patient.as_str()).collect::<Vec<_>>(), ["pat-1"]);
    assert!(held(&ward, &mut vault, "pat-1", "DocumentReference", "note-1").is_some());
}

#[test]
fn a_page_that_fails_leaves_nothing() {
    let (ward, mut vault) = ward();
    let failed = ward.work(&mut vault, |tx| {
        let permit = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
        tx.file(&permit, &[observation("{}")])?;
        tx.keep_members(&permit, &[Member { patient: patient("pat-9"), tier: Tier::Today, complete: true }])?;
        tx.keep_shared(&permit, "checkpoint", &text("after"))?;
        Err::<(), _>(No::Forbidden)
    });
    assert_eq!(failed, Err(No::Forbidden));
    assert_eq!(shown(&ward, &mut vault), None);
    let (members, checkpoint) = ward
        .work(&mut vault, |tx| {
            let permit = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
            Ok((tx.members(&permit)?, tx.shared(&permit, "checkpoint")?))
        })
        .unwrap();
    assert_eq!((members, checkpoint), (vec![], None));
}

#[test]
fn panel_rows_replace_one_another_and_say_how_far_a_chart_has_come() {
    let (ward, mut vault) = ward();
    ward.minutes_pass(7);
    let member = |tier, complete| Member { patient: patient("pat-1"), tier, complete };
    let keep = |vault: &mut OpenVault, member: Member| {
        ward.work(vault, |tx| {
            let permit = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
            tx.keep_members(&permit, std::slice::from_ref(&member))?;
            assert_eq!(tx.members(&permit)?, [member]);
            Ok(())
        })
        .unwrap();
    };
    let standing = |vault: &mut OpenVault| {
        ward.work(vault, |tx| Ok(tx.note_opened(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?)).unwrap()
    };
    keep(&mut vault, member(Tier::Practice, false));
    assert_eq!(standing(&mut vault).as_of, None);
    keep(&mut vault, member(Tier::Today, true));
    assert_eq!((standing(&mut vault).complete, standing(&mut vault).as_of), (true, Some(at(7))));
    ward.minutes_pass(3);
    let all_current = |vault: &mut OpenVault, as_of| {
        ward.work(vault, |tx| Ok(tx.all_current(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?, as_of)?)).unwrap();
    };
    all_current(&mut vault, at(9));
    assert_eq!(standing(&mut vault).as_of, Some(at(9)), "as of the look's beginning, not of its end");
    all_current(&mut vault, at(2));
    assert_eq!(standing(&mut vault).as_of, Some(at(9)), "what an earlier opening knew makes nothing newer, nor older");
    keep(&mut vault, member(Tier::Today, false));
    assert_eq!((standing(&mut vault).complete, standing(&mut vault).as_of), (false, Some(at(9))));
}

#[test]
fn a_record_of_a_patient_not_here_yet_waits_for_him() {
    let (ward, mut vault) = ward();
    ward.file(&mut vault, &[arrival("Observation", "obs-9", "pat-9", "early")]);
    assert_eq!(held(&ward, &mut vault, "pat-9", "Observation", "obs-9"), None, "no Patient resource, no chart");
    ward.admit_patient(&mut vault, "pat-9");
    assert_eq!(held(&ward, &mut vault, "pat-9", "Observation", "obs-9").map(|(_, body)| body).as_deref(), Some("early"));
    let whole = incoming("Observation", "obs-9", Some("pat-9"), "early");
    assert_eq!(ward.file(&mut vault, &[Arrival { incoming: whole, filing: vault::Filing::default() }]).unchanged, 1);
}

#[test]
fn how_far_a_chart_has_come_is_known_for_each_clinician_apart() {
    let (ward, mut vault) = ward();
    let whole = Member { patient: patient("pat-1"), tier: Tier::Today, complete: true };
    ward.work(&mut vault, |tx| {
        let permit = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
        tx.keep_members(&permit, std::slice::from_ref(&whole))?;
        assert_eq!(tx.current_as_of(&user_id(ADA))?, Some(at(0)));
        Ok(())
    })
    .unwrap();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    let mut team = care_team("pat-1", BEN);
    team.incoming.id = record_id("bens-team");
    ward.work_of(BEN, &mut vault, |tx| {
        let permit = ward.permit::<Ingest>(tx, BEN, Target::workstation())?;
        tx.file(&permit, &[team])?;
        assert_eq!(tx.members(&permit)?, []);
        // Nothing is whole for him before the EHR has answered him.
        let standing = tx.note_opened(&ward.permit::<ReadChart>(tx, BEN, Target::chart(patient("pat-1")))?)?;
        assert_eq!((standing.complete, standing.as_of, tx.current_as_of(&user_id(BEN))?), (false, None, None));
        tx.keep_members(&permit, &[Member { complete: false, ..whole.clone() }])?;
        assert_eq!(tx.current_as_of(&user_id(BEN))?, None);
        Ok(())
    })
    .unwrap();
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    let members = ward.work(&mut vault, |tx| Ok(tx.members(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?));
    assert_eq!(members.unwrap(), [whole], "Ada's is as it was");
}
