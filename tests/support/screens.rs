//! The screens of Satchel, as what a clinician does on each.
