//! Conditions.
use crate::concept;
use crate::read::{Node, Read, Unexpected};
use crate::record::Dated;
use crate::value;
use crate::view::{Problem, Source};

/// Reads a Condition that is not entered in error.
pub(crate) fn problem(node: Node<'_>, source: Source) -> Read<Dated<Problem>> {
    let codes = concept::codes(node, "code")?;
    let onset = node.date("onsetDateTime")?;
    let recorded = node.date("recordedDate")?;
    let period = node.object("onsetPeriod")?;
    let at = onset.or(period.map_or(Ok(None), |period| period.date("start"))?).or(recorded);
    let item = Problem {
        source,
        // A Condition that does not say what it is says nothing.
        name: concept::words(node, "code")?.ok_or(Unexpected)?.to_owned(),
        code: concept::shown_code(&codes),
        status: concept::first_code(node, "clinicalStatus")?.unwrap_or("unknown").to_owned(),
        verification: concept::first_code(node, "verificationStatus")?.map(ToOwned::to_owned),
        onset: moment(node, "onset")?,
        abated: moment(node, "abatement")?,
        category: concept::all_codes(node, "category")?.first().map(|code| code.code.to_owned()),
    };
    Ok(Dated::new(item, at))
}

/// `onset[x]` or `abatement[x]` in words.
pub(crate) fn moment(node: Node<'_>, element: &str) -> Read<Option<String>> {
    let name = |kind: &str| format!("{element}{kind}");
    if let Some(date) = node.date(&name("DateTime"))? {
        return Ok(Some(date.display()));
    }
    if let Some(period) = node.object(&name("Period"))? {
        return value::period(period);
    }
    if let Some(age) = value::quantity(node, &name("Age"))? {
        return Ok(Some(format!("age {age}")));
    }
    if let Some(range) = node.object(&name("Range"))? {
        return Ok(value::range(range)?.map(|range| format!("age {range}")));
    }
    Ok(node.text(&name("String"))?.map(ToOwned::to_owned))
}

/// Active first, then of unknown status, then past; what was refuted comes last. Within each, newest first.
pub(crate) fn order(mut problems: Vec<Dated<Problem>>) -> Vec<Problem> {
    problems.sort_by_key(|dated| (rank(&dated.item), std::cmp::Reverse(dated.at)));
    problems.into_iter().map(|dated| dated.item).collect()
}

fn rank(problem: &Problem) -> u8 {
    match (problem.verification.as_deref(), problem.status.as_str()) {
        (Some("refuted"), _) => 3,
        (_, "active" | "recurrence" | "relapse") => 0,
        (_, "inactive" | "remission" | "resolved") => 2,
        _ => 1,
    }
}
