//! Names that could be mistaken for one another: "look twice" (NHS CUI, "Patient List View").
use super::distance::slips;
use super::fold;
use crate::view::PatientRow;

/// A name as shown, folded for comparison.
pub(super) struct Look {
    pub(super) family: String,
    given: String,
}

impl Look {
    /// Of "FAMILY, Given (Title)".
    pub(super) fn of(shown: &str) -> Self {
        let (family, rest) = shown.split_once(',').unwrap_or((shown, ""));
        let given = rest.split('(').next().unwrap_or_default();
        Self {
            family: fold::fold(family).trim().to_owned(),
            given: fold::fold(given).split_whitespace().next().unwrap_or_default().to_owned(),
        }
    }

    /// The same or nearly the same family name (one slip where the longer has five letters, or one with a suffix), and the
    /// same or nearly the same first name (one slip where the longer has four letters, or an initial).
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let extends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '));
        let family = near(&self.family, &other.family, 5) || extends(&self.family, &other.family) || extends(&other.family, &self.family);
        let initial = |a: &str, b: &str| a.trim_end_matches('.').chars().count() == 1 && b.starts_with(a.trim_end_matches('.'));
        let given = near(&self.given, &other.given, 4) || initial(&self.given, &other.given) || initial(&other.given, &self.given);
        !self.family.is_empty() && family && given
    }
}

/// A patient's name, folded. No `Debug`.
pub struct PatientName(pub(super) Look);

/// What a patient and somebody of the staff have in common by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Namesake {
    /// Nothing that is known.
    No,
    /// The surname.
    Surname,
    /// Surname and first name. Two people may well have both.
    Both,
}

impl PatientName {
    /// Compares with a name as staff's are written: "Dr Amara Diallo", "Amara Diallo, MD". A surname is what such a name ends
    /// with; a name written otherwise is nobody's namesake.
    #[must_use]
    pub fn namesake(&self, staff: &str) -> Namesake {
        let Look { family, given } = &self.0;
        let staff = fold::fold(staff.split(',').next().unwrap_or_default());
        let Some(others) = staff.trim().strip_suffix(family.as_str()).filter(|_| !family.is_empty()) else { return Namesake::No };
        if !others.ends_with(char::is_whitespace) {
            return Namesake::No;
        }
        if others.split_whitespace().any(|word| word == given) { Namesake::Both } else { Namesake::Surname }
    }
}

fn near(a: &str, b: &str, least: usize) -> bool {
    if a == b {
        return true;
    }
    a.chars().count().max(b.chars().count()) >= least && slips(a, b, 1).is_some()
}

/// Marks the rows of a list whose names are the same or similar to another patient's in it.
pub fn mark_similar(rows: &mut [PatientRow]) {
    let looks: Vec<Look> = rows.iter().map(|row| Look::of(&row.name)).collect();
    for i in 0..rows.len() {
        for j in i + 1..rows.len() {
            if rows[i].patient != rows[j].patient && looks[i].is_like(&looks[j]) {
                rows[i].similar_name = true;
                rows[j].similar_name = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namesakes() {
        let namesake = |patient: &str, staff: &str| PatientName(Look::of(patient)).namesake(staff);
        assert_eq!(namesake("DIALLO, Amara (Ms)", "Dr Amara Diallo"), Namesake::Both);
        assert_eq!(namesake("GODÍNEZ, Ramona", "Ramona Godinez, MD"), Namesake::Both);
        assert_eq!(namesake("VAN DER BERG, Jan", "Anna van der Berg"), Namesake::Surname);
        assert_eq!(namesake("BERG, Anna", "Anna Vandenberg"), Namesake::No);
        assert_eq!(namesake("THOMAS, Ann", "Thomas Miller"), Namesake::No);
        assert_eq!(namesake("", "Thomas Miller"), Namesake::No);
    }

    #[test]
    fn look_twice() {
        let like = |a: &str, b: &str| Look::of(a).is_like(&Look::of(b));
        for (a, b) in [
            ("SMITH, John (Mr)", "SMITH, John (Dr)"),
            ("SMITH, John", "SMITH Jr., John"),
            ("SMYTH, John", "SMITH, Jon"),
            ("GODÍNEZ, Ramona", "GODINEZ, Romona"),
            ("SMITH, J.", "SMITH, John"),
            ("山田, 太郎", "山田, 太郎"),
        ] {
            assert!(like(a, b) && like(b, a), "{a} {b}");
        }
        for (a, b) in [("SMITH, John", "SMITH, Mary"), ("LEE, Ann", "LEA, Ann"), ("SMITH, John", "JONES, John"), ("", "")] {
            assert!(!like(a, b), "{a} {b}");
        }
    }
}
