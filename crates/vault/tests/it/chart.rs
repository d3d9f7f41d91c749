//! Reading: what a permit shows, and what it does not.
use access::{DeskMemory, OpenIndex, Pin, ReadChart, ReadSchedule, Target, User};
use vault::{Arrival, ChartRows, OpenVault, VaultError};

use crate::support::{ADA, BEN, No, Ward, arrival, care_team, kind, patient, patient_record, physician, record_id, sql, user};

/// Two patients: Ada cares for both; the first has one record of every sort a role may or may not see.
fn filled() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    for id in ["pat-1", "pat-2"] {
        ward.admit_patient(&mut vault, id);
    }
    let mut secret = arrival("Condition", "con-2", "pat-1", r#"{"code":"restricted"}"#);
    secret.filing.restricted = true;
    ward.file(
        &mut vault,
        &[
            arrival("Condition", "con-1", "pat-1", r#"{"code":"open"}"#),
            secret,
            arrival("Observation", "obs-1", "pat-1", "{}"),
            arrival("DocumentReference", "doc-1", "pat-1", "{}"),
            arrival("Claim", "claim-1", "pat-1", "{}"),
            arrival("Observation", "obs-2", "pat-2", "{}"),
        ],
    );
    (ward, vault)
}

fn chart(ward: &Ward, vault: &mut OpenVault, who: &User, of: &str) -> Result<ChartRows, No> {
    ward.work(vault, |tx| Ok(tx.chart(&ward.permit_for::<ReadChart>(tx, who, Target::chart(patient(of)))?)?))
}

fn kinds(chart: &ChartRows) -> Vec<&str> {
    chart.rows.iter().map(|row| &*row.kind).collect()
}

#[test]
fn a_chart_holds_its_own_records_and_no_others() {
    let (ward, mut vault) = filled();
    let one = chart(&ward, &mut vault, &physician(ADA), "pat-1").unwrap();
    assert_eq!(kinds(&one), ["Patient", "Condition", "Observation", "DocumentReference", "CareTeam", "Claim"]);
    assert_eq!((one.withheld, one.unreadable.len()), (1, 0));
    let two = chart(&ward, &mut vault, &physician(ADA), "pat-2").unwrap();
    assert_eq!(kinds(&two), ["Patient", "Observation", "CareTeam"]);
}

#[test]
fn a_role_sees_its_sections() {
    let (ward, mut vault) = filled();
    let billing = user(ADA, "billing", &["patient.demographics", "patient.claims"], &[]);
    let seen = chart(&ward, &mut vault, &billing, "pat-1").unwrap();
    assert_eq!(kinds(&seen), ["Patient", "Claim"]);
    assert_eq!(seen.withheld, 0, "what the role does not show is not counted either");
    let lab = user(ADA, "lab", &["patient.demographics", "patient.labs"], &[]);
    assert_eq!(kinds(&chart(&ward, &mut vault, &lab, "pat-1").unwrap()), ["Patient", "Observation"]);
    let record = |who: &User, kind_name: &str, id: &str, vault: &mut OpenVault| {
        ward.work(vault, |tx| {
            let permit = ward.permit_for::<ReadChart>(tx, who, Target::chart(patient("pat-1")))?;
            Ok(tx.record(&permit, &kind(kind_name), &record_id(id))?.body.expose().to_string())
        })
    };
    let not_found = Err(No::Vault(VaultError::NotFound));
    assert_eq!(record(&billing, "Claim", "claim-1", &mut vault), Ok("{}".to_owned()));
    assert_eq!(record(&billing, "Observation", "obs-1", &mut vault), not_found);
    assert_eq!(record(&physician(ADA), "Condition", "con-1", &mut vault), Ok(r#"{"code":"open"}"#.to_owned()));
    assert_eq!(record(&physician(ADA), "Condition", "con-2", &mut vault), not_found, "restricted");
    assert_eq!(record(&physician(ADA), "Observation", "obs-2", &mut vault), not_found, "of another chart");
    assert_eq!(record(&physician(ADA), "Observation", "con-1", &mut vault), not_found, "of another type");
}

#[test]
fn a_chart_opens_to_those_who_care_for_the_patient() {
    let (ward, vault) = filled();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    let ask = |vault: &mut OpenVault, of: &str| {
        ward.work_of(BEN, vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, BEN, Target::chart(patient(of)))?)?.rows.len()))
    };
    assert_eq!(ask(&mut vault, "pat-1"), Err(No::BreakGlass));
    assert_eq!(ask(&mut vault, "nobody"), Err(No::Unknown));
    // Ben joins the care team; a relation that is over, or not begun, is none.
    for (begins, ends, expected) in [(0, 1, Err(No::BreakGlass)), (i64::MAX - 1, i64::MAX, Err(No::BreakGlass)), (0, i64::MAX, Ok(3))] {
        let mut team = care_team("pat-2", BEN);
        team.incoming.version = None;
        (team.filing.relations[0].begins, team.filing.relations[0].ends) = (begins, ends);
        let filed = ward.work_of(BEN, &mut vault, |tx| Ok(tx.file(&ward.permit(tx, BEN, Target::workstation())?, &[team])?)).unwrap();
        assert_eq!(filed.replaced, 1);
        assert_eq!(ask(&mut vault, "pat-2"), expected);
    }
}

#[test]
fn a_restricted_patient_needs_the_glass_broken_until_the_label_is_lifted() {
    let (ward, mut vault) = filled();
    for (number, restricted, expected) in [("2", true, Some(No::BreakGlass)), ("3", false, None)] {
        let mut labelled = patient_record("pat-2", number, number.parse().unwrap());
        labelled.filing.restricted = restricted;
        ward.file(&mut vault, &[labelled]);
        assert_eq!(chart(&ward, &mut vault, &physician(ADA), "pat-2").err(), expected);
        let (cards, _) = ward.work(&mut vault, |tx| Ok(tx.cards(&ward.permit::<OpenIndex>(tx, ADA, Target::workstation())?)?)).unwrap();
        let card = cards.iter().find(|card| card.patient == patient("pat-2")).unwrap();
        assert_eq!(card.restricted, restricted, "found all the same, and marked");
    }
}

#[test]
fn nobody_borrows_a_colleagues_name() {
    let (ward, mut vault) = filled();
    // Ada's keys are open; whatever name the caller passes, no other is decided for.
    assert_eq!(chart(&ward, &mut vault, &physician(BEN), "pat-1").err(), Some(No::Forbidden));
}

#[test]
fn an_unreadable_record_is_shown_as_such() {
    let (ward, vault) = filled();
    drop(vault.lock());
    sql(&ward, "UPDATE record SET body = zeroblob(100) WHERE kind = 8; UPDATE patient SET card = zeroblob(64) WHERE row = 2;");
    let mut vault = ward.open(ADA).unwrap();
    let seen = chart(&ward, &mut vault, &physician(ADA), "pat-1").unwrap();
    assert_eq!(kinds(&seen), ["Patient", "Condition", "DocumentReference", "CareTeam", "Claim"]);
    assert_eq!(seen.unreadable.iter().map(|row| &*row.kind).collect::<Vec<_>>(), ["Observation"]);
    let (cards, unreadable) =
        ward.work(&mut vault, |tx| Ok(tx.cards(&ward.permit::<OpenIndex>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!((cards.len(), unreadable), (1, 1));
}

#[test]
fn a_body_put_in_another_records_place_does_not_open() {
    let (ward, mut vault) = filled();
    ward.file(&mut vault, &[arrival("Observation", "obs-3", "pat-1", r#"{"value":"other"}"#)]);
    drop(vault.lock());
    sql(
        &ward,
        "CREATE TEMP TABLE t AS SELECT key, body FROM record WHERE kind = 8 AND key < (2 << 39);
         UPDATE record SET body = (SELECT body FROM t WHERE t.key <> record.key) WHERE key IN (SELECT key FROM t);",
    );
    let mut vault = ward.open(ADA).unwrap();
    let seen = chart(&ward, &mut vault, &physician(ADA), "pat-1").unwrap();
    assert_eq!(seen.unreadable.len(), 2);
}

fn appointment(id: &str, of: &str, date: i64) -> Arrival {
    let mut arrival = arrival("Appointment", id, of, &format!(r#"{{"id":"{id}"}}"#));
    arrival.filing.date = date;
    arrival
}

#[test]
fn the_schedule_is_the_days_and_withholds_restricted_appointments() {
    let (ward, mut vault) = filled();
    let mut restricted = appointment("app-4", "pat-2", 150);
    restricted.filing.restricted = true;
    let day = [appointment("app-1", "pat-1", 200), appointment("app-2", "pat-2", 100), appointment("app-3", "pat-1", 99), restricted];
    ward.file(&mut vault, &day);
    let day = ward.work(&mut vault, |tx| Ok(tx.appointments(&ward.permit::<ReadSchedule>(tx, ADA, Target::workstation())?, 100, 200)?));
    let day = day.unwrap();
    assert_eq!(day.rows.iter().map(|row| row.body.expose().as_str()).collect::<Vec<_>>(), [r#"{"id":"app-2"}"#]);
    assert_eq!(day.withheld, 1);
}

#[test]
fn the_directory_holds_what_belongs_to_nobody() {
    let (ward, mut vault) = filled();
    let mut doctor = arrival("Practitioner", "prac-ada", "pat-1", r#"{"name":"Ada"}"#);
    doctor.incoming.patient = None;
    ward.file(&mut vault, &[doctor]);
    let found = ward.work(&mut vault, |tx| Ok(tx.directory(&ward.permit::<ReadSchedule>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(kinds(&found), ["Practitioner"]);
}

#[test]
fn a_permit_for_the_workstation_opens_no_chart() {
    let (ward, mut vault) = filled();
    let seen = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, Target::workstation())?)?.rows.len()));
    assert_eq!(seen, Err(No::Forbidden));
}

#[test]
fn what_was_opened_lately_and_pinned_is_each_users_own() {
    let (ward, mut vault) = filled();
    ward.file(&mut vault, &[care_team_of_both("pat-1")]);
    let standing = |who: &'static str, vault: &mut OpenVault, of: &str| {
        ward.work_of(who, vault, |tx| Ok(tx.note_opened(&ward.permit::<ReadChart>(tx, who, Target::chart(patient(of)))?)?)).unwrap()
    };
    let recent = |who: &'static str, vault: &mut OpenVault| {
        ward.work_of(who, vault, |tx| Ok(tx.recent(&ward.permit::<DeskMemory>(tx, who, Target::workstation())?)?)).unwrap()
    };
    let pin = |vault: &mut OpenVault, of: &str, on: bool| {
        ward.work(vault, |tx| Ok(tx.pin(&ward.permit::<Pin>(tx, ADA, Target::chart(patient(of)))?, on)?)).unwrap();
    };
    let first = standing(ADA, &mut vault, "pat-1");
    assert_eq!((first.complete, first.as_of, first.pinned), (false, None, false));
    ward.minutes_pass(1);
    standing(ADA, &mut vault, "pat-2");
    assert_eq!(recent(ADA, &mut vault), [patient("pat-2"), patient("pat-1")]);
    ward.minutes_pass(1);
    pin(&mut vault, "pat-1", true);
    assert!(standing(ADA, &mut vault, "pat-1").pinned);
    assert_eq!(recent(ADA, &mut vault), [patient("pat-1"), patient("pat-2")]);

    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    assert_eq!(recent(BEN, &mut vault), []);
    assert!(!standing(BEN, &mut vault, "pat-1").pinned, "pinned by Ada, not by Ben");
    let (pinned, opened) = ward.work_of(BEN, &mut vault, |tx| Ok(tx.panel_hints(&ward.permit(tx, BEN, Target::workstation())?)?)).unwrap();
    assert_eq!((pinned, opened.len()), (vec![patient("pat-1")], 2), "the panel knows everybody's");
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    pin(&mut vault, "pat-1", false);
    assert!(!standing(ADA, &mut vault, "pat-1").pinned);
}

fn care_team_of_both(of: &str) -> Arrival {
    let mut team = care_team(of, BEN);
    team.incoming.id = record_id("team-of-both");
    team
}
