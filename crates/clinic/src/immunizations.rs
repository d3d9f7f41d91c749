//! Immunisations by age and season (after the CDC schedules), as given here or as brought along.

use crate::chart::{Chart, Filed};
use crate::codes::{CVX, concept, hl7, reference};
use crate::directory::{self, practitioner};
use crate::when::{months_after, stamp};
use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate};
use serde_json::json;

/// A vaccine: key, CVX code and name.
struct Vaccine(&'static str, &'static str, &'static str);

/// A childhood dose: vaccine, age in months, number of the dose.
struct Dose(&'static str, i32, u32);

/// What was given before the history begins: childhood doses on their dates, from records brought along.
pub(crate) fn file_brought_along(chart: &mut Chart<'_>) {
    if chart.age(chart.to) >= 19 {
        return;
    }
    for dose in CHILDHOOD {
        let due = months_after(chart.person.birth, dose.1);
        let given = due + Duration::days(chart.draw.between(0, 20));
        if due < chart.from {
            let day = given.min(chart.from - Duration::days(1));
            give(chart, dose.0, (day, chart.at(day, 0)), Some(dose.2), None);
        }
    }
}

/// Gives what is due at a visit. Returns the names for the note.
pub(crate) fn give_due(chart: &mut Chart<'_>, encounter: &Filed, previous: NaiveDate, at: DateTime<FixedOffset>) -> Vec<&'static str> {
    let day = at.date_naive();
    let age = chart.age(day);
    let mut given = Vec::new();
    let due_between = |months: i32| {
        let due = months_after(chart.person.birth, months);
        previous < due && due <= day
    };
    let due: Vec<_> = CHILDHOOD.iter().filter(|dose| due_between(dose.1)).collect();
    for dose in due {
        given.push(give(chart, dose.0, (day, at), Some(dose.2), Some(encounter)));
    }
    if age >= 19 {
        for (vaccine, years) in
            [("tdap", 27), ("td", 37), ("td", 47), ("td", 57), ("td", 67), ("zoster", 50), ("pneumococcal", 65), ("zoster", 66)]
        {
            let due = months_after(chart.person.birth, years * 12);
            if previous < due && due <= day && chart.draw.chance(0.75) {
                given.push(give(chart, vaccine, (day, at), None, Some(encounter)));
            }
        }
    }
    if matches!(day.month(), 9..=12 | 1) && age >= 1 && chart.draw.chance(if age >= 65 { 0.75 } else { 0.45 }) {
        let vaccine = if age >= 65 { "influenza-high-dose" } else { "influenza" };
        given.push(give(chart, vaccine, (day, at), None, Some(encounter)));
    }
    let (then, now) = (covid_vaccine(previous), covid_vaccine(day));
    if let Some(vaccine) = now.filter(|_| age >= 12 && then != now && chart.draw.chance(0.55)) {
        given.push(give(chart, vaccine, (day, at), None, Some(encounter)));
    }
    given
}

/// The COVID-19 vaccine of a season; None before there was one.
fn covid_vaccine(day: NaiveDate) -> Option<&'static str> {
    match (day.year(), day.month()) {
        (..=2020, _) | (2021, ..=2) => None,
        (2021, _) | (2022, ..=8) => Some("covid-original"),
        (2022, _) | (2023, ..=8) => Some("covid-bivalent"),
        _ => Some("covid-current"),
    }
}

fn give(
    chart: &mut Chart<'_>,
    key: &str,
    (day, at): (NaiveDate, DateTime<FixedOffset>),
    dose: Option<u32>,
    encounter: Option<&Filed>,
) -> &'static str {
    let Vaccine(_, code, name) = VACCINES.iter().find(|v| v.0 == key).unwrap_or(&VACCINES[0]);
    let refused = encounter.is_some() && chart.draw.chance(0.03);
    let mut body = json!({
        "status": if refused { "not-done" } else { "completed" },
        "vaccineCode": concept(CVX, code, name),
        "patient": chart.subject(),
        "occurrenceDateTime": match encounter {
            Some(_) => stamp(at),
            None => day.to_string(),
        },
        "primarySource": encounter.is_some(),
    });
    if let Some(encounter) = encounter {
        body["encounter"] = json!({ "reference": encounter.reference });
        body["performer"] = json!([{
            "function": concept(&hl7("v2-0443"), "AP", "Administering Provider"),
            "actor": practitioner(chart.person.team.nurse),
        }]);
        if chart.person.team.ours {
            body["location"] = reference(directory::OUTPATIENT.0, directory::OUTPATIENT.1);
        }
    } else {
        body["reportOrigin"] = concept(&hl7("immunization-origin"), "record", "Written Record");
    }
    if refused {
        body["statusReason"] = concept(&hl7("v3-ActReason"), "PATOBJ", "patient objection");
    } else if encounter.is_some() {
        body["lotNumber"] = json!(format!("{}{:04}", chart.draw.pick(&["AX", "K", "UF", "R2", "EL"]), chart.draw.between(0, 9_999)));
        body["expirationDate"] = json!(months_after(day, 9).to_string());
        let oral = key == "rotavirus";
        let infant = chart.age(day) < 2;
        if oral {
            body["route"] = concept(&hl7("v3-RouteOfAdministration"), "PO", "Swallow, oral");
        } else {
            body["route"] = concept(&hl7("v3-RouteOfAdministration"), "IM", "Injection, intramuscular");
            let (site, display) = if infant { ("LT", "left thigh") } else { ("LA", "left arm") };
            body["site"] = concept(&hl7("v3-ActSite"), site, display);
        }
    }
    if let Some(dose) = dose {
        body["protocolApplied"] = json!([{ "doseNumberPositiveInt": dose }]);
    }
    chart.file("Immunization", body);
    name
}

static CHILDHOOD: &[Dose] = &[
    Dose("hepatitis-b", 0, 1),
    Dose("hepatitis-b", 1, 2),
    Dose("rotavirus", 2, 1),
    Dose("dtap", 2, 1),
    Dose("hib", 2, 1),
    Dose("pneumococcal-child", 2, 1),
    Dose("polio", 2, 1),
    Dose("rotavirus", 4, 2),
    Dose("dtap", 4, 2),
    Dose("hib", 4, 2),
    Dose("pneumococcal-child", 4, 2),
    Dose("polio", 4, 2),
    Dose("hepatitis-b", 6, 3),
    Dose("dtap", 6, 3),
    Dose("pneumococcal-child", 6, 3),
    Dose("polio", 6, 3),
    Dose("mmr", 12, 1),
    Dose("varicella", 12, 1),
    Dose("hepatitis-a", 12, 1),
    Dose("hib", 12, 3),
    Dose("pneumococcal-child", 12, 4),
    Dose("dtap", 15, 4),
    Dose("hepatitis-a", 18, 2),
    Dose("dtap", 48, 5),
    Dose("polio", 48, 4),
    Dose("mmr", 48, 2),
    Dose("varicella", 48, 2),
    Dose("tdap", 132, 1),
    Dose("hpv", 132, 1),
    Dose("meningococcal", 132, 1),
    Dose("hpv", 144, 2),
    Dose("meningococcal", 192, 2),
];

static VACCINES: &[Vaccine] = &[
    Vaccine("influenza", "140", "Influenza, split virus, trivalent, PF"),
    Vaccine("influenza-high-dose", "135", "Influenza, high-dose, trivalent, PF"),
    Vaccine("hepatitis-b", "08", "Hep B, adolescent or pediatric"),
    Vaccine("rotavirus", "119", "rotavirus, monovalent"),
    Vaccine("dtap", "20", "DTaP"),
    Vaccine("hib", "49", "Hib (PRP-OMP)"),
    Vaccine("pneumococcal-child", "133", "Pneumococcal conjugate PCV 13"),
    Vaccine("polio", "10", "IPV"),
    Vaccine("mmr", "03", "MMR"),
    Vaccine("varicella", "21", "varicella"),
    Vaccine("hepatitis-a", "83", "Hep A, ped/adol, 2 dose"),
    Vaccine("tdap", "115", "Tdap"),
    Vaccine("td", "113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed"),
    Vaccine("hpv", "165", "HPV9"),
    Vaccine("meningococcal", "114", "meningococcal MCV4P"),
    Vaccine("zoster", "187", "zoster recombinant"),
    Vaccine("pneumococcal", "33", "pneumococcal polysaccharide PPV23"),
    Vaccine("covid-original", "208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose"),
    Vaccine("covid-bivalent", "300", "COVID-19, mRNA, LNP-S, bivalent, PF, 30 mcg/0.3 mL dose"),
    Vaccine("covid-current", "309", "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn every_scheduled_vaccine_is_known_and_its_doses_count_up() {
        for dose in CHILDHOOD {
            assert!(VACCINES.iter().any(|v| v.0 == dose.0), "{}", dose.0);
            let earlier = CHILDHOOD.iter().filter(|d| d.0 == dose.0 && d.1 < dose.1).count() as u32;
            assert_eq!(dose.2, earlier + 1, "{} at {}", dose.0, dose.1);
        }
    }

    #[test]
    fn no_covid_vaccine_before_there_was_one() {
        let day = |y, m| NaiveDate::from_ymd_opt(y, m, 1).unwrap();
        assert_eq!(covid_vaccine(day(2020, 12)), None);
        assert_eq!(covid_vaccine(day(2021, 6)), Some("covid-original"));
        assert_eq!(covid_vaccine(day(2025, 1)), Some("covid-current"));
    }
}
