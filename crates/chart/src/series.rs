//! Measurements of one code, in one unit, over time.
use std::collections::BTreeMap;

use crate::observations::{BLOOD_PRESSURE, Group, Measurement, Name, Pressure, pair};
use crate::view::Series;

/// The three lists of series.
pub(crate) struct Lists {
    pub(crate) vitals: Vec<Series>,
    pub(crate) labs: Vec<Series>,
    pub(crate) others: Vec<Series>,
}

/// Puts measurements together by list, code and unit.
///
/// INVARIANT: values in different units never share a series, and so never an axis.
pub(crate) fn lists(measurements: Vec<Measurement>) -> Lists {
    let mut by_code: BTreeMap<(Group, String), Vec<Measurement>> = BTreeMap::new();
    for measurement in pair_pressures(measurements) {
        by_code.entry((measurement.group, measurement.key.clone())).or_default().push(measurement);
    }
    let mut all: Vec<(Group, u8, Series)> = Vec::new();
    for ((group, key), of_code) in by_code {
        for of_unit in by_unit(of_code) {
            let rank = of_unit.iter().map(|measurement| measurement.rank).min().unwrap_or(u8::MAX);
            all.push((group, rank, series(key.clone(), of_unit)));
        }
    }
    tell_apart(&mut all);
    all.sort_by(|(group, rank, a), (other_group, other_rank, b)| {
        let rank = if *group == Group::Vital { *rank } else { 0 };
        let other_rank = if *other_group == Group::Vital { *other_rank } else { 0 };
        (group, rank, a.name.to_lowercase(), &a.unit).cmp(&(other_group, other_rank, b.name.to_lowercase(), &b.unit))
    });
    let mut lists = Lists { vitals: Vec::new(), labs: Vec::new(), others: Vec::new() };
    for (group, _, series) in all {
        match group {
            Group::Vital => lists.vitals.push(series),
            Group::Laboratory => lists.labs.push(series),
            Group::Other => lists.others.push(series),
        }
    }
    lists
}

/// Two tests of one list never share a name: where the short ones are equal, the recorded ones stand.
fn tell_apart(all: &mut [(Group, u8, Series)]) {
    let mut codes_of: BTreeMap<(Group, String), Vec<String>> = BTreeMap::new();
    for (group, _, series) in &*all {
        codes_of.entry((*group, series.name.clone())).or_default().push(series.code.clone());
    }
    codes_of.values_mut().for_each(Vec::dedup);
    for (group, _, series) in all {
        if codes_of.get(&(*group, series.name.clone())).is_some_and(|codes| codes.len() > 1)
            && let Some(long) = series.long_name.take()
        {
            series.name = long;
        }
    }
}

/// Joins systolic and diastolic pressures that were recorded apart at the same time; a half that stays alone shows "120/–".
fn pair_pressures(measurements: Vec<Measurement>) -> Vec<Measurement> {
    let (halves, mut rest): (Vec<_>, Vec<_>) =
        measurements.into_iter().partition(|m| matches!(m.pressure, Some(Pressure::Systolic | Pressure::Diastolic)));
    let (systolics, diastolics): (Vec<_>, Vec<_>) = halves.into_iter().partition(|m| m.pressure == Some(Pressure::Systolic));
    let taken_together = |m: &Measurement| (m.group, m.point.at.to_bits(), m.axis.clone(), m.point.status.clone());
    let mut partners: BTreeMap<_, Vec<Measurement>> = BTreeMap::new();
    for diastolic in diastolics {
        partners.entry(taken_together(&diastolic)).or_default().push(diastolic);
    }
    for systolic in systolics {
        let partner = partners.get_mut(&taken_together(&systolic)).and_then(Vec::pop);
        rest.push(match partner {
            Some(diastolic) => pair(systolic, diastolic),
            None => alone(systolic),
        });
    }
    rest.extend(partners.into_values().flatten().map(alone));
    rest
}

fn alone(mut half: Measurement) -> Measurement {
    half.key = BLOOD_PRESSURE.to_owned();
    half.name = Name::as_recorded("Blood pressure");
    if half.pressure == Some(Pressure::Diastolic) {
        half.point.shown = format!("–/{}", half.point.shown);
        half.pressure = Some(Pressure::Both { diastolic: half.point.value.take() });
        // The limits were the diastolic's; the band belongs to the systolic.
        (half.low, half.high) = (None, None);
    } else {
        half.point.shown = format!("{}/–", half.point.shown);
        half.pressure = Some(Pressure::Both { diastolic: None });
    }
    half
}

/// Splits one code's values by unit. A value without number and unit ("haemolysed", "no value") stands among the numbers of
/// its code, in the unit used most.
fn by_unit(of_code: Vec<Measurement>) -> Vec<Vec<Measurement>> {
    let mut units: BTreeMap<Option<Box<str>>, Vec<Measurement>> = BTreeMap::new();
    let mut words = Vec::new();
    for measurement in of_code {
        if measurement.axis.is_none() && measurement.point.value.is_none() {
            words.push(measurement);
        } else {
            units.entry(measurement.axis.clone()).or_default().push(measurement);
        }
    }
    let mut all: Vec<Vec<Measurement>> = units.into_values().collect();
    match all.iter_mut().max_by_key(|of_unit| of_unit.len()) {
        Some(most) => most.extend(words),
        None => all.push(words),
    }
    all
}

fn series(code: String, mut of_unit: Vec<Measurement>) -> Series {
    of_unit.sort_by(|a, b| a.point.at.total_cmp(&b.point.at).then_with(|| a.point.source.id.cmp(&b.point.source.id)));
    let latest = of_unit.iter().rev();
    let (low, high) = latest
        .clone()
        .find(|measurement| measurement.low.is_some() || measurement.high.is_some())
        .map_or((None, None), |measurement| (measurement.low, measurement.high));
    let unit = latest.clone().find_map(|measurement| measurement.unit.clone());
    let (name, long_name) =
        latest.clone().map(|measurement| (measurement.name.short.clone(), measurement.name.long.clone())).next().unwrap_or_default();
    let is_pressure = of_unit.iter().any(|measurement| measurement.pressure.is_some());
    let second = |measurement: &Measurement| match measurement.pressure {
        Some(Pressure::Both { diastolic }) => diastolic,
        _ => None,
    };
    Series {
        code,
        name,
        long_name,
        unit,
        low,
        high,
        second: if is_pressure { of_unit.iter().map(second).collect() } else { Vec::new() },
        second_name: is_pressure.then(|| "Diastolic".to_owned()),
        points: of_unit.into_iter().map(|measurement| measurement.point).collect(),
    }
}
