//! The hunt for protected health information where none may be.
use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::{AhoCorasick, MatchKind};

/// Texts that a journey brought through Satchel and that may lie nowhere in the clear.
#[derive(Debug)]
pub struct Canaries {
    texts: Vec<String>,
    finder: AhoCorasick,
}

/// A canary found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The text.
    pub canary: String,
    /// The file (or window) that holds it.
    pub place: PathBuf,
}

impl Canaries {
    /// Looks for these texts, in any case, as UTF-8 and UTF-16.
    pub fn new(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        assert!(texts.iter().all(|text| text.chars().count() >= 5), "a shorter text would be found by chance");
        let forms = texts.iter().flat_map(|text| [text.as_bytes().to_vec(), utf16(text)]);
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostFirst).build(forms);
        Self { finder: finder.expect("patterns of this size"), texts }
    }

    /// How many texts it looks for.
    pub fn count(&self) -> usize {
        self.texts.len()
    }

    /// Every canary in these bytes.
    pub fn in_bytes(&self, place: &Path, bytes: &[u8]) -> Vec<Sighting> {
        let mut found: Vec<usize> = self.finder.find_iter(bytes).map(|hit| hit.pattern().as_usize() / 2).collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|at| Sighting { canary: self.texts[at].clone(), place: place.to_owned() }).collect()
    }

    /// Every canary in any file's name or content under this directory.
    pub fn in_files(&self, directory: &Path) -> Hunt {
        let mut hunt = Hunt::default();
        self.walk(directory, &mut hunt);
        hunt
    }

    fn walk(&self, path: &Path, hunt: &mut Hunt) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        hunt.sightings.extend(self.in_bytes(path, name.as_bytes()));
        let Ok(about) = fs::symlink_metadata(path) else { return };
        if about.is_dir() {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                self.walk(&entry.path(), hunt);
            }
        } else if about.is_file() {
            let bytes = fs::read(path).unwrap_or_default();
            hunt.files += 1;
            hunt.bytes += bytes.len();
            hunt.sightings.extend(self.in_bytes(path, &bytes));
        }
    }
}

/// What a hunt went through and found.
#[derive(Debug, Default)]
pub struct Hunt {
    /// Files read.
    pub files: usize,
    /// Bytes read.
    pub bytes: usize,
    /// What was found.
    pub sightings: Vec<Sighting>,
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_canary_in_content_in_utf16_in_another_case_and_in_a_file_name() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| fs::write(place.path().join(name), bytes).unwrap();
        let canaries = Canaries::new(["Ngozi Adéyemi", "MRN-55817"]);
        write("clean", b"nothing about anybody");
        assert!(canaries.in_files(place.path()).sightings.is_empty());

        write("content", "…\0Ngozi Adéyemi\0".as_bytes());
        write("wide", &utf16("x MRN-55817 y"));
        write("lower", b"mrn-55817");
        write("chart MRN-55817.pdf", b"");
        let hunt = canaries.in_files(place.path());
        assert_eq!(hunt.files, 5);
        assert_eq!(hunt.sightings.len(), 4, "{hunt:?}");
    }

    #[test]
    #[should_panic(expected = "by chance")]
    fn refuses_a_text_too_short_to_mean_anything() {
        Canaries::new(["Li"]);
    }
}
