//! Who lives here: patients with surnames and addresses, some of whom work here.
use crate::chance::Chance;

pub const PATIENTS: usize = 20_000;
const SURNAMES: usize = 4_000;
/// Of the patients, how many work here.
const COLLEAGUES: usize = 300;

pub struct Patient {
    pub surname: usize,
    pub address: usize,
    pub restricted: bool,
    pub colleague: bool,
}

/// A member of the staff, and whom they know in person.
pub struct Person {
    pub surname: usize,
    pub address: usize,
    /// Their own chart.
    pub record: usize,
    pub household: Vec<usize>,
    /// Bear the surname, live elsewhere.
    pub relatives: Vec<usize>,
}

pub struct Town {
    pub patients: Vec<Patient>,
    pub bearers: Vec<u32>,
    pub restricted: Vec<usize>,
    pub colleagues: Vec<usize>,
}

impl Town {
    /// Surnames are as unequal as a country's: the commonest about 1 %, a long tail. A tenth of the patients live in houses whose
    /// flats share one address.
    pub fn new(chance: &mut Chance) -> Self {
        let mut cumulative = Vec::with_capacity(SURNAMES);
        let mut sum = 0.0;
        for rank in 0..SURNAMES {
            sum += 1.0 / ((rank + 4) as f64).powf(0.75);
            cumulative.push(sum);
        }
        let mut patients: Vec<Patient> = Vec::with_capacity(PATIENTS);
        let mut address = 0;
        while patients.len() < PATIENTS {
            address += 1;
            let flats = if chance.per_mille(30) { chance.between(4, 12) } else { 1 };
            for _ in 0..flats {
                let family = surname(chance, &cumulative);
                for _ in 0..chance.between(1, 4) {
                    let surname = if chance.per_mille(800) { family } else { surname(chance, &cumulative) };
                    patients.push(Patient { surname, address, restricted: chance.per_mille(5), colleague: false });
                }
            }
        }
        patients.truncate(PATIENTS);
        let colleagues: Vec<usize> = (0..COLLEAGUES).map(|nth| nth * (PATIENTS / COLLEAGUES) + chance.below(40) as usize).collect();
        colleagues.iter().for_each(|colleague| patients[*colleague].colleague = true);
        let mut bearers = vec![0; SURNAMES];
        patients.iter().for_each(|patient| bearers[patient.surname] += 1);
        let restricted = (0..PATIENTS).filter(|patient| patients[*patient].restricted).collect();
        Self { patients, bearers, restricted, colleagues }
    }

    /// The staff member whose own chart is the `nth` colleague's.
    pub fn person(&self, nth: usize) -> Person {
        let record = self.colleagues[nth];
        let Patient { surname, address, .. } = self.patients[record];
        let others = |same_address: bool| {
            let mut found: Vec<usize> = (0..PATIENTS)
                .filter(|other| *other != record && (self.patients[*other].address == address) == same_address)
                .filter(|other| same_address || self.patients[*other].surname == surname)
                .collect();
            found.truncate(4);
            found
        };
        Person { surname, address, record, household: others(true), relatives: others(false) }
    }
}

fn surname(chance: &mut Chance, cumulative: &[f64]) -> usize {
    let last = cumulative[cumulative.len() - 1];
    let drawn = chance.below(1 << 32) as f64 / (1u64 << 32) as f64 * last;
    cumulative.partition_point(|end| *end <= drawn)
}
