//! How a value stands to its range: by the laboratory's own word, else by the reference range sent with it.
use crate::concept;
use crate::read::{Node, Read};
use crate::value::{Quantity, between};
use crate::view::Abnormal;

/// The reference range that applies to a value.
#[derive(Default)]
pub(crate) struct Range {
    /// "3.5–5.1", or the text recorded.
    pub(crate) shown: Option<String>,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    /// What the limits are measured in; `None` if they carry no unit.
    axis: Option<Box<str>>,
}

/// `interpretation` in our terms, the worst of several; `None` if it says nothing about the range.
///
/// Codes of HL7 v3 ObservationInterpretation. Susceptibility (S, I, R) and change (B, D, U, W) are no such statement.
pub(crate) fn interpreted(node: Node<'_>) -> Read<Option<Abnormal>> {
    let mut found = None;
    for concept in node.objects("interpretation")? {
        for code in concept::concept_codes(concept)? {
            let meaning = match code.code {
                "LL" => Abnormal::CriticalLow,
                "L" | "LU" | "LX" => Abnormal::Low,
                "N" | "NEG" | "ND" | "NR" => Abnormal::Normal,
                "H" | "HU" | "HX" => Abnormal::High,
                "HH" => Abnormal::CriticalHigh,
                "A" | "AA" | "POS" | "DET" | "RR" | "WR" => Abnormal::Abnormal,
                _ => continue,
            };
            found = Some(found.map_or(meaning, |other| worse(other, meaning)));
        }
    }
    Ok(found)
}

/// The one that matters more.
pub(crate) fn worse(a: Abnormal, b: Abnormal) -> Abnormal {
    let rank = |abnormal| match abnormal {
        Abnormal::Unknown => 0,
        Abnormal::Normal => 1,
        Abnormal::Low | Abnormal::High | Abnormal::Abnormal => 2,
        Abnormal::CriticalLow | Abnormal::CriticalHigh => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// `referenceRange`: the one normal range. Several (by age, sex, phase) are shown and decide nothing, for what they apply
/// to is known to the laboratory and not to us.
pub(crate) fn range(node: Node<'_>) -> Read<Range> {
    let mut shown: Vec<String> = Vec::new();
    let mut ranges = Vec::new();
    for range in node.objects("referenceRange")? {
        let kind = concept::first_code(range, "type")?;
        let low = range.object("low")?.map(Quantity::read).transpose()?;
        let high = range.object("high")?.map(Quantity::read).transpose()?;
        let numbers = between(low.as_ref().map(without_unit).as_ref(), high.as_ref().map(without_unit).as_ref());
        shown.extend(numbers.or(range.text("text")?.map(ToOwned::to_owned)));
        if matches!(kind, None | Some("normal")) {
            ranges.push((low, high));
        }
    }
    let single = if ranges.len() == 1 { ranges.pop() } else { None };
    let (low, high) = single.unwrap_or_default();
    let number = |quantity: &Option<Quantity<'_>>| quantity.as_ref().and_then(|quantity| quantity.value?.to_f64());
    let axis = |quantity: &Option<Quantity<'_>>| quantity.as_ref().and_then(|quantity| quantity.axis().map(Into::into));
    Ok(Range {
        low: number(&low),
        high: number(&high),
        axis: axis(&low).or_else(|| axis(&high)),
        shown: (!shown.is_empty()).then(|| shown.join("; ")),
    })
}

impl Range {
    /// Where a value stands; both limits are inclusive (R4 §10.1.4.5). `Unknown` without a range in the value's own unit, or
    /// where "< 5" leaves it open.
    pub(crate) fn place(&self, value: f64, comparator: Option<&str>, axis: Option<&str>) -> Abnormal {
        if (self.low.is_none() && self.high.is_none()) || !self.fits(axis) {
            return Abnormal::Unknown;
        }
        let below = |limit: Option<f64>, strict: bool| limit.is_some_and(|low| value < low || (strict && value <= low));
        let above = |limit: Option<f64>, strict: bool| limit.is_some_and(|high| value > high || (strict && value >= high));
        match comparator {
            None if below(self.low, false) => Abnormal::Low,
            None if above(self.high, false) => Abnormal::High,
            None => Abnormal::Normal,
            Some(sign @ ("<" | "<=")) if below(self.low, sign == "<") => Abnormal::Low,
            Some("<" | "<=") if self.low.is_none() && !above(self.high, false) => Abnormal::Normal,
            Some(sign @ (">" | ">=")) if above(self.high, sign == ">") => Abnormal::High,
            Some(">" | ">=") if self.high.is_none() && !below(self.low, false) => Abnormal::Normal,
            Some(_) => Abnormal::Unknown,
        }
    }

    /// Whether the limits are in the value's unit, or carry none.
    pub(crate) fn fits(&self, axis: Option<&str>) -> bool {
        self.axis.is_none() || self.axis.as_deref() == axis
    }
}

fn without_unit<'a>(quantity: &Quantity<'a>) -> Quantity<'a> {
    Quantity { value: quantity.value, comparator: quantity.comparator, unit: None, ucum: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: Option<f64>, high: Option<f64>) -> Range {
        Range { shown: None, low, high, axis: Some("mmol/L".into()) }
    }

    #[test]
    fn limits_are_inclusive() {
        let potassium = range(Some(3.5), Some(5.1));
        for (value, expected) in [(3.4, Abnormal::Low), (3.5, Abnormal::Normal), (5.1, Abnormal::Normal), (5.2, Abnormal::High)] {
            assert_eq!(potassium.place(value, None, Some("mmol/L")), expected, "{value}");
        }
    }

    #[test]
    fn another_unit_or_an_open_value_decides_nothing() {
        let potassium = range(Some(3.5), Some(5.1));
        assert_eq!(potassium.place(13.0, None, Some("mg/dL")), Abnormal::Unknown);
        assert_eq!(potassium.place(13.0, None, None), Abnormal::Unknown);
        assert_eq!(potassium.place(5.0, Some("<"), Some("mmol/L")), Abnormal::Unknown);
        assert_eq!(potassium.place(3.5, Some("<"), Some("mmol/L")), Abnormal::Low);
        assert_eq!(potassium.place(3.5, Some("<="), Some("mmol/L")), Abnormal::Unknown);
        assert_eq!(potassium.place(5.1, Some(">"), Some("mmol/L")), Abnormal::High);
        assert_eq!(range(None, Some(5.1)).place(2.0, Some("<"), Some("mmol/L")), Abnormal::Normal);
        assert_eq!(range(None, None).place(2.0, None, Some("mmol/L")), Abnormal::Unknown);
    }
}
