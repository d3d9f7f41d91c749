//! Dosage (R4 §2.24.0.14) in words: the text recorded, or else built from the structured dose.
use crate::concept;
use crate::read::{Node, Read};
use crate::value;

/// The Dosages of a record on one line; `None` if none says anything.
pub(crate) fn dosages(all: &[Node<'_>]) -> Read<Option<String>> {
    let mut shown = Vec::new();
    for dosage in all {
        shown.extend(dosage_words(*dosage)?);
    }
    Ok((!shown.is_empty()).then(|| shown.join("; ")))
}

fn dosage_words(dosage: Node<'_>) -> Read<Option<String>> {
    if let Some(text) = dosage.text("text")? {
        return Ok(Some(text.to_owned()));
    }
    let mut parts: Vec<String> = Vec::new();
    for dose in dosage.objects("doseAndRate")? {
        parts.extend(value::quantity(dose, "doseQuantity")?);
        parts.extend(dose.object("doseRange")?.map_or(Ok(None), value::range)?);
        let rate = match (dose.object("rateRatio")?, dose.object("rateRange")?) {
            (Some(ratio), _) => value::ratio(ratio)?,
            (None, Some(range)) => value::range(range)?,
            (None, None) => value::quantity(dose, "rateQuantity")?,
        };
        parts.extend(rate.map(|rate| format!("at {rate}")));
    }
    // MedicationAdministration has a single dose instead.
    parts.extend(value::quantity(dosage, "dose")?);
    parts.extend(concept::words(dosage, "route")?.map(ToOwned::to_owned));
    parts.extend(concept::words(dosage, "site")?.map(|site| format!("({site})")));
    if let Some(timing) = dosage.object("timing")? {
        parts.extend(timing_words(timing)?);
    }
    if let Some(what) = concept::words(dosage, "asNeededCodeableConcept")? {
        parts.push(format!("as needed for {what}"));
    } else if dosage.bool("asNeededBoolean")? == Some(true) {
        parts.push("as needed".to_owned());
    }
    if let Some(most) = dosage.object("maxDosePerPeriod")?.map_or(Ok(None), value::ratio)? {
        parts.push(format!("max. {most}"));
    }
    parts.extend(concept::all_words(dosage, "additionalInstruction")?.into_iter().map(|words| format!("({words})")));
    parts.extend(dosage.text("patientInstruction")?.map(|words| format!("({words})")));
    Ok((!parts.is_empty()).then(|| parts.join(" ")))
}

/// Timing in words: its code or text, and its repeat rule.
pub(crate) fn timing_words(timing: Node<'_>) -> Read<Option<String>> {
    let mut parts: Vec<String> = Vec::new();
    let repeat = timing.object("repeat")?;
    let named = concept::words(timing, "code")?;
    parts.extend(named.map(ToOwned::to_owned));
    if let Some(repeat) = repeat {
        if named.is_none() {
            parts.extend(frequency(repeat)?);
        }
        parts.extend(repeat_details(repeat)?);
    }
    let events = timing.texts("event")?;
    parts.extend(events.iter().filter_map(|event| fhir::FhirDate::parse(event)).map(|date| format!("on {}", date.display())));
    Ok((!parts.is_empty()).then(|| parts.join(" ")))
}

/// "3 times a day", "every 8 h", "1–2 times a week".
fn frequency(repeat: Node<'_>) -> Read<Option<String>> {
    let digits = |name: &str| Ok(repeat.number(name)?.map(fhir::Number::as_str));
    let times = match (digits("frequency")?, digits("frequencyMax")?) {
        (Some(least), Some(most)) => Some(format!("{least}–{most}")),
        (Some(times), None) => Some(times.to_owned()),
        (None, most) => most.map(|most| format!("up to {most}")),
    };
    let period = match (digits("period")?, digits("periodMax")?) {
        (Some(least), Some(most)) => Some(format!("{least}–{most}")),
        (period, _) => period.map(ToOwned::to_owned),
    };
    let unit = repeat.text("periodUnit")?.map(unit_words);
    Ok(match (times.as_deref(), period.as_deref(), unit) {
        (Some("1") | None, Some("1"), Some(unit)) => Some(format!("once {}", per(unit))),
        (Some(times), Some("1"), Some(unit)) => Some(format!("{times} times {}", per(unit))),
        (Some("1") | None, Some(period), Some(unit)) => Some(format!("every {period} {unit}s")),
        (Some(times), Some(period), Some(unit)) => Some(format!("{times} times every {period} {unit}s")),
        (Some("1"), None, _) => Some("once".to_owned()),
        (Some(times), ..) => Some(format!("{times} times")),
        (None, ..) => None,
    })
}

fn per(unit: &str) -> String {
    format!("{} {unit}", if unit.starts_with('h') { "an" } else { "a" })
}

fn repeat_details(repeat: Node<'_>) -> Read<Vec<String>> {
    let mut parts = Vec::new();
    parts.extend(repeat.texts("when")?.into_iter().map(|code| event_words(code).to_owned()));
    let times = repeat.texts("timeOfDay")?;
    if !times.is_empty() {
        parts.push(format!("at {}", times.iter().map(|time| time.get(..5).unwrap_or(time)).collect::<Vec<_>>().join(", ")));
    }
    let days = repeat.texts("dayOfWeek")?;
    if !days.is_empty() {
        parts.push(format!("on {}", days.join(", ")));
    }
    if let Some(length) = value::quantity(repeat, "boundsDuration")? {
        parts.push(format!("for {length}"));
    } else if let Some(range) = repeat.object("boundsRange")?.map_or(Ok(None), value::range)? {
        parts.push(format!("for {range}"));
    } else if let Some(period) = repeat.object("boundsPeriod")?.map_or(Ok(None), value::period)? {
        parts.push(format!("({period})"));
    }
    if let Some(count) = repeat.number("count")? {
        parts.push(format!("{} doses in all", count.as_str()));
    }
    Ok(parts)
}

/// UCUM units of time in the value set units-of-time.
fn unit_words(code: &str) -> &str {
    match code {
        "s" => "second",
        "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "wk" => "week",
        "mo" => "month",
        "a" => "year",
        other => other,
    }
}

/// Codes of EventTiming; the code itself where it has no plain word here.
fn event_words(code: &str) -> &str {
    match code {
        "MORN" => "in the morning",
        "MORN.early" => "in the early morning",
        "MORN.late" => "in the late morning",
        "NOON" => "at noon",
        "AFT" => "in the afternoon",
        "AFT.early" => "in the early afternoon",
        "AFT.late" => "in the late afternoon",
        "EVE" => "in the evening",
        "EVE.early" => "in the early evening",
        "EVE.late" => "in the late evening",
        "NIGHT" => "at night",
        "PHS" => "after sleep",
        "HS" => "before sleep",
        "WAKE" => "on waking",
        "C" => "with meals",
        "CM" => "with breakfast",
        "CD" => "with lunch",
        "CV" => "with dinner",
        "AC" => "before meals",
        "ACM" => "before breakfast",
        "ACD" => "before lunch",
        "ACV" => "before dinner",
        "PC" => "after meals",
        "PCM" => "after breakfast",
        "PCD" => "after lunch",
        "PCV" => "after dinner",
        other => other,
    }
}
