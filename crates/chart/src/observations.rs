//! Observation: what was measured, one by one. [`crate::series`] puts them together.
use fhir::FhirDate;

use crate::concept::{self, Code, LOINC};
use crate::interpretation::{self, Range, worse};
use crate::read::{Node, Read, Unexpected};
use crate::record;
use crate::short_name;
use crate::value::{self, Quantity};
use crate::view::{Abnormal, Point, RecordState, Source};

/// Blood pressure panel with all its components (LOINC); single pressures are drawn under it too.
pub(crate) const BLOOD_PRESSURE: &str = "http://loinc.org|85354-9";
const SYSTOLIC: &str = "8480-6";
const DIASTOLIC: &str = "8462-4";

/// Which list an observation stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Vital,
    Laboratory,
    Other,
}

/// One value of one code.
pub(crate) struct Measurement {
    pub(crate) group: Group,
    /// "system|code"
    pub(crate) key: String,
    /// Place among the vital signs, lower first.
    pub(crate) rank: u8,
    pub(crate) name: Name,
    /// What values must share to stand on one axis.
    pub(crate) axis: Option<Box<str>>,
    /// The unit for people.
    pub(crate) unit: Option<String>,
    pub(crate) point: Point,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    pub(crate) pressure: Option<Pressure>,
}

/// What a measurement is called.
pub(crate) struct Name {
    pub(crate) short: String,
    /// As recorded, where that is longer.
    pub(crate) long: Option<String>,
}

impl Name {
    /// The words of the CodeableConcept `code`, shortened where they are the code system's and not the laboratory's own.
    fn read(node: Node<'_>) -> Read<Option<Self>> {
        let Some(words) = concept::words(node, "code")? else { return Ok(None) };
        let from_system = concept::displays(node, "code")?.contains(&words);
        let shorter = if from_system { short_name::shorter(&concept::codes(node, "code")?, words) } else { None };
        Ok(Some(match shorter {
            Some(short) => Self { short, long: Some(words.to_owned()) },
            None => Self::as_recorded(words),
        }))
    }

    pub(crate) fn as_recorded(words: &str) -> Self {
        Self { short: words.to_owned(), long: None }
    }
}

/// A blood pressure, or half of one.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pressure {
    Both { diastolic: Option<f64> },
    Systolic,
    Diastolic,
}

/// What an Observation holds.
pub(crate) enum Observed {
    Values(Vec<Measurement>),
    /// Only a heading over other Observations (`hasMember`).
    Heading,
}

/// Reads an Observation that is not entered in error.
pub(crate) fn observed(node: Node<'_>, source: &Source) -> Read<Observed> {
    let codes = concept::codes(node, "code")?;
    let context = Context {
        source,
        group: group(node, &codes)?,
        when: When::read(node)?,
        status: node.text("status")?.ok_or(Unexpected)?,
        interpretation: interpretation::interpreted(node)?,
    };
    let components = node.objects("component")?;
    let own = reading(node)?;
    let mut values = Vec::new();

    let (pressures, others) = split_pressures(&components)?;
    let paired = blood_pressure(&context, node, pressures)?;
    let has_pressure = paired.is_some();
    values.extend(paired.into_iter().flatten());
    for component in others {
        let name = Name::read(component)?.ok_or(Unexpected)?;
        let value = reading(component)?.unwrap_or_else(Reading::none);
        values.push(context.measurement(component, &concept::codes(component, "code")?, name, value, true)?);
    }

    let name = Name::read(node)?.ok_or(Unexpected)?;
    match own {
        // A panel's own "absent" adds nothing to components that are there.
        Some(value) if values.is_empty() || value.is_present => values.push(context.measurement(node, &codes, name, value, false)?),
        Some(_) => {}
        None if !values.is_empty() || has_pressure => {}
        None if node.has("hasMember") => return Ok(Observed::Heading),
        None => values.push(context.measurement(node, &codes, name, Reading::none(), false)?),
    }
    Ok(Observed::Values(values))
}

/// What all values of one Observation share.
struct Context<'a> {
    source: &'a Source,
    group: Group,
    when: When,
    status: &'a str,
    interpretation: Option<Abnormal>,
}

impl Context<'_> {
    fn measurement(&self, node: Node<'_>, codes: &[Code<'_>], name: Name, value: Reading<'_>, component: bool) -> Read<Measurement> {
        let range = interpretation::range(node)?;
        let own = if component { interpretation::interpreted(node)? } else { self.interpretation };
        let abnormal = own.unwrap_or_else(|| value.place(&range));
        let half = codes.iter().find_map(|code| match (code.system, code.code) {
            (LOINC, SYSTOLIC) => Some(Pressure::Systolic),
            (LOINC, DIASTOLIC) => Some(Pressure::Diastolic),
            _ => None,
        });
        let fits = range.fits(value.axis.as_deref());
        Ok(Measurement {
            group: self.group,
            key: series_key(codes, &name.short),
            rank: vital_rank(codes),
            name,
            low: range.low.filter(|_| fits),
            high: range.high.filter(|_| fits),
            point: self.point(value.number, value.shown, abnormal, range.shown),
            axis: value.axis,
            unit: value.unit,
            pressure: half,
        })
    }

    fn point(&self, value: Option<f64>, shown: String, abnormal: Abnormal, range: Option<String>) -> Point {
        Point {
            source: self.source.clone(),
            at: self.when.at,
            when: self.when.shown.clone(),
            // Without a date there is no place on a time axis.
            value: value.filter(|_| self.when.dated),
            shown,
            abnormal,
            range,
            status: self.status.to_owned(),
        }
    }
}

struct When {
    at: f64,
    shown: String,
    dated: bool,
}

impl When {
    /// `effective[x]`, else `issued`; an undated observation sorts by when the EHR last wrote it.
    fn read(node: Node<'_>) -> Read<Self> {
        let period = node.object("effectivePeriod")?;
        let timing = node.object("effectiveTiming")?.map_or(Ok(Vec::new()), |timing| timing.texts("event"))?;
        let start = match period {
            Some(period) => period.date("start")?.or(period.date("end")?),
            None => node.date("effectiveDateTime")?.or(node.date("effectiveInstant")?),
        };
        let start = start.or(timing.first().and_then(|event| FhirDate::parse(event))).or(node.date("issued")?);
        let shown = match (period.map_or(Ok(None), value::period)?, start) {
            (Some(period), _) => period,
            (None, Some(date)) => date.display(),
            (None, None) => "date not recorded".to_owned(),
        };
        let known = start.or(record::last_updated(node)?.and_then(FhirDate::parse));
        // Exact below 2^53 ms, that is for 285,000 years.
        #[allow(clippy::cast_precision_loss)]
        let at = known.map_or(0.0, |date| date.epoch_millis() as f64);
        Ok(Self { at, shown, dated: start.is_some() })
    }
}

/// `value[x]` or `dataAbsentReason` of an Observation or a component.
struct Reading<'a> {
    number: Option<f64>,
    comparator: Option<&'a str>,
    shown: String,
    axis: Option<Box<str>>,
    unit: Option<String>,
    is_present: bool,
}

impl Reading<'_> {
    fn text(shown: String) -> Self {
        Self { number: None, comparator: None, shown, axis: None, unit: None, is_present: true }
    }

    fn none() -> Self {
        Self { is_present: false, ..Self::text("no value".to_owned()) }
    }

    fn place(&self, range: &Range) -> Abnormal {
        self.number.map_or(Abnormal::Unknown, |number| range.place(number, self.comparator, self.axis.as_deref()))
    }
}

fn reading<'a>(node: Node<'a>) -> Read<Option<Reading<'a>>> {
    let Some(element) = node.names("value").next() else {
        return Ok(concept::words(node, "dataAbsentReason")?
            .map(|reason| Reading { is_present: false, ..Reading::text(format!("no value ({reason})")) }));
    };
    let text = |shown: Option<String>| Ok(shown.map(Reading::text));
    match element {
        "valueQuantity" => {
            let quantity = node.object(element)?.map_or(Ok(None), |quantity| Quantity::read(quantity).map(Some))?;
            let Some(quantity) = quantity else { return Ok(None) };
            let Some(shown) = quantity.digits() else { return Ok(Some(Reading::none())) };
            Ok(Some(Reading {
                number: quantity.value.and_then(fhir::Number::to_f64),
                comparator: quantity.comparator,
                shown,
                axis: quantity.axis().map(Into::into),
                unit: quantity.unit.filter(|unit| *unit != "1").map(ToOwned::to_owned),
                is_present: true,
            }))
        }
        "valueInteger" => {
            Ok(node.number(element)?.map(|number| Reading { number: number.to_f64(), ..Reading::text(number.as_str().to_owned()) }))
        }
        "valueCodeableConcept" => text(concept::words(node, element)?.map(ToOwned::to_owned)),
        "valueString" | "valueTime" => text(node.text(element)?.map(ToOwned::to_owned)),
        "valueBoolean" => text(node.bool(element)?.map(|value| if value { "Yes" } else { "No" }.to_owned())),
        "valueDateTime" => text(node.date(element)?.map(|date| date.display())),
        "valuePeriod" => text(node.object(element)?.map_or(Ok(None), value::period)?),
        "valueRange" => text(node.object(element)?.map_or(Ok(None), value::range)?),
        "valueRatio" => text(node.object(element)?.map_or(Ok(None), value::ratio)?),
        "valueSampledData" => text(Some("waveform (not displayed)".to_owned())),
        _ => Err(Unexpected),
    }
}

/// Blood pressures among the components, systolic first, and the rest.
type Split<'a> = ([Option<Node<'a>>; 2], Vec<Node<'a>>);

fn split_pressures<'a>(components: &[Node<'a>]) -> Read<Split<'a>> {
    let mut halves = [None, None];
    let mut others = Vec::new();
    for component in components {
        let codes = concept::codes(*component, "code")?;
        let place = [SYSTOLIC, DIASTOLIC].iter().position(|wanted| codes.iter().any(|code| code.system == LOINC && code.code == *wanted));
        match place.and_then(|place| halves.get_mut(place)) {
            Some(half @ None) => *half = Some(*component),
            _ => others.push(*component),
        }
    }
    Ok((halves, others))
}

/// Both halves as one value where they share a unit, else each for itself.
fn blood_pressure(context: &Context<'_>, panel: Node<'_>, halves: [Option<Node<'_>>; 2]) -> Read<Option<Vec<Measurement>>> {
    let mut read = Vec::new();
    for half in halves.into_iter().flatten() {
        let name = Name::read(half)?.unwrap_or_else(|| Name::as_recorded("Blood pressure"));
        let value = reading(half)?.unwrap_or_else(Reading::none);
        read.push(context.measurement(half, &concept::codes(half, "code")?, name, value, true)?);
    }
    let paired = match <[Measurement; 2]>::try_from(read) {
        Ok([systolic, diastolic]) if systolic.axis == diastolic.axis => {
            let name = Name::read(panel)?.unwrap_or_else(|| Name::as_recorded("Blood pressure"));
            let mut both = pair(systolic, diastolic);
            both.name = name;
            if let Some(stated) = context.interpretation {
                both.point.abnormal = worse(both.point.abnormal, stated);
            }
            vec![both]
        }
        Ok(apart) => apart.into(),
        Err(single) if single.is_empty() => return Ok(None),
        Err(single) => single,
    };
    Ok(Some(paired))
}

/// One blood pressure of its halves; the systolic half leads.
pub(crate) fn pair(systolic: Measurement, diastolic: Measurement) -> Measurement {
    // The half that is not yet on the EHR speaks for both.
    let safe = |half: &Point| half.source.state == RecordState::Synced;
    let source = if safe(&systolic.point) && !safe(&diastolic.point) { diastolic.point.source } else { systolic.point.source };
    let range = match (systolic.point.range, diastolic.point.range) {
        (None, None) => None,
        (upper, lower) => Some(format!("{} / {}", upper.as_deref().unwrap_or("–"), lower.as_deref().unwrap_or("–"))),
    };
    Measurement {
        key: BLOOD_PRESSURE.to_owned(),
        name: Name::as_recorded("Blood pressure"),
        rank: 0,
        point: Point {
            shown: format!("{}/{}", systolic.point.shown, diastolic.point.shown),
            abnormal: worse(systolic.point.abnormal, diastolic.point.abnormal),
            range,
            source,
            ..systolic.point
        },
        pressure: Some(Pressure::Both { diastolic: diastolic.point.value }),
        ..systolic
    }
}

fn group(node: Node<'_>, codes: &[Code<'_>]) -> Read<Group> {
    let categories = concept::all_codes(node, "category")?;
    let is = |wanted: &str| categories.iter().any(|code| code.code == wanted);
    Ok(if is("vital-signs") {
        Group::Vital
    } else if is("laboratory") || is("LAB") {
        Group::Laboratory
    } else if categories.is_empty() && vital_rank(codes) < OTHER_VITAL {
        Group::Vital
    } else {
        Group::Other
    })
}

/// The LOINC code where there is one, else the first: the same choice as `fhir::Index`, so that a series can be asked for again.
pub(crate) fn series_key(codes: &[Code<'_>], name: &str) -> String {
    match codes.iter().find(|code| code.system == LOINC).or_else(|| codes.first()) {
        Some(code) => format!("{}|{}", code.system, code.code),
        None => format!("|{name}"),
    }
}

const OTHER_VITAL: u8 = 20;

/// Chart order of the vital signs: blood pressure, pulse, breathing, oxygen, temperature, weight, height, body mass index.
fn vital_rank(codes: &[Code<'_>]) -> u8 {
    let rank = |code: &Code<'_>| match (code.system, code.code) {
        (LOINC, "85354-9" | "55284-4" | "35094-2" | SYSTOLIC | DIASTOLIC) => 0,
        (LOINC, "8867-4") => 1,
        (LOINC, "9279-1") => 2,
        (LOINC, "2708-6" | "59408-5") => 3,
        (LOINC, "8310-5" | "8331-1") => 4,
        (LOINC, "29463-7" | "3141-9") => 5,
        (LOINC, "8302-2" | "8306-3") => 6,
        (LOINC, "39156-5") => 7,
        (LOINC, "59576-9") => 8,
        (LOINC, "9843-4" | "8287-5" | "8289-1") => 9,
        (LOINC, "72514-3") => 10,
        _ => OTHER_VITAL,
    };
    codes.iter().map(rank).min().unwrap_or(OTHER_VITAL)
}
