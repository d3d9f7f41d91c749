//! Vital signs: what they are for this patient on this day, and their Observations (FHIR vital-signs profile codes).

use crate::chart::{Chart, Filed};
use crate::codes::{LOINC, UCUM, coding, concept, hl7, number, reference};
use crate::directory::practitioner;
use crate::growth;
use crate::when::{months_on, stamp};
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde_json::{Value, json};

/// One set of vital signs, rounded as charted. What was not taken is None.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vitals {
    pub(crate) systolic: Option<f64>,
    pub(crate) diastolic: Option<f64>,
    pub(crate) pulse: Option<f64>,
    pub(crate) breaths: Option<f64>,
    pub(crate) saturation: Option<f64>,
    pub(crate) temperature: Option<f64>,
    pub(crate) weight: Option<f64>,
    pub(crate) height: Option<f64>,
    pub(crate) head: Option<f64>,
}

/// How ill the patient is at the moment, which is what moves vital signs away from his own usual.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strain {
    /// Degrees above 36.8 °C.
    pub(crate) fever: f64,
    /// Points of oxygen saturation lost.
    pub(crate) hypoxia: f64,
    /// mmHg of systolic pressure lost.
    pub(crate) shock: f64,
}

impl Vitals {
    /// Everything a full set holds, for this patient on this day.
    pub(crate) fn take(chart: &mut Chart<'_>, day: NaiveDate, strain: Strain) -> Self {
        let age = chart.age(day);
        let (systolic, diastolic) = pressure(chart, day, age);
        let chronic_lung = if chart.has("copd", day) { 3.5 } else { 0.0 };
        let usual_pulse = match age {
            0 => 132.0,
            1..=2 => 112.0,
            3..=5 => 100.0,
            6..=11 => 88.0,
            _ => 75.0 + chart.person.trait_of(chart.spec, "pulse") * 7.0,
        };
        let usual_breaths = match age {
            0 => 36.0,
            1..=2 => 27.0,
            3..=5 => 24.0,
            6..=11 => 20.0,
            _ => 15.0,
        };
        let slowed = if chart.takes("beta-blocker") { 8.0 } else { 0.0 };
        let d = &mut chart.draw;
        let systolic = (systolic - strain.shock + d.normal(0.0, 6.0)).round().max(58.0);
        let diastolic = (diastolic - strain.shock * 0.55 + d.normal(0.0, 4.0)).round().clamp(32.0, systolic - 18.0);
        let mut vitals = Self {
            systolic: Some(systolic),
            diastolic: Some(diastolic),
            pulse: Some((usual_pulse - slowed + strain.fever * 9.0 + strain.shock * 0.5 + d.normal(0.0, 5.0)).round().max(44.0)),
            breaths: Some((usual_breaths + strain.hypoxia * 1.1 + strain.fever + d.normal(0.0, 1.3)).round().max(10.0)),
            saturation: Some((98.2 - chronic_lung - strain.hypoxia + d.normal(0.0, 0.8)).round().clamp(78.0, 100.0)),
            temperature: Some(round(36.8 + strain.fever + d.normal(0.0, 0.18), 1)),
            ..Self::default()
        };
        vitals.measure(chart, day);
        vitals
    }

    /// What an office visit keeps of a full set: all of it when ill, else pressure, pulse and weight.
    pub(crate) fn for_visit(mut self, ill: bool, measured: bool, age: i64) -> Self {
        if !ill {
            (self.breaths, self.saturation, self.temperature) = (None, None, None);
        }
        if !measured {
            (self.height, self.head) = (None, None);
        }
        if age < 3 {
            (self.systolic, self.diastolic) = (None, None);
        }
        if !ill && age < 3 {
            self.pulse = None;
        }
        self
    }

    /// A ward's round: no scales, no measuring board.
    pub(crate) fn for_ward(self) -> Self {
        Self { weight: None, height: None, head: None, ..self }
    }

    /// Body mass index of the charted weight and height, one decimal.
    pub(crate) fn bmi(&self) -> Option<f64> {
        Some(round(self.weight? / (self.height? / 100.0).powi(2), 1))
    }

    /// Files one Observation per sign. Returns their references.
    pub(crate) fn file(&self, chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>, by: &Value) -> Vec<Filed> {
        let mut filed = Vec::new();
        let mut signs: Vec<Value> = Vec::new();
        if let (Some(systolic), Some(diastolic)) = (self.systolic, self.diastolic) {
            signs.push(blood_pressure(systolic, diastolic));
        }
        let height = if self.head.is_some() { "Body length" } else { "Body height" };
        let height_code = if self.head.is_some() { "8306-3" } else { "8302-2" };
        for (value, code, display, unit, ucum, decimals) in [
            (self.pulse, "8867-4", "Heart rate", "beats/minute", "/min", 0),
            (self.breaths, "9279-1", "Respiratory rate", "breaths/minute", "/min", 0),
            (self.temperature, "8310-5", "Body temperature", "degrees C", "Cel", 1),
            (self.weight, "29463-7", "Body weight", "kg", "kg", 1),
            (self.height, height_code, height, "cm", "cm", 1),
            (self.head, "9843-4", "Head Occipital-frontal circumference", "cm", "cm", 1),
            (self.bmi().filter(|_| self.head.is_none()), "39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", "kg/m2", 1),
        ] {
            if let Some(value) = value {
                signs.push(json!({
                    "code": concept(LOINC, code, display),
                    "valueQuantity": quantity(value, decimals, unit, ucum),
                }));
            }
        }
        if let Some(saturation) = self.saturation {
            signs.push(json!({
                "code": {
                    "coding": [
                        coding(LOINC, "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
                        coding(LOINC, "2708-6", "Oxygen saturation in Arterial blood"),
                    ],
                    "text": "Oxygen saturation",
                },
                "valueQuantity": quantity(saturation, 0, "%", "%"),
            }));
        }
        for mut sign in signs {
            sign["status"] = json!("final");
            sign["category"] = category("vital-signs", "Vital Signs");
            sign["subject"] = chart.subject();
            sign["encounter"] = json!({ "reference": encounter.reference });
            sign["effectiveDateTime"] = json!(stamp(at));
            sign["performer"] = json!([by]);
            filed.push(chart.file("Observation", sign));
        }
        filed
    }

    /// The set in one line of a note, with the numbers as charted.
    pub(crate) fn line(&self) -> String {
        let mut parts = Vec::new();
        if let (Some(s), Some(d)) = (self.systolic, self.diastolic) {
            parts.push(format!("BP {s:.0}/{d:.0} mmHg"));
        }
        for (value, name, unit, decimals) in [
            (self.pulse, "HR", "/min", 0),
            (self.breaths, "RR", "/min", 0),
            (self.saturation, "SpO2", "%", 0),
            (self.temperature, "T", " C", 1),
            (self.weight, "Weight", " kg", 1),
            (self.height, "Height", " cm", 1),
            (self.bmi().filter(|_| self.head.is_none()), "BMI", " kg/m2", 1),
        ] {
            if let Some(value) = value {
                parts.push(format!("{name} {value:.decimals$}{unit}"));
            }
        }
        parts.join(", ")
    }

    fn measure(&mut self, chart: &mut Chart<'_>, day: NaiveDate) {
        let months = (day - chart.person.birth).num_days() as f64 / 30.4375;
        let female = chart.person.female;
        if months < 216.0 {
            let (tall, heavy) = (chart.person.trait_of(chart.spec, "tall"), chart.person.trait_of(chart.spec, "heavy"));
            self.height = Some(round(growth::height(months, female, tall * 0.8), 1));
            self.weight = Some(round(growth::weight(months, female, heavy * 0.8) + chart.draw.normal(0.0, 0.01 * months.sqrt()), 1));
            if months_on(chart.person.birth, day) < 24 {
                self.head = Some(round(growth::head(months, female, tall * 0.5), 1));
            }
            return;
        }
        // Adults drift slowly and, in heart failure, with the fluid they hold.
        let years_back = (chart.to - day).num_days() as f64 / 365.25;
        let fluid = if chart.has("heart-failure", day) && !chart.takes("loop-diuretic") { 4.0 } else { 0.0 };
        let drift = chart.person.trait_of(chart.spec, "drift") * 0.22 * years_back;
        let weight = chart.person.bmi * (chart.person.height / 100.0).powi(2) + drift + fluid + chart.draw.normal(0.0, 0.6);
        self.height = Some(round(chart.person.height, 1));
        self.weight = Some(round(weight.max(35.0), 1));
    }
}

/// The patient's usual pressure on a day: age, hypertension, and how long it has been treated.
fn pressure(chart: &Chart<'_>, day: NaiveDate, age: i64) -> (f64, f64) {
    if age < 13 {
        return (88.0 + age as f64 * 1.9, 55.0 + age as f64 * 1.1);
    }
    let own = chart.person.trait_of(chart.spec, "pressure");
    let mut systolic = 108.0 + age as f64 * 0.2 + own * 5.0;
    let mut diastolic = 68.0 + (age.min(55) - 20) as f64 * 0.2 + own * 3.0;
    if chart.has("hypertension", day) {
        let raised = 1.0 - treated(chart, day) * 0.72;
        systolic += 34.0 * raised;
        diastolic += 17.0 * raised;
    }
    if chart.has("heart-failure", day) {
        systolic -= 6.0;
    }
    (systolic, diastolic)
}

/// 0 untreated to 1 in full effect, reached after three months of any antihypertensive.
fn treated(chart: &Chart<'_>, day: NaiveDate) -> f64 {
    ["ace-inhibitor", "arb", "calcium-blocker", "thiazide", "beta-blocker"]
        .iter()
        .filter_map(|class| chart.days_on(class, day))
        .max()
        .map_or(0.0, |days| (days as f64 / 90.0).min(1.0))
}

fn blood_pressure(systolic: f64, diastolic: f64) -> Value {
    json!({
        "code": concept(LOINC, "85354-9", "Blood pressure panel with all children optional"),
        "component": [
            {
                "code": concept(LOINC, "8480-6", "Systolic blood pressure"),
                "valueQuantity": quantity(systolic, 0, "mmHg", "mm[Hg]"),
            },
            {
                "code": concept(LOINC, "8462-4", "Diastolic blood pressure"),
                "valueQuantity": quantity(diastolic, 0, "mmHg", "mm[Hg]"),
            },
        ],
    })
}

/// `Observation.category`.
pub(crate) fn category(code: &str, display: &str) -> Value {
    json!([{ "coding": [coding(&hl7("observation-category"), code, display)], "text": display }])
}

/// `Quantity` in UCUM.
pub(crate) fn quantity(value: f64, decimals: usize, unit: &str, ucum: &str) -> Value {
    json!({ "value": number(value, decimals), "unit": unit, "system": UCUM, "code": ucum })
}

/// Rounded to `decimals`.
pub(crate) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// Files the smoking status (US Core) known at a visit.
pub(crate) fn file_smoking(chart: &mut Chart<'_>, encounter: &Filed, at: DateTime<FixedOffset>) -> &'static str {
    use crate::people::Smoking;
    let (code, display, text) = match chart.person.smoking {
        Smoking::Never => ("266919005", "Never smoked tobacco", "never smoker"),
        Smoking::Former => ("8517006", "Ex-smoker", "former smoker"),
        Smoking::Current => ("449868002", "Smokes tobacco daily", "current smoker"),
    };
    let body = json!({
        "status": "final",
        "category": category("social-history", "Social History"),
        "code": concept(LOINC, "72166-2", "Tobacco smoking status"),
        "subject": chart.subject(),
        "encounter": reference(&encounter.reference, "Office visit"),
        "effectiveDateTime": stamp(at),
        "performer": [practitioner(chart.person.team.nurse)],
        "valueCodeableConcept": concept(crate::codes::SNOMED, code, display),
    });
    chart.file("Observation", body);
    text
}
