//! Finding patients and reading charts.
use chart::view::{DocumentView, PatientRow};
use desk::parse;
use desk::view::{BreakGlassReason, BreakGlassRequest, BreakGlassView, OpenedChart, ScheduleView, SearchView};

use super::{Answer, Desk, run};

/// Today's appointments.
#[tauri::command]
pub async fn schedule_today(host: Desk<'_>) -> Answer<ScheduleView> {
    run(&host, |host| desk::schedule_today(host)).await
}

/// Patients as you type.
#[tauri::command]
pub async fn search_patients(host: Desk<'_>, query: String) -> Answer<SearchView> {
    run(&host, move |host| desk::search_patients(host, &query)).await
}

/// Charts opened lately.
#[tauri::command]
pub async fn patients_recent(host: Desk<'_>) -> Answer<Vec<PatientRow>> {
    run(&host, |host| desk::patients_recent(host)).await
}

/// A chart.
#[tauri::command]
pub async fn open_chart(host: Desk<'_>, patient: String) -> Answer<OpenedChart> {
    run(&host, move |host| desk::open_chart(host, &parse::patient(&patient)?)).await
}

/// A document in a chart.
#[tauri::command]
pub async fn open_document(host: Desk<'_>, patient: String, kind: String, id: String) -> Answer<DocumentView> {
    run(&host, move |host| desk::open_document(host, &parse::patient(&patient)?, &kind, &id)).await
}

/// Reasons for break-glass.
#[tauri::command]
pub async fn break_glass_reasons() -> Answer<Vec<BreakGlassReason>> {
    Ok(desk::break_glass_reasons())
}

/// Emergency access.
#[tauri::command]
pub async fn break_glass(host: Desk<'_>, request: BreakGlassRequest) -> Answer<BreakGlassView> {
    run(&host, move |host| desk::break_glass(host, request)).await
}

/// Its end.
#[tauri::command]
pub async fn end_break_glass(host: Desk<'_>, patient: String) -> Answer<()> {
    run(&host, move |host| desk::end_break_glass(host, &parse::patient(&patient)?)).await
}

/// Keeps a chart on this workstation.
#[tauri::command]
pub async fn pin_patient(host: Desk<'_>, patient: String, pinned: bool) -> Answer<()> {
    run(&host, move |host| desk::pin_patient(host, &parse::patient(&patient)?, pinned)).await
}
