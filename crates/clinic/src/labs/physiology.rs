//! The values behind the results: where an analyte stands in this patient on this day, by disease and treatment.

use super::{Illness, Panel};
use crate::chart::Chart;
use chrono::NaiveDate;

/// The values of a panel in report order. Values that follow from others (LDL, eGFR, hematocrit) are computed from those
/// as rounded for the report.
pub(super) fn values(chart: &mut Chart<'_>, panel: Panel, day: NaiveDate, illness: Illness) -> Vec<(&'static str, f64)> {
    match panel {
        Panel::BloodCount => blood_count(chart, day, illness),
        Panel::Metabolic => metabolic(chart, day, illness),
        Panel::Lipids => lipids(chart, day),
        Panel::Coagulation => coagulation(chart),
        _ => panel.analytes().iter().map(|key| (*key, single(chart, key, day, illness))).collect(),
    }
}

/// HbA1c in %: years of diabetes push it up, treatment pulls it down over half a year.
fn a1c(chart: &Chart<'_>, day: NaiveDate) -> f64 {
    let own = chart.person.trait_of(chart.spec, "a1c");
    if chart.has("type1-diabetes", day) {
        return 7.7 + own * 0.7;
    }
    let Some(onset) = chart.problem("type2-diabetes").map(|p| p.onset).filter(|onset| *onset <= day) else {
        return if chart.person.bmi >= 30.0 { 5.6 + own * 0.15 } else { 5.2 + own * 0.15 };
    };
    let years = (day - onset).num_days() as f64 / 365.25;
    let effect = |class: &str, full: f64| chart.days_on(class, day).map_or(0.0, |days| full * (days as f64 / 180.0).min(1.0));
    let treated = effect("metformin", 1.6) + effect("sglt2", 0.7) + effect("basal-insulin", 1.2);
    (8.6 + own * 0.7 + years * 0.09 - treated).clamp(5.8, 13.0)
}

/// The glomerular filtration rate the kidneys have left, before any acute injury.
fn filtration(chart: &Chart<'_>, day: NaiveDate) -> f64 {
    let age = chart.age(day) as f64;
    let own = chart.person.trait_of(chart.spec, "kidney");
    match chart.problem("ckd").filter(|p| p.onset <= day) {
        Some(ckd) => {
            let years = (day - ckd.onset).num_days() as f64 / 365.25;
            (54.0 + own * 2.5 - years * 1.6).clamp(31.0, 58.0)
        }
        None => (112.0 - (age - 30.0).max(0.0) * 0.75 + own * 7.0).clamp(64.0, 128.0),
    }
}

fn metabolic(chart: &mut Chart<'_>, day: NaiveDate, illness: Illness) -> Vec<(&'static str, f64)> {
    let (female, age) = (chart.person.female, chart.age(day));
    let average = 28.7 * a1c(chart, day) - 46.7;
    let diabetic = chart.has("type2-diabetes", day) || chart.has("type1-diabetes", day);
    let wanted = (filtration(chart, day) * (1.0 - illness.kidney_injury)).max(8.0);
    let insulin = chart.takes("meal-insulin");
    let retains = chart.takes("ace-inhibitor") || chart.takes("arb") || chart.takes("mra");
    let loses = chart.takes("thiazide") || chart.takes("loop-diuretic");
    let d = &mut chart.draw;
    let creatinine =
        if age < 18 { 0.25 + age as f64 * 0.035 + d.normal(0.0, 0.03) } else { creatinine_for(wanted, female, age) * d.normal(1.0, 0.035) };
    let creatinine = (creatinine * 100.0).round() / 100.0;
    let potassium = 4.2 + f64::from(u8::from(retains)) * 0.25 - f64::from(u8::from(loses)) * 0.3 + (60.0 - wanted).max(0.0) * 0.016;
    let glucose = if insulin {
        average * 0.88 + d.normal(0.0, 52.0)
    } else if diabetic {
        average * 0.88 + d.normal(0.0, 16.0)
    } else {
        average * 0.87 + d.normal(0.0, 5.0) + illness.infection * 12.0
    };
    let sodium = 139.8 - f64::from(u8::from(loses)) * 1.2 + d.normal(0.0, 1.7);
    let bicarbonate = 25.0 - (45.0 - wanted).max(0.0) * 0.08 - illness.infection * 1.2 + d.normal(0.0, 1.4);
    let mut values = vec![
        ("glucose", glucose.max(41.0)),
        ("sodium", sodium),
        ("potassium", potassium + d.normal(0.0, 0.22)),
        // Acids of infection widen the anion gap; chloride stays where it was.
        ("chloride", sodium - bicarbonate - 11.5 - illness.infection * 1.2 + d.normal(0.0, 1.0)),
        ("bicarbonate", bicarbonate),
        ("urea", creatinine * 13.5 + 2.0 + d.normal(0.0, 1.8)),
        ("creatinine", creatinine),
        ("calcium", 9.4 + d.normal(0.0, 0.25)),
    ];
    if age >= 18 {
        values.push(("egfr", ckd_epi_2021(creatinine, female, age)));
    }
    values
}

/// CKD-EPI 2021 (Inker et al., NEJM 2021): mL/min/1.73 m² from creatinine in mg/dL.
pub(super) fn ckd_epi_2021(creatinine: f64, female: bool, age: i64) -> f64 {
    let (kappa, alpha, factor) = if female { (0.7, -0.241, 1.012) } else { (0.9, -0.302, 1.0) };
    let ratio: f64 = creatinine / kappa;
    142.0 * ratio.min(1.0).powf(alpha) * ratio.max(1.0).powf(-1.2) * 0.9938f64.powi(i32::try_from(age).unwrap_or(0)) * factor
}

/// The creatinine at which [`ckd_epi_2021`] yields `wanted`.
fn creatinine_for(wanted: f64, female: bool, age: i64) -> f64 {
    let (mut low, mut high) = (0.2f64, 15.0f64);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if ckd_epi_2021(middle, female, age) > wanted { low = middle } else { high = middle }
    }
    low
}

fn blood_count(chart: &mut Chart<'_>, day: NaiveDate, illness: Illness) -> Vec<(&'static str, f64)> {
    let age = chart.age(day);
    let own = chart.person.trait_of(chart.spec, "blood");
    let normal = match (age < 12, chart.person.female) {
        (true, _) => 12.6,
        (_, true) => 13.6,
        _ => 15.2,
    };
    let mut hemoglobin = normal + own * 0.5 - illness.bleeding * 3.0;
    let mut cell = 89.0 + own * 2.0;
    if age < 12 {
        cell = 81.0 + own * 2.0;
    }
    if chart.has("iron-deficiency", day) {
        let repaired = chart.days_on("iron", day).map_or(0.0, |days| (days as f64 / 120.0).min(1.0));
        hemoglobin -= 3.6 * (1.0 - repaired * 0.85);
        cell -= 13.0 * (1.0 - repaired * 0.8);
    }
    if chart.has("ckd", day) {
        hemoglobin -= 1.2;
    }
    let young = if age < 6 { 2.5 } else { 0.0 };
    let d = &mut chart.draw;
    let hemoglobin = ((hemoglobin + d.normal(0.0, 0.25)) * 10.0).round() / 10.0;
    let hematocrit = ((hemoglobin * 2.95 + d.normal(0.0, 0.4)) * 10.0).round() / 10.0;
    let cell = ((cell + d.normal(0.0, 0.8)) * 10.0).round() / 10.0;
    vec![
        ("wbc", (6.8 + young + illness.infection * 4.0 + d.normal(0.0, 1.1)).max(2.1)),
        ("rbc", hematocrit / cell * 10.0),
        ("hemoglobin", hemoglobin),
        ("hematocrit", hematocrit),
        ("mcv", cell),
        ("platelets", (248.0 + own * 30.0 - illness.infection * 15.0 + d.normal(0.0, 18.0)).max(60.0)),
    ]
}

/// LDL by Friedewald (total - HDL - triglycerides / 5) from the rounded values; not reported from 400 mg/dL triglycerides.
fn lipids(chart: &mut Chart<'_>, day: NaiveDate) -> Vec<(&'static str, f64)> {
    let own = chart.person.trait_of(chart.spec, "lipids");
    let high = chart.has("hyperlipidemia", day) || chart.has("coronary-disease", day);
    let lowered = chart.days_on("statin", day).map_or(0.0, |days| (days as f64 / 60.0).min(1.0) * 0.46);
    let ldl = ((if high { 164.0 } else { 112.0 } + own * 14.0) * (1.0 - lowered)).max(34.0);
    let heavy = (chart.person.bmi - 25.0).max(0.0);
    let female = f64::from(u8::from(chart.person.female));
    let d = &mut chart.draw;
    let hdl = (50.0 + female * 9.0 - heavy * 0.7 + d.normal(0.0, 5.0)).clamp(26.0, 95.0).round();
    let triglycerides = (118.0 + heavy * 6.5 + own * 18.0 - lowered * 40.0 + d.normal(0.0, 22.0)).max(42.0).round();
    let total = (ldl + d.normal(0.0, 6.0) + hdl + triglycerides / 5.0).round();
    let mut values = vec![("cholesterol", total), ("triglycerides", triglycerides), ("hdl", hdl)];
    if triglycerides < 400.0 {
        values.push(("ldl", total - hdl - triglycerides / 5.0));
    }
    values
}

fn coagulation(chart: &mut Chart<'_>) -> Vec<(&'static str, f64)> {
    let inr = if chart.takes("warfarin") { chart.draw.normal(2.5, 0.45).clamp(1.3, 5.6) } else { chart.draw.normal(1.0, 0.05) };
    let inr = (inr * 10.0).round() / 10.0;
    vec![("inr", inr), ("prothrombin", 11.0 * inr)]
}

fn single(chart: &mut Chart<'_>, key: &str, day: NaiveDate, illness: Illness) -> f64 {
    let own = chart.person.trait_of(chart.spec, key);
    let ramp = |class: &str, days: f64| chart.days_on(class, day).map_or(0.0, |taken| (taken as f64 / days).min(1.0));
    let (mean, spread) = match key {
        "a1c" => (a1c(chart, day), 0.15),
        "tsh" if chart.has("hypothyroidism", day) => (9.8 - ramp("thyroid", 90.0) * 7.6 + own * 0.4, 0.4),
        "tsh" => (2.0 + own * 0.4, 0.3),
        "ferritin" if chart.has("iron-deficiency", day) => (7.0 + ramp("iron", 180.0) * 42.0, 2.0),
        "ferritin" => (95.0 + own * 25.0, 10.0),
        "urate" if chart.has("gout", day) => (9.2 - ramp("allopurinol", 120.0) * 3.7 + own * 0.3, 0.3),
        "urate" => (5.0 + own * 0.5, 0.3),
        "alt" | "ast" => (23.0 + own * 5.0 + if chart.has("alcohol", day) { 34.0 } else { 0.0 }, 3.0),
        "viral-load" => (62_000.0 * (1.0 - ramp("antiretroviral", 150.0)), 4.0),
        "cd4" => (310.0 + ramp("antiretroviral", 700.0) * 360.0 + own * 40.0, 25.0),
        "lithium" => (0.85 + own * 0.12, 0.12),
        "albuminuria" => (if chart.has("ckd", day) { 130.0 + own * 40.0 } else { 14.0 + own * 3.0 }, 5.0),
        "nt-probnp" if chart.has("heart-failure", day) => (2_900.0 - ramp("loop-diuretic", 60.0) * 1_500.0 + own * 250.0, 180.0),
        "nt-probnp" => (120.0 + own * 20.0, 25.0),
        "troponin" => (5.0 + illness.ischaemia * 900.0, 1.0 + illness.ischaemia * 60.0),
        "lactate" => (1.1 + illness.infection * 0.9, 0.15),
        "crp" => (1.8 + illness.infection * 38.0, 0.6 + illness.infection * 4.0),
        "lead" => (1.4 + own * 0.8, 0.2),
        _ => (1.0, 0.1),
    };
    chart.draw.normal(mean, spread).max(0.1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn ckd_epi_agrees_with_published_examples() {
        // National Kidney Foundation calculator.
        assert_eq!(ckd_epi_2021(1.0, false, 50).round(), 92.0);
        assert_eq!(ckd_epi_2021(1.0, true, 50).round(), 69.0);
        assert_eq!(ckd_epi_2021(2.0, false, 70).round(), 35.0);
    }

    #[test]
    fn creatinine_is_the_inverse_of_the_formula() {
        for (wanted, female, age) in [(30.0, true, 80), (55.0, false, 66), (95.0, true, 33), (120.0, false, 19)] {
            let creatinine = creatinine_for(wanted, female, age);
            assert!((ckd_epi_2021(creatinine, female, age) - wanted).abs() < 0.01);
        }
    }
}
