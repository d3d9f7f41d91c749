//! A ward: a vault in a folder of its own, the people enrolled on it, and a clock set by hand.
use std::cell::Cell;
use std::path::Path;

use access::{Act, Gate, Permissions, Permit, Refusal, Target, User, admit};
use audit::{Actor, Checked, Countersigned, Origin, PublicKey, ServerKey, Signature};
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use kernel::{
    CorrelationId, DeviceId, Instants, Moment, PatientId, Phi, PractitionerId, RecordId, ResourceType, SiteId, UserId, VersionId,
};
use keys::{
    DeviceSecret, Due, EnrolAnother, EnrolFirst, Factors, KdfCost, KeyFile, OpenKeys, Passphrase, Person, RenewError, RenewedKeys,
    UnlockError, WorkstationSecrets, enrol_first,
};
use sync::Incoming;
use vault::{Arrival, Files, Filing, LockedVault, OpenVault, Relation, Tx, VaultError};

pub const ADA: &str = "ada";
pub const BEN: &str = "ben";
const PHRASE: &str = "rain on the ward roof";

/// A vault's folder, and how to get in.
pub struct Ward {
    _folder: Option<tempfile::TempDir>,
    pub files: Files,
    clock: Cell<(i64, &'static str)>,
    gate: Gate,
}

/// Why a test's work was not done.
#[derive(Debug, PartialEq, Eq)]
pub enum No {
    Vault(VaultError),
    Forbidden,
    BreakGlass,
    Unknown,
}

impl From<VaultError> for No {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<Refusal<VaultError>> for No {
    fn from(refusal: Refusal<VaultError>) -> Self {
        match refusal {
            Refusal::Forbidden => Self::Forbidden,
            Refusal::BreakGlassRequired => Self::BreakGlass,
            Refusal::Unknown => Self::Unknown,
            Refusal::Ledger(error) => Self::Vault(error),
        }
    }
}

impl Ward {
    /// A new vault, open, of Ada (Ben is enrolled too).
    pub fn new() -> (Self, OpenVault) {
        let folder = tempfile::tempdir().unwrap();
        let mut ward = Self::at(&folder.path().join("site"));
        ward._folder = Some(folder);
        let open = ward.create().unwrap();
        (ward, open)
    }

    /// A ward at a place where a vault may be.
    pub fn at(folder: &Path) -> Self {
        Self { _folder: None, files: Files::new(folder), clock: Cell::new((0, "boot-1")), gate: Gate::new().unwrap() }
    }

    pub fn create(&self) -> Result<OpenVault, VaultError> {
        self.files.make_folder()?;
        let request = EnrolFirst {
            site: SiteId::new("site-1").unwrap(),
            device: DeviceId::new("ward-3").unwrap(),
            person: person(ADA),
            passphrase: &Passphrase::new(PHRASE),
            security_key: None,
            workstation: &device(),
            cost: KdfCost::CHEAP,
            at: 1_767_225_600,
        };
        let (mut file, keys) = enrol_first(request).unwrap();
        let (passphrase, workstation) = (&Passphrase::new(PHRASE), &device());
        keys.enrol_another(
            &mut file,
            EnrolAnother { person: person(BEN), passphrase, security_key: None, workstation, cost: KdfCost::CHEAP, at: 1_767_225_600 },
        )
        .unwrap();
        file.write(&self.files.keys())?;
        LockedVault::create(self.files.clone(), keys, &self.origin(ADA))
    }

    pub fn key_file(&self) -> KeyFile {
        KeyFile::read(&self.files.keys()).unwrap()
    }

    pub fn keys(&self, who: &str) -> OpenKeys {
        let (passphrase, workstation) = (&Passphrase::new(PHRASE), &device());
        self.key_file().unlock(&user_id(who), &Factors { passphrase, workstation, security_key: None }).unwrap()
    }

    /// With what the keyring holds once the secrets of the generations before `first` are deleted.
    pub fn keys_from(&self, who: &str, first: u8) -> Result<OpenKeys, UnlockError> {
        self.keys_with(who, &device_from(first))
    }

    /// With what the keyring holds.
    pub fn keys_with(&self, who: &str, workstation: &WorkstationSecrets) -> Result<OpenKeys, UnlockError> {
        let passphrase = &Passphrase::new(PHRASE);
        self.key_file().unlock(&user_id(who), &Factors { passphrase, workstation, security_key: None })
    }

    /// Renews what is due of whoever has the vault open, as far as making the keys and the changed file.
    pub fn renew(&self, vault: &OpenVault, due: Due) -> Result<(KeyFile, RenewedKeys), RenewError> {
        let (passphrase, workstation) = (&Passphrase::new(PHRASE), &device());
        vault.keys().renew(&self.key_file(), &Factors { passphrase, workstation, security_key: None }, due, 1_800_000_000)
    }

    /// Opens the vault that is here. What another test starts holds this program's locks too, for a moment between its fork and its exec.
    pub fn open(&self, who: &str) -> Result<OpenVault, VaultError> {
        let mut locked = LockedVault::find(self.files.clone());
        for _ in 0..50 {
            if !matches!(locked, Err(VaultError::InUse)) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
            locked = LockedVault::find(self.files.clone());
        }
        let locked = locked?;
        locked.open(self.keys(who), &self.origin(who)).map_err(|(_, error)| error)
    }

    /// Moves both clocks on.
    pub fn minutes_pass(&self, minutes: i64) {
        let (now, boot) = self.clock.get();
        self.clock.set((now + minutes, boot));
    }

    pub fn now(&self) -> Instants {
        let (minutes, _) = self.clock.get();
        Instants { wall: at(0) + TimeDelta::minutes(minutes), boot: Moment(u64::try_from(minutes).unwrap() * 60_000) }
    }

    pub fn boot(&self) -> &'static str {
        self.clock.get().1
    }

    pub fn origin(&self, who: &str) -> Origin {
        let actor = Actor { user: user_id(who), practitioner: practitioner(who), role: "physician".into() };
        Origin {
            actor: Some(actor),
            at: self.now(),
            boot_id: self.boot().into(),
            correlation: CorrelationId::random(),
            workstation: "ward-3".into(),
            address: None,
            client: "test",
            device: None,
        }
    }

    /// One transaction of Ada's.
    pub fn work<R>(&self, vault: &mut OpenVault, work: impl for<'t> FnOnce(&'t Tx<'_>) -> Result<R, No>) -> Result<R, No> {
        self.work_of(ADA, vault, work)
    }

    /// One transaction.
    pub fn work_of<R>(&self, who: &str, vault: &mut OpenVault, work: impl for<'t> FnOnce(&'t Tx<'_>) -> Result<R, No>) -> Result<R, No> {
        vault.transact(&self.origin(who), work)
    }

    /// A permit for a physician.
    pub fn permit<'t, A: Act>(&self, tx: &'t Tx<'_>, who: &str, target: Target) -> Result<Permit<'t, A>, No> {
        self.permit_for(tx, &physician(who), target)
    }

    /// A permit for someone who looks after workstations.
    pub fn keeper<'t, A: Act>(&self, tx: &'t Tx<'_>, who: &str) -> Result<Permit<'t, A>, No> {
        let granted = Permissions { ehr_write: vec!["devices".into()], ..Permissions::default() };
        self.permit_for(tx, &User::new(user_id(who), practitioner(who), "administrator".into(), &granted), Target::workstation())
    }

    pub fn permit_for<'t, A: Act>(&self, tx: &'t Tx<'_>, who: &User, target: Target) -> Result<Permit<'t, A>, No> {
        Ok(admit(&self.gate, tx, who, target)?)
    }

    /// Files records as a page from the EHR.
    pub fn file(&self, vault: &mut OpenVault, arrivals: &[Arrival]) -> sync::Ingested {
        self.work(vault, |tx| Ok(tx.file(&self.permit(tx, ADA, Target::workstation())?, arrivals)?)).unwrap()
    }

    /// Files a patient whom Ada cares for.
    pub fn admit_patient(&self, vault: &mut OpenVault, id: &str) {
        self.file(vault, &[patient_record(id, "1", 0), care_team(id, ADA)]);
    }
}

/// What this workstation's keyring holds: the secrets of many generations, as if none had been deleted yet.
pub fn device() -> WorkstationSecrets {
    device_from(1)
}

/// The same, once the secrets of the generations before `first` are deleted.
pub fn device_from(first: u8) -> WorkstationSecrets {
    let device = WorkstationSecrets::from(DeviceSecret::from_bytes([5; 32]));
    let device = device.and_device(2, DeviceSecret::from_bytes([7; 32]));
    (first..100).fold(device, |all, generation| all.and(generation.into(), DeviceSecret::from_bytes([100 + generation; 32])))
}

pub fn person(id: &str) -> Person {
    Person { user: user_id(id), practitioner: practitioner(id), display_name: format!("Dr. {id}"), role: "physician".into() }
}

pub fn user_id(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

pub fn practitioner(id: &str) -> PractitionerId {
    PractitionerId::new(format!("prac-{id}")).unwrap()
}

pub fn patient(id: &str) -> PatientId {
    PatientId::new(id).unwrap()
}

pub fn record_id(id: &str) -> RecordId {
    RecordId::new(id).unwrap()
}

pub fn kind(name: &str) -> ResourceType {
    ResourceType::new(name).unwrap()
}

pub fn version(text: &str) -> VersionId {
    VersionId::new(text)
}

/// So many minutes after the day of the tests began.
pub fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_352_000, 0).unwrap() + TimeDelta::minutes(minute)
}

pub fn user(id: &str, role: &str, read: &[&str], write: &[&str]) -> User {
    let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
    User::new(
        user_id(id),
        practitioner(id),
        role.into(),
        &Permissions { ehr_read: own(read), ehr_write: own(write), ..Permissions::default() },
    )
}

pub fn physician(id: &str) -> User {
    user(id, "physician", &["patient.*", "audit.*"], &["progress_notes"])
}

pub fn text(body: &str) -> Phi<Box<str>> {
    Phi::new(body.into())
}

/// A record of a patient's chart, version 1.
pub fn incoming(kind_name: &str, id: &str, of: Option<&str>, body: &str) -> Incoming {
    Incoming {
        kind: kind(kind_name),
        id: record_id(id),
        version: Some(version("1")),
        last_updated: Some(at(0)),
        patient: of.map(patient),
        body: text(body),
    }
}

pub fn arrival(kind_name: &str, id: &str, of: &str, body: &str) -> Arrival {
    Arrival { incoming: incoming(kind_name, id, Some(of), body), filing: Filing::default() }
}

/// An arrival of another version.
pub fn versioned(mut arrival: Arrival, number: &str, minute: i64) -> Arrival {
    arrival.incoming.version = Some(version(number));
    arrival.incoming.last_updated = Some(at(minute));
    arrival
}

pub fn patient_record(id: &str, number: &str, minute: i64) -> Arrival {
    let mut arrival = versioned(arrival("Patient", id, id, &format!("{{\"resourceType\":\"Patient\",\"id\":\"{id}\"}}")), number, minute);
    arrival.filing.card = Some(format!("card of {id}").into_bytes());
    arrival
}

pub fn care_team(of: &str, practitioner_of: &str) -> Arrival {
    let mut arrival = arrival("CareTeam", &format!("team-{of}"), of, "{\"resourceType\":\"CareTeam\"}");
    arrival.filing.relations =
        vec![Relation { patient: patient(of), practitioner: practitioner(practitioner_of), kind: 1, begins: 0, ends: i64::MAX }];
    arrival
}

/// Runs SQL on the locked vault's database, as someone who has its key could.
pub fn sql(ward: &Ward, statements: &str) {
    keyed(ward).execute_batch(statements).unwrap();
}

/// The locked vault's database, as someone who has its key opens it.
pub fn keyed(ward: &Ward) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(ward.files.database()).unwrap();
    let key = |hex: &str| db.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256;"));
    ward.keys(ADA).database_keys().next().unwrap().lend(key).unwrap();
    db
}

pub fn failed_unlock(why: &str) -> vault::DoorEvent {
    vault::DoorEvent {
        action: audit::Action::UnlockFailed,
        at: "2026-03-01T08:00:00.000Z".into(),
        boot_id: "boot-1".into(),
        boot_ms: 1,
        claimed: Some(user_id(ADA)),
        why: why.into(),
    }
}

/// The latest entries, newest first, the reading itself among them.
pub fn entries(ward: &Ward, who: &str, vault: &mut OpenVault, limit: u32) -> Vec<audit::Entry> {
    let found = ward.work_of(who, vault, |tx| {
        Ok(tx.audit_entries(&ward.permit::<access::ReadAudit>(tx, who, Target::workstation())?, &audit::Filter::default(), limit)?)
    });
    found.unwrap().into_iter().map(Option::unwrap).collect()
}

/// What verifying the chain finds.
pub fn verify(ward: &Ward, vault: &mut OpenVault) -> Option<audit::Fault> {
    let checkpoint = ward.files.audit_head();
    let verdict =
        ward.work(vault, |tx| Ok(tx.verify_audit(&ward.permit::<access::VerifyAudit>(tx, ADA, Target::workstation())?, &checkpoint)?));
    verdict.unwrap().fault
}

/// The blobs a query finds in the locked vault's database.
pub fn blobs(ward: &Ward, query: &str) -> Vec<Vec<u8>> {
    let db = keyed(ward);
    let mut statement = db.prepare(query).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The texts a query finds in the locked vault's database.
pub fn texts(ward: &Ward, query: &str) -> Vec<String> {
    let db = keyed(ward);
    let mut statement = db.prepare(query).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The server's word on a head of this ward's chain.
pub fn countersign(sequence: u64, digest: audit::Digest) -> Checked {
    let key = SigningKey::from_bytes(&[40; 32]);
    let device = DeviceId::new("ward-3").unwrap();
    let (at, server_key_id) = ("2026-03-01T09:00:00.000Z".to_owned(), "2026-a".to_owned());
    let mut seen = Countersigned { device: device.clone(), sequence, digest, at, server_key_id, signature: Signature([0; 64]) };
    seen.signature = Signature(key.sign(&seen.signed_bytes()).to_bytes());
    let server = ServerKey { id: "2026-a".into(), public_key: PublicKey(key.verifying_key().to_bytes()) };
    seen.check(&device, &server).unwrap()
}
