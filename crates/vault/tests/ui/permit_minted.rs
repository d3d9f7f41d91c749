//! Only the access room mints permits.
use vault::access::{Permit, ReadChart, Sections};
use vault::audit::{Actor, Recorded};
use vault::kernel::PatientId;

pub fn minted(patient: PatientId, actor: Actor, recorded: &Recorded) -> Permit<'static, ReadChart> {
    Permit::mint(Some(patient), actor, Sections::default(), false, recorded) //~ E0624 associated function `mint` is private
}

pub fn copied<'t>(permit: &Permit<'t, ReadChart>) -> Permit<'t, ReadChart> {
    permit.clone() //~ E0308 mismatched types
}
