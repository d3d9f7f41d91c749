-- Frozen: a released migration never changes.
-- What stands outside a seal is only what a query needs: row numbers, type, date, keyed tags, versions, states.

CREATE TABLE kind (
  id   INTEGER NOT NULL PRIMARY KEY,
  name TEXT    NOT NULL UNIQUE
) STRICT;

INSERT INTO kind (id, name) VALUES
  (1, 'Patient'), (2, 'Flag'), (3, 'AllergyIntolerance'), (4, 'Condition'), (5, 'MedicationRequest'),
  (6, 'MedicationStatement'), (7, 'MedicationAdministration'), (8, 'Observation'), (9, 'DiagnosticReport'),
  (10, 'Immunization'), (11, 'Procedure'), (12, 'Encounter'), (13, 'Appointment'), (14, 'DocumentReference'),
  (15, 'ServiceRequest'), (16, 'CarePlan'), (17, 'CareTeam'), (18, 'Goal'), (19, 'Task'), (20, 'Communication'),
  (21, 'QuestionnaireResponse'), (22, 'Claim'), (23, 'ExplanationOfBenefit'), (24, 'Provenance'), (25, 'ImagingStudy'),
  (26, 'Practitioner'), (27, 'PractitionerRole'), (28, 'Organization'), (29, 'Location'), (30, 'Medication');

-- Row 0 holds what belongs to no patient (organisations, practitioners, questionnaires).
CREATE TABLE patient (
  row        INTEGER NOT NULL PRIMARY KEY,
  tag        BLOB    NOT NULL UNIQUE CHECK (length(tag) = 16),
  key        BLOB    NOT NULL,           -- the patient's key, wrapped by its group
  card       BLOB    NOT NULL,           -- sealed: id, and the search entry once the Patient resource is here
  arrived    INTEGER NOT NULL,           -- 1 once the Patient resource is here
  restricted INTEGER NOT NULL,           -- 1 while the Patient resource carries R or V
  tier       INTEGER NOT NULL,           -- 0 = not on the panel
  complete   INTEGER NOT NULL,           -- 1 once every page of the chart has been committed
  as_of      INTEGER NOT NULL            -- ms since 1970, 0 = never
) STRICT;

-- key = patient << 39 | type slot << 34 | code slot << 24 | serial: a chart, a type in it and one code's trend are range scans.
CREATE TABLE record (
  key        INTEGER NOT NULL PRIMARY KEY,
  tag        BLOB    NOT NULL UNIQUE CHECK (length(tag) = 16),
  kind       INTEGER NOT NULL REFERENCES kind (id),
  date       INTEGER NOT NULL,           -- clinical date, seconds since 1970, 0 = none
  version    TEXT    NOT NULL,           -- the EHR's versionId, '' = never acknowledged
  seal       TEXT    NOT NULL,           -- the version bound into the seal: 'version@updated', 'local/entry' for work of our own
  updated    INTEGER NOT NULL,           -- the EHR's lastUpdated, ms since 1970, 0 = none
  state      INTEGER NOT NULL,           -- 0 synced, 1 local only, 2 sending, 3 rejected, 4 conflict
  restricted INTEGER NOT NULL,
  body       BLOB    NOT NULL
) STRICT;

CREATE INDEX appointment_by_date ON record (date) WHERE kind = 13;
CREATE INDEX unsettled ON record (state) WHERE state <> 0;

CREATE TABLE code_slot (
  kind INTEGER NOT NULL REFERENCES kind (id),
  hash BLOB    NOT NULL CHECK (length(hash) = 16),
  slot INTEGER NOT NULL CHECK (slot BETWEEN 1 AND 1023),
  PRIMARY KEY (kind, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone (
  tag        BLOB    NOT NULL PRIMARY KEY CHECK (length(tag) = 16),
  deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The EHR's side of a record that has unsent or refused work here.
CREATE TABLE theirs (
  tag     BLOB    NOT NULL PRIMARY KEY CHECK (length(tag) = 16),
  version TEXT    NOT NULL,
  updated INTEGER NOT NULL,              -- lastUpdated, or the time of deletion
  deleted INTEGER NOT NULL,
  body    BLOB    NOT NULL               -- sealed: id, chart, filing and text
) STRICT;

CREATE TABLE outbox (
  entry        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  tag          BLOB    NOT NULL CHECK (length(tag) = 16),
  patient      INTEGER NOT NULL REFERENCES patient (row),
  kind         INTEGER NOT NULL REFERENCES kind (id),
  base_version TEXT    NOT NULL,         -- '' = create
  author       TEXT    NOT NULL,
  state        INTEGER NOT NULL,         -- 0 waiting, 1 handed to the network, 2 stuck, 3 handed over before, waiting
  reason       TEXT    NOT NULL,
  attempts     INTEGER NOT NULL,
  entered_at   INTEGER NOT NULL,
  body         BLOB    NOT NULL          -- sealed: id and the exact text to send
) STRICT;
CREATE INDEX outbox_by_tag ON outbox (tag);

-- Why a practitioner may see a chart in the ordinary way.
CREATE TABLE relation (
  source       BLOB    NOT NULL,         -- tag of the record it was read from
  patient      INTEGER NOT NULL REFERENCES patient (row),
  practitioner BLOB    NOT NULL,         -- keyed tag
  kind         INTEGER NOT NULL,
  begins       INTEGER NOT NULL,         -- seconds since 1970
  ends         INTEGER NOT NULL,
  PRIMARY KEY (source, patient, practitioner, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_by_patient ON relation (patient, practitioner);

CREATE TABLE pin (
  user    TEXT    NOT NULL,
  patient INTEGER NOT NULL REFERENCES patient (row),
  at      INTEGER NOT NULL,
  PRIMARY KEY (user, patient)
) STRICT, WITHOUT ROWID;

CREATE TABLE recent (
  user    TEXT    NOT NULL,
  patient INTEGER NOT NULL REFERENCES patient (row),
  at      INTEGER NOT NULL,
  PRIMARY KEY (user, patient)
) STRICT, WITHOUT ROWID;

CREATE TABLE emergency (
  grant_id BLOB    NOT NULL PRIMARY KEY CHECK (length(grant_id) = 16),
  user     TEXT    NOT NULL,
  patient  INTEGER NOT NULL REFERENCES patient (row),
  ended    INTEGER NOT NULL,
  body     BLOB    NOT NULL              -- sealed: the grant and the written reason
) STRICT;
CREATE INDEX emergency_in_force ON emergency (patient, user) WHERE ended = 0;

CREATE TABLE draft (
  draft     BLOB    NOT NULL PRIMARY KEY CHECK (length(draft) = 16),
  patient   INTEGER NOT NULL REFERENCES patient (row),
  user      TEXT    NOT NULL,
  note_type TEXT    NOT NULL,
  revision  INTEGER NOT NULL,
  saved_at  INTEGER NOT NULL,
  body      BLOB    NOT NULL             -- sealed: text and caret
) STRICT;
CREATE INDEX draft_by_patient ON draft (patient, user);

-- What is one user's alone: tabs and caret, tokens, lease.
CREATE TABLE own (
  user    TEXT NOT NULL,
  purpose TEXT NOT NULL,
  body    BLOB NOT NULL,
  PRIMARY KEY (user, purpose)
) STRICT, WITHOUT ROWID;

-- What is the workstation's: sync checkpoint, the EHR's name and address.
CREATE TABLE shared (
  name TEXT NOT NULL PRIMARY KEY,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  sequence INTEGER NOT NULL PRIMARY KEY,
  body     BLOB    NOT NULL,
  digest   BLOB    NOT NULL CHECK (length(digest) = 32),
  mac      BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;

-- What an opening found wrong between the chain and the checkpoint outside; every later verification reports the first.
CREATE TABLE audit_fault (
  found_behind INTEGER NOT NULL PRIMARY KEY, -- the chain's end when it was found
  sequence     INTEGER NOT NULL,
  kind         TEXT    NOT NULL
) STRICT;
