//! Every test that the documents name as a proof is there: a renamed or deleted one fails here, not before an auditor.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::fs;

/// Pages whose promises name their tests.
const PAGES: &[&str] = &["docs/compliance.md", "docs/SECURITY.md", "docs/policy.md", "docs/phi-map.md"];

/// What a page names, in one of two forms: `` `path/to/file.rs`: `one`, `another` `` or `` `crate::module::test` ``.
#[derive(Debug, PartialEq, Eq)]
struct Cited {
    file: String,
    /// `None`: the file as a whole.
    test: Option<String>,
}

fn cited(page: &str) -> Vec<Cited> {
    page.lines().flat_map(in_line).collect()
}

fn in_line(line: &str) -> Vec<Cited> {
    let mut found = Vec::new();
    // Between two marks of code stands what joins them: ": " begins a file's tests, ", " goes on with them.
    let parts: Vec<&str> = line.split('`').collect();
    let (mut file, mut naming): (Option<String>, bool) = (None, false);
    for (joint, code) in parts.chunks(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))) {
        naming = joint == ": " || naming && joint == ", ";
        if let Some(path) = file.as_ref().filter(|_| naming) {
            found.push(Cited { file: path.clone(), test: Some(code.to_owned()) });
            continue;
        }
        file = is_file(code).then(|| code.to_owned());
        if let Some(path) = &file {
            found.push(Cited { file: path.clone(), test: None });
        } else if let Some((modules, test)) = code.rsplit_once("::").filter(|_| is_path(code)) {
            let (name, modules) = modules.split_once("::").unwrap();
            let file = format!("crates/{name}/src/{}.rs", modules.replace("::", "/"));
            found.push(Cited { file, test: Some(test.to_owned()) });
        }
    }
    found
}

fn is_file(code: &str) -> bool {
    code.contains('/') && [".rs", ".ts", ".tsx"].iter().any(|ending| code.ends_with(ending))
}

/// `crate::module::test`, all in lower case: a type's `Type::method` or a name of two parts is none.
fn is_path(code: &str) -> bool {
    code.split("::").count() > 2 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_:".contains(&byte))
}

/// What is wrong with it; `source` reads a file of the repository.
fn fault(cited: &Cited, source: impl Fn(&str) -> Option<String>) -> Option<String> {
    let Cited { file, test } = cited;
    let Some(text) = source(file) else { return Some(format!("{file}: there is no such file")) };
    let test = test.as_ref()?;
    let there = if file.ends_with(".rs") { has_rust_test(&text, test) } else { text.contains(&format!("'{test}'")) };
    (!there).then(|| format!("{file}: it has no test `{test}`"))
}

/// A function of that name, with the attribute of a test right above it.
fn has_rust_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let declares = |line: &str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with('('))
    };
    lines.iter().enumerate().filter(|(_, line)| declares(line)).any(|(at, _)| {
        let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        above.into_iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
    })
}

#[test]
fn every_test_that_a_document_names_exists() {
    let root = xtask::paths::root();
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    for page in PAGES {
        let cited = cited(&read(page).unwrap());
        let faults: Vec<String> = cited.iter().filter_map(|cited| fault(cited, read)).collect();
        assert!(faults.is_empty(), "{page} names what is not there:\n{}", faults.join("\n"));
    }
    let all: usize = PAGES.iter().map(|page| cited(&read(page).unwrap()).len()).sum();
    assert!(all > 100, "the documents' form changed: only {all} found");
}

#[test]
fn a_wrong_name_a_wrong_file_and_what_is_no_test_are_found() {
    let source = |path: &str| {
        let rust = "#[test]\nfn it_holds() {}\n\n#[tokio::test]\n#[ignore]\nasync fn it_waits() {}\n\nfn helper() {}\n";
        let page = "it('says so', () => {})";
        match path {
            "crates/a/src/b.rs" | "crates/a/src/b/c.rs" => Some(rust.to_owned()),
            "ui/src/X.test.tsx" => Some(page.to_owned()),
            _ => None,
        }
    };
    let faults = |page: &str| cited(page).iter().filter_map(|cited| fault(cited, source)).collect::<Vec<_>>();
    for right in [
        "| `crates/a/src/b.rs`: `it_holds`, `it_waits`; `ui/src/X.test.tsx`: `says so` |",
        "`a::b::it_holds`, `a::b::c::it_waits`",
        "`Permit<'tx, A>` and `keys::TokenStore` name no test, nor does `doctor`",
        "`crates/a/src/b.rs` (`SETTING=1`), `crates/a/src/b.rs`, `crates/a`",
    ] {
        assert_eq!(faults(right), Vec::<String>::new(), "{right}");
    }
    for wrong in [
        "`crates/a/src/b.rs`: `it_holds`, `it_hold`",
        "`crates/a/src/b.rs`: `helper`",
        "`crates/a/src/gone.rs`",
        "`ui/src/X.test.tsx`: `says`",
        "`a::b::gone`",
        "`a::gone::it_holds`",
    ] {
        assert_eq!(faults(wrong).len(), 1, "{wrong}");
    }
}
