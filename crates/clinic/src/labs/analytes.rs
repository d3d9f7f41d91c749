//! What the laboratory measures: LOINC codes, UCUM units, reference ranges by sex and age, critical limits.
//!
//! Ranges are those many adult laboratories in the United States print; a real laboratory sets its own.

/// Something measured.
#[derive(Debug)]
pub(crate) struct Analyte {
    pub(crate) key: &'static str,
    pub(crate) loinc: (&'static str, &'static str),
    /// Name in a note.
    pub(crate) short: &'static str,
    /// Printed unit and UCUM code.
    pub(crate) unit: (&'static str, &'static str),
    pub(crate) decimals: u8,
    /// Range of adult men, and of adult women.
    men: Bounds,
    women: Bounds,
    /// Range below 12 years, where it differs.
    children: Option<Bounds>,
    /// Values beyond these are telephoned.
    pub(crate) critical: Bounds,
    /// Below this the instrument reports "less than".
    pub(crate) floor: Option<f64>,
}

type Bounds = (Option<f64>, Option<f64>);

impl Analyte {
    /// The reference range of a person of that sex and age.
    pub(crate) fn range(&self, female: bool, age: i64) -> Bounds {
        match self.children {
            Some(children) if age < 12 => children,
            _ if female => self.women,
            _ => self.men,
        }
    }
}

/// A group of tests ordered together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Panel {
    BloodCount,
    Metabolic,
    Lipids,
    A1c,
    Thyroid,
    Coagulation,
    Ferritin,
    Urate,
    Liver,
    Hiv,
    Lithium,
    Albuminuria,
    Natriuretic,
    Troponin,
    Sepsis,
    Lead,
}

impl Panel {
    /// LOINC code of the order and the report.
    pub(crate) fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::BloodCount => ("58410-2", "CBC panel - Blood by Automated count"),
            Self::Metabolic => ("24321-2", "Basic metabolic 2000 panel - Serum or Plasma"),
            Self::Lipids => ("24331-1", "Lipid 1996 panel - Serum or Plasma"),
            Self::A1c => ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
            Self::Thyroid => ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
            Self::Coagulation => ("34528-0", "PT and INR panel - Platelet poor plasma by Coagulation assay"),
            Self::Ferritin => ("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"),
            Self::Urate => ("3084-1", "Urate [Mass/volume] in Serum or Plasma"),
            Self::Liver => ("24325-3", "Hepatic function 2000 panel - Serum or Plasma"),
            Self::Hiv => ("20447-9", "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection"),
            Self::Lithium => ("14334-7", "Lithium [Moles/volume] in Serum or Plasma"),
            Self::Albuminuria => ("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"),
            Self::Natriuretic => ("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"),
            Self::Troponin => ("89579-7", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method"),
            Self::Sepsis => ("2524-7", "Lactate [Moles/volume] in Serum or Plasma"),
            Self::Lead => ("5671-3", "Lead [Mass/volume] in Blood"),
        }
    }

    /// The analytes reported, in the order of the report.
    pub(crate) fn analytes(self) -> &'static [&'static str] {
        match self {
            Self::BloodCount => &["wbc", "rbc", "hemoglobin", "hematocrit", "mcv", "platelets"],
            Self::Metabolic => &["glucose", "sodium", "potassium", "chloride", "bicarbonate", "urea", "creatinine", "calcium", "egfr"],
            Self::Lipids => &["cholesterol", "triglycerides", "hdl", "ldl"],
            Self::A1c => &["a1c"],
            Self::Thyroid => &["tsh"],
            Self::Coagulation => &["inr", "prothrombin"],
            Self::Ferritin => &["ferritin"],
            Self::Urate => &["urate"],
            Self::Liver => &["alt", "ast"],
            Self::Hiv => &["viral-load", "cd4"],
            Self::Lithium => &["lithium"],
            Self::Albuminuria => &["albuminuria"],
            Self::Natriuretic => &["nt-probnp"],
            Self::Troponin => &["troponin"],
            Self::Sepsis => &["lactate", "crp"],
            Self::Lead => &["lead"],
        }
    }

    /// Sensitivity label of what reveals a protected condition.
    pub(crate) fn sensitive(self) -> Option<&'static str> {
        match self {
            Self::Hiv => Some("HIV"),
            Self::Lithium => Some("PSY"),
            _ => None,
        }
    }
}

/// The analyte of that key.
pub(crate) fn analyte(key: &str) -> &'static Analyte {
    let found = ANALYTES.iter().find(|a| a.key == key);
    debug_assert!(found.is_some(), "no analyte {key}");
    found.unwrap_or(&ANALYTES[0])
}

const fn between(low: f64, high: f64) -> Bounds {
    (Some(low), Some(high))
}

const fn below(high: f64) -> Bounds {
    (None, Some(high))
}

const fn above(low: f64) -> Bounds {
    (Some(low), None)
}

const NO: Bounds = (None, None);

const fn same(
    key: &'static str,
    loinc: (&'static str, &'static str),
    short: &'static str,
    unit: (&'static str, &'static str),
    decimals: u8,
    range: Bounds,
    critical: Bounds,
) -> Analyte {
    Analyte { key, loinc, short, unit, decimals, men: range, women: range, children: None, critical, floor: None }
}

const fn women(analyte: Analyte, women: Bounds) -> Analyte {
    Analyte { women, ..analyte }
}

const fn children(analyte: Analyte, range: Bounds) -> Analyte {
    Analyte { children: Some(range), ..analyte }
}

const fn floor(analyte: Analyte, floor: f64) -> Analyte {
    Analyte { floor: Some(floor), ..analyte }
}

#[rustfmt::skip]
static ANALYTES: &[Analyte] = &[
    children(same("wbc", ("6690-2", "Leukocytes [#/volume] in Blood by Automated count"), "WBC", ("10*3/uL", "10*3/uL"), 1, between(4.0, 11.0), (Some(1.5), Some(30.0))), between(5.0, 15.0)),
    children(women(same("rbc", ("789-8", "Erythrocytes [#/volume] in Blood by Automated count"), "RBC", ("10*6/uL", "10*6/uL"), 2, between(4.5, 5.9), NO), between(4.0, 5.2)), between(3.9, 5.3)),
    children(women(same("hemoglobin", ("718-7", "Hemoglobin [Mass/volume] in Blood"), "Hgb", ("g/dL", "g/dL"), 1, between(13.5, 17.5), (Some(7.0), Some(20.0))), between(12.0, 15.5)), between(11.0, 14.5)),
    children(women(same("hematocrit", ("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count"), "Hct", ("%", "%"), 1, between(40.0, 52.0), (Some(20.0), Some(60.0))), between(36.0, 46.0)), between(33.0, 43.0)),
    children(same("mcv", ("787-2", "MCV [Entitic volume] by Automated count"), "MCV", ("fL", "fL"), 1, between(80.0, 100.0), NO), between(73.0, 90.0)),
    same("platelets", ("777-3", "Platelets [#/volume] in Blood by Automated count"), "Platelets", ("10*3/uL", "10*3/uL"), 0, between(150.0, 400.0), (Some(30.0), Some(1000.0))),
    same("glucose", ("2345-7", "Glucose [Mass/volume] in Serum or Plasma"), "Glucose", ("mg/dL", "mg/dL"), 0, between(70.0, 99.0), (Some(50.0), Some(400.0))),
    same("sodium", ("2951-2", "Sodium [Moles/volume] in Serum or Plasma"), "Na", ("mmol/L", "mmol/L"), 0, between(136.0, 145.0), (Some(120.0), Some(160.0))),
    same("potassium", ("2823-3", "Potassium [Moles/volume] in Serum or Plasma"), "K", ("mmol/L", "mmol/L"), 1, between(3.5, 5.1), (Some(2.8), Some(6.2))),
    same("chloride", ("2075-0", "Chloride [Moles/volume] in Serum or Plasma"), "Cl", ("mmol/L", "mmol/L"), 0, between(98.0, 107.0), (Some(80.0), Some(120.0))),
    same("bicarbonate", ("2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma"), "CO2", ("mmol/L", "mmol/L"), 0, between(22.0, 29.0), (Some(10.0), Some(40.0))),
    same("urea", ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"), "BUN", ("mg/dL", "mg/dL"), 0, between(7.0, 20.0), (None, Some(100.0))),
    children(women(same("creatinine", ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"), "Creatinine", ("mg/dL", "mg/dL"), 2, between(0.74, 1.35), (None, Some(7.5))), between(0.59, 1.04)), between(0.2, 0.7)),
    same("calcium", ("17861-6", "Calcium [Mass/volume] in Serum or Plasma"), "Ca", ("mg/dL", "mg/dL"), 1, between(8.6, 10.3), (Some(6.5), Some(13.0))),
    same("egfr", ("98979-8", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)"), "eGFR", ("mL/min/1.73m2", "mL/min/{1.73_m2}"), 0, above(60.0), NO),
    same("cholesterol", ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"), "Total cholesterol", ("mg/dL", "mg/dL"), 0, below(199.0), NO),
    same("triglycerides", ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma"), "Triglycerides", ("mg/dL", "mg/dL"), 0, below(149.0), (None, Some(1000.0))),
    women(same("hdl", ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma"), "HDL", ("mg/dL", "mg/dL"), 0, above(40.0), NO), above(50.0)),
    same("ldl", ("13457-7", "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation"), "LDL", ("mg/dL", "mg/dL"), 0, below(129.0), NO),
    same("a1c", ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"), "HbA1c", ("%", "%"), 1, between(4.0, 5.6), NO),
    same("tsh", ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"), "TSH", ("mIU/L", "m[IU]/L"), 2, between(0.4, 4.5), NO),
    same("inr", ("6301-6", "INR in Platelet poor plasma by Coagulation assay"), "INR", ("INR", "{INR}"), 1, between(0.8, 1.2), (None, Some(5.0))),
    same("prothrombin", ("5902-2", "Prothrombin time (PT)"), "PT", ("s", "s"), 1, between(9.4, 12.5), NO),
    women(same("ferritin", ("2276-4", "Ferritin [Mass/volume] in Serum or Plasma"), "Ferritin", ("ng/mL", "ng/mL"), 0, between(24.0, 336.0), NO), between(11.0, 307.0)),
    women(same("urate", ("3084-1", "Urate [Mass/volume] in Serum or Plasma"), "Uric acid", ("mg/dL", "mg/dL"), 1, between(3.7, 8.0), NO), between(2.7, 6.1)),
    women(same("alt", ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"), "ALT", ("U/L", "U/L"), 0, between(7.0, 55.0), NO), between(7.0, 45.0)),
    women(same("ast", ("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma"), "AST", ("U/L", "U/L"), 0, between(8.0, 48.0), NO), between(8.0, 43.0)),
    floor(same("viral-load", ("20447-9", "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection"), "HIV-1 RNA", ("copies/mL", "{copies}/mL"), 0, below(20.0), NO), 20.0),
    same("cd4", ("24467-3", "CD3+CD4+ (T4 helper) cells [#/volume] in Blood"), "CD4", ("cells/uL", "{cells}/uL"), 0, between(490.0, 1740.0), NO),
    same("lithium", ("14334-7", "Lithium [Moles/volume] in Serum or Plasma"), "Lithium", ("mmol/L", "mmol/L"), 2, between(0.6, 1.2), (None, Some(1.5))),
    same("albuminuria", ("9318-7", "Albumin/Creatinine [Mass Ratio] in Urine"), "Urine albumin/creatinine", ("mg/g", "mg/g"), 0, below(29.0), NO),
    same("nt-probnp", ("33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma"), "NT-proBNP", ("pg/mL", "pg/mL"), 0, below(450.0), NO),
    women(same("troponin", ("89579-7", "Troponin I.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method"), "hs-Troponin I", ("ng/L", "ng/L"), 0, below(20.0), (None, Some(100.0))), below(15.0)),
    same("lactate", ("2524-7", "Lactate [Moles/volume] in Serum or Plasma"), "Lactate", ("mmol/L", "mmol/L"), 1, between(0.5, 2.0), (None, Some(4.0))),
    same("crp", ("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"), "CRP", ("mg/L", "mg/L"), 1, below(5.0), NO),
    floor(same("lead", ("5671-3", "Lead [Mass/volume] in Blood"), "Lead", ("ug/dL", "ug/dL"), 1, below(3.5), NO), 1.0),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn critical_limits_lie_outside_every_range() {
        for a in ANALYTES {
            for (low, high) in [a.men, a.women, a.children.unwrap_or(a.men)] {
                if let (Some(limit), Some(low)) = (a.critical.0, low) {
                    assert!(limit < low, "{}", a.key);
                }
                if let (Some(limit), Some(high)) = (a.critical.1, high) {
                    assert!(limit > high, "{}", a.key);
                }
            }
        }
    }

    #[test]
    fn women_and_children_have_their_own_ranges_where_they_differ() {
        let hemoglobin = analyte("hemoglobin");
        assert_eq!(hemoglobin.range(false, 40), (Some(13.5), Some(17.5)));
        assert_eq!(hemoglobin.range(true, 40), (Some(12.0), Some(15.5)));
        assert_eq!(hemoglobin.range(true, 5), (Some(11.0), Some(14.5)));
    }
}
