//! Ids as commands carry them.
use kernel::{DraftId, ErrorCode, PatientId, UserId};

use crate::problem::Problem;

/// A patient's id.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`].
pub fn patient(text: &str) -> Result<PatientId, Problem> {
    PatientId::new(text).map_err(|_| ErrorCode::InvalidRequest.into())
}

/// A user's id.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`].
pub fn user(text: &str) -> Result<UserId, Problem> {
    UserId::new(text).map_err(|_| ErrorCode::InvalidRequest.into())
}

/// A draft's id.
///
/// # Errors
/// [`ErrorCode::InvalidRequest`].
pub fn draft(text: &str) -> Result<DraftId, Problem> {
    DraftId::parse(text).ok_or_else(|| ErrorCode::InvalidRequest.into())
}
