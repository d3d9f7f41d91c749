//! Killed at any moment: what was acknowledged is there.
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::time::Duration;

use access::{Push, ReadChart, SignNote, Target, WriteDraft};
use kernel::{DraftId, Phi};
use vault::{DraftText, Filing, NewRecord, OpenVault};

use crate::killed;
use crate::support::{ADA, Ward, arrival, kind, patient, record_id, text, verify};

const DRAFT: &str = "6f2c0c36-5d0b-4c7e-9d5a-111111111111";

fn content(text: String) -> Phi<DraftText> {
    Phi::new(DraftText { text: text.into(), caret: 0 })
}

fn chart() -> Target {
    Target::chart(patient("pat-1"))
}

fn draft_on_disk(ward: &Ward, vault: &mut OpenVault) -> (u32, String) {
    let drafts = ward.work(vault, |tx| Ok(tx.drafts(&ward.permit::<ReadChart>(tx, ADA, chart())?)?)).unwrap();
    let [draft] = &drafts[..] else { panic!("{} drafts", drafts.len()) };
    (draft.revision, draft.content.expose().text.to_string())
}

/// Works without end and says what has been acknowledged to it; its parent kills it.
#[test]
#[ignore = "the parent below runs it"]
fn child() {
    let Some((folder, round)) = killed::task() else { return };
    let ward = Ward::at(&folder);
    let mut vault = ward.open(ADA).unwrap();
    let (mut revision, _) = draft_on_disk(&ward, &mut vault);
    println!("opened");
    for n in 0.. {
        let text_of_draft = format!("{round}/{n} {}", "x".repeat(n % 7 * 3000));
        let saved = ward.work(&mut vault, |tx| {
            let permit = ward.permit::<WriteDraft>(tx, ADA, chart())?;
            Ok(tx.save_draft(&permit, DraftId::parse(DRAFT).unwrap(), revision, &content(text_of_draft.clone()))?)
        });
        revision = saved.unwrap();
        println!("draft {revision} {}", text_of_draft.trim_end_matches('x'));
        let id = format!("note-{round}-{n}");
        ward.work(&mut vault, |tx| {
            let (kind, id) = (kind("DocumentReference"), record_id(&id));
            let new = NewRecord { kind, body: text(id.as_str()), id, patient: patient("pat-1"), filing: Filing::default() };
            Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, chart())?, new)?)
        })
        .unwrap();
        println!("entry {id}");
        let page: Vec<_> = (0..20).map(|k| arrival("Observation", &format!("obs-{round}-{n}-{k}"), "pat-1", &"{}".repeat(200))).collect();
        ward.file(&mut vault, &page);
        println!("page {round}-{n}");
    }
}

/// What the children were told is safe.
#[derive(Default)]
struct Acknowledged {
    draft: (u32, String),
    entries: Vec<String>,
    pages: Vec<String>,
}

#[test]
fn every_acknowledged_word_survives_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("site");
    let ward = Ward::at(&folder);
    let mut vault = ward.create().unwrap();
    ward.admit_patient(&mut vault, "pat-1");
    ward.work(&mut vault, |tx| {
        let permit = ward.permit::<WriteDraft>(tx, ADA, chart())?;
        Ok(tx.begin_draft(&permit, DraftId::parse(DRAFT).unwrap(), "11506-3", &content("begun".into()))?)
    })
    .unwrap();
    drop(vault.lock());

    let mut safe = Acknowledged { draft: (1, "begun".into()), ..Acknowledged::default() };
    for round in 0..killed::rounds(30) {
        kill_at_some_moment(&folder, round, &mut safe);
        let mut vault = ward.open(ADA).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let (revision, draft) = draft_on_disk(&ward, &mut vault);
        let draft = draft.trim_end_matches('x');
        // One save more than was heard of may be there: killed between the commit and the word of it.
        let same = (revision, draft) == (safe.draft.0, &safe.draft.1);
        assert!(same || revision == safe.draft.0 + 1, "round {round}: {revision} {draft} after {:?}", safe.draft);
        safe.draft = (revision, draft.to_owned());
        let outbox = ward.work(&mut vault, |tx| Ok(tx.outgoing(&ward.permit::<Push>(tx, ADA, Target::workstation())?)?)).unwrap();
        let held: BTreeMap<_, _> = outbox.iter().map(|out| (out.id.as_str(), out.body.expose())).collect();
        for id in &safe.entries {
            assert_eq!(held.get(id.as_str()).map(|body| &***body), Some(id.as_str()), "round {round}");
        }
        let chart = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, chart())?)?)).unwrap();
        assert!(chart.unreadable.is_empty());
        let observations = chart.rows.iter().filter(|row| &*row.kind == "Observation").count();
        assert_eq!(observations % 20, 0, "round {round}: a page is whole or not at all");
        assert!(observations >= safe.pages.len() * 20, "round {round}");
        assert_eq!(verify(&ward, &mut vault), None, "round {round}");
    }
    assert!(!safe.entries.is_empty() && !safe.pages.is_empty(), "the children did no work");
}

/// Lets a child work for a while; notes everything it said.
fn kill_at_some_moment(folder: &Path, round: u64, safe: &mut Acknowledged) {
    // Some are killed while opening, most while working.
    let begun = (!round.is_multiple_of(5)).then_some("opened");
    let after = Duration::from_micros(RandomState::new().hash_one(round) % 300_000);
    for line in killed::kill("crash::child", folder, round, begun, after) {
        match line.split_once(' ') {
            Some(("draft", rest)) => {
                let (revision, text) = rest.split_once(' ').unwrap();
                safe.draft = (revision.parse().unwrap(), text.to_owned());
            }
            Some(("entry", id)) => safe.entries.push(id.to_owned()),
            Some(("page", page)) => safe.pages.push(page.to_owned()),
            _ => {}
        }
    }
}
