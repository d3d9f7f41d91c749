//! What must not compile: DESIGN's invariants as types.
//!
//! Each file in `ui/` is given to rustc together with the crates this very test was built with, so nothing is built a second
//! time. `//~ E0308 text` says which error is due on its line; there must be those and no others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Line, code, and what the message says.
type Expected = (u64, String, String);

#[test]
fn what_must_not_compile_does_not_and_for_the_right_reason() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let out = tempfile::tempdir().unwrap();
    let mut complaints = Vec::new();
    let mut failing = 0;
    for file in files {
        let expected = expected(&fs::read_to_string(&file).unwrap());
        // What goes wrong in the control goes wrong in the others too, and proves nothing there.
        assert_eq!(expected.is_empty(), file.ends_with("control.rs"), "{}", file.display());
        failing += usize::from(!expected.is_empty());
        let found = compile(&file, out.path());
        let fits = |(line, code, text): &Expected| found.iter().any(|(l, c, t)| l == line && c == code && t.contains(text.as_str()));
        let lines = |all: &[Expected]| all.iter().map(|(line, ..)| *line).collect::<BTreeSet<_>>();
        if !expected.iter().all(fits) || lines(&expected) != lines(&found) {
            complaints.push(format!("{}: expected {expected:#?}, rustc says {found:#?}", file.display()));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert_eq!(failing, 9);
}

fn expected(source: &str) -> Vec<Expected> {
    let lines = source.lines().zip(1..);
    let marked = lines.filter_map(|(line, number)| Some((number, line.split_once("//~ ")?.1.split_once(' ')?)));
    marked.map(|(number, (code, text))| (number, code.to_owned(), text.to_owned())).collect()
}

fn compile(file: &Path, out: &Path) -> Vec<Expected> {
    let built = env::current_exe().unwrap().parent().unwrap().to_owned();
    let output = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "--error-format=json", "--cap-lints=allow"])
        .arg("--out-dir")
        .arg(out)
        .arg("-L")
        .arg(format!("dependency={}", built.display()))
        .arg("--extern")
        .arg(format!("vault={}", newest_vault(&built).display()))
        .arg(file)
        .output()
        .unwrap();
    let diagnostics = String::from_utf8(output.stderr).unwrap();
    let diagnostics = diagnostics.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    diagnostics.filter_map(|diagnostic| error(&diagnostic)).collect()
}

/// An error and its primary line; rustc's closing count of errors has none.
fn error(diagnostic: &Value) -> Option<Expected> {
    if diagnostic["level"] != "error" {
        return None;
    }
    let primary = diagnostic["spans"].as_array()?.iter().find(|span| span["is_primary"] == true)?;
    let code = diagnostic["code"]["code"].as_str().unwrap_or("none");
    Some((primary["line_start"].as_u64()?, code.to_owned(), diagnostic["message"].as_str()?.to_owned()))
}

/// The library this test was linked with, or one built later from the same source with other features.
fn newest_vault(folder: &Path) -> PathBuf {
    let libraries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let vaults = libraries.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libvault-") && name.ends_with(".rlib")
    });
    vaults.max_by_key(|path| path.metadata().unwrap().modified().unwrap()).expect("this test's own library")
}
