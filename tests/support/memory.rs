//! The hunt for secrets in the memory of running programs: every page that is there, of a program and of everything it started.
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::os::unix::fs::FileExt;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::process;

const PAGE: u64 = 4096;

/// What is looked for, in every form in which a program may come to hold it.
#[derive(Debug)]
pub struct Needles {
    forms: Vec<(&'static str, &'static str)>,
    finder: AhoCorasick,
}

/// How often a needle lies where.
#[derive(Debug, Default)]
pub struct Residue(BTreeMap<Sight, usize>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sight {
    program: String,
    needle: &'static str,
    form: &'static str,
    region: String,
}

impl Needles {
    /// Looks for these (name, bytes): raw, hexadecimal, base64 at each of its three offsets, UTF-16.
    pub fn new(secrets: &[(&'static str, Vec<u8>)]) -> Self {
        let (mut forms, mut patterns) = (Vec::new(), Vec::new());
        for (name, bytes) in secrets {
            assert!(bytes.len() >= 6, "{name}: so short a secret would be found by chance");
            for (form, pattern) in forms_of(bytes) {
                forms.push((*name, form));
                patterns.push(pattern);
            }
        }
        Self { forms, finder: AhoCorasick::new(patterns).expect("patterns of this size") }
    }

    /// Everything found in the memory of a program and what it started.
    ///
    /// # Errors
    /// If the operating system does not let this process look: it takes root where the program forbids it to others.
    pub fn in_memory_of(&self, program: u32) -> io::Result<Residue> {
        let mut residue = Residue::default();
        for pid in [vec![program], process::descendants(program)].concat() {
            let Ok(name) = fs::read_to_string(format!("/proc/{pid}/comm")) else { continue };
            self.in_process(pid, name.trim(), &mut residue)?;
        }
        Ok(residue)
    }

    fn in_process(&self, pid: u32, program: &str, residue: &mut Residue) -> io::Result<()> {
        let memory = File::open(format!("/proc/{pid}/mem"))?;
        let pages = File::open(format!("/proc/{pid}/pagemap"))?;
        for region in regions(pid)? {
            for (from, to) in present(&pages, &region)? {
                let mut bytes = vec![0; usize::try_from(to - from).expect("a run of pages fits")];
                // What went away meanwhile holds nothing.
                let Ok(()) = memory.read_exact_at(&mut bytes, from) else { continue };
                for hit in self.finder.find_overlapping_iter(&bytes) {
                    let (needle, form) = self.forms[hit.pattern().as_usize()];
                    let sight = Sight { program: program.to_owned(), needle, form, region: region.name.clone() };
                    *residue.0.entry(sight).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

impl Residue {
    /// How often this needle was found in the programs of this name.
    pub fn of(&self, program: &str, needle: &str) -> usize {
        let fits = |sight: &&Sight| sight.program.starts_with(program) && sight.needle == needle;
        self.0.iter().filter(|(sight, _)| fits(sight)).map(|(_, count)| count).sum()
    }

    /// How often this needle was found anywhere.
    pub fn anywhere(&self, needle: &str) -> usize {
        self.of("", needle)
    }
}

impl fmt::Display for Residue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (Sight { program, needle, form, region }, count) in &self.0 {
            writeln!(f, "{count:>5} × {needle} ({form}) in {program}, {region}")?;
        }
        Ok(())
    }
}

fn forms_of(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![("raw", bytes.to_vec()), ("hex", hex.to_uppercase().into_bytes()), ("hex", hex.into_bytes())];
    if let Ok(text) = std::str::from_utf8(bytes) {
        forms.push(("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    }
    for offset in 0..3 {
        // What stands before shares its digits with the secret's first bits, what follows with its last: both are left away.
        let text = STANDARD_NO_PAD.encode([&vec![0; offset], bytes].concat());
        let end = text.len() - usize::from(!(offset + bytes.len()).is_multiple_of(3));
        forms.push(("base64", text.as_bytes()[[0, 2, 3][offset]..end].to_vec()));
    }
    forms
}

struct Region {
    from: u64,
    to: u64,
    name: String,
}

/// The readable regions of which anything is resident.
fn regions(pid: u32) -> io::Result<Vec<Region>> {
    let (mut found, mut at) = (Vec::new(), None);
    for line in BufReader::new(File::open(format!("/proc/{pid}/smaps"))?).lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some((from, to)) = words.first().and_then(|range| range.split_once('-')) {
            let address = |text: &str| u64::from_str_radix(text, 16).ok();
            let name = words.get(5).copied().unwrap_or("anonymous");
            let readable = words.get(1).is_some_and(|permissions| permissions.starts_with('r')) && !name.starts_with("[v");
            at = address(from).zip(address(to)).filter(|_| readable).map(|(from, to)| Region { from, to, name: name.to_owned() });
        } else if words.first() == Some(&"Rss:") && words.get(1) != Some(&"0") {
            found.extend(at.take());
        }
    }
    Ok(found)
}

/// The runs of pages that are in memory (`pagemap`, bit 63).
fn present(pages: &File, region: &Region) -> io::Result<Vec<(u64, u64)>> {
    let count = usize::try_from((region.to - region.from) / PAGE).expect("a region fits");
    let mut entries = vec![0; count * 8];
    pages.read_exact_at(&mut entries, region.from / PAGE * 8)?;
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (page, entry) in (0..).zip(entries.as_chunks::<8>().0) {
        if u64::from_le_bytes(*entry) >> 63 == 1 {
            let start = region.from + page * PAGE;
            match runs.last_mut().filter(|run| run.1 == start) {
                Some(run) => run.1 += PAGE,
                None => runs.push((start, start + PAGE)),
            }
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn finds_every_form_in_another_program_and_nothing_that_is_not_there() {
        let (secret, other) = (b"lantern harbour".to_vec(), b"heron weir".to_vec());
        let form = |wanted: &str| forms_of(&secret).into_iter().find(|(form, _)| *form == wanted).map(|(_, bytes)| bytes).unwrap();
        let shown = ["raw", "hex", "base64"].map(|wanted| String::from_utf8(form(wanted)).unwrap());
        let mut program = Command::new("sleep").args(["60"]).envs(["A", "B", "C"].into_iter().zip(&shown)).spawn().unwrap();
        // Between fork and exec it still has this process's memory.
        while fs::read_to_string(format!("/proc/{}/comm", program.id())).unwrap().trim() != "sleep" {}

        let needles = Needles::new(&[("secret", secret), ("other", other)]);
        let found = needles.in_memory_of(program.id()).unwrap();
        program.kill().unwrap();
        program.wait().unwrap();
        assert!(found.0.keys().map(|sight| sight.form).eq(["base64", "hex", "raw"]), "{found}");
        assert_eq!((found.anywhere("other"), found.of("sleep", "secret")), (0, 3), "{found}");
    }

    #[test]
    fn base64_is_found_wherever_it_begins() {
        let secret = b"seven grey herons".to_vec();
        let bases: Vec<_> = forms_of(&secret).into_iter().filter(|(form, _)| *form == "base64").map(|(_, bytes)| bytes).collect();
        for before in 0..3 {
            let whole = STANDARD_NO_PAD.encode([&vec![b'x'; before], &secret[..], b"and more"].concat());
            assert!(bases.iter().any(|base| whole.contains(std::str::from_utf8(base).unwrap())), "{before} bytes before");
        }
    }
}
