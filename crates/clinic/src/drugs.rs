//! The formulary: each drug as RxNorm names it, the dose it is given in here, and how one says so.

use crate::codes::{RXNORM, SNOMED, UCUM, concept, hl7};
use serde_json::{Value, json};

/// A drug in the strength and dose it is prescribed in.
#[derive(Debug)]
pub(crate) struct Drug {
    pub(crate) key: &'static str,
    /// What it does, for questions like "is an anticoagulant taken?".
    pub(crate) class: &'static str,
    pub(crate) rxnorm: (&'static str, &'static str),
    /// Short name for notes: `lisinopril 10 mg`.
    pub(crate) short: &'static str,
    /// One dose: amount, printed unit, UCUM code.
    pub(crate) dose: (f64, &'static str, &'static str),
    /// One dose as handed out: `1 tablet`.
    pub(crate) portion: &'static str,
    pub(crate) route: Route,
    pub(crate) often: Often,
    /// Taken when needed, for this.
    pub(crate) as_needed: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Oral,
    Sublingual,
    Inhaled,
    Subcutaneous,
    Intravenous,
    Intramuscular,
    Topical,
}

/// How often: `times` in `period` hours, or as a continuous infusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Often {
    Daily,
    Nightly,
    TwiceDaily,
    ThreeTimesDaily,
    FourTimesDaily,
    EveryHours(u8),
    Weekly,
    EveryThreeMonths,
    Once,
    Continuous,
}

/// The drug of that key.
pub(crate) fn drug(key: &str) -> &'static Drug {
    let found = DRUGS.iter().find(|d| d.key == key);
    debug_assert!(found.is_some(), "no drug {key}");
    found.unwrap_or(&DRUGS[0])
}

impl Drug {
    /// `medicationCodeableConcept`.
    pub(crate) fn concept(&self) -> Value {
        concept(RXNORM, self.rxnorm.0, self.rxnorm.1)
    }

    /// The whole direction in words.
    pub(crate) fn direction(&self) -> String {
        let (verb, way) = match self.route {
            Route::Oral => ("Take", " by mouth"),
            Route::Sublingual => ("Place", " under the tongue"),
            Route::Inhaled => ("Inhale", ""),
            Route::Subcutaneous => ("Inject", " under the skin"),
            Route::Intramuscular => ("Inject", " into the muscle"),
            Route::Intravenous => ("Infuse", " intravenously"),
            Route::Topical => ("Apply", " to affected skin"),
        };
        let need = self.as_needed.map(|what| format!(" as needed for {what}")).unwrap_or_default();
        format!("{verb} {}{way} {}{need}", self.portion, self.often.words())
    }

    /// `Dosage` (FHIR R4 §2.25.0.3) of a MedicationRequest.
    pub(crate) fn dosage(&self) -> Value {
        let mut dosage = json!({
            "sequence": 1,
            "text": self.direction(),
            "route": self.route.concept(),
            "doseAndRate": [{
                "type": concept(&hl7("dose-rate-type"), "ordered", "Ordered"),
                "doseQuantity": self.dose_quantity(),
            }],
        });
        if let Some(timing) = self.often.timing() {
            dosage["timing"] = timing;
        }
        match self.as_needed {
            Some(what) => dosage["asNeededCodeableConcept"] = json!({ "text": what }),
            None => dosage["asNeededBoolean"] = json!(false),
        }
        if self.often == Often::Continuous {
            dosage["doseAndRate"][0] = json!({
                "type": concept(&hl7("dose-rate-type"), "ordered", "Ordered"),
                "rateQuantity": self.dose_quantity(),
            });
        }
        dosage
    }

    /// One dose as a Quantity.
    pub(crate) fn dose_quantity(&self) -> Value {
        let (value, unit, code) = self.dose;
        let value = if value.fract() == 0.0 { json!(value as i64) } else { json!(value) };
        json!({ "value": value, "unit": unit, "system": UCUM, "code": code })
    }
}

impl Route {
    pub(crate) fn concept(self) -> Value {
        let (code, display) = match self {
            Self::Oral => ("26643006", "Oral route"),
            Self::Sublingual => ("37839007", "Sublingual route"),
            Self::Inhaled => ("447694001", "Respiratory tract route"),
            Self::Subcutaneous => ("34206005", "Subcutaneous route"),
            Self::Intravenous => ("47625008", "Intravenous route"),
            Self::Intramuscular => ("78421000", "Intramuscular route"),
            Self::Topical => ("6064005", "Topical route"),
        };
        concept(SNOMED, code, display)
    }
}

impl Often {
    fn words(self) -> String {
        match self {
            Self::Daily => "once daily".to_owned(),
            Self::Nightly => "at bedtime".to_owned(),
            Self::TwiceDaily => "twice daily".to_owned(),
            Self::ThreeTimesDaily => "three times daily".to_owned(),
            Self::FourTimesDaily => "four times daily".to_owned(),
            Self::EveryHours(hours) => format!("every {hours} hours"),
            Self::Weekly => "once a week, always on the same day".to_owned(),
            Self::EveryThreeMonths => "every 3 months".to_owned(),
            Self::Once => "once".to_owned(),
            Self::Continuous => "continuously".to_owned(),
        }
    }

    fn timing(self) -> Option<Value> {
        let (frequency, period, unit, code) = match self {
            Self::Daily => (1, 1, "d", Some(("QD", "QD"))),
            Self::Nightly => (1, 1, "d", None),
            Self::TwiceDaily => (2, 1, "d", Some(("BID", "BID"))),
            Self::ThreeTimesDaily => (3, 1, "d", Some(("TID", "TID"))),
            Self::FourTimesDaily => (4, 1, "d", Some(("QID", "QID"))),
            Self::EveryHours(hours) => (1, u32::from(hours), "h", None),
            Self::Weekly => (1, 1, "wk", None),
            Self::EveryThreeMonths => (1, 3, "mo", None),
            Self::Once => return Some(json!({ "repeat": { "count": 1 } })),
            Self::Continuous => return None,
        };
        let mut timing = json!({ "repeat": { "frequency": frequency, "period": period, "periodUnit": unit } });
        if let Some((code, display)) = code {
            timing["code"] = concept(&hl7("v3-GTSAbbreviation"), code, display);
        }
        if self == Self::Nightly {
            timing["repeat"]["when"] = json!(["HS"]);
        }
        Some(timing)
    }

    /// Minutes after midnight at which a ward gives it.
    pub(crate) fn ward_times(self) -> Vec<i64> {
        match self {
            Self::Daily | Self::Weekly => vec![9 * 60],
            Self::Nightly => vec![21 * 60],
            Self::TwiceDaily => vec![9 * 60, 21 * 60],
            Self::ThreeTimesDaily => vec![8 * 60, 14 * 60, 20 * 60],
            Self::FourTimesDaily => vec![8 * 60, 12 * 60, 17 * 60, 21 * 60],
            Self::EveryHours(hours) => (0..24).step_by(usize::from(hours.max(1))).map(|h| h * 60 + 120).filter(|m| *m < 1_440).collect(),
            Self::Once | Self::EveryThreeMonths | Self::Continuous => Vec::new(),
        }
    }

    /// Doses in thirty days, for what a pharmacy dispenses.
    pub(crate) fn per_month(self) -> u32 {
        match self {
            Self::Daily | Self::Nightly => 30,
            Self::TwiceDaily => 60,
            Self::ThreeTimesDaily => 90,
            Self::FourTimesDaily => 120,
            Self::EveryHours(hours) => 720 / u32::from(hours.max(1)),
            Self::Weekly => 4,
            Self::Once | Self::EveryThreeMonths | Self::Continuous => 1,
        }
    }
}

const fn oral(
    key: &'static str,
    class: &'static str,
    rxnorm: (&'static str, &'static str),
    short: &'static str,
    dose: (f64, &'static str),
    portion: &'static str,
    often: Often,
) -> Drug {
    Drug { key, class, rxnorm, short, dose: (dose.0, dose.1, dose.1), portion, route: Route::Oral, often, as_needed: None }
}

const fn needed(drug: Drug, what: &'static str) -> Drug {
    Drug { as_needed: Some(what), ..drug }
}

const fn by(drug: Drug, route: Route) -> Drug {
    Drug { route, ..drug }
}

const fn ucum(drug: Drug, code: &'static str) -> Drug {
    Drug { dose: (drug.dose.0, drug.dose.1, code), ..drug }
}

use Often::{Continuous, Daily, EveryHours, EveryThreeMonths, FourTimesDaily, Nightly, Once, ThreeTimesDaily, TwiceDaily, Weekly};
use Route::{Inhaled, Intramuscular, Intravenous, Subcutaneous, Sublingual, Topical};

#[rustfmt::skip]
static DRUGS: &[Drug] = &[
    // Circulation
    oral("lisinopril-10", "ace-inhibitor", ("314076", "lisinopril 10 MG Oral Tablet"), "lisinopril 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Daily),
    oral("lisinopril-20", "ace-inhibitor", ("314077", "lisinopril 20 MG Oral Tablet"), "lisinopril 20 mg", (20.0, "mg"), "1 tablet (20 mg)", Daily),
    oral("losartan-50", "arb", ("979492", "losartan potassium 50 MG Oral Tablet"), "losartan 50 mg", (50.0, "mg"), "1 tablet (50 mg)", Daily),
    oral("losartan-100", "arb", ("979480", "losartan potassium 100 MG Oral Tablet"), "losartan 100 mg", (100.0, "mg"), "1 tablet (100 mg)", Daily),
    oral("amlodipine-5", "calcium-blocker", ("197361", "amlodipine 5 MG Oral Tablet"), "amlodipine 5 mg", (5.0, "mg"), "1 tablet (5 mg)", Daily),
    oral("amlodipine-10", "calcium-blocker", ("308135", "amlodipine 10 MG Oral Tablet"), "amlodipine 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Daily),
    oral("hydrochlorothiazide-25", "thiazide", ("310798", "hydrochlorothiazide 25 MG Oral Tablet"), "hydrochlorothiazide 25 mg", (25.0, "mg"), "1 tablet (25 mg)", Daily),
    oral("metoprolol-50", "beta-blocker", ("866436", "24 HR metoprolol succinate 50 MG Extended Release Oral Tablet"), "metoprolol succinate 50 mg", (50.0, "mg"), "1 tablet (50 mg)", Daily),
    oral("carvedilol-12", "beta-blocker", ("200032", "carvedilol 12.5 MG Oral Tablet"), "carvedilol 12.5 mg", (12.5, "mg"), "1 tablet (12.5 mg)", TwiceDaily),
    oral("furosemide-40", "loop-diuretic", ("313988", "furosemide 40 MG Oral Tablet"), "furosemide 40 mg", (40.0, "mg"), "1 tablet (40 mg)", Daily),
    oral("spironolactone-25", "mra", ("313096", "spironolactone 25 MG Oral Tablet"), "spironolactone 25 mg", (25.0, "mg"), "1 tablet (25 mg)", Daily),
    oral("digoxin-125", "digoxin", ("197604", "digoxin 0.125 MG Oral Tablet"), "digoxin 0.125 mg", (0.125, "mg"), "1 tablet (0.125 mg)", Daily),
    oral("atorvastatin-20", "statin", ("617310", "atorvastatin 20 MG Oral Tablet"), "atorvastatin 20 mg", (20.0, "mg"), "1 tablet (20 mg)", Nightly),
    oral("atorvastatin-40", "statin", ("617311", "atorvastatin 40 MG Oral Tablet"), "atorvastatin 40 mg", (40.0, "mg"), "1 tablet (40 mg)", Nightly),
    oral("atorvastatin-80", "statin", ("259255", "atorvastatin 80 MG Oral Tablet"), "atorvastatin 80 mg", (80.0, "mg"), "1 tablet (80 mg)", Nightly),
    oral("aspirin-81", "antiplatelet", ("243670", "aspirin 81 MG Oral Tablet"), "aspirin 81 mg", (81.0, "mg"), "1 tablet (81 mg)", Daily),
    oral("clopidogrel-75", "antiplatelet", ("309362", "clopidogrel 75 MG Oral Tablet"), "clopidogrel 75 mg", (75.0, "mg"), "1 tablet (75 mg)", Daily),
    oral("apixaban-5", "anticoagulant", ("1364445", "apixaban 5 MG Oral Tablet"), "apixaban 5 mg", (5.0, "mg"), "1 tablet (5 mg)", TwiceDaily),
    oral("warfarin-5", "warfarin", ("855332", "warfarin sodium 5 MG Oral Tablet"), "warfarin 5 mg", (5.0, "mg"), "1 tablet (5 mg)", Daily),
    needed(by(oral("nitroglycerin-sl", "nitrate", ("198039", "nitroglycerin 0.4 MG Sublingual Tablet"), "nitroglycerin 0.4 mg", (0.4, "mg"), "1 tablet (0.4 mg)", EveryHours(1)), Sublingual), "chest pain"),
    // Metabolism
    oral("metformin-500", "metformin", ("861007", "metformin hydrochloride 500 MG Oral Tablet"), "metformin 500 mg", (500.0, "mg"), "1 tablet (500 mg)", TwiceDaily),
    oral("metformin-1000", "metformin", ("861004", "metformin hydrochloride 1000 MG Oral Tablet"), "metformin 1000 mg", (1000.0, "mg"), "1 tablet (1000 mg)", TwiceDaily),
    oral("empagliflozin-10", "sglt2", ("1545658", "empagliflozin 10 MG Oral Tablet"), "empagliflozin 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Daily),
    ucum(by(oral("glargine", "basal-insulin", ("311041", "insulin glargine 100 UNT/ML Injectable Solution"), "insulin glargine", (18.0, "units"), "18 units", Nightly), Subcutaneous), "[iU]"),
    ucum(by(oral("lispro", "meal-insulin", ("242120", "insulin lispro 100 UNT/ML Injectable Solution"), "insulin lispro", (6.0, "units"), "6 units", ThreeTimesDaily), Subcutaneous), "[iU]"),
    oral("levothyroxine-75", "thyroid", ("966222", "levothyroxine sodium 0.075 MG Oral Tablet"), "levothyroxine 75 mcg", (0.075, "mg"), "1 tablet (75 mcg)", Daily),
    oral("allopurinol-100", "allopurinol", ("197319", "allopurinol 100 MG Oral Tablet"), "allopurinol 100 mg", (100.0, "mg"), "1 tablet (100 mg)", Daily),
    oral("allopurinol-300", "allopurinol", ("197320", "allopurinol 300 MG Oral Tablet"), "allopurinol 300 mg", (300.0, "mg"), "1 tablet (300 mg)", Daily),
    oral("alendronate-10", "bisphosphonate", ("904419", "alendronic acid 10 MG Oral Tablet"), "alendronate 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Daily),
    oral("ferrous-sulfate", "iron", ("310325", "ferrous sulfate 325 MG Oral Tablet"), "ferrous sulfate 325 mg", (325.0, "mg"), "1 tablet (325 mg)", Daily),
    oral("folic-acid", "folate", ("310410", "folic acid 1 MG Oral Tablet"), "folic acid 1 mg", (1.0, "mg"), "1 tablet (1 mg)", Daily),
    ucum(oral("potassium-20", "potassium", ("1801294", "potassium chloride 20 MEQ Extended Release Oral Tablet"), "potassium chloride 20 mEq", (20.0, "mEq"), "1 tablet (20 mEq)", Daily), "meq"),
    // Lungs, allergy
    needed(ucum(by(oral("albuterol", "saba", ("745679", "200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"), "albuterol inhaler", (2.0, "puffs"), "2 puffs", EveryHours(4)), Inhaled), "{actuat}"), "wheezing"),
    ucum(by(oral("fluticasone", "inhaled-steroid", ("895994", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler"), "fluticasone inhaler", (2.0, "puffs"), "2 puffs", TwiceDaily), Inhaled), "{actuat}"),
    ucum(by(oral("fluticasone-salmeterol", "inhaled-combination", ("896209", "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler"), "fluticasone-salmeterol 250/50", (1.0, "inhalation"), "1 inhalation", TwiceDaily), Inhaled), "{actuat}"),
    needed(oral("loratadine-10", "antihistamine", ("311372", "loratadine 10 MG Oral Tablet"), "loratadine 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Daily), "allergies"),
    oral("prednisone-20", "steroid", ("312615", "prednisone 20 MG Oral Tablet"), "prednisone 20 mg", (40.0, "mg"), "2 tablets (40 mg)", Daily),
    needed(by(oral("epinephrine-pen", "epinephrine", ("1870230", "NDA020800 0.3 ML epinephrine 1 MG/ML Auto-Injector"), "epinephrine auto-injector 0.3 mg", (0.3, "mg"), "0.3 mg", Once), Intramuscular), "severe allergic reaction"),
    needed(ucum(by(oral("hydrocortisone-cream", "topical-steroid", ("106258", "hydrocortisone 10 MG/ML Topical Cream"), "hydrocortisone 1% cream", (1.0, "application"), "a thin layer", TwiceDaily), Topical), "{application}"), "itching"),
    // Mind, nerves
    oral("sertraline-50", "ssri", ("312941", "sertraline 50 MG Oral Tablet"), "sertraline 50 mg", (50.0, "mg"), "1 tablet (50 mg)", Daily),
    oral("sertraline-100", "ssri", ("312938", "sertraline 100 MG Oral Tablet"), "sertraline 100 mg", (100.0, "mg"), "1 tablet (100 mg)", Daily),
    oral("escitalopram-10", "ssri", ("349332", "escitalopram 10 MG Oral Tablet"), "escitalopram 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Daily),
    oral("lithium-300", "lithium", ("197889", "lithium carbonate 300 MG Oral Capsule"), "lithium carbonate 300 mg", (300.0, "mg"), "1 capsule (300 mg)", ThreeTimesDaily),
    by(oral("buprenorphine-naloxone", "opioid-agonist", ("351267", "buprenorphine 8 MG / naloxone 2 MG Sublingual Tablet"), "buprenorphine-naloxone 8/2 mg", (8.0, "mg"), "1 tablet (8 mg/2 mg)", TwiceDaily), Sublingual),
    oral("methylphenidate-20", "stimulant", ("1091392", "methylphenidate hydrochloride 20 MG Oral Tablet"), "methylphenidate 20 mg", (20.0, "mg"), "1 tablet (20 mg)", Daily),
    oral("donepezil-10", "cholinesterase-inhibitor", ("997223", "donepezil hydrochloride 10 MG Oral Tablet"), "donepezil 10 mg", (10.0, "mg"), "1 tablet (10 mg)", Nightly),
    oral("levetiracetam-500", "anticonvulsant", ("311289", "levetiracetam 500 MG Oral Tablet"), "levetiracetam 500 mg", (500.0, "mg"), "1 tablet (500 mg)", TwiceDaily),
    needed(oral("sumatriptan-50", "triptan", ("313161", "sumatriptan 50 MG Oral Tablet"), "sumatriptan 50 mg", (50.0, "mg"), "1 tablet (50 mg)", Once), "migraine"),
    oral("gabapentin-300", "gabapentinoid", ("310431", "gabapentin 300 MG Oral Capsule"), "gabapentin 300 mg", (300.0, "mg"), "1 capsule (300 mg)", ThreeTimesDaily),
    // Pain, stomach
    needed(oral("acetaminophen-500", "analgesic", ("198440", "acetaminophen 500 MG Oral Tablet"), "acetaminophen 500 mg", (1000.0, "mg"), "2 tablets (1000 mg)", EveryHours(8)), "pain"),
    needed(oral("ibuprofen-600", "nsaid", ("197806", "ibuprofen 600 MG Oral Tablet"), "ibuprofen 600 mg", (600.0, "mg"), "1 tablet (600 mg)", EveryHours(8)), "pain"),
    needed(oral("naproxen-500", "nsaid", ("198014", "naproxen 500 MG Oral Tablet"), "naproxen 500 mg", (500.0, "mg"), "1 tablet (500 mg)", TwiceDaily), "pain"),
    needed(oral("oxycodone-apap", "opioid", ("1049221", "acetaminophen 325 MG / oxycodone hydrochloride 5 MG Oral Tablet"), "oxycodone-acetaminophen 5/325 mg", (5.0, "mg"), "1 tablet (5 mg/325 mg)", EveryHours(6)), "severe pain"),
    needed(oral("tramadol-50", "opioid", ("835603", "tramadol hydrochloride 50 MG Oral Tablet"), "tramadol 50 mg", (50.0, "mg"), "1 tablet (50 mg)", EveryHours(6)), "pain"),
    oral("omeprazole-20", "ppi", ("198051", "omeprazole 20 MG Delayed Release Oral Capsule"), "omeprazole 20 mg", (20.0, "mg"), "1 capsule (20 mg)", Daily),
    needed(oral("ondansetron-4", "antiemetic", ("198052", "ondansetron 4 MG Oral Tablet"), "ondansetron 4 mg", (4.0, "mg"), "1 tablet (4 mg)", EveryHours(8)), "nausea"),
    // Infection
    oral("amoxicillin-500", "penicillin", ("308191", "amoxicillin 500 MG Oral Capsule"), "amoxicillin 500 mg", (500.0, "mg"), "1 capsule (500 mg)", ThreeTimesDaily),
    oral("amoxicillin-suspension", "penicillin", ("308189", "amoxicillin 80 MG/ML Oral Suspension"), "amoxicillin 400 mg/5 mL", (400.0, "mg"), "5 mL (400 mg)", TwiceDaily),
    oral("amoxicillin-clavulanate", "penicillin", ("562508", "amoxicillin 875 MG / clavulanate 125 MG Oral Tablet"), "amoxicillin-clavulanate 875/125 mg", (875.0, "mg"), "1 tablet (875 mg/125 mg)", TwiceDaily),
    oral("azithromycin-250", "macrolide", ("308460", "azithromycin 250 MG Oral Tablet"), "azithromycin 250 mg", (250.0, "mg"), "1 tablet (250 mg)", Daily),
    oral("cephalexin-500", "cephalosporin", ("309114", "cephalexin 500 MG Oral Capsule"), "cephalexin 500 mg", (500.0, "mg"), "1 capsule (500 mg)", FourTimesDaily),
    oral("nitrofurantoin-100", "nitrofurantoin", ("1648755", "nitrofurantoin, macrocrystals 25 MG / nitrofurantoin, monohydrate 75 MG Oral Capsule"), "nitrofurantoin 100 mg", (100.0, "mg"), "1 capsule (100 mg)", TwiceDaily),
    oral("co-trimoxazole", "sulfonamide", ("198335", "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet"), "sulfamethoxazole-trimethoprim 800/160 mg", (800.0, "mg"), "1 tablet (800 mg/160 mg)", TwiceDaily),
    oral("bictegravir", "antiretroviral", ("1999667", "bictegravir 50 MG / emtricitabine 200 MG / tenofovir alafenamide 25 MG Oral Tablet"), "bictegravir-emtricitabine-tenofovir", (50.0, "mg"), "1 tablet", Daily),
    // Joints, tumours, urology, contraception
    oral("methotrexate", "methotrexate", ("105585", "methotrexate 2.5 MG Oral Tablet"), "methotrexate 15 mg weekly", (15.0, "mg"), "6 tablets (15 mg)", Weekly),
    oral("anastrozole", "aromatase-inhibitor", ("199224", "anastrozole 1 MG Oral Tablet"), "anastrozole 1 mg", (1.0, "mg"), "1 tablet (1 mg)", Daily),
    oral("tamsulosin", "alpha-blocker", ("863669", "tamsulosin hydrochloride 0.4 MG Oral Capsule"), "tamsulosin 0.4 mg", (0.4, "mg"), "1 capsule (0.4 mg)", Nightly),
    by(oral("medroxyprogesterone", "contraceptive", ("1000126", "1 ML medroxyprogesterone acetate 150 MG/ML Injection"), "medroxyprogesterone 150 mg", (150.0, "mg"), "150 mg", EveryThreeMonths), Intramuscular),
    // Hospital
    by(oral("enoxaparin-40", "heparin", ("854235", "0.4 ML enoxaparin sodium 100 MG/ML Prefilled Syringe"), "enoxaparin 40 mg", (40.0, "mg"), "40 mg", Daily), Subcutaneous),
    by(oral("ceftriaxone-1g", "cephalosporin", ("1665021", "ceftriaxone 1000 MG Injection"), "ceftriaxone 1 g", (1000.0, "mg"), "1000 mg", EveryHours(24)), Intravenous),
    by(oral("piperacillin-tazobactam", "penicillin", ("1659149", "piperacillin 4000 MG / tazobactam 500 MG Injection"), "piperacillin-tazobactam 4.5 g", (4500.0, "mg"), "4500 mg", EveryHours(6)), Intravenous),
    by(oral("vancomycin-1g", "glycopeptide", ("1807513", "vancomycin 1000 MG Injection"), "vancomycin 1 g", (1000.0, "mg"), "1000 mg", EveryHours(12)), Intravenous),
    by(oral("furosemide-iv", "loop-diuretic-iv", ("1719286", "10 ML furosemide 10 MG/ML Injection"), "furosemide 40 mg IV", (40.0, "mg"), "40 mg", EveryHours(12)), Intravenous),
    ucum(by(oral("norepinephrine", "vasopressor", ("242969", "norepinephrine 1 MG/ML Injectable Solution"), "norepinephrine infusion", (0.08, "mcg/kg/min"), "0.08 mcg/kg/min", Continuous), Intravenous), "ug/kg/min"),
    ucum(by(oral("propofol", "sedative", ("1808217", "100 ML propofol 10 MG/ML Injection"), "propofol infusion", (25.0, "mcg/kg/min"), "25 mcg/kg/min", Continuous), Intravenous), "ug/kg/min"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn keys_and_codes_are_unique() {
        let mut keys: Vec<_> = DRUGS.iter().map(|d| d.key).collect();
        let mut codes: Vec<_> = DRUGS.iter().map(|d| d.rxnorm.0).collect();
        for list in [&mut keys, &mut codes] {
            list.sort_unstable();
            let before = list.len();
            list.dedup();
            assert_eq!(list.len(), before);
        }
    }

    #[test]
    fn the_structured_dose_says_what_the_direction_says() {
        for drug in DRUGS.iter().filter(|d| d.portion.contains('(') && d.key != "levothyroxine-75") {
            let amount = format!("{} {}", drug.dose.0, drug.dose.1);
            assert!(drug.portion.contains(&amount), "{}: {} against {amount}", drug.key, drug.portion);
        }
    }

    #[test]
    fn methotrexate_is_weekly_in_words_and_in_structure() {
        let dosage = drug("methotrexate").dosage();
        assert_eq!(dosage["timing"]["repeat"]["periodUnit"], "wk");
        assert_eq!(dosage["text"], "Take 6 tablets (15 mg) by mouth once a week, always on the same day");
    }

    #[test]
    fn ward_times_match_the_frequency() {
        assert_eq!(Often::EveryHours(6).ward_times(), [120, 480, 840, 1_200]);
        assert_eq!(Often::EveryHours(24).ward_times().len(), 1);
        assert_eq!(Often::TwiceDaily.ward_times().len(), 2);
    }
}
