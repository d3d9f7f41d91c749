//! A permit cannot be put together from its parts.

use std::marker::PhantomData;
use vault::access::{Permit, ReadChart, Sections};
use vault::audit::Actor;
use vault::kernel::PatientId;

pub fn forged(patient: PatientId, actor: Actor) -> Permit<'static, ReadChart> {
    let (patient, sections) = (Some(patient), Sections::default());
    Permit { patient, actor, sections, emergency: false, sequence: 1, act: PhantomData, transaction: PhantomData } //~ E0451 of struct `Permit` are private
}
