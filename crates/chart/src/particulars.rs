//! Birth date and homes of a person, by which namesakes are told apart and who lives with whom.
use crate::index::fold;
use crate::read::{Node, Read};
use crate::record::Resource;

/// Birth date and homes of a patient or of staff. Never shown; no `Debug`, for it names where people live.
#[derive(Clone, Default)]
pub struct Particulars {
    /// Digits of as much of the date as is recorded: "19610312", "196103", "1961".
    born: String,
    homes: Vec<String>,
}

impl Particulars {
    /// Of a Patient or Practitioner; one of another type or form has none.
    #[must_use]
    pub fn read(kind: &str, body: &str) -> Option<Self> {
        if !matches!(kind, "Patient" | "Practitioner") {
            return None;
        }
        Self::of(Resource::parse(kind, body).ok()?.node().ok()?).ok()
    }

    pub(crate) fn of(person: Node<'_>) -> Read<Self> {
        let born = digits(person.text("birthDate")?.unwrap_or_default());
        let mut homes = Vec::new();
        for address in person.objects("address")? {
            let over = address.object("period")?.is_some_and(|period| period.has("end"));
            // A place of work, a former home and a post box are nobody's to share.
            if over || matches!(address.text("use")?, Some("work" | "billing" | "old")) || address.text("type")? == Some("postal") {
                continue;
            }
            homes.extend(home(address)?);
        }
        Ok(Self { born, homes })
    }

    /// Both are born on recorded dates, and not on the same one. What is not recorded tells nobody apart.
    #[must_use]
    pub fn is_born_otherwise(&self, born: &str) -> bool {
        let other = digits(born);
        let (mine, other) = (self.born.as_str(), other.as_str());
        !mine.is_empty() && !other.is_empty() && !mine.starts_with(other) && !other.starts_with(mine)
    }

    /// Both live, or one of their homes is, behind the same door as far as the record says.
    #[must_use]
    pub fn shares_a_home_with(&self, other: &Self) -> bool {
        self.homes.iter().any(|home| other.homes.contains(home))
    }
}

/// Lines and postal code (or town), whatever their case and punctuation; `None` where either is missing: a town alone is no home.
fn home(address: Node<'_>) -> Read<Option<String>> {
    let lines = fold::number(&address.texts("line")?.join(" "));
    let place = fold::number(match address.text("postalCode")? {
        Some(code) => code,
        None => address.text("city")?.unwrap_or_default(),
    });
    Ok((!lines.is_empty() && !place.is_empty()).then(|| format!("{lines}|{place}")))
}

fn digits(date: &str) -> String {
    date.split('T').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn person(kind: &str, rest: &str) -> Particulars {
        Particulars::read(kind, &format!(r#"{{"resourceType":"{kind}","id":"x"{rest}}}"#)).unwrap()
    }

    #[test]
    fn birth_dates_tell_apart_only_where_both_are_recorded() {
        let born = |date: &str| person("Practitioner", &format!(r#","birthDate":"{date}""#));
        assert!(born("1980-01-02").is_born_otherwise("1980-01-03"));
        assert!(born("1980-01-02").is_born_otherwise("1979"));
        for same in ["1980-01-02", "1980-01", "1980", "", "1980-01-02T04:00:00Z"] {
            assert!(!born("1980-01-02").is_born_otherwise(same), "{same}");
        }
        assert!(!person("Practitioner", "").is_born_otherwise("1980-01-02"));
    }

    #[test]
    fn a_home_is_shared_whatever_its_spelling_and_a_town_is_none() {
        let at = |address: &str| person("Patient", &format!(r#","address":[{address}]"#));
        let own = person(
            "Practitioner",
            r#","address":[{"use":"home","line":["12 Ferry Road, Apt 3"],"city":"Saltmarsh","postalCode":"01997"}]"#,
        );
        assert!(own.shares_a_home_with(&at(r#"{"line":["12 FERRY ROAD","Apt. 3"],"city":"Salt Marsh","postalCode":"01997"}"#)));
        for other in [
            r#"{"line":["12 Ferry Road, Apt 4"],"postalCode":"01997"}"#,
            r#"{"city":"Saltmarsh","postalCode":"01997"}"#,
            r#"{"line":["12 Ferry Road, Apt 3"]}"#,
            r#"{"use":"old","line":["12 Ferry Road, Apt 3"],"postalCode":"01997"}"#,
            r#"{"use":"work","line":["12 Ferry Road, Apt 3"],"postalCode":"01997"}"#,
            r#"{"line":["12 Ferry Road, Apt 3"],"postalCode":"01997","period":{"end":"2020-01-01"}}"#,
        ] {
            assert!(!own.shares_a_home_with(&at(other)), "{other}");
        }
        assert!(!Particulars::default().shares_a_home_with(&Particulars::default()));
    }
}
