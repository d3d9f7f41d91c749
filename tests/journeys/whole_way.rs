//! From a fresh machine to a note that reached the EHR.
