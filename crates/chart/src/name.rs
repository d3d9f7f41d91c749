//! Names of persons (R4 HumanName), for the banner and for lists.
use fhir::FhirDate;

use crate::read::{Node, Read};

const REPRESENTATION: &str = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation";

/// One of a person's names.
pub(crate) struct HumanName<'a> {
    pub(crate) usage: &'a str,
    pub(crate) text: Option<&'a str>,
    pub(crate) family: Option<&'a str>,
    pub(crate) given: Vec<&'a str>,
    prefix: Vec<&'a str>,
    pub(crate) suffix: Vec<&'a str>,
    /// `ABC` romanised, `IDE` ideographic, `SYL` syllabic (ISO 21090 EN representation).
    representation: Option<&'a str>,
    ended: Option<FhirDate>,
}

impl<'a> HumanName<'a> {
    /// All names of a resource, in the order written.
    pub(crate) fn all(resource: Node<'a>) -> Read<Vec<Self>> {
        resource.objects("name")?.into_iter().map(Self::read).collect()
    }

    fn read(node: Node<'a>) -> Read<Self> {
        let representation = node.extension(REPRESENTATION)?.map_or(Ok(None), |extension| extension.text("valueCode"))?;
        Ok(Self {
            usage: node.text("use")?.unwrap_or_default(),
            text: node.text("text")?,
            family: node.text("family")?,
            given: node.texts("given")?,
            prefix: node.texts("prefix")?,
            suffix: node.texts("suffix")?,
            representation,
            ended: node.object("period")?.map_or(Ok(None), |period| period.date("end"))?,
        })
    }

    /// The name a person is called by in their record: official, then usual, then one of no use; former names only if there
    /// is no other.
    pub(crate) fn preferred(resource: Node<'a>) -> Read<Option<Self>> {
        let names = Self::all(resource)?;
        Ok(names
            .into_iter()
            .enumerate()
            .filter(|(_, name)| !name.is_empty())
            .min_by_key(|(i, name)| (name.rank(), *i))
            .map(|(_, name)| name))
    }

    /// A second name to recognise the person by: romanised, usual or nickname, where it differs from the first.
    pub(crate) fn second(resource: Node<'a>, first: &HumanName<'_>) -> Read<Option<String>> {
        let shown = first.banner();
        let names = Self::all(resource)?;
        let mut candidates: Vec<&Self> = names.iter().filter(|name| name.second_rank(first).is_some() && !name.is_empty()).collect();
        candidates.sort_by_key(|name| name.second_rank(first));
        Ok(candidates.into_iter().map(HumanName::banner).find(|name| *name != shown))
    }

    /// "FAMILY, Given (Title)" (NHS CUI, "Patient Banner", name display); the text where the name has no parts.
    pub(crate) fn banner(&self) -> String {
        let Some(family) = self.family else {
            let given = self.given.join(" ");
            return match (given.is_empty(), self.text) {
                (false, _) => given,
                (true, Some(text)) => text.to_owned(),
                (true, None) => String::new(),
            };
        };
        let mut shown = family.to_uppercase();
        for suffix in &self.suffix {
            shown.push(' ');
            shown.push_str(suffix);
        }
        if !self.given.is_empty() {
            shown.push_str(", ");
            shown.push_str(&self.given.join(" "));
        }
        if !self.prefix.is_empty() {
            shown.push_str(" (");
            shown.push_str(&self.prefix.join(" "));
            shown.push(')');
        }
        shown
    }

    /// "Dr. Ada Okonkwo MD", for those who care rather than those cared for.
    pub(crate) fn plain(&self) -> String {
        if self.family.is_none() && self.given.is_empty() {
            return self.text.unwrap_or_default().to_owned();
        }
        let parts = self.prefix.iter().chain(&self.given).chain(&self.family).chain(&self.suffix);
        parts.copied().collect::<Vec<_>>().join(" ")
    }

    fn is_empty(&self) -> bool {
        self.family.is_none() && self.given.is_empty() && self.text.is_none()
    }

    fn rank(&self) -> (bool, u8, bool) {
        let usage = match self.usage {
            "official" => 0,
            "usual" => 1,
            "" => 2,
            "nickname" => 3,
            "temp" => 4,
            "anonymous" => 5,
            // old, maiden, and whatever else
            _ => 6,
        };
        (self.ended.is_some(), usage, self.representation == Some("ABC"))
    }

    fn second_rank(&self, first: &HumanName<'_>) -> Option<u8> {
        let latin =
            |name: &HumanName<'_>| name.banner().chars().all(|c| !c.is_alphabetic() || matches!(c, ..'\u{250}' | '\u{1E00}'..='\u{1EFF}'));
        if matches!(self.usage, "old" | "maiden") || self.ended.is_some() {
            return None;
        }
        if self.representation == Some("ABC") || (latin(self) && !latin(first)) {
            return Some(0);
        }
        match self.usage {
            "usual" => Some(1),
            "nickname" => Some(2),
            _ => None,
        }
    }
}
