//! Prescriptions: what is started for which condition and when, renewed, replaced, stopped.

use crate::chart::{Chart, Filed, Prescription};
use crate::codes::hl7;
use crate::conditions::Key;
use crate::directory::practitioner;
use crate::drugs::{Drug, drug};
use crate::when::{months_after, stamp};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::json;

/// A step of treatment: so many months after onset, this drug, in place of that one.
struct Step {
    months: i32,
    drug: &'static str,
    replaces: Option<&'static str>,
}

/// Takes over, at the first visit, what others prescribed before the history begins.
pub(crate) fn take_over(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>) {
    let earlier = chart.problems.iter().filter(|p| p.onset < chart.from).map(|p| p.dx.key).collect();
    treat(chart, encounter, at, earlier);
}

/// Brings the treatment of every known condition up to date at a visit. Returns what changed, in words for the note.
pub(crate) fn update(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>) -> Vec<String> {
    let known = chart.active_problems(at.date_naive()).iter().map(|dx| dx.key).collect();
    treat(chart, encounter, at, known)
}

fn treat(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>, keys: Vec<Key>) -> Vec<String> {
    let day = at.date_naive();
    let mut changes = Vec::new();
    for key in keys {
        let Some(onset) = chart.problem(key).map(|p| p.onset) else { continue };
        let steps = steps(chart, key);
        let mut due: Vec<Step> = steps.into_iter().filter(|s| months_after(onset, s.months) <= day).collect();
        // What a later step replaced is history by now.
        let replaced: Vec<_> = due.iter().filter_map(|s| s.replaces).collect();
        due.retain(|s| !replaced.contains(&s.drug));
        for step in due {
            let drug = drug(step.drug);
            if chart.prescriptions.iter().any(|p| p.drug.key == drug.key) || chart.avoid.contains(&drug.class) {
                continue;
            }
            if let Some(old) = step.replaces {
                stop(chart, old, day, "Dose or drug changed");
            } else if chart.takes(drug.class) {
                continue;
            }
            // Before the history begins a drug was started when it was due; since then, at the visit.
            let due = months_after(onset, step.months);
            let since = if due < chart.from { due } else { day };
            start(chart, encounter, drug, Some(key), (since, at), None);
            changes.push(format!("Start {}: {}.", drug.short, drug.direction()));
        }
    }
    changes
}

/// Renews long-term prescriptions older than a year.
pub(crate) fn renew(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>) {
    for i in 0..chart.prescriptions.len() {
        let old = chart.prescriptions[i].clone();
        if !old.active || (at.date_naive() - old.authored).num_days() < 360 || old.problem.is_none() {
            continue;
        }
        chart.amend(&old.filed, |record| record["status"] = json!("completed"));
        chart.prescriptions[i].active = false;
        start(chart, encounter, old.drug, old.problem, (old.since, at), Some(&old.filed));
    }
}

/// Files an order of the ward for as long as the stay lasts; `until` None while it goes on.
pub(crate) fn order_inpatient(
    chart: &mut Chart<'_>,
    encounter: &Filed,
    drug: &'static Drug,
    from: String,
    until: Option<NaiveDate>,
) -> Filed {
    let body = json!({
        "status": if until.is_some() { "completed" } else { "active" },
        "intent": "order",
        "category": [{ "coding": [{ "system": hl7("medicationrequest-category"), "code": "inpatient", "display": "Inpatient" }] }],
        "medicationCodeableConcept": drug.concept(),
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "authoredOn": from,
        "requester": practitioner(crate::directory::of_role("physician")),
        "dosageInstruction": [drug.dosage()],
    });
    chart.file("MedicationRequest", body)
}

/// A short course, from a visit: ends by itself.
pub(crate) fn course(
    chart: &mut Chart<'_>,
    encounter: &Filed,
    drug_key: &str,
    days: i64,
    at: DateTime<FixedOffset>,
    reason: &Filed,
) -> Option<&'static Drug> {
    let drug = drug(drug_key);
    if chart.avoid.contains(&drug.class) {
        return None;
    }
    let day = at.date_naive();
    let over = day + chrono::Duration::days(days) <= chart.spec.today;
    let mut body = request(chart, encounter, drug, at);
    body["status"] = json!(if over { "completed" } else { "active" });
    body["reasonReference"] = json!([{ "reference": reason.reference }]);
    let mut dosage = drug.dosage();
    if dosage["timing"]["repeat"].is_object() {
        dosage["timing"]["repeat"]["boundsDuration"] = json!({ "value": days, "unit": "days", "system": crate::codes::UCUM, "code": "d" });
    }
    body["dosageInstruction"] = json!([dosage]);
    let doses = i64::from(drug.often.per_month()) * days / 30;
    body["dispenseRequest"] = json!({ "numberOfRepeatsAllowed": 0, "quantity": { "value": doses.max(1) } });
    let filed = chart.file("MedicationRequest", body);
    let active = !over;
    chart.prescriptions.push(Prescription { drug, filed, problem: None, since: day, authored: day, active });
    Some(drug)
}

/// Stops a drug, with the reason.
pub(crate) fn stop(chart: &mut Chart<'_>, drug_key: &str, day: NaiveDate, why: &str) {
    for i in 0..chart.prescriptions.len() {
        if chart.prescriptions[i].active && chart.prescriptions[i].drug.key == drug_key && chart.prescriptions[i].authored <= day {
            chart.prescriptions[i].active = false;
            let filed = chart.prescriptions[i].filed.clone();
            chart.amend(&filed, |record| {
                record["status"] = json!("stopped");
                record["statusReason"] = json!({ "text": why });
            });
        }
    }
}

/// Ends everything that was given for a condition.
pub(crate) fn stop_for(chart: &mut Chart<'_>, key: Key, day: NaiveDate, why: &str) {
    let drugs: Vec<_> = chart.prescriptions.iter().filter(|p| p.active && p.problem == Some(key)).map(|p| p.drug.key).collect();
    for drug in drugs {
        stop(chart, drug, day, why);
    }
}

fn start(
    chart: &mut Chart<'_>,
    encounter: &Filed,
    drug: &'static Drug,
    problem: Option<Key>,
    (since, at): (NaiveDate, DateTime<FixedOffset>),
    prior: Option<&Filed>,
) {
    let mut body = request(chart, encounter, drug, at);
    if let Some(reason) = problem.and_then(|key| chart.problem_reference(key)) {
        body["reasonReference"] = json!([reason]);
    }
    if let Some(prior) = prior {
        body["priorPrescription"] = json!({ "reference": prior.reference });
    }
    let sensitive = problem.and_then(|key| chart.problem(key)).and_then(|p| p.dx.sensitive);
    let filed = chart.file_labelled("MedicationRequest", body, sensitive);
    chart.prescriptions.push(Prescription { drug, filed, problem, since, authored: at.date_naive(), active: true });
}

fn request(chart: &Chart<'_>, encounter: &Filed, drug: &'static Drug, at: DateTime<FixedOffset>) -> serde_json::Value {
    json!({
        "status": "active",
        "intent": "order",
        "category": [{ "coding": [{ "system": hl7("medicationrequest-category"), "code": "community", "display": "Community" }] }],
        "medicationCodeableConcept": drug.concept(),
        "subject": chart.subject(),
        "encounter": { "reference": encounter.reference },
        "authoredOn": stamp(at),
        "requester": practitioner(chart.person.team.physician),
        "dosageInstruction": [drug.dosage()],
        "dispenseRequest": {
            "numberOfRepeatsAllowed": 3,
            "quantity": { "value": drug.often.per_month() * 3 },
            "expectedSupplyDuration": { "value": 90, "unit": "days", "system": crate::codes::UCUM, "code": "d" },
        },
    })
}

/// The treatment of a condition over its course, for this patient.
fn steps(chart: &Chart<'_>, key: Key) -> Vec<Step> {
    let second_way = chart.person.trait_of(chart.spec, key) > 0.3;
    let slow = chart.person.trait_of(chart.spec, "pace") > 0.0;
    let known = |other: Key| chart.problem(other).is_some();
    let bleeds = chart.takes("anticoagulant") || chart.takes("warfarin");
    let child = chart.age(chart.to) < 12;
    match key {
        "hypertension" if known("heart-failure") => vec![],
        "hypertension" if chart.avoid.contains(&"ace-inhibitor") => vec![step(0, "losartan-50"), swap(9, "losartan-100", "losartan-50")],
        "hypertension" if second_way => {
            vec![step(0, "hydrochlorothiazide-25"), step(10, "amlodipine-5"), swap(30, "amlodipine-10", "amlodipine-5")]
        }
        "hypertension" if slow => vec![step(0, "lisinopril-10"), swap(5, "lisinopril-20", "lisinopril-10"), step(20, "amlodipine-5")],
        "hypertension" => vec![step(0, "lisinopril-10"), swap(8, "losartan-50", "lisinopril-10")],
        "type2-diabetes" if slow => vec![step(0, "metformin-500"), swap(6, "metformin-1000", "metformin-500"), step(40, "glargine")],
        "type2-diabetes" => vec![step(0, "metformin-500"), swap(4, "metformin-1000", "metformin-500"), step(26, "empagliflozin-10")],
        "type1-diabetes" => vec![step(0, "glargine"), step(0, "lispro")],
        "hyperlipidemia" if known("coronary-disease") => vec![],
        "hyperlipidemia" => vec![step(1, "atorvastatin-20"), swap(14, "atorvastatin-40", "atorvastatin-20")],
        "coronary-disease" if known("atrial-fibrillation") => {
            vec![step(0, "atorvastatin-80"), step(0, "metoprolol-50"), step(0, "nitroglycerin-sl")]
        }
        "coronary-disease" => {
            vec![step(0, "aspirin-81"), step(0, "atorvastatin-80"), step(0, "metoprolol-50"), step(0, "nitroglycerin-sl")]
        }
        "atrial-fibrillation" if second_way => vec![step(0, "warfarin-5"), step(0, "metoprolol-50")],
        "atrial-fibrillation" => vec![step(0, "apixaban-5"), step(0, "metoprolol-50")],
        "heart-failure" => {
            let first = if chart.avoid.contains(&"ace-inhibitor") { "losartan-50" } else { "lisinopril-20" };
            vec![
                step(0, first),
                step(0, "carvedilol-12"),
                step(0, "furosemide-40"),
                step(8, "spironolactone-25"),
                step(14, "empagliflozin-10"),
            ]
        }
        "hypothyroidism" => vec![step(0, "levothyroxine-75")],
        "asthma" => vec![step(0, "albuterol"), step(6, "fluticasone")],
        "copd" => vec![step(0, "albuterol"), step(4, "fluticasone-salmeterol")],
        "depression" if second_way => vec![step(0, "escitalopram-10")],
        "depression" => vec![step(0, "sertraline-50"), swap(3, "sertraline-100", "sertraline-50")],
        "anxiety" => vec![step(1, "escitalopram-10")],
        "bipolar" => vec![step(0, "lithium-300")],
        "hiv" => vec![step(0, "bictegravir")],
        "alcohol" => vec![step(0, "folic-acid")],
        "opioids" => vec![step(0, "buprenorphine-naloxone")],
        "adhd" => vec![step(1, "methylphenidate-20")],
        "gerd" => vec![step(0, "omeprazole-20")],
        "knee-osteoarthritis" if bleeds || known("ckd") || known("heart-failure") => vec![step(0, "acetaminophen-500")],
        "knee-osteoarthritis" => vec![step(0, "acetaminophen-500"), step(12, "naproxen-500")],
        "osteoporosis" => vec![step(1, "alendronate-10")],
        "migraine" if !child && !known("coronary-disease") => vec![step(0, "sumatriptan-50")],
        "iron-deficiency" if !child => vec![step(0, "ferrous-sulfate")],
        "rheumatoid-arthritis" => vec![step(1, "methotrexate"), step(1, "folic-acid")],
        "epilepsy" => vec![step(0, "levetiracetam-500")],
        "gout" => vec![step(1, "allopurinol-100"), swap(4, "allopurinol-300", "allopurinol-100")],
        "prostate-hyperplasia" => vec![step(3, "tamsulosin")],
        "eczema" => vec![step(0, "hydrocortisone-cream")],
        "allergic-rhinitis" if !child => vec![step(0, "loratadine-10")],
        "dementia" => vec![step(2, "donepezil-10")],
        "low-back-pain" if bleeds || known("ckd") || known("heart-failure") => {
            vec![step(0, "acetaminophen-500"), step(6, "gabapentin-300")]
        }
        "low-back-pain" => vec![step(0, "ibuprofen-600")],
        "breast-cancer" => vec![step(2, "anastrozole")],
        _ => vec![],
    }
}

const fn step(months: i32, drug: &'static str) -> Step {
    Step { months, drug, replaces: None }
}

const fn swap(months: i32, drug: &'static str, replaces: &'static str) -> Step {
    Step { months, drug, replaces: Some(replaces) }
}
