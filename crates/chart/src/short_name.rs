//! What clinicians call a measurement that LOINC names at length.
use crate::concept::{Code, LOINC};

/// A shorter name for what a LOINC long common name says, or `None` where it is short already.
///
/// The long name is always kept beside it: the short one leaves out the property, the method, and the specimen where it is
/// blood.
pub(crate) fn shorter(codes: &[Code<'_>], long: &str) -> Option<String> {
    let code = codes.iter().find(|code| code.system == LOINC)?;
    let short = usual(code.code).map_or_else(|| without_axes(long), |usual| Some(usual.to_owned()))?;
    (short != long).then_some(short)
}

/// The long common name "Component [Property] in System by Method" without what a list need not say (LOINC Users' Guide,
/// "Long common name").
fn without_axes(long: &str) -> Option<String> {
    let (component, rest) = long.split_once(" [")?;
    let (_, rest) = rest.split_once(']')?;
    let rest = rest.split_once(" by ").map_or(rest, |(system, _method)| system).trim();
    let system = rest.strip_prefix("in ").or_else(|| rest.strip_prefix("of "));
    match system {
        None if rest.is_empty() => Some(component.to_owned()),
        None => None,
        Some(system) if ["Serum", "Plasma", "Blood"].iter().any(|blood| system.starts_with(blood)) => Some(component.to_owned()),
        Some(system) => Some(format!("{component} ({})", system.to_lowercase())),
    }
}

/// Names in daily use, by LOINC code.
fn usual(code: &str) -> Option<&'static str> {
    Some(match code {
        "85354-9" | "55284-4" | "35094-2" => "Blood pressure",
        "8480-6" => "Systolic pressure",
        "8462-4" => "Diastolic pressure",
        "8867-4" => "Heart rate",
        "9279-1" => "Respiratory rate",
        "2708-6" | "59408-5" => "Oxygen saturation",
        "8310-5" => "Body temperature",
        "8331-1" => "Oral temperature",
        "29463-7" | "3141-9" => "Body weight",
        "8302-2" => "Body height",
        "8306-3" => "Body length",
        "39156-5" => "BMI",
        "9843-4" => "Head circumference",
        "72514-3" => "Pain (0–10)",
        "72166-2" => "Tobacco smoking status",
        "4548-4" => "Hemoglobin A1c",
        "718-7" => "Hemoglobin",
        "4544-3" | "20570-8" => "Hematocrit",
        "6690-2" => "White cells",
        "789-8" => "Red cells",
        "777-3" => "Platelets",
        "787-2" => "MCV",
        "785-6" => "MCH",
        "786-4" => "MCHC",
        "21000-5" | "788-0" => "RDW",
        "32623-1" => "MPV",
        "32207-3" => "PDW",
        "2951-2" | "2947-0" => "Sodium",
        "2823-3" | "6298-4" => "Potassium",
        "2075-0" | "2069-3" => "Chloride",
        "2028-9" | "20565-8" => "Bicarbonate (total CO₂)",
        "3094-0" | "6299-2" => "Urea nitrogen",
        "2160-0" | "38483-4" => "Creatinine",
        "33914-3" | "48642-3" | "62238-1" | "98979-8" => "eGFR",
        "17861-6" | "49765-1" => "Calcium",
        "2093-3" => "Total cholesterol",
        "2571-8" => "Triglycerides",
        "13457-7" | "18262-6" | "2089-1" => "LDL cholesterol",
        "2085-9" => "HDL cholesterol",
        "1742-6" => "ALT",
        "1920-8" => "AST",
        "6768-6" => "Alkaline phosphatase",
        "1975-2" => "Bilirubin, total",
        "1968-7" => "Bilirubin, direct",
        "1988-5" => "CRP",
        "6301-6" | "34714-6" => "INR",
        "2857-1" => "PSA",
        "3016-3" | "11580-8" => "TSH",
        "3024-7" => "Free T4",
        "9318-7" | "14959-1" => "Albumin/creatinine ratio (urine)",
        "33762-6" => "NT-proBNP",
        "10230-1" => "LV ejection fraction",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(code: &str, long: &str) -> Option<String> {
        shorter(&[Code { system: LOINC, code }], long)
    }

    #[test]
    fn long_common_names_lose_what_a_list_need_not_say() {
        let of = |long| short("0-0", long);
        assert_eq!(of("Globulin [Mass/volume] in Serum by calculation").as_deref(), Some("Globulin"));
        assert_eq!(of("Ferritin [Mass/\u{200b}volume] in Serum or Plasma").as_deref(), Some("Ferritin"));
        assert_eq!(of("Basophils [#/volume] in Blood by Automated count").as_deref(), Some("Basophils"));
        assert_eq!(of("Total score [MMSE]").as_deref(), Some("Total score"));
        assert_eq!(short("85354-9", "Blood pressure panel with all children optional").as_deref(), Some("Blood pressure"));
    }

    #[test]
    fn a_specimen_that_is_not_blood_stays() {
        let of = |long| short("0-0", long);
        assert_eq!(of("Glucose [Presence] in Urine by Test strip").as_deref(), Some("Glucose (urine)"));
        assert_eq!(of("Protein [Mass/volume] in Cerebral spinal fluid").as_deref(), Some("Protein (cerebral spinal fluid)"));
    }

    #[test]
    fn names_that_are_short_or_not_loincs_stay() {
        assert_eq!(short("0-0", "Color of Urine"), None);
        assert_eq!(short("0-0", "HLA-B27 [Presence] Donor"), None, "not the grammar");
        assert_eq!(short("2571-8", "Triglycerides"), None);
        assert_eq!(shorter(&[Code { system: "urn:local", code: "x" }], "Globulin [Mass/volume] in Serum"), None);
    }
}
