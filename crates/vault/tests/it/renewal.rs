//! A person's own keys and the device's secret, renewed at that person's unlock: cut off anywhere, everything opens.
use std::time::Duration;

use access::{DeskMemory, RotateKeys, Target};
use keys::{DeviceSecret, Due, UnlockError};
use vault::OpenVault;

use crate::frozen::{fill, read_everything};
use crate::killed;
use crate::rotation::picture;
use crate::support::{ADA, BEN, Ward, device, user_id};

const RENEWED: Option<i64> = Some(1_800_000_000);

/// What the program does at an unlock, from wherever it stands.
fn unlocks_and_renews(ward: &Ward, who: &str, own_keys_old: bool) {
    let mut vault = ward.open(who).unwrap();
    let due = ward.key_file().due(&user_id(who), own_keys_old, false);
    if due != Due::default() {
        let (file, renewed) = ward.renew(&vault, due).unwrap();
        file.write(&ward.files.keys()).unwrap();
        vault.take_up_renewed(renewed);
    }
    if vault.keys().has_former_own_key() {
        reseal(ward, who, &mut vault);
        end(ward, &mut vault);
    }
    assert!(!vault.keys().has_former_own_key());
    drop(vault.lock());
}

fn reseal(ward: &Ward, who: &str, vault: &mut OpenVault) {
    ward.work_of(who, vault, |tx| Ok(tx.reseal_own(&ward.permit::<RotateKeys>(tx, who, Target::workstation())?)?)).unwrap();
}

fn end(ward: &Ward, vault: &mut OpenVault) {
    vault.keys().end_renewal(&ward.key_file()).unwrap().write(&ward.files.keys()).unwrap();
    vault.forget_former_own_key();
}

fn own(ward: &Ward, who: &str, vault: &mut OpenVault) -> Option<Vec<u8>> {
    let own = ward.work_of(who, vault, |tx| Ok(tx.own(&ward.permit::<DeskMemory>(tx, who, Target::workstation())?, "memory")?));
    own.unwrap().map(|plain| plain.to_vec())
}

fn bens_own(ward: &Ward) -> Option<Vec<u8>> {
    let mut vault = ward.open(BEN).unwrap();
    let bens = own(ward, BEN, &mut vault);
    drop(vault.lock());
    bens
}

#[test]
fn cut_off_after_any_step_each_unlocks_with_everything_and_the_renewal_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::at(&folder.path().join("site"));
    fill(&ward, ward.create().unwrap());
    let mut vault = ward.open(BEN).unwrap();
    ward.work_of(BEN, &mut vault, |tx| {
        Ok(tx.keep_own(&ward.permit::<DeskMemory>(tx, BEN, Target::workstation())?, "memory", b"ben's tabs")?)
    })
    .unwrap();
    drop(vault.lock());
    let before = picture(&ward, &folder.path().join("before"));
    let mut pictures = Vec::new();
    let mut take = |what: &str| {
        let place = folder.path().join(format!("{}", pictures.len()));
        pictures.push((what.to_owned(), picture(&ward, &place)));
    };

    for who in [ADA, BEN] {
        let mut vault = ward.open(who).unwrap();
        let due = ward.key_file().due(&user_id(who), true, who == ADA);
        assert_eq!(due, Due { own_keys: true, device_secret: Some(2) });
        let (file, renewed) = ward.renew(&vault, due).unwrap();
        take(&format!("{who}: keys made, nothing written"));
        file.write(&ward.files.keys()).unwrap();
        take(&format!("{who}: key file written, keys not taken up"));
        vault.take_up_renewed(renewed);
        assert!(own(&ward, who, &mut vault).is_some());
        take(&format!("{who}: taken up, nothing resealed"));
        reseal(&ward, who, &mut vault);
        take(&format!("{who}: resealed"));
        vault.keys().end_renewal(&ward.key_file()).unwrap().write(&ward.files.keys()).unwrap();
        take(&format!("{who}: former own key gone from the file"));
        vault.forget_former_own_key();
        assert!(own(&ward, who, &mut vault).is_some());
        drop(vault.lock());
    }
    take("both renewed");

    let without_the_first = device().and_device(1, DeviceSecret::from_bytes([0; 32]));
    for (what, ward) in &pictures {
        read_everything(ward).unwrap_or_else(|no| panic!("{what}: {no:?}"));
        assert_eq!(bens_own(ward).as_deref(), Some(&b"ben's tabs"[..]), "{what}");
        for who in [ADA, BEN] {
            let is_old = ward.key_file().users().iter().any(|user| *user.user() == user_id(who) && user.own_keys_made_at() != RENEWED);
            unlocks_and_renews(ward, who, is_old);
        }
        let file = ward.key_file();
        assert!(file.users().iter().all(|user| user.own_keys_made_at() == RENEWED), "{what}");
        read_everything(ward).unwrap_or_else(|no| panic!("{what}, renewed: {no:?}"));
        assert_eq!(bens_own(ward).as_deref(), Some(&b"ben's tabs"[..]), "{what}, renewed");
        if file.device_secret() == 2 {
            assert!(file.spent_device_secret().is_some(), "{what}");
            for who in [ADA, BEN] {
                assert!(ward.keys_with(who, &without_the_first).is_ok(), "{what}: the first device secret is needed no more");
            }
        }
    }
    assert_eq!(pictures.len(), 11);
    assert_eq!(before.keys_with(ADA, &without_the_first).err(), Some(UnlockError::WrongPassphrase), "an older copy opens no more");
}

/// Unlocks and renews without end; its parent kills it.
#[test]
#[ignore = "the parent below runs it"]
fn child() {
    let Some((folder, _)) = killed::task() else { return };
    let ward = Ward::at(&folder);
    println!("\nbegun");
    loop {
        unlocks_and_renews(&ward, ADA, true);
        println!("\nrenewed");
    }
}

#[test]
fn killed_at_any_moment_of_a_renewal_everything_opens() {
    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::at(&folder.path().join("site"));
    fill(&ward, ward.create().unwrap());
    let (mut renewed, mut cut_off) = (0, 0);
    for round in 0_u64..16 {
        let after = Duration::from_millis(40 + round * 37 % 211);
        let said = killed::kill("renewal::child", ward.files.folder(), round, Some("begun"), after);
        renewed += said.iter().filter(|line| *line == "renewed").count();
        cut_off += usize::from(ward.keys(ADA).has_former_own_key());
        read_everything(&ward).unwrap_or_else(|no| panic!("round {round}: {no:?}"));
    }
    println!("16 kills, {cut_off} amid a renewal, {renewed} renewals finished");
    assert!(cut_off > 0 && renewed > 0, "the kills did not meet a renewal");
    unlocks_and_renews(&ward, ADA, true);
    read_everything(&ward).unwrap();
}
