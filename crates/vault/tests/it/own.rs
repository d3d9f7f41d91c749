//! What is one user's alone, and what is the workstation's.
use access::{DeskMemory, Ingest, Target};
use vault::{OpenVault, VaultError};

use crate::support::{ADA, BEN, No, Ward, sql, text};

fn keep(ward: &Ward, who: &str, vault: &mut OpenVault, purpose: &str, plain: &[u8]) {
    ward.work_of(who, vault, |tx| Ok(tx.keep_own(&ward.permit::<DeskMemory>(tx, who, Target::workstation())?, purpose, plain)?)).unwrap();
}

fn kept(ward: &Ward, who: &str, vault: &mut OpenVault, purpose: &str) -> Result<Option<Vec<u8>>, No> {
    ward.work_of(who, vault, |tx| {
        Ok(tx.own(&ward.permit::<DeskMemory>(tx, who, Target::workstation())?, purpose)?.map(|plain| plain.to_vec()))
    })
}

#[test]
fn each_user_finds_his_own() {
    let (ward, mut vault) = Ward::new();
    keep(&ward, ADA, &mut vault, "memory", b"Ada's tabs");
    keep(&ward, ADA, &mut vault, "memory", b"Ada's tabs, later");
    assert_eq!(kept(&ward, ADA, &mut vault, "tokens"), Ok(None));
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    assert_eq!(kept(&ward, BEN, &mut vault, "memory"), Ok(None));
    keep(&ward, BEN, &mut vault, "memory", b"Ben's tabs");
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(kept(&ward, ADA, &mut vault, "memory"), Ok(Some(b"Ada's tabs, later".to_vec())));
}

#[test]
fn it_opens_for_nobody_else_and_for_nothing_else() {
    let (ward, mut vault) = Ward::new();
    keep(&ward, ADA, &mut vault, "tokens", b"refresh");
    drop(vault.lock());
    sql(&ward, "UPDATE own SET user = 'ben';");
    let mut vault = ward.open(BEN).unwrap();
    assert_eq!(kept(&ward, BEN, &mut vault, "tokens"), Err(No::Vault(VaultError::Seal)));
    drop(vault.lock());
    sql(&ward, "UPDATE own SET user = 'ada', purpose = 'memory';");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(kept(&ward, ADA, &mut vault, "memory"), Err(No::Vault(VaultError::Seal)));
}

#[test]
fn the_policy_in_force_is_everybodys_and_opens_only_as_it_was_kept() {
    let (ward, mut vault) = Ward::new();
    let policy = |who: &'static str, vault: &mut OpenVault| {
        ward.work_of(who, vault, |tx| Ok(tx.kept_policy(&ward.permit::<DeskMemory>(tx, who, Target::workstation())?)?))
    };
    assert_eq!(policy(ADA, &mut vault), Ok(None));
    ward.work(
        &mut vault,
        |tx| Ok(tx.keep_policy(&ward.permit::<DeskMemory>(tx, ADA, Target::workstation())?, br#"{"idle_seconds":300}"#)?),
    )
    .unwrap();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    assert_eq!(policy(BEN, &mut vault).unwrap().unwrap().as_slice(), br#"{"idle_seconds":300}"#);
    drop(vault.lock());
    sql(&ward, "UPDATE shared SET body = zeroblob(length(body)) WHERE name = 'policy';");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(policy(ADA, &mut vault), Err(No::Vault(VaultError::Seal)));
}

#[test]
fn the_workstations_is_everybodys() {
    let (ward, mut vault) = Ward::new();
    let shared = |who: &'static str, vault: &mut OpenVault, name: &str| {
        ward.work_of(who, vault, |tx| Ok(tx.shared(&ward.permit::<Ingest>(tx, who, Target::workstation())?, name)?))
    };
    ward.work(&mut vault, |tx| {
        let permit = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
        tx.keep_shared(&permit, "checkpoint", &text("page 1"))?;
        Ok(tx.keep_shared(&permit, "checkpoint", &text("page 2"))?)
    })
    .unwrap();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    assert_eq!(shared(BEN, &mut vault, "checkpoint"), Ok(Some(text("page 2"))));
    assert_eq!(shared(BEN, &mut vault, "ehr"), Ok(None));
    drop(vault.lock());
    sql(&ward, "UPDATE shared SET name = 'ehr';");
    let mut vault = ward.open(BEN).unwrap();
    assert_eq!(shared(BEN, &mut vault, "ehr"), Err(No::Vault(VaultError::Seal)));
}
