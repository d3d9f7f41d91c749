//! Break-glass.
use access::{BreakGlass, EMERGENCY_MINUTES, EmergencyGrant, EndBreakGlass, ReadChart, SignNote, Target};
use kernel::{GrantId, Phi};
use vault::{OpenVault, VaultError};

use crate::support::{ADA, BEN, No, Ward, arrival, patient, physician, user_id};

const WHY: &str = "unconscious, no relatives";

fn ward() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    for of in ["pat-1", "pat-2"] {
        ward.admit_patient(&mut vault, of);
        let mut secret = arrival("Condition", &format!("con-{of}"), of, "restricted");
        secret.filing.restricted = true;
        ward.file(&mut vault, &[secret]);
    }
    drop(vault.lock());
    let vault = ward.open(BEN).unwrap();
    (ward, vault)
}

fn grant(ward: &Ward, who: &str, of: &str) -> EmergencyGrant {
    EmergencyGrant::new(GrantId::random(), user_id(who), patient(of), ("ETREAT", WHY), &ward.now(), ward.boot()).unwrap()
}

fn break_glass(ward: &Ward, vault: &mut OpenVault, of: &str, grant: &EmergencyGrant) -> Result<(), No> {
    ward.work_of(BEN, vault, |tx| {
        Ok(tx.begin_emergency(&ward.permit::<BreakGlass>(tx, BEN, Target::chart(patient(of)))?, grant, &Phi::new(WHY.to_owned()))?)
    })
}

/// Restricted records withheld and shown, and the seconds on the banner.
fn read(ward: &Ward, who: &str, vault: &mut OpenVault, of: &str) -> Result<(u32, usize, Option<u32>), No> {
    ward.work_of(who, vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, who, Target::chart(patient(of)))?;
        let chart = tx.chart(&permit)?;
        let left = tx.emergency(&permit, &physician(who))?.map(|in_force| in_force.seconds_left);
        Ok((chart.withheld, chart.rows.len(), left))
    })
}

#[test]
fn the_glass_opens_one_chart_to_one_person_for_an_hour() {
    let (ward, mut vault) = ward();
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1"), Err(No::BreakGlass));
    break_glass(&ward, &mut vault, "pat-1", &grant(&ward, BEN, "pat-1")).unwrap();
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1"), Ok((0, 3, Some(3600))), "restricted records too");
    assert_eq!(read(&ward, BEN, &mut vault, "pat-2"), Err(No::BreakGlass), "one chart");

    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(read(&ward, ADA, &mut vault, "pat-1"), Ok((1, 2, None)), "one person");
    drop(vault.lock());

    let mut vault = ward.open(BEN).unwrap();
    ward.minutes_pass(i64::from(EMERGENCY_MINUTES) - 1);
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1"), Ok((0, 3, Some(60))), "over lock and unlock");
    let sign = ward.work_of(BEN, &mut vault, |tx| Ok(ward.permit::<SignNote>(tx, BEN, Target::chart(patient("pat-1")))?.emergency()));
    assert_eq!(sign, Ok(true));
    ward.minutes_pass(1);
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1"), Err(No::BreakGlass));
}

#[test]
fn it_ends_when_it_is_ended_and_a_new_one_takes_the_old_ones_place() {
    let (ward, mut vault) = ward();
    let end = |vault: &mut OpenVault| {
        ward.work_of(BEN, vault, |tx| Ok(tx.end_emergency(&ward.permit::<EndBreakGlass>(tx, BEN, Target::chart(patient("pat-1")))?)?))
    };
    assert_eq!(end(&mut vault), Err(No::Vault(VaultError::NotFound)));
    break_glass(&ward, &mut vault, "pat-1", &grant(&ward, BEN, "pat-1")).unwrap();
    ward.minutes_pass(30);
    break_glass(&ward, &mut vault, "pat-1", &grant(&ward, BEN, "pat-1")).unwrap();
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1").unwrap().2, Some(3600));
    assert_eq!(end(&mut vault), Ok(()));
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1"), Err(No::BreakGlass), "the former one does not come back");
}

#[test]
fn a_grant_is_for_whom_and_what_the_permit_says() {
    let (ward, mut vault) = ward();
    for wrong in [grant(&ward, ADA, "pat-1"), grant(&ward, BEN, "pat-2")] {
        assert_eq!(break_glass(&ward, &mut vault, "pat-1", &wrong), Err(No::Vault(VaultError::WrongPatient)));
    }
    assert_eq!(read(&ward, BEN, &mut vault, "pat-1"), Err(No::BreakGlass));
}

#[test]
fn a_grant_moved_to_another_chart_or_user_grants_nothing() {
    for edit in ["UPDATE emergency SET patient = 2;", "UPDATE emergency SET body = zeroblob(200);"] {
        let (ward, mut vault) = ward();
        break_glass(&ward, &mut vault, "pat-1", &grant(&ward, BEN, "pat-1")).unwrap();
        drop(vault.lock());
        crate::support::sql(&ward, edit);
        let mut vault = ward.open(BEN).unwrap();
        for of in ["pat-1", "pat-2"] {
            assert_eq!(read(&ward, BEN, &mut vault, of), Err(No::BreakGlass), "{edit}");
        }
    }
    let (ward, mut vault) = ward();
    break_glass(&ward, &mut vault, "pat-1", &grant(&ward, BEN, "pat-1")).unwrap();
    drop(vault.lock());
    crate::support::sql(&ward, "UPDATE emergency SET user = 'ada';");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(read(&ward, ADA, &mut vault, "pat-1"), Ok((1, 2, None)));
}

#[test]
fn reads_under_it_carry_its_purpose() {
    let (ward, mut vault) = ward();
    break_glass(&ward, &mut vault, "pat-1", &grant(&ward, BEN, "pat-1")).unwrap();
    read(&ward, BEN, &mut vault, "pat-1").unwrap();
    let entries = crate::support::entries(&ward, BEN, &mut vault, 3);
    let seen: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.subject.purpose.as_deref())).collect();
    assert_eq!(seen, [("read_audit", None), ("read_chart", Some("ETREAT")), ("break_glass", None)]);
    assert!(entries[2].subject.after.is_some(), "and the grant's sealed state");
}
