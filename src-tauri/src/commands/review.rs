//! Emergency accesses: the clinician's own, and the privacy officer's queue.
use desk::view::{EmergencyStatistics, JudgeReview, OwnEmergency, ReviewQuery, ReviewQueue, ReviewRow};

use super::{Answer, Desk, run};

/// The clinician's own of late.
#[tauri::command]
pub async fn own_emergencies(host: Desk<'_>) -> Answer<Vec<OwnEmergency>> {
    run(&host, |host| desk::own_emergencies(host)).await
}

/// A page of the queue.
#[tauri::command]
pub async fn review_queue(host: Desk<'_>, query: ReviewQuery) -> Answer<ReviewQueue> {
    desk::settled(desk::review_queue(&host, query).await)
}

/// Judges one.
#[tauri::command]
pub async fn judge_review(host: Desk<'_>, request: JudgeReview) -> Answer<ReviewRow> {
    desk::settled(desk::judge_review(&host, request).await)
}

/// Closes one that was judged.
#[tauri::command]
pub async fn close_review(host: Desk<'_>, task: String, version: String) -> Answer<ReviewRow> {
    desk::settled(desk::close_review(&host, &task, &version).await)
}

/// How often each clinician broke the glass.
#[tauri::command]
pub async fn break_glass_statistics(host: Desk<'_>, days: u32) -> Answer<EmergencyStatistics> {
    desk::settled(desk::break_glass_statistics(&host, days).await)
}
