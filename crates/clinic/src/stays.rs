//! Stays in hospital: admission, rounds, doses, daily blood, discharge, or still going on.

use crate::chart::{Chart, Filed};
use crate::codes::{SNOMED, concept, hl7, reference};
use crate::conditions::{self, Dx};
use crate::directory::{self, practitioner};
use crate::drugs::{Drug, Often, drug};
use crate::encounters::{self, Reason};
use crate::labs::{self, Illness, Panel};
use crate::notes::{self, Draft, Kind};
use crate::prescriptions;
use crate::visits::file_procedure;
use crate::vitals::{Strain, Vitals};
use crate::when::stamp;
use chrono::{DateTime, Duration, FixedOffset, NaiveDate};
use serde_json::json;

/// Why someone is admitted and what is done.
#[derive(Debug)]
pub(crate) struct Stay {
    dx: Dx,
    ages: (i64, i64),
    /// Only with this condition.
    needs: Option<&'static str>,
    women_only: bool,
    days: (i64, i64),
    story: &'static str,
    strain: Strain,
    illness: (f64, f64, f64, f64),
    drugs: &'static [&'static str],
    panels: &'static [Panel],
    procedure: Option<(&'static str, &'static str)>,
    intensive: bool,
    once: bool,
}

/// A stay that fits the patient on that day, from the same list for all; None where none fits.
pub(crate) fn pick(chart: &mut Chart<'_>, day: NaiveDate, intensive: bool) -> Option<&'static Stay> {
    let age = chart.age(day);
    let fitting: Vec<&'static Stay> = STAYS
        .iter()
        .filter(|s| s.intensive == intensive && (s.ages.0..=s.ages.1).contains(&age))
        .filter(|s| chart.person.female || !s.women_only)
        .filter(|s| s.needs.is_none_or(|key| chart.has(key, day)))
        .filter(|s| !s.once || chart.problem(s.dx.key).is_none())
        .collect();
    if fitting.is_empty() { None } else { Some(*chart.draw.pick(&fitting)) }
}

/// A stay that began on `day`: over by the last day of the history, or (`ongoing`) going on now.
/// Returns its planned last day.
pub(crate) fn run(chart: &mut Chart<'_>, stay: &'static Stay, day: NaiveDate, ongoing: bool) -> NaiveDate {
    let days = chart.draw.between(stay.days.0, stay.days.1);
    let minutes = chart.draw.between(10 * 60, 18 * 60);
    let admitted = chart.at(day, minutes);
    let last = day + Duration::days(days);
    let discharged = (!ongoing).then(|| chart.at(last, 11 * 60));
    let end = discharged.unwrap_or_else(|| chart.zone.shown(chart.spec.now));
    let reason = concept(SNOMED, stay.dx.snomed.0, stay.dx.snomed.1);
    let encounter = encounters::file(chart, Reason::Stay, (admitted, discharged), Some(reason), None);
    move_in(chart, &encounter, stay, admitted, discharged);
    crate::visits::diagnose(chart, &encounter, day);
    let over = (!ongoing).then_some(last + Duration::days(10)).filter(|over| *over <= chart.to);
    conditions::file_acute(chart, &stay.dx, day, over, &encounter);

    let mut draft = Draft { subjective: vec![stay.story.to_owned()], ..Draft::default() };
    rounds(chart, stay, &encounter, (admitted, end), &mut draft);
    blood(chart, stay, &encounter, (admitted, end), &mut draft);
    doses(chart, stay, &encounter, (admitted, end), discharged.map(|_| last));
    if let Some(procedure) = stay.procedure {
        let at = admitted + Duration::hours(5);
        if !chart.is_future(at + Duration::minutes(90)) {
            file_procedure(chart, procedure, &encounter, at, 75);
        }
        draft.plan.push(format!("{}.", procedure.1));
    }
    draft.assessment.push(format!("{}.", stay.dx.text));
    if discharged.is_some() {
        draft.plan.push("Discharged home in stable condition, follow-up with primary care in 1-2 weeks.".to_owned());
        notes::file(chart, Kind::Discharge, &draft, &encounter, end, directory::of_role("physician"));
    } else {
        draft.plan.push("Continue inpatient treatment, reassess daily.".to_owned());
        let at = (admitted + Duration::hours(2)).min(end);
        notes::file(chart, Kind::Admission, &draft, &encounter, at, directory::of_role("physician"));
    }
    last
}

fn move_in(
    chart: &mut Chart<'_>,
    encounter: &Filed,
    stay: &Stay,
    admitted: DateTime<FixedOffset>,
    discharged: Option<DateTime<FixedOffset>>,
) {
    let unit = if stay.intensive { directory::ICU } else { directory::WARD };
    let bed = chart.draw.between(1, 24);
    chart.amend(encounter, |record| {
        record["location"] = json!([{
            "location": reference(unit.0, unit.1),
            "status": if discharged.is_some() { "completed" } else { "active" },
            "period": record["period"],
        }]);
        record["priority"] = concept(&hl7("v3-ActPriority"), "EM", "emergency");
        record["hospitalization"] = json!({
            "admitSource": concept(&hl7("admit-source"), "emd", "From accident/emergency department"),
        });
        if discharged.is_some() {
            record["hospitalization"]["dischargeDisposition"] = concept(&hl7("discharge-disposition"), "home", "Home");
        }
        record["identifier"] = json!([{
            "system": format!("{}/visit", crate::codes::CLINIC_URL),
            "value": format!("V{}-{bed}", admitted.format("%y%m%d")),
        }]);
    });
}

/// Vital signs every eight hours on the ward, every hour in intensive care; strain eases over the stay.
fn rounds(
    chart: &mut Chart<'_>,
    stay: &Stay,
    encounter: &Filed,
    (from, until): (DateTime<FixedOffset>, DateTime<FixedOffset>),
    draft: &mut Draft,
) {
    let every = if stay.intensive { 60 } else { 480 };
    let total = (until - from).num_minutes().max(1) as f64;
    // Who goes home is nearly well; who is still here is only somewhat better.
    let eased = if chart.is_future(until + Duration::minutes(1)) { 0.4 } else { 0.85 };
    let nurse = practitioner(directory::of_role(if stay.intensive { "icu" } else { "nurse" }));
    let mut at = from + Duration::minutes(15);
    while at < until {
        let left = 1.0 - (at - from).num_minutes() as f64 / total * eased;
        let strain = Strain { fever: stay.strain.fever * left, hypoxia: stay.strain.hypoxia * left, shock: stay.strain.shock * left };
        let taken = Vitals::take(chart, at.date_naive(), strain).for_ward();
        taken.file(chart, encounter, at, &nurse);
        if draft.vitals.is_empty() {
            draft.vitals = format!("On arrival: {}", taken.line());
        }
        at += Duration::minutes(every);
    }
}

/// Blood on arrival and every morning.
fn blood(
    chart: &mut Chart<'_>,
    stay: &Stay,
    encounter: &Filed,
    (from, until): (DateTime<FixedOffset>, DateTime<FixedOffset>),
    draft: &mut Draft,
) {
    let mut at = from + Duration::minutes(25);
    let mut round = 0u8;
    while at + Duration::minutes(210) < until {
        let left = (1.0 - f64::from(round) * 0.25).max(0.1);
        let (infection, kidney_injury, bleeding, ischaemia) = stay.illness;
        let illness = Illness {
            infection: infection * left,
            kidney_injury: kidney_injury * left,
            bleeding: bleeding * left,
            ischaemia: ischaemia * left,
        };
        // After the second morning only every other panel list is repeated in full.
        let panels = if round == 0 { stay.panels } else { &stay.panels[..stay.panels.len().min(2)] };
        if round < 2 || round.is_multiple_of(2) {
            for panel in panels {
                let resulted = labs::run(chart, *panel, encounter, at, None, illness);
                if round == 0 {
                    draft.results.extend(resulted.lines);
                }
            }
        }
        round = round.saturating_add(1);
        at = chart.at(from.date_naive() + Duration::days(i64::from(round)), 6 * 60);
    }
}

/// Orders of the stay and every dose given, refused or held, up to now.
fn doses(
    chart: &mut Chart<'_>,
    stay: &Stay,
    encounter: &Filed,
    (from, until): (DateTime<FixedOffset>, DateTime<FixedOffset>),
    last: Option<NaiveDate>,
) {
    for key in stay.drugs {
        let drug = drug(key);
        let anticoagulated = chart.takes("warfarin") || chart.takes("anticoagulant");
        if chart.avoid.contains(&drug.class) || drug.class == "heparin" && anticoagulated {
            continue;
        }
        let ordered = stamp(from + Duration::minutes(40));
        let order = prescriptions::order_inpatient(chart, encounter, drug, ordered, last);
        if drug.often == Often::Continuous {
            infusion(chart, drug, encounter, &order, from + Duration::minutes(60), last.map(|_| from + Duration::hours(40)));
            continue;
        }
        let mut day = from.date_naive();
        while day <= until.date_naive() {
            for minutes in drug.often.ward_times() {
                let due = chart.at(day, minutes);
                let late = chart.draw.between(-10, 25);
                let given = due + Duration::minutes(late);
                if due > from + Duration::minutes(60) && given < until && !chart.is_future(given) {
                    dose(chart, drug, encounter, &order, given, stay.intensive);
                }
            }
            day += Duration::days(1);
        }
    }
}

fn dose(chart: &mut Chart<'_>, drug: &'static Drug, encounter: &Filed, order: &Filed, at: DateTime<FixedOffset>, intensive: bool) {
    let outcome = chart.draw.weighted(&[0.95, 0.03, 0.02]);
    let mut body = administration(chart, drug, encounter, order, intensive);
    body["status"] = json!(if outcome == 0 { "completed" } else { "not-done" });
    body["effectiveDateTime"] = json!(stamp(at));
    if outcome == 0 {
        body["dosage"] = json!({ "text": drug.direction(), "route": drug.route.concept(), "dose": drug.dose_quantity() });
    } else {
        body["statusReason"] = json!([{ "text": if outcome == 1 { "Patient refused" } else { "Held: patient off the unit" } }]);
    }
    chart.file("MedicationAdministration", body);
}

fn infusion(
    chart: &mut Chart<'_>,
    drug: &'static Drug,
    encounter: &Filed,
    order: &Filed,
    from: DateTime<FixedOffset>,
    until: Option<DateTime<FixedOffset>>,
) {
    if chart.is_future(from) {
        return;
    }
    let until = until.filter(|end| !chart.is_future(*end));
    let mut body = administration(chart, drug, encounter, order, true);
    body["status"] = json!(if until.is_some() { "completed" } else { "in-progress" });
    body["effectivePeriod"] = json!({ "start": stamp(from) });
    if let Some(until) = until {
        body["effectivePeriod"]["end"] = json!(stamp(until));
    }
    body["dosage"] = json!({ "text": drug.direction(), "route": drug.route.concept(), "rateQuantity": drug.dose_quantity() });
    chart.file("MedicationAdministration", body);
}

fn administration(chart: &Chart<'_>, drug: &Drug, encounter: &Filed, order: &Filed, intensive: bool) -> serde_json::Value {
    json!({
        "category": concept(&hl7("medication-admin-category"), "inpatient", "Inpatient"),
        "medicationCodeableConcept": drug.concept(),
        "subject": chart.subject(),
        "context": { "reference": encounter.reference },
        "performer": [{ "actor": practitioner(directory::of_role(if intensive { "icu" } else { "nurse" })) }],
        "request": { "reference": order.reference },
    })
}

const fn dx(key: &'static str, text: &'static str, snomed: (&'static str, &'static str), icd10: (&'static str, &'static str)) -> Dx {
    Dx { key, text, snomed, icd10, sensitive: None }
}

const fn strain(fever: f64, hypoxia: f64, shock: f64) -> Strain {
    Strain { fever, hypoxia, shock }
}

#[rustfmt::skip]
static STAYS: &[Stay] = &[
    Stay {
        dx: dx("pneumonia-admitted", "Community-acquired pneumonia", ("385093006", "Community acquired pneumonia"), ("J18.9", "Pneumonia, unspecified organism")),
        ages: (2, 120), needs: None, women_only: false, days: (2, 5),
        story: "Three days of fever, cough and shortness of breath, hypoxic on arrival.",
        strain: strain(1.9, 6.0, 8.0), illness: (2.4, 0.1, 0.0, 0.0),
        drugs: &["ceftriaxone-1g", "enoxaparin-40", "acetaminophen-500"], panels: &[Panel::BloodCount, Panel::Metabolic, Panel::Sepsis],
        procedure: None, intensive: false, once: false,
    },
    Stay {
        dx: dx("heart-failure-exacerbation", "Acute on chronic systolic heart failure", ("443254009", "Acute systolic heart failure"), ("I50.23", "Acute on chronic systolic (congestive) heart failure")),
        ages: (40, 120), needs: Some("heart-failure"), women_only: false, days: (3, 6),
        story: "Weight up 5 kg in two weeks, orthopnea and leg swelling.",
        strain: strain(0.0, 5.0, -8.0), illness: (0.2, 0.2, 0.0, 0.0),
        drugs: &["furosemide-iv", "potassium-20", "enoxaparin-40"], panels: &[Panel::Metabolic, Panel::Natriuretic],
        procedure: Some(("40701008", "Echocardiography")), intensive: false, once: false,
    },
    Stay {
        dx: dx("copd-exacerbation", "Acute exacerbation of COPD", ("195951007", "Acute exacerbation of chronic obstructive airways disease"), ("J44.1", "Chronic obstructive pulmonary disease with (acute) exacerbation")),
        ages: (40, 120), needs: Some("copd"), women_only: false, days: (2, 5),
        story: "More sputum and dyspnea for four days, wheezing, using the inhaler every two hours.",
        strain: strain(0.4, 6.0, 0.0), illness: (1.0, 0.0, 0.0, 0.0),
        drugs: &["prednisone-20", "azithromycin-250", "enoxaparin-40"], panels: &[Panel::BloodCount, Panel::Metabolic],
        procedure: None, intensive: false, once: false,
    },
    Stay {
        dx: dx("appendicitis", "Acute appendicitis", ("85189001", "Acute appendicitis"), ("K35.80", "Unspecified acute appendicitis")),
        ages: (6, 55), needs: None, women_only: false, days: (1, 2),
        story: "Pain moved from the navel to the right lower abdomen overnight.",
        strain: strain(1.2, 0.0, 0.0), illness: (2.0, 0.0, 0.0, 0.0),
        drugs: &["ceftriaxone-1g", "oxycodone-apap"], panels: &[Panel::BloodCount, Panel::Metabolic],
        procedure: Some(("80146002", "Appendectomy")), intensive: false, once: true,
    },
    Stay {
        dx: dx("cholecystitis", "Acute cholecystitis", ("65275009", "Acute cholecystitis"), ("K81.0", "Acute cholecystitis")),
        ages: (30, 90), needs: None, women_only: false, days: (2, 4),
        story: "Right upper abdominal pain after meals, now constant, with fever.",
        strain: strain(1.3, 0.0, 0.0), illness: (2.2, 0.0, 0.0, 0.0),
        drugs: &["piperacillin-tazobactam", "ondansetron-4", "enoxaparin-40"], panels: &[Panel::BloodCount, Panel::Metabolic, Panel::Liver],
        procedure: Some(("45595009", "Laparoscopic cholecystectomy")), intensive: false, once: true,
    },
    Stay {
        dx: dx("nstemi", "Non-ST elevation myocardial infarction", ("401314000", "Acute non-ST segment elevation myocardial infarction"), ("I21.4", "Non-ST elevation (NSTEMI) myocardial infarction")),
        ages: (45, 100), needs: Some("coronary-disease"), women_only: false, days: (3, 5),
        story: "Two hours of pressure-like chest pain at rest with sweating.",
        strain: strain(0.0, 2.0, 6.0), illness: (0.3, 0.0, 0.0, 1.0),
        drugs: &["aspirin-81", "clopidogrel-75", "atorvastatin-80", "metoprolol-50", "enoxaparin-40"], panels: &[Panel::Troponin, Panel::Metabolic, Panel::BloodCount],
        procedure: Some(("415070008", "Percutaneous coronary intervention")), intensive: false, once: true,
    },
    Stay {
        dx: dx("hip-fracture", "Fracture of neck of femur", ("5913000", "Fracture of neck of femur"), ("S72.009A", "Fracture of unspecified part of neck of unspecified femur, initial encounter for closed fracture")),
        ages: (68, 120), needs: None, women_only: false, days: (4, 7),
        story: "Fell at home, could not get up, leg shortened and rotated.",
        strain: strain(0.2, 1.0, 6.0), illness: (0.6, 0.1, 0.6, 0.0),
        drugs: &["enoxaparin-40", "acetaminophen-500", "oxycodone-apap"], panels: &[Panel::BloodCount, Panel::Metabolic, Panel::Coagulation],
        procedure: Some(("52734007", "Total replacement of hip")), intensive: false, once: true,
    },
    Stay {
        dx: dx("gastrointestinal-bleeding", "Gastrointestinal hemorrhage", ("74474003", "Gastrointestinal hemorrhage"), ("K92.2", "Gastrointestinal hemorrhage, unspecified")),
        ages: (45, 120), needs: None, women_only: false, days: (2, 4),
        story: "Black stools for two days, light-headed on standing.",
        strain: strain(0.0, 0.5, 22.0), illness: (0.2, 0.15, 2.5, 0.0),
        drugs: &["omeprazole-20", "ondansetron-4"], panels: &[Panel::BloodCount, Panel::Metabolic, Panel::Coagulation],
        procedure: Some(("71493000", "Transfusion of packed red blood cells")), intensive: false, once: true,
    },
    Stay {
        dx: dx("delivery", "Normal pregnancy, delivered", ("72892002", "Normal pregnancy"), ("O80", "Encounter for full-term uncomplicated delivery")),
        ages: (20, 40), needs: None, women_only: true, days: (1, 2),
        story: "Regular contractions since the early morning at term.",
        strain: strain(0.2, 0.0, 0.0), illness: (0.4, 0.0, 0.3, 0.0),
        drugs: &["ibuprofen-600"], panels: &[Panel::BloodCount],
        procedure: Some(("177184002", "Normal delivery procedure")), intensive: false, once: true,
    },
    Stay {
        dx: dx("septic-shock", "Septic shock", ("76571007", "Septic shock"), ("R65.21", "Severe sepsis with septic shock")),
        ages: (40, 120), needs: None, women_only: false, days: (3, 4),
        story: "Confusion, fever and low blood pressure, source lung; intubated in the emergency department.",
        strain: strain(2.2, 9.0, 42.0), illness: (3.2, 0.45, 0.2, 0.0),
        drugs: &["norepinephrine", "propofol", "piperacillin-tazobactam", "vancomycin-1g", "enoxaparin-40"],
        panels: &[Panel::Metabolic, Panel::BloodCount, Panel::Sepsis, Panel::Coagulation],
        procedure: Some(("112798008", "Insertion of endotracheal tube")), intensive: true, once: false,
    },
    Stay {
        dx: dx("respiratory-failure", "Acute respiratory failure", ("65710008", "Acute respiratory failure"), ("J96.01", "Acute respiratory failure with hypoxia")),
        ages: (40, 120), needs: None, women_only: false, days: (3, 4),
        story: "Rapidly worsening dyspnea, saturation 79 % on room air, intubated.",
        strain: strain(1.2, 12.0, 14.0), illness: (2.0, 0.2, 0.0, 0.0),
        drugs: &["propofol", "piperacillin-tazobactam", "enoxaparin-40", "furosemide-iv"],
        panels: &[Panel::Metabolic, Panel::BloodCount, Panel::Sepsis],
        procedure: Some(("112798008", "Insertion of endotracheal tube")), intensive: true, once: false,
    },
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn every_drug_of_every_stay_is_in_the_formulary() {
        for key in STAYS.iter().flat_map(|s| s.drugs) {
            assert_eq!(drug(key).key, *key);
        }
    }

    #[test]
    fn every_adult_age_can_be_admitted_to_either_unit() {
        for age in 45..100 {
            for intensive in [false, true] {
                assert!(STAYS.iter().any(|s| s.intensive == intensive && s.needs.is_none() && (s.ages.0..=s.ages.1).contains(&age)));
            }
        }
    }
}
