//! A full disk: said plainly, nothing lost, and on it goes once there is room.
use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use access::{ReadChart, SignNote, Target, WriteDraft};
use kernel::{DraftId, Phi};
use vault::{DoorLog, DraftText, Filing, NewRecord, OpenVault, VaultError};

use crate::support::{ADA, No, Ward, arrival, failed_unlock, kind, patient, record_id, text, verify};

const FOLDER: &str = "SATCHEL_FULL_FOLDER";
const FULL: No = No::Vault(VaultError::DiskFull);

fn chart() -> Target {
    Target::chart(patient("pat-1"))
}

fn save(ward: &Ward, vault: &mut OpenVault, draft: DraftId, base: u32, text: &str) -> Result<u32, No> {
    ward.work(vault, |tx| {
        let content = Phi::new(DraftText { text: text.to_owned().into(), caret: 0 });
        Ok(tx.save_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, draft, base, &content)?)
    })
}

fn saved(ward: &Ward, vault: &mut OpenVault) -> (u32, String) {
    let drafts = ward.work(vault, |tx| Ok(tx.drafts(&ward.permit::<ReadChart>(tx, ADA, chart())?)?)).unwrap();
    (drafts[0].revision, drafts[0].content.expose().text.to_string())
}

fn fill(path: &Path) {
    let mut filler = File::create(path).unwrap();
    while filler.write_all(&[0; 1024]).is_ok() {}
}

/// Runs in a file system of its own, of a few megabytes.
#[test]
#[ignore = "the parent below runs it"]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let filler = Path::new(&folder).join("filler");
    let ward = Ward::at(&Path::new(&folder).join("site"));
    let mut vault = ward.create().unwrap();
    ward.admit_patient(&mut vault, "pat-1");
    let draft = DraftId::random();
    ward.work(&mut vault, |tx| {
        let content = Phi::new(DraftText { text: "begun".to_owned().into(), caret: 0 });
        Ok(tx.begin_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, draft, "11506-3", &content)?)
    })
    .unwrap();
    for round in 0..3 {
        let (before, begun) = saved(&ward, &mut vault);
        fill(&filler);
        let long = |n: u32| format!("{round} {n} {}", "longer ".repeat(5000));
        let (mut revision, mut last) = (before, begun);
        let refused = loop {
            match save(&ward, &mut vault, draft, revision, &long(revision)) {
                Ok(next) => (last, revision) = (long(revision), next),
                Err(error) => break error,
            }
            assert!(revision < before + 1000, "the disk never fills");
        };
        assert_eq!(refused, FULL);
        // Nothing else gets in either, each with the plain word for it.
        let page: Vec<_> = (0..200).map(|n| arrival("Observation", &format!("obs-{n}"), "pat-1", &format!("{n}").repeat(1000))).collect();
        assert_eq!(ward.work(&mut vault, |tx| Ok(tx.file(&ward.permit(tx, ADA, Target::workstation())?, &page)?)), Err(FULL));
        let new = || {
            let long = format!("{:?}", (0..20_000).collect::<Vec<_>>());
            let (kind, id) = (kind("DocumentReference"), record_id(&format!("note-{round}")));
            NewRecord { kind, id, patient: patient("pat-1"), body: text(&long), filing: Filing::default() }
        };
        let enter = |vault: &mut OpenVault| ward.work(vault, |tx| Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, chart())?, new())?));
        assert_eq!(enter(&mut vault), Err(FULL));
        drop(vault.lock());
        // Closing may have taken the log into the database, and freed what it took.
        fill(&filler);
        let door = DoorLog::new(ward.files.door(), ward.key_file().door());
        if round == 0 {
            assert_eq!(door.append(&failed_unlock("x")), Err(VaultError::DiskFull));
        }
        // An unlock that cannot be recorded does not happen; the vault is as it was.
        fill(&filler);
        if let Ok(vault) = ward.open(ADA) {
            // There was room for one entry in the log's last page.
            drop(vault.lock());
        }
        fs::remove_file(&filler).unwrap();
        vault = ward.open(ADA).unwrap();
        assert_eq!(saved(&ward, &mut vault), (revision, last), "what was acknowledged is there, and nothing else");
        assert_eq!(verify(&ward, &mut vault), None);
        save(&ward, &mut vault, draft, revision, "there is room again").unwrap();
        enter(&mut vault).unwrap();
    }
    println!("all rounds done");
}

#[test]
fn a_full_disk_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=3m tmpfs \"$1\" || exit 77; exec \"$2\" --exact disk_full::child --ignored --nocapture";
    let run = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
        .arg(folder.path())
        .arg(env::current_exe().unwrap())
        .env(FOLDER, folder.path())
        .output();
    match run {
        Ok(output) if output.status.code() != Some(77) && !String::from_utf8_lossy(&output.stderr).contains("unshare") => {
            let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && said.contains("all rounds done"), "{said}\n{complaint}");
        }
        _ => println!("skipped: no file system of one's own to be had here (unshare, tmpfs)"),
    }
}
