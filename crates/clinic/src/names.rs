//! Names as a clinic meets them: many scripts, romanised forms, kana readings, double-barrelled, single and very long.

mod tables;

use crate::draw::Draw;
use serde_json::{Value, json};
use tables::Culture;

/// A person's name and what the record says about it.
#[derive(Clone, Debug)]
pub(crate) struct PersonName {
    culture: &'static Culture,
    family: Part,
    given: Part,
    middle: Option<&'static str>,
    suffix: Option<&'static str>,
    nickname: Option<&'static str>,
    maiden: Option<Part>,
    /// A second family name joined by a hyphen.
    joined: Option<Part>,
}

/// One part of a name: as written, romanised where that differs, and its kana reading where there is one.
pub(crate) type Part = (&'static str, &'static str, &'static str);

impl PersonName {
    /// A name for patient `index`. Every third patient's culture goes round all of them, so that a small clinic has every
    /// script; the others follow the mix of a United States town.
    pub(crate) fn draw(index: u32, female: bool, adult: bool, draw: &mut Draw) -> Self {
        let cultures = tables::CULTURES;
        let culture = if index % 3 == 2 {
            &cultures[(index / 3) as usize % cultures.len()]
        } else {
            let weights: Vec<f64> = cultures.iter().map(|c| c.weight).collect();
            &cultures[draw.weighted(&weights)]
        };
        let family = *draw.pick(culture.families);
        let given = *draw.pick(if female { culture.women } else { culture.men });
        let english = culture.key == "english";
        Self {
            culture,
            family,
            given,
            middle: (english && draw.chance(0.5)).then(|| draw.pick(tables::MIDDLES)).copied(),
            suffix: (english && !female && draw.chance(0.04)).then(|| draw.pick(&["Jr.", "Sr.", "III"])).copied(),
            nickname: tables::NICKNAMES.iter().find(|(of, _)| *of == given.0).filter(|_| draw.chance(0.5)).map(|(_, nick)| *nick),
            maiden: (culture.marriage_changes_name && female && adult && draw.chance(0.25)).then(|| *draw.pick(culture.families)),
            joined: (matches!(culture.key, "english" | "nordic" | "german") && draw.chance(0.06)).then(|| *draw.pick(culture.families)),
        }
    }

    /// The same family with another given name: a twin.
    pub(crate) fn sibling(&self, female: bool, draw: &mut Draw) -> Self {
        let names = if female { self.culture.women } else { self.culture.men };
        let mut given = *draw.pick(names);
        if given == self.given {
            given = names[(names.iter().position(|n| *n == given).unwrap_or(0) + 1) % names.len()];
        }
        Self { given, middle: None, suffix: None, nickname: None, maiden: None, ..self.clone() }
    }

    /// Culture key (`english`, `arabic`, …).
    pub(crate) fn culture(&self) -> &'static str {
        self.culture.key
    }

    /// BCP-47 language the person would rather speak.
    pub(crate) fn language(&self) -> (&'static str, &'static str) {
        self.culture.language
    }

    /// Family name in Latin letters (empty for people with one name): what a note calls the patient.
    pub(crate) fn roman_family(&self) -> String {
        match self.joined {
            Some(second) => format!("{}-{}", self.family.1, second.1),
            None => self.family.1.to_owned(),
        }
    }

    /// Given name in Latin letters.
    pub(crate) fn roman_given(&self) -> &'static str {
        self.given.1
    }

    /// The whole name in Latin letters, given name first.
    pub(crate) fn roman(&self) -> String {
        format!("{} {}", self.roman_given(), self.roman_family()).trim().to_owned()
    }

    /// FHIR `HumanName`s: official first, then romanised and phonetic forms, nickname, maiden name.
    pub(crate) fn human_names(&self) -> Vec<Value> {
        let native = self.given.0 != self.given.1 || self.family.0 != self.family.1;
        let mut names = vec![self.official(native)];
        if native {
            if !self.given.2.is_empty() {
                names.push(self.form("SYL", "usual", self.family.2, self.given.2));
            }
            names.push(self.form("ABC", "usual", &self.roman_family(), self.given.1));
        }
        if let Some(nickname) = self.nickname {
            names.push(json!({ "use": "nickname", "given": [nickname] }));
        }
        if let Some(maiden) = self.maiden.filter(|m| *m != self.family) {
            names.push(json!({ "use": "maiden", "family": maiden.0, "given": [self.given.0] }));
        }
        names
    }

    fn official(&self, native: bool) -> Value {
        let family = match self.joined {
            Some(second) => format!("{}-{}", self.family.0, second.0),
            None => self.family.0.to_owned(),
        };
        let text = if self.culture.family_first && native {
            format!("{family}{}{}", if self.culture.spaced { " " } else { "" }, self.given.0)
        } else {
            let parts = [Some(self.given.0), self.middle, Some(family.as_str()).filter(|f| !f.is_empty()), self.suffix];
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        let given: Vec<&str> = [Some(self.given.0), self.middle].into_iter().flatten().collect();
        let mut name = json!({ "use": "official", "text": text, "given": given });
        if !family.is_empty() {
            name["family"] = json!(family);
        }
        if let Some(suffix) = self.suffix {
            name["suffix"] = json!([suffix]);
        }
        if native && self.culture.ideographic {
            name["extension"] = representation("IDE");
        }
        name
    }

    fn form(&self, kind: &str, r#use: &str, family: &str, given: &str) -> Value {
        let text = if self.culture.family_first && kind == "SYL" {
            format!("{family} {given}")
        } else {
            format!("{given} {family}").trim().to_owned()
        };
        let mut name = json!({ "use": r#use, "text": text, "given": [given] });
        if !family.is_empty() {
            name["family"] = json!(family);
        }
        if self.culture.ideographic || kind == "ABC" {
            name["extension"] = representation(kind);
        }
        name
    }
}

/// ISO 21090 EN representation: IDE ideographic, SYL syllabic, ABC alphabetic.
fn representation(kind: &str) -> Value {
    json!([{ "url": "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", "valueCode": kind }])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn sixty_patients_meet_every_culture() {
        let mut seen = std::collections::BTreeSet::new();
        for index in 0..60 {
            seen.insert(PersonName::draw(index, index % 2 == 0, true, &mut Draw::of(3, index, "people")).culture());
        }
        assert_eq!(seen.len(), tables::CULTURES.len(), "{seen:?}");
    }

    #[test]
    fn japanese_names_carry_ideographs_kana_and_romaji() {
        let index = 2 + 3 * tables::CULTURES.iter().position(|c| c.key == "japanese").unwrap() as u32;
        let names = PersonName::draw(index, true, true, &mut Draw::of(3, index, "people")).human_names();
        let kinds: Vec<_> = names.iter().filter_map(|n| n["extension"][0]["valueCode"].as_str()).collect();
        assert_eq!(kinds, ["IDE", "SYL", "ABC"]);
    }

    #[test]
    fn latin_cultures_need_no_second_form() {
        for culture in tables::CULTURES.iter().filter(|c| matches!(c.key, "english" | "spanish" | "vietnamese" | "polish")) {
            for part in culture.families.iter().chain(culture.women).chain(culture.men) {
                assert_eq!(part.0, part.1, "{}", culture.key);
            }
        }
    }

    #[test]
    fn a_twin_shares_the_family_but_not_the_given_name() {
        for index in 0..60 {
            let mut draw = Draw::of(5, index, "people");
            let first = PersonName::draw(index, true, false, &mut draw);
            let second = first.sibling(true, &mut draw);
            assert_eq!(first.roman_family(), second.roman_family());
            assert_ne!(first.roman_given(), second.roman_given());
        }
    }
}
