//! Quantities, ranges, ratios and periods in words, with the digits recorded.
use fhir::{FhirDate, Number, Precision};

use crate::read::{Node, Read};

pub(crate) const UCUM: &str = "http://unitsofmeasure.org";

/// A Quantity.
pub(crate) struct Quantity<'a> {
    pub(crate) value: Option<&'a Number>,
    /// `<`, `<=`, `>=`, `>`.
    pub(crate) comparator: Option<&'a str>,
    /// The unit for people.
    pub(crate) unit: Option<&'a str>,
    /// The UCUM code, if the unit has one.
    pub(crate) ucum: Option<&'a str>,
}

impl<'a> Quantity<'a> {
    pub(crate) fn read(node: Node<'a>) -> Read<Self> {
        let code = node.text("code")?;
        let ucum = if node.text("system")? == Some(UCUM) { code } else { None };
        Ok(Self {
            value: node.number("value")?,
            comparator: node.text("comparator")?,
            unit: node.text("unit")?.or(code).map(for_people),
            ucum,
        })
    }

    /// "< 0.5" without the unit; `None` if there is no value.
    pub(crate) fn digits(&self) -> Option<String> {
        let value = self.value?.as_str();
        Some(match self.comparator {
            Some(comparator) => format!("{comparator} {value}"),
            None => value.to_owned(),
        })
    }

    /// "500 mg"
    pub(crate) fn words(&self) -> Option<String> {
        let digits = self.digits()?;
        Some(match self.unit {
            Some(unit) if unit != "1" => format!("{digits} {unit}"),
            _ => digits,
        })
    }

    /// What two values must share to stand on one axis.
    pub(crate) fn axis(&self) -> Option<&'a str> {
        self.ucum.or(self.unit)
    }
}

/// UCUM spellings, and words where a sign is usual, as they stand in charts. Everything else stays as recorded.
fn for_people(unit: &str) -> &str {
    match unit {
        "mm[Hg]" => "mmHg",
        "Cel" | "degrees C" => "°C",
        "[degF]" | "degrees F" => "°F",
        "beats/minute" | "breaths/minute" | "{beats}/min" | "{breaths}/min" => "/min",
        "kg/m2" => "kg/m²",
        "10*3/uL" => "10³/µL",
        "10*6/uL" => "10⁶/µL",
        "10*9/L" => "10⁹/L",
        "10*12/L" => "10¹²/L",
        "mL/min/{1.73_m2}" | "mL/min/1.73m2" => "mL/min/1.73 m²",
        "{score}" | "(score)" | "{nominal}" => "1",
        _ => unit,
    }
}

/// The Quantity `name` in words.
pub(crate) fn quantity(node: Node<'_>, name: &str) -> Read<Option<String>> {
    node.object(name)?.map_or(Ok(None), |quantity| Ok(Quantity::read(quantity)?.words()))
}

/// The Range in words: "1–2 tablets", "≥ 3 mg", "≤ 5 mg".
pub(crate) fn range(range: Node<'_>) -> Read<Option<String>> {
    let low = range.object("low")?.map(Quantity::read).transpose()?;
    let high = range.object("high")?.map(Quantity::read).transpose()?;
    Ok(between(low.as_ref(), high.as_ref()))
}

pub(crate) fn between(low: Option<&Quantity<'_>>, high: Option<&Quantity<'_>>) -> Option<String> {
    match (low.filter(|q| q.value.is_some()), high.filter(|q| q.value.is_some())) {
        (Some(low), Some(high)) if low.axis() == high.axis() || low.axis().is_none() => {
            Some(format!("{}–{}", low.digits()?, high.words()?))
        }
        (Some(low), Some(high)) => Some(format!("{}–{}", low.words()?, high.words()?)),
        (Some(low), None) => Some(format!("≥ {}", low.words()?)),
        (None, Some(high)) => Some(format!("≤ {}", high.words()?)),
        (None, None) => None,
    }
}

/// The Ratio in words: "1:128" for a titre, "100 mL per 1 h" otherwise, "100 mL per h" where the denominator is one.
pub(crate) fn ratio(ratio: Node<'_>) -> Read<Option<String>> {
    let numerator = ratio.object("numerator")?.map(Quantity::read).transpose()?;
    let denominator = ratio.object("denominator")?.map(Quantity::read).transpose()?;
    let (Some(numerator), Some(denominator)) = (numerator, denominator) else { return Ok(None) };
    let (Some(top), Some(bottom)) = (numerator.words(), denominator.words()) else { return Ok(None) };
    Ok(Some(match (numerator.unit, denominator.unit, denominator.value.map(Number::as_str)) {
        (None, None, _) => format!("{top}:{bottom}"),
        (_, Some(unit), Some("1")) => format!("{top} per {unit}"),
        _ => format!("{top} per {bottom}"),
    }))
}

/// The Period in words: "12-Mar-2024 14:00 – 14:30", "12-Mar-2024 –" while it lasts.
pub(crate) fn period(period: Node<'_>) -> Read<Option<String>> {
    let (start, end) = (period.date("start")?, period.date("end")?);
    Ok(match (start, end) {
        (Some(start), Some(end)) => Some(from_to(start, end)),
        (Some(start), None) => Some(format!("{} –", start.display())),
        (None, Some(end)) => Some(format!("– {}", end.display())),
        (None, None) => None,
    })
}

fn from_to(start: FhirDate, end: FhirDate) -> String {
    if start == end {
        return start.display();
    }
    if start.date() == end.date()
        && start.precision() == Precision::Time
        && let Some(time) = end.time()
    {
        return format!("{} – {}", start.display(), time.format("%H:%M"));
    }
    format!("{} – {}", start.display(), end.display())
}
