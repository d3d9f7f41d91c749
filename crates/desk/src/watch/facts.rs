//! What the watch is told of an access: ties, labels, and who the patient is to the user.
use chart::{Directory, Namesake, Particulars, PatientIndex, PatientName};
use kernel::{PatientId, PractitionerId};
use keys::KeyFile;
use vault::Watched;
use watchful::{Access, Act, PatientTag};

use super::Standing;

/// What the open desk knows of patients' and colleagues' names.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) index: &'a PatientIndex,
    pub(crate) directory: &'a Directory,
    pub(crate) key_file: &'a KeyFile,
    pub(crate) own: &'a str,
    pub(crate) practitioner: &'a PractitionerId,
    pub(crate) standing: &'a Standing,
}

/// The names an open desk knows, while its vault is at work.
macro_rules! names {
    ($open:expr) => {
        $crate::watch::Names {
            index: &$open.index,
            directory: &$open.directory,
            key_file: &$open.key_file,
            own: &$open.person.name,
            practitioner: &$open.person.practitioner,
            standing: &$open.watch,
        }
    };
}
pub(crate) use names;

/// One access as facts. `home` is the patient's own record, where it has been read.
///
/// One's own record, and a colleague's, is told by surname and first name, unless the EHR says that the two were born on other days.
pub(super) fn facts(watched: &Watched, patient: &PatientId, act: Act, names: Names<'_>, home: Option<&Particulars>) -> Access {
    let Names { index, directory, key_file, own: own_name, practitioner, .. } = names;
    let name = index.name_of(patient);
    let born = index.born(patient).unwrap_or_default();
    let namesake = |staff: &str| name.as_ref().map_or(Namesake::No, |name: &PatientName| name.namesake(staff));
    let is_patient = |staff: &str, known: Option<&Particulars>| {
        namesake(staff) == Namesake::Both && !known.is_some_and(|known| known.is_born_otherwise(&born))
    };
    let own = directory.particulars(practitioner);
    let own_record = is_patient(own_name, own);
    // Who is tied to the user by work gives no cue, so that only a stranger is held against everybody who works here.
    let stranger = !watched.related;
    let works_here = || {
        let enrolled = key_file.users().iter().any(|user| is_patient(user.display_name(), directory.particulars(user.practitioner())));
        enrolled || directory.practitioners().any(|(staff, known)| is_patient(staff, known))
    };
    let same_surname = namesake(own_name) >= Namesake::Surname;
    Access {
        patient: PatientTag::new(watched.tag),
        act,
        related: watched.related,
        emergency: watched.emergency,
        restricted: watched.restricted,
        own_record,
        colleague: stranger && !own_record && works_here(),
        same_address: own.zip(home).is_some_and(|(own, home)| own.shares_a_home_with(home)),
        same_surname,
        surname_bearers: name.as_ref().filter(|_| stranger && same_surname).map_or(0, |name| index.surname_bearers(name)),
        patients_held: u32::try_from(index.len()).unwrap_or(u32::MAX),
    }
}
