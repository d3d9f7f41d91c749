//! The long-term conditions of the practice: codes, who has them from when, how often they are followed.
//!
//! Prevalences are rounded from what United States primary care sees; they are plausible, not epidemiology.

use crate::chart::{Chart, Filed, Problem};
use crate::codes::{ICD10CM, SNOMED, coding, hl7};
use crate::when::{months_after, remembered};
use chrono::{Duration, NaiveDate};
use serde_json::{Value, json};

/// Short name of a condition inside this crate.
pub(crate) type Key = &'static str;

/// A diagnosis as coded: SNOMED CT and ICD-10-CM.
#[derive(Debug, PartialEq)]
pub(crate) struct Dx {
    pub(crate) key: Key,
    /// What clinicians call it; also the Condition's text.
    pub(crate) text: &'static str,
    pub(crate) snomed: (&'static str, &'static str),
    pub(crate) icd10: (&'static str, &'static str),
    /// Sensitivity label of everything that reveals it (v3-ActCode).
    pub(crate) sensitive: Option<&'static str>,
}

/// A long-term condition and who gets it.
struct Chronic {
    dx: Dx,
    /// Prevalence in the age bands 0-5, 6-17, 18-39, 40-59, 60-74, 75+.
    prevalence: [f64; 6],
    /// Factor for women, and for men.
    by_sex: (f64, f64),
    /// Conditions that make this one likelier, and by what factor. They stand earlier in the table.
    with: &'static [(Key, f64)],
    /// Youngest age of onset.
    from_age: i64,
    /// Months between follow-up visits; 0 where it needs none of its own.
    follow_up: i32,
}

/// Months between the follow-ups a problem calls for; None where it needs none.
pub(crate) fn follow_up_months(key: Key) -> Option<i32> {
    CHRONIC.iter().find(|c| c.dx.key == key).map(|c| c.follow_up).filter(|months| *months > 0)
}

/// Draws the patient's long-term problems. None is on file yet.
pub(crate) fn draw(chart: &mut Chart<'_>) {
    let heavy = chart.person.cohort == crate::people::Cohort::Heavy;
    let age = chart.age(chart.to);
    let band = [6, 18, 40, 60, 75].iter().filter(|limit| age >= **limit).count();
    for chronic in CHRONIC {
        let sex = if chart.person.female { chronic.by_sex.0 } else { chronic.by_sex.1 };
        let factor: f64 = chronic.with.iter().filter(|(key, _)| chart.problem(key).is_some()).map(|(_, factor)| factor).product();
        let likely = match chronic.dx.key {
            "obesity" => f64::from(u8::from(chart.person.bmi >= 30.0 && age >= 18)),
            key if heavy && HEAVY_SET.contains(&key) => 1.0,
            _ => (chronic.prevalence[band] * sex * factor).min(0.9),
        };
        // Drawn whether possible or not, so that one table row does not shift the chance of the next.
        let (chance, share) = (chart.draw.unit(), chart.draw.unit());
        if chance >= likely || age < chronic.from_age || EXCLUDES.iter().any(|(a, b)| *a == chronic.dx.key && chart.problem(b).is_some()) {
            continue;
        }
        let onset = draw_onset(chart, chronic, share);
        chart.problems.push(Problem { dx: &chronic.dx, onset, filed: None, resolved: None });
    }
}

/// Onset between the youngest age and now; long ago is likelier, and heavy patients have had theirs for years.
fn draw_onset(chart: &Chart<'_>, chronic: &Chronic, share: f64) -> NaiveDate {
    let earliest = months_after(chart.person.birth, i32::try_from(chronic.from_age * 12 + 2).unwrap_or(0));
    let latest = chart.to - Duration::days(30);
    let span = (latest - earliest).num_days().clamp(0, 365 * 18);
    let share = if chart.person.cohort == crate::people::Cohort::Heavy { 0.4 + share * 0.4 } else { share };
    (latest - Duration::days((span as f64 * share) as i64)).max(earliest).min(chart.to)
}

/// Files the Condition of `problem`, at an encounter or (for what the patient brought along) without one.
pub(crate) fn file(chart: &mut Chart<'_>, problem: usize, encounter: Option<(&Filed, NaiveDate)>) {
    let Some(Problem { dx, onset, .. }) = chart.problems.get(problem).cloned() else { return };
    let recorded = encounter.map_or(chart.from, |(_, day)| day);
    let mut body = condition(chart, dx, "problem-list-item", recorded);
    body["onsetDateTime"] = json!(remembered(onset, recorded));
    if let Some((encounter, _)) = encounter {
        body["encounter"] = json!({ "reference": encounter.reference });
    }
    let filed = chart.file_labelled("Condition", body, dx.sensitive);
    chart.problems[problem].filed = Some(filed);
}

/// Files the Condition of something short-lived: on at `onset`, over at `over` (None: still on).
pub(crate) fn file_acute(chart: &mut Chart<'_>, dx: &'static Dx, onset: NaiveDate, over: Option<NaiveDate>, encounter: &Filed) -> Filed {
    let mut body = condition(chart, dx, "encounter-diagnosis", onset);
    body["onsetDateTime"] = json!(onset.to_string());
    body["encounter"] = json!({ "reference": encounter.reference });
    if let Some(over) = over {
        body["clinicalStatus"] = status("resolved");
        body["abatementDateTime"] = json!(over.to_string());
    }
    let filed = chart.file_labelled("Condition", body, dx.sensitive);
    chart.problems.push(Problem { dx, onset, filed: Some(filed.clone()), resolved: over });
    filed
}

/// Marks a problem as over: `resolved`, `remission` or `inactive`.
pub(crate) fn resolve(chart: &mut Chart<'_>, key: Key, on: NaiveDate, how: &str) {
    let Some(problem) = chart.problems.iter_mut().find(|p| p.dx.key == key && p.resolved.is_none()) else { return };
    problem.resolved = Some(on);
    if let Some(filed) = problem.filed.clone() {
        chart.amend(&filed, |record| {
            record["clinicalStatus"] = status(how);
            record["abatementDateTime"] = json!(on.to_string());
        });
    }
}

fn condition(chart: &mut Chart<'_>, dx: &Dx, category: &str, recorded: NaiveDate) -> Value {
    let verification = if category == "encounter-diagnosis" && chart.draw.chance(0.06) { "provisional" } else { "confirmed" };
    let display = if category == "problem-list-item" { "Problem List Item" } else { "Encounter Diagnosis" };
    json!({
        "clinicalStatus": status("active"),
        "verificationStatus": { "coding": [{ "system": hl7("condition-ver-status"), "code": verification }] },
        "category": [{ "coding": [coding(&hl7("condition-category"), category, display)] }],
        "code": {
            "coding": [coding(SNOMED, dx.snomed.0, dx.snomed.1), coding(ICD10CM, dx.icd10.0, dx.icd10.1)],
            "text": dx.text,
        },
        "subject": chart.subject(),
        "recordedDate": recorded.to_string(),
        "recorder": crate::directory::practitioner(chart.person.team.physician),
    })
}

fn status(code: &str) -> Value {
    json!({ "coding": [{ "system": hl7("condition-clinical"), "code": code }] })
}

/// What the heavy cohort has in common.
const HEAVY_SET: &[Key] = &["hypertension", "hyperlipidemia", "type2-diabetes", "coronary-disease", "heart-failure", "ckd", "copd"];

/// The first is not given to who has the second.
const EXCLUDES: &[(Key, Key)] = &[("type1-diabetes", "type2-diabetes"), ("bipolar", "depression"), ("alcohol", "opioids")];

const fn chronic(dx: Dx, prevalence: [f64; 6], by_sex: (f64, f64), with: &'static [(Key, f64)], from_age: i64, follow_up: i32) -> Chronic {
    Chronic { dx, prevalence, by_sex, with, from_age, follow_up }
}

const fn dx(
    key: Key,
    text: &'static str,
    snomed: (&'static str, &'static str),
    icd10: (&'static str, &'static str),
    sensitive: Option<&'static str>,
) -> Dx {
    Dx { key, text, snomed, icd10, sensitive }
}

#[rustfmt::skip]
static CHRONIC: &[Chronic] = &[
    chronic(dx("obesity", "Obesity", ("414916001", "Obesity"), ("E66.9", "Obesity, unspecified"), None),
        [0.0; 6], (1.0, 1.0), &[], 18, 0),
    chronic(dx("hypertension", "Essential hypertension", ("59621000", "Essential hypertension"), ("I10", "Essential (primary) hypertension"), None),
        [0.0, 0.0, 0.05, 0.25, 0.46, 0.56], (0.95, 1.05), &[("obesity", 1.5)], 25, 6),
    chronic(dx("type2-diabetes", "Type 2 diabetes mellitus", ("44054006", "Type 2 diabetes mellitus"), ("E11.9", "Type 2 diabetes mellitus without complications"), None),
        [0.0, 0.0, 0.015, 0.08, 0.16, 0.17], (0.95, 1.05), &[("obesity", 2.0), ("hypertension", 1.3)], 28, 4),
    chronic(dx("type1-diabetes", "Type 1 diabetes mellitus", ("46635009", "Type 1 diabetes mellitus"), ("E10.9", "Type 1 diabetes mellitus without complications"), None),
        [0.004, 0.012, 0.008, 0.005, 0.003, 0.001], (1.0, 1.0), &[], 3, 3),
    chronic(dx("hyperlipidemia", "Hyperlipidemia", ("55822004", "Hyperlipidemia"), ("E78.5", "Hyperlipidemia, unspecified"), None),
        [0.0, 0.0, 0.04, 0.2, 0.36, 0.36], (0.95, 1.05), &[("type2-diabetes", 1.7)], 28, 12),
    chronic(dx("coronary-disease", "Coronary artery disease", ("53741008", "Coronary arteriosclerosis"), ("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris"), None),
        [0.0, 0.0, 0.0, 0.025, 0.08, 0.13], (0.7, 1.3), &[("hyperlipidemia", 1.6), ("type2-diabetes", 1.5)], 45, 6),
    chronic(dx("atrial-fibrillation", "Atrial fibrillation", ("49436004", "Atrial fibrillation"), ("I48.91", "Unspecified atrial fibrillation"), None),
        [0.0, 0.0, 0.0, 0.015, 0.06, 0.13], (0.9, 1.1), &[("hypertension", 1.4)], 50, 6),
    chronic(dx("heart-failure", "Chronic systolic heart failure", ("441481004", "Chronic systolic heart failure"), ("I50.22", "Chronic systolic (congestive) heart failure"), None),
        [0.0, 0.0, 0.0, 0.008, 0.03, 0.08], (0.9, 1.1), &[("coronary-disease", 3.0), ("hypertension", 1.3)], 50, 3),
    chronic(dx("ckd", "Chronic kidney disease stage 3", ("433144002", "Chronic kidney disease stage 3"), ("N18.30", "Chronic kidney disease, stage 3 unspecified"), None),
        [0.0, 0.0, 0.0, 0.02, 0.08, 0.18], (1.0, 1.0), &[("type2-diabetes", 1.8), ("hypertension", 1.4)], 48, 6),
    chronic(dx("hypothyroidism", "Hypothyroidism", ("40930008", "Hypothyroidism"), ("E03.9", "Hypothyroidism, unspecified"), None),
        [0.0, 0.003, 0.02, 0.05, 0.07, 0.09], (1.6, 0.4), &[], 14, 12),
    chronic(dx("asthma", "Asthma", ("195967001", "Asthma"), ("J45.909", "Unspecified asthma, uncomplicated"), None),
        [0.05, 0.1, 0.08, 0.07, 0.05, 0.03], (1.1, 0.9), &[], 2, 6),
    chronic(dx("copd", "Chronic obstructive pulmonary disease", ("13645005", "Chronic obstructive lung disease"), ("J44.9", "Chronic obstructive pulmonary disease, unspecified"), None),
        [0.0, 0.0, 0.0, 0.03, 0.09, 0.11], (0.9, 1.1), &[], 45, 6),
    chronic(dx("depression", "Major depressive disorder", ("370143000", "Major depressive disorder"), ("F32.9", "Major depressive disorder, single episode, unspecified"), None),
        [0.0, 0.03, 0.08, 0.08, 0.06, 0.05], (1.3, 0.7), &[], 12, 3),
    chronic(dx("anxiety", "Generalized anxiety disorder", ("21897009", "Generalized anxiety disorder"), ("F41.1", "Generalized anxiety disorder"), None),
        [0.0, 0.02, 0.07, 0.06, 0.03, 0.03], (1.3, 0.7), &[("depression", 2.0)], 10, 6),
    chronic(dx("bipolar", "Bipolar disorder", ("13746004", "Bipolar disorder"), ("F31.9", "Bipolar disorder, unspecified"), Some("PSY")),
        [0.0, 0.0, 0.014, 0.014, 0.008, 0.004], (1.0, 1.0), &[], 18, 3),
    chronic(dx("hiv", "HIV infection", ("86406008", "Human immunodeficiency virus infection"), ("B20", "Human immunodeficiency virus [HIV] disease"), Some("HIV")),
        [0.0, 0.0, 0.01, 0.012, 0.006, 0.0], (0.5, 1.5), &[], 19, 6),
    chronic(dx("alcohol", "Alcohol dependence", ("66590003", "Alcohol dependence"), ("F10.20", "Alcohol dependence, uncomplicated"), Some("ETH")),
        [0.0, 0.0, 0.012, 0.016, 0.01, 0.004], (0.7, 1.3), &[("depression", 1.5)], 21, 6),
    chronic(dx("opioids", "Opioid use disorder", ("75544000", "Opioid dependence"), ("F11.20", "Opioid dependence, uncomplicated"), Some("ETH")),
        [0.0, 0.0, 0.014, 0.012, 0.004, 0.0], (0.9, 1.1), &[], 19, 2),
    chronic(dx("adhd", "Attention deficit hyperactivity disorder", ("406506008", "Attention deficit hyperactivity disorder"), ("F90.9", "Attention-deficit hyperactivity disorder, unspecified type"), None),
        [0.0, 0.08, 0.03, 0.01, 0.0, 0.0], (0.6, 1.4), &[], 6, 4),
    chronic(dx("gerd", "Gastroesophageal reflux disease", ("235595009", "Gastroesophageal reflux disease"), ("K21.9", "Gastro-esophageal reflux disease without esophagitis"), None),
        [0.0, 0.0, 0.05, 0.11, 0.14, 0.14], (1.0, 1.0), &[("obesity", 1.3)], 20, 12),
    chronic(dx("knee-osteoarthritis", "Osteoarthritis of knee", ("239873007", "Osteoarthritis of knee"), ("M17.9", "Osteoarthritis of knee, unspecified"), None),
        [0.0, 0.0, 0.0, 0.06, 0.2, 0.28], (1.2, 0.8), &[("obesity", 1.6)], 45, 12),
    chronic(dx("osteoporosis", "Osteoporosis", ("64859006", "Osteoporosis"), ("M81.0", "Age-related osteoporosis without current pathological fracture"), None),
        [0.0, 0.0, 0.0, 0.01, 0.1, 0.2], (1.7, 0.3), &[], 55, 12),
    chronic(dx("migraine", "Migraine", ("37796009", "Migraine"), ("G43.909", "Migraine, unspecified, not intractable, without status migrainosus"), None),
        [0.0, 0.02, 0.08, 0.06, 0.02, 0.01], (1.5, 0.5), &[], 10, 12),
    chronic(dx("iron-deficiency", "Iron deficiency anemia", ("87522002", "Iron deficiency anemia"), ("D50.9", "Iron deficiency anemia, unspecified"), None),
        [0.02, 0.01, 0.04, 0.04, 0.03, 0.04], (1.6, 0.4), &[("ckd", 1.5)], 1, 4),
    chronic(dx("rheumatoid-arthritis", "Rheumatoid arthritis", ("69896004", "Rheumatoid arthritis"), ("M06.9", "Rheumatoid arthritis, unspecified"), None),
        [0.0, 0.0, 0.004, 0.012, 0.02, 0.015], (1.5, 0.5), &[], 25, 3),
    chronic(dx("epilepsy", "Epilepsy", ("84757009", "Epilepsy"), ("G40.909", "Epilepsy, unspecified, not intractable, without status epilepticus"), None),
        [0.0, 0.01, 0.01, 0.01, 0.01, 0.012], (1.0, 1.0), &[], 12, 6),
    chronic(dx("gout", "Gout", ("90560007", "Gout"), ("M10.9", "Gout, unspecified"), None),
        [0.0, 0.0, 0.006, 0.03, 0.06, 0.06], (0.4, 1.6), &[("ckd", 1.6)], 30, 12),
    chronic(dx("prostate-hyperplasia", "Benign prostatic hyperplasia", ("266569009", "Benign prostatic hyperplasia"), ("N40.0", "Benign prostatic hyperplasia without lower urinary tract symptoms"), None),
        [0.0, 0.0, 0.0, 0.08, 0.3, 0.42], (0.0, 1.0), &[], 48, 12),
    chronic(dx("eczema", "Atopic dermatitis", ("24079001", "Atopic dermatitis"), ("L20.9", "Atopic dermatitis, unspecified"), None),
        [0.12, 0.07, 0.02, 0.015, 0.01, 0.01], (1.0, 1.0), &[], 0, 0),
    chronic(dx("allergic-rhinitis", "Allergic rhinitis", ("61582004", "Allergic rhinitis"), ("J30.9", "Allergic rhinitis, unspecified"), None),
        [0.02, 0.12, 0.12, 0.1, 0.07, 0.05], (1.0, 1.0), &[("asthma", 1.8), ("eczema", 1.5)], 3, 0),
    chronic(dx("dementia", "Alzheimer's disease", ("26929004", "Alzheimer's disease"), ("G30.9", "Alzheimer's disease, unspecified"), None),
        [0.0, 0.0, 0.0, 0.0, 0.015, 0.13], (1.1, 0.9), &[], 65, 6),
    chronic(dx("sleep-apnea", "Obstructive sleep apnea", ("78275009", "Obstructive sleep apnea syndrome"), ("G47.33", "Obstructive sleep apnea (adult) (pediatric)"), None),
        [0.0, 0.005, 0.02, 0.06, 0.08, 0.06], (0.7, 1.3), &[("obesity", 2.2)], 10, 12),
    chronic(dx("low-back-pain", "Low back pain", ("279039007", "Low back pain"), ("M54.50", "Low back pain, unspecified"), None),
        [0.0, 0.0, 0.06, 0.1, 0.11, 0.1], (1.0, 1.0), &[], 20, 12),
    chronic(dx("breast-cancer", "Malignant neoplasm of breast", ("254837009", "Malignant neoplasm of breast"), ("C50.919", "Malignant neoplasm of unspecified site of unspecified female breast"), None),
        [0.0, 0.0, 0.0, 0.018, 0.04, 0.05], (1.0, 0.0), &[], 42, 6),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::tests::codes::verhoeff;

    #[test]
    fn keys_and_codes_are_unique_and_shaped_like_their_systems() {
        let mut keys: Vec<_> = CHRONIC.iter().map(|c| c.dx.key).collect();
        let mut codes: Vec<_> = CHRONIC.iter().map(|c| c.dx.snomed.0).collect();
        for list in [&mut keys, &mut codes] {
            list.sort_unstable();
            let before = list.len();
            list.dedup();
            assert_eq!(list.len(), before);
        }
        for Chronic { dx, .. } in CHRONIC {
            assert!(verhoeff(dx.snomed.0), "{} is no SNOMED CT identifier", dx.snomed.0);
            assert!(dx.icd10.0.starts_with(|c: char| c.is_ascii_uppercase()) && dx.icd10.0.len() >= 3, "{}", dx.icd10.0);
        }
    }

    #[test]
    fn conditions_that_make_others_likelier_stand_before_them() {
        for (position, chronic) in CHRONIC.iter().enumerate() {
            for (key, _) in chronic.with {
                assert!(CHRONIC[..position].iter().any(|c| c.dx.key == *key), "{} needs {key}", chronic.dx.key);
            }
        }
    }
}
