//! Who looks after the patient, towards what, and what everyone who opens the chart must see first.

use crate::chart::Chart;
use crate::codes::{LOINC, SNOMED, concept, hl7, reference};
use crate::directory::{self, Clinician, practitioner};
use crate::people::Cohort;
use crate::vitals::quantity;
use serde_json::{Value, json};

/// Files the care team: physician and nurse, and for patients in hospital those of the unit.
pub(crate) fn file_care_team(chart: &mut Chart<'_>) {
    let team = chart.person.team;
    let mut members = vec![member(team.physician), member(team.nurse)];
    if chart.person.cohort == Cohort::Heavy {
        members.push(member(directory::of_role("pharmacist")));
    }
    let organization = if team.ours { directory::CLINIC } else { directory::EASTSIDE };
    let body = json!({
        "status": "active",
        "category": [concept(LOINC, "LA28865-6", "Longitudinal care-coordination focused care team")],
        "name": format!("Primary care team, {}", organization.1),
        "subject": chart.subject(),
        "period": { "start": chart.from.to_string() },
        "participant": members,
        "managingOrganization": [reference(organization.0, organization.1)],
    });
    chart.file("CareTeam", body);
}

/// Files the plan and goals of those with conditions that need one.
pub(crate) fn file_plan(chart: &mut Chart<'_>) {
    let day = chart.to;
    let aims: Vec<(&'static str, Value)> = GOALS
        .iter()
        .filter(|goal| chart.has(goal.0, day) && chart.problem_reference(goal.0).is_some())
        .map(|(key, description, loinc, name, value, unit, ucum)| {
            let goal = json!({
                "description": { "text": description },
                "target": [{
                    "measure": concept(LOINC, loinc, name),
                    "detailQuantity": quantity(*value, 1, unit, ucum),
                    "dueDate": crate::when::months_after(chart.spec.today, 6).to_string(),
                }],
            });
            (*key, goal)
        })
        .collect();
    if aims.is_empty() || chart.age(day) < 18 || !chart.draw.chance(0.7) {
        return;
    }
    let mut goals = Vec::new();
    let mut addresses = Vec::new();
    for (key, mut goal) in aims {
        let reason = chart.problem_reference(key);
        goal["lifecycleStatus"] = json!("active");
        goal["achievementStatus"] = concept(&hl7("goal-achievement"), "in-progress", "In Progress");
        goal["subject"] = chart.subject();
        goal["startDate"] = json!(crate::when::months_after(day, -9).max(chart.from).to_string());
        if let Some(reason) = reason {
            goal["addresses"] = json!([reason.clone()]);
            addresses.push(reason);
        }
        let goal = chart.file("Goal", goal);
        goals.push(json!({ "reference": goal.reference }));
    }
    let activity = |text: &str| json!({ "detail": { "status": "in-progress", "description": text } });
    let body = json!({
        "status": "active",
        "intent": "plan",
        "category": [{
            "coding": [{ "system": "http://hl7.org/fhir/us/core/CodeSystem/careplan-category", "code": "assess-plan" }],
            "text": "Assessment and plan of treatment",
        }],
        "title": "Care plan for long-term conditions",
        "subject": chart.subject(),
        "period": { "start": crate::when::months_after(day, -9).max(chart.from).to_string() },
        "author": practitioner(chart.person.team.physician),
        "addresses": addresses,
        "goal": goals,
        "activity": [activity("Follow-up visits as scheduled"), activity("Home measurements, brought to each visit")],
    });
    chart.file("CarePlan", body);
}

/// Files what everyone must see first: risk of falling, precautions, code status, need of an interpreter.
pub(crate) fn file_flags(chart: &mut Chart<'_>) {
    let age = chart.age(chart.to);
    let admitted = chart.person.cohort == Cohort::Admitted;
    let frail = chart.has("dementia", chart.to) || chart.has("osteoporosis", chart.to);
    for (likely, category, category_display, code, display) in [
        (
            if frail || age >= 82 {
                0.6
            } else if admitted {
                0.4
            } else {
                0.0
            },
            "safety",
            "Safety",
            "129839007",
            "At risk for falls",
        ),
        (if admitted { 0.25 } else { 0.005 }, "clinical", "Clinical", "40174006", "Isolation procedure"),
        (
            if age >= 80 {
                0.22
            } else if admitted {
                0.1
            } else {
                0.0
            },
            "advance-directive",
            "Advance Directive",
            "304253006",
            "Not for resuscitation",
        ),
    ] {
        // One draw for each, whether likely or not.
        let drawn = chart.draw.unit();
        if drawn >= likely || chart.person.death.is_some() {
            continue;
        }
        let body = json!({
            "status": "active",
            "category": [concept(&hl7("flag-category"), category, category_display)],
            "code": concept(SNOMED, code, display),
            "subject": chart.subject(),
            "period": { "start": crate::when::months_after(chart.to, -3).max(chart.from).to_string() },
            "author": practitioner(chart.person.team.nurse),
        });
        chart.file("Flag", body);
    }
}

fn member(who: &'static Clinician) -> Value {
    let (code, display) = match who.role {
        "physician" => ("309343006", "Physician"),
        "pharmacist" => ("46255001", "Pharmacist"),
        _ => ("224535009", "Registered nurse"),
    };
    json!({ "role": [concept(SNOMED, code, display)], "member": practitioner(who) })
}

type GoalRow = (&'static str, &'static str, &'static str, &'static str, f64, &'static str, &'static str);

const GOALS: &[GoalRow] = &[
    ("type2-diabetes", "HbA1c 7 % or below", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", 7.0, "%", "%"),
    ("type1-diabetes", "HbA1c 7 % or below", "4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", 7.0, "%", "%"),
    ("hypertension", "Systolic blood pressure 130 mmHg or below", "8480-6", "Systolic blood pressure", 130.0, "mmHg", "mm[Hg]"),
    (
        "hyperlipidemia",
        "LDL cholesterol 100 mg/dL or below",
        "13457-7",
        "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation",
        100.0,
        "mg/dL",
        "mg/dL",
    ),
    ("obesity", "Body mass index below 30", "39156-5", "Body mass index (BMI) [Ratio]", 30.0, "kg/m2", "kg/m2"),
];
