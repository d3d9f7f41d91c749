//! Who the patients are: everything about a person that no visit changes, and their Patient resource.

use crate::ClinicSpec;
use crate::codes::{CLINIC_URL, coding, concept, hl7, reference};
use crate::directory::{self, Clinician};
use crate::draw::{Draw, record_id};
use crate::names::PersonName;
use crate::when::{Zone, age_on, months_after, stamp};
use chrono::{Datelike, Duration, NaiveDate};
use serde_json::{Value, json};

/// One patient, as known before the first visit.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) index: u32,
    pub(crate) id: String,
    pub(crate) name: PersonName,
    /// Sex at birth, which decides reference ranges and risks.
    pub(crate) female: bool,
    pub(crate) birth: NaiveDate,
    pub(crate) death: Option<NaiveDate>,
    pub(crate) cohort: Cohort,
    pub(crate) team: Team,
    /// Adult height in cm and adult baseline body mass index.
    pub(crate) height: f64,
    pub(crate) bmi: f64,
    pub(crate) smoking: Smoking,
    /// Why the whole chart is restricted (a code of v3-ActCode), where it is.
    pub(crate) confidential: Option<&'static str>,
    gender: &'static str,
    twin: bool,
    household: Household,
    mrn: u32,
    neighbour: Option<&'static str>,
}

/// What a patient is in the clinic for, beyond chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cohort {
    /// Comes and goes.
    Ordinary,
    /// Long, many-sided illness with intensive-care stays: a chart of more than 1,000 records.
    Heavy,
    /// In hospital now.
    Admitted,
    /// Has an appointment today.
    Today,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Smoking {
    Never,
    Former,
    Current,
}

/// Who looks after a patient: clinicians of this clinic, or another practice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Team {
    pub(crate) physician: &'static Clinician,
    pub(crate) nurse: &'static Clinician,
    /// False where the patient belongs to another practice and is in nobody's panel here.
    pub(crate) ours: bool,
}

#[derive(Clone, Debug)]
struct Household {
    line: String,
    town: (&'static str, &'static str),
    phone: u64,
}

/// Index patterns of the cohorts. Residues modulo 5 differ, so none collides with another or with a pair.
const HEAVY: (u32, u32) = (125, 11);
const ADMITTED: (u32, u32) = (25, 6);
const TODAY: (u32, u32) = (10, 3);
const TWINS: (u32, u32) = (40, 17);
const NAMESAKES: (u32, u32) = (40, 29);
const CONFIDENTIAL: (u32, u32) = (50, 21);

const fn is((every, at): (u32, u32), index: u32) -> bool {
    index % every == at
}

/// The first heavy index below `patients`.
pub(crate) fn first_heavy(patients: u32) -> Option<u32> {
    (patients > HEAVY.1).then_some(HEAVY.1)
}

impl Person {
    /// Patient `index` of that clinic.
    pub(crate) fn draw(spec: &ClinicSpec, index: u32) -> Self {
        let twin_of = [index, index.wrapping_sub(1)].into_iter().find(|base| is(TWINS, *base));
        let namesake_of = [index, index.wrapping_sub(1)].into_iter().find(|base| is(NAMESAKES, *base));
        // A pair shares the stream of its first member up to where it parts, so neither needs the other.
        let base = twin_of.or(namesake_of).unwrap_or(index);
        let mut draw = Draw::of(spec.seed, base, "people");

        let cohort = Cohort::of(index);
        let female = draw.chance(0.515);
        let age = draw_age(&mut draw, cohort, twin_of.is_some(), namesake_of.is_some());
        let mut birth = months_after(spec.today, -12 * i32::try_from(age).unwrap_or(0)) - Duration::days(draw.between(1, 364));
        let mut name = PersonName::draw(base, female, age >= 25, &mut draw);
        let mut household = Household::draw(&mut draw);
        let mut own = Draw::of(spec.seed, index, "person");
        if base != index && twin_of.is_some() {
            name = name.sibling(female, &mut own);
        }
        if base != index && namesake_of.is_some() {
            birth = misread(birth);
            household = Household::draw(&mut own);
        }

        let obese = own.chance(if age < 18 { 0.1 } else { 0.3 });
        let height = own.normal(if female { 162.5 } else { 176.0 }, if female { 6.3 } else { 6.9 });
        let bmi = if obese { own.normal(33.5, 2.6).max(30.5) } else { own.normal(24.6, 2.2).clamp(18.6, 29.4) };
        let smoking = match own.weighted(&[0.62, 0.24, 0.14]) {
            1 if age >= 25 => Smoking::Former,
            2 if age >= 18 => Smoking::Current,
            _ => Smoking::Never,
        };
        let gender = match own.weighted(&[0.972, 0.018, 0.01]) {
            1 if age >= 14 => "other",
            2 => "unknown",
            _ if female => "female",
            _ => "male",
        };
        let dies = cohort == Cohort::Ordinary && age >= 55 && own.chance(0.02 + (age - 55) as f64 * 0.003);
        let death = dies.then(|| spec.today - Duration::days(own.between(20, 900))).filter(|d| *d > months_after(birth, 600));
        Self {
            index,
            id: record_id(spec.seed, index, "Patient", 0),
            female,
            death,
            team: Team::draw(cohort, &mut own),
            height,
            bmi,
            smoking,
            confidential: is(CONFIDENTIAL, index).then_some(if index % 100 == 21 { "EMP" } else { "CEL" }),
            gender,
            twin: twin_of.is_some(),
            mrn: medical_record_number(index),
            neighbour: own.chance(0.8).then(|| *own.pick(KIN)),
            cohort,
            birth,
            name,
            household,
        }
    }

    /// Age in completed years.
    pub(crate) fn age(&self, on: NaiveDate) -> i64 {
        age_on(self.birth, on)
    }

    /// `Reference` to the Patient, without a display: a name in every record would be a name in every record.
    pub(crate) fn reference(&self) -> Value {
        json!({ "reference": format!("Patient/{}", self.id) })
    }

    /// A number that stays with the patient for one trait: standard normal.
    pub(crate) fn trait_of(&self, spec: &ClinicSpec, topic: &str) -> f64 {
        Draw::of(spec.seed, self.index, topic).normal(0.0, 1.0).clamp(-2.5, 2.5)
    }

    /// The Patient resource (US Core Patient elements).
    pub(crate) fn record(&self, spec: &ClinicSpec, zone: Zone) -> Value {
        let mut draw = Draw::of(spec.seed, self.index, "patient");
        let age = self.age(spec.today);
        let mut record = json!({
            "resourceType": "Patient",
            "id": self.id,
            "extension": self.us_core_extensions(&mut draw),
            "identifier": self.identifiers(&mut draw),
            "active": self.death.is_none(),
            "name": self.name.human_names(),
            "telecom": self.telecom(age, &mut draw),
            "gender": self.gender,
            "birthDate": self.birth.format("%Y-%m-%d").to_string(),
            "address": self.addresses(&mut draw),
            "communication": self.communication(&mut draw),
            "generalPractitioner": [directory::practitioner(self.team.physician)],
            "managingOrganization": reference(directory::CLINIC.0, directory::CLINIC.1),
        });
        if let Some(death) = self.death {
            record["deceasedDateTime"] = json!(stamp(zone.at(death, draw.between(60, 1_380))));
        } else if draw.chance(0.3) {
            record["deceasedBoolean"] = json!(false);
        }
        if self.twin {
            record["multipleBirthInteger"] = json!(if is(TWINS, self.index) { 1 } else { 2 });
        }
        if age >= 18 {
            record["maritalStatus"] = marital_status(age, &mut draw);
        }
        if let Some(kin) = self.neighbour {
            record["contact"] = json!([self.contact(kin, age, &mut draw)]);
        }
        record
    }

    fn us_core_extensions(&self, draw: &mut Draw) -> Value {
        let (code, display) = match self.name.culture() {
            "chinese" | "japanese" | "korean" | "vietnamese" | "thai" | "devanagari" | "single" => ("2028-9", "Asian"),
            "spanish" => ("2131-1", "Other Race"),
            _ if draw.chance(0.18) => ("2054-5", "Black or African American"),
            _ => ("2106-3", "White"),
        };
        let (ethnicity, ethnicity_display) = match self.name.culture() {
            "spanish" => ("2135-2", "Hispanic or Latino"),
            _ => ("2186-5", "Not Hispanic or Latino"),
        };
        let omb = |url: &str, code: &str, display: &str| {
            json!({
                "url": format!("http://hl7.org/fhir/us/core/StructureDefinition/{url}"),
                "extension": [
                    { "url": "ombCategory", "valueCoding": coding("urn:oid:2.16.840.1.113883.6.238", code, display) },
                    { "url": "text", "valueString": display },
                ],
            })
        };
        json!([
            omb("us-core-race", code, display),
            omb("us-core-ethnicity", ethnicity, ethnicity_display),
            {
                "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex",
                "valueCode": if self.female { "F" } else { "M" },
            },
        ])
    }

    fn identifiers(&self, draw: &mut Draw) -> Value {
        let typed = |code: &str, display: &str, system: String, value: String| json!({ "use": "usual", "type": concept(&hl7("v2-0203"), code, display), "system": system, "value": value });
        let mut all = vec![typed("MR", "Medical Record Number", format!("{CLINIC_URL}/mrn"), format!("HV{:07}", self.mrn))];
        if draw.chance(0.75) {
            // Numbers beginning with 9 are never issued as SSNs.
            let ssn = format!("999-{:02}-{:04}", draw.between(10, 69), draw.between(1, 9_999));
            all.push(typed("SS", "Social Security Number", "http://hl7.org/fhir/sid/us-ssn".to_owned(), ssn));
        }
        if draw.chance(0.8) {
            let member = format!("XQ{:09}", draw.between(100_000_000, 999_999_999));
            all.push(typed("MB", "Member Number", "https://payer.example.org/member".to_owned(), member));
        }
        if draw.chance(0.25) {
            let number = format!("S{:08}", draw.between(0, 99_999_999));
            all.push(typed("DL", "Driver's license number", "urn:oid:2.16.840.1.113883.4.3.25".to_owned(), number));
        }
        json!(all)
    }

    fn telecom(&self, age: i64, draw: &mut Draw) -> Value {
        let mut all = vec![json!({ "system": "phone", "value": telephone(self.household.phone), "use": "home", "rank": 1 })];
        if age >= 14 {
            all.push(json!({ "system": "phone", "value": telephone(draw.below(10_000)), "use": "mobile", "rank": 2 }));
            if draw.chance(0.6) {
                all.push(json!({ "system": "email", "value": format!("patient{}@mail.example.org", self.mrn), "use": "home" }));
            }
        }
        json!(all)
    }

    fn addresses(&self, draw: &mut Draw) -> Value {
        let now = |line: &str, town: (&str, &str)| {
            json!({
                "use": "home", "type": "both", "line": [line], "city": town.0, "state": "MA", "postalCode": town.1, "country": "US",
            })
        };
        let mut all = vec![now(&self.household.line, self.household.town)];
        if draw.chance(0.15) {
            let before = Household::draw(draw);
            let mut old = now(&before.line, before.town);
            old["use"] = json!("old");
            old["period"] = json!({ "end": (self.birth.year() + 3).max(2012).to_string() });
            all.push(old);
        }
        json!(all)
    }

    fn communication(&self, draw: &mut Draw) -> Value {
        let (code, display) = self.name.language();
        let native = code != "en" && draw.chance(0.45);
        let (code, display) = if native { (code, display) } else { ("en", "English") };
        let mut spoken = json!({ "language": concept("urn:ietf:bcp:47", code, display), "preferred": true });
        if native && draw.chance(0.6) {
            spoken["extension"] = json!([{
                "url": "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired", "valueBoolean": true,
            }]);
        }
        json!([spoken])
    }

    fn contact(&self, kin: &str, age: i64, draw: &mut Draw) -> Value {
        let (code, display) = if age < 18 { ("PRN", "parent") } else { ("FAMMEMB", "family member") };
        let relation = json!({ "coding": [coding(&hl7("v3-RoleCode"), code, display)], "text": display });
        json!({
            "relationship": [concept(&hl7("v2-0131"), "C", "Emergency Contact"), relation],
            "name": { "text": format!("{kin} {}", self.name.roman_family()).trim() },
            "telecom": [{ "system": "phone", "value": telephone(draw.below(10_000)), "use": "mobile" }],
        })
    }
}

impl Cohort {
    fn of(index: u32) -> Self {
        match index {
            i if is(HEAVY, i) => Self::Heavy,
            i if is(ADMITTED, i) => Self::Admitted,
            i if is(TODAY, i) => Self::Today,
            _ => Self::Ordinary,
        }
    }
}

impl Team {
    fn draw(cohort: Cohort, draw: &mut Draw) -> Self {
        let ours = matches!(cohort, Cohort::Today | Cohort::Heavy) || draw.chance(0.83);
        let of = |role: &str, which: u64| {
            let all: Vec<_> = directory::CLINICIANS.iter().filter(|c| c.role == role).collect();
            all[usize::try_from(which).unwrap_or(0) % all.len().max(1)]
        };
        let (physician, nurse) = (draw.below(2), draw.below(2));
        if ours {
            Self { physician: of("physician", physician), nurse: of("nurse", nurse), ours }
        } else {
            Self { physician: &directory::ELSEWHERE[0], nurse: &directory::ELSEWHERE[1], ours }
        }
    }
}

impl Household {
    fn draw(draw: &mut Draw) -> Self {
        let flat = if draw.chance(0.3) { format!(", Apt {}", draw.between(1, 48)) } else { String::new() };
        Self {
            line: format!("{} {}{flat}", draw.between(1, 1_480), draw.pick(STREETS)),
            town: *draw.pick(TOWNS),
            phone: draw.below(10_000),
        }
    }
}

/// Fictitious towns with unassigned ZIP codes.
const TOWNS: &[(&str, &str)] =
    &[("Port Ellery", "01999"), ("Harrow Falls", "01998"), ("Saltmarsh", "01997"), ("East Quillby", "01996"), ("Wren Hollow", "01995")];
const STREETS: &[&str] = &[
    "Harbor Street",
    "Maple Avenue",
    "Old Mill Road",
    "Lighthouse Lane",
    "Winter Street",
    "Cedar Court",
    "Main Street",
    "Ferry Road",
    "Orchard Hill",
    "Quarry Way",
    "St. Brendan's Place",
    "Battery Row",
];
const KIN: &[&str] = &["Maria", "John", "Ana", "Wei", "Fatima", "Peter", "Ruth", "Sam", "Olga", "Kofi"];

/// Ages as a family practice sees them; the cohorts have their own.
fn draw_age(draw: &mut Draw, cohort: Cohort, twin: bool, namesake: bool) -> i64 {
    let band = draw.weighted(&[0.06, 0.16, 0.26, 0.30, 0.16, 0.06]);
    let (low, high) = match (cohort, twin, namesake) {
        (Cohort::Heavy, ..) => (62, 79),
        (Cohort::Admitted, ..) => (45, 90),
        (_, true, _) => (1, 12),
        (_, _, true) => (38, 82),
        _ => [(0, 1), (2, 17), (18, 39), (40, 64), (65, 79), (80, 99)][band],
    };
    draw.between(low, high)
}

/// The birth date somebody with the same name has: day and month exchanged where that is a date, else ten days on.
fn misread(birth: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(birth.year(), birth.day(), birth.month())
        .filter(|swapped| *swapped != birth)
        .unwrap_or(birth + Duration::days(10))
        .min(birth + Duration::days(300))
}

/// Seven digits, a different one for every index below 9,000,000: multiplication by a unit modulo 9,000,000.
fn medical_record_number(index: u32) -> u32 {
    let scattered = u64::from(index) * 7_368_787 % 9_000_000;
    u32::try_from(scattered).unwrap_or(0) + 1_000_000
}

/// 555-01xx: reserved for fiction.
fn telephone(number: u64) -> String {
    format!("({:03}) 555-01{:02}", 200 + number / 100 % 700, number % 100)
}

fn marital_status(age: i64, draw: &mut Draw) -> Value {
    let widowed = if age > 70 { 0.3 } else { 0.02 };
    let (code, display) = [("M", "Married"), ("S", "Never Married"), ("D", "Divorced"), ("W", "Widowed")]
        [draw.weighted(&[0.5, if age < 35 { 0.6 } else { 0.15 }, 0.13, widowed])];
    concept(&hl7("v3-MaritalStatus"), code, display)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::tests::spec;

    #[test]
    fn record_numbers_do_not_repeat() {
        let mut seen: Vec<u32> = (0..200_000).map(medical_record_number).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 200_000);
        assert!(seen.iter().all(|n| (1_000_000..10_000_000).contains(n)));
    }

    #[test]
    fn twins_share_birth_date_family_and_home_but_not_identifiers() {
        let (a, b) = (Person::draw(&spec(1), 17), Person::draw(&spec(1), 18));
        assert_eq!((a.birth, a.female), (b.birth, b.female));
        assert_eq!(a.name.roman_family(), b.name.roman_family());
        assert_ne!(a.name.roman(), b.name.roman());
        assert_eq!(a.household.line, b.household.line);
        assert_ne!(a.mrn, b.mrn);
        assert_ne!(a.id, b.id);
    }

    #[test]
    fn namesakes_share_the_name_but_not_the_birth_date() {
        for seed in 0..5 {
            let (a, b) = (Person::draw(&spec(seed), 29), Person::draw(&spec(seed), 30));
            assert_eq!(a.name.roman(), b.name.roman());
            assert_ne!(a.birth, b.birth);
            assert!((a.birth - b.birth).num_days().abs() <= 366);
        }
    }

    #[test]
    fn about_one_patient_in_seven_is_nobodys_here() {
        let elsewhere = (0..1_000).filter(|i| !Person::draw(&spec(1), *i).team.ours).count();
        assert!((110..190).contains(&elsewhere), "{elsewhere}");
    }

    #[test]
    fn every_clinician_of_the_practice_has_patients() {
        let people: Vec<_> = (0..100).map(|i| Person::draw(&spec(1), i)).collect();
        for who in directory::CLINICIANS.iter().filter(|c| matches!(c.role, "physician" | "nurse")) {
            let panel = people.iter().filter(|p| p.team.physician == who || p.team.nurse == who).count();
            assert!(panel > 25, "{} {panel}", who.username);
        }
    }

    #[test]
    fn every_sex_gender_and_age_band_occurs() {
        let people: Vec<_> = (0..400).map(|i| Person::draw(&spec(2), i)).collect();
        for gender in ["male", "female", "other", "unknown"] {
            assert!(people.iter().any(|p| p.gender == gender), "{gender}");
        }
        for (low, high) in [(0, 2), (2, 18), (18, 40), (40, 65), (65, 80), (80, 101)] {
            assert!(people.iter().any(|p| (low..high).contains(&p.age(spec(2).today))), "{low}..{high}");
        }
        assert!(people.iter().any(|p| p.death.is_some()));
    }
}
