-- Frozen: a released migration never changes.
-- The audit chain's epochs, the states its entries speak of, and the server's word on it.

-- The present epoch; no row until the chain's first is begun. Its number and public key stand in the entry that began it.
CREATE TABLE audit_epoch (
  one         INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  began       INTEGER NOT NULL,          -- sequence of the entry that began it
  anchor      BLOB    NOT NULL CHECK (length(anchor) = 32), -- the first epoch's public key
  private_key BLOB    NOT NULL           -- sealed under a key derived from the audit slot; gone with the epoch
) STRICT;

-- Sealed states before and after what an entry says was done. No reference to the patient: an erased one leaves them unreadable,
-- and the chain whole.
CREATE TABLE audit_state (
  place   INTEGER NOT NULL PRIMARY KEY,  -- sequence << 1 | side (0 before, 1 after)
  patient INTEGER NOT NULL,
  kind    TEXT    NOT NULL,              -- what the seal is bound to: kind, tag, version
  tag     BLOB    NOT NULL CHECK (length(tag) = 16),
  version TEXT    NOT NULL,
  kept_at INTEGER NOT NULL,              -- ms since 1970
  body    BLOB    NOT NULL,              -- the entry carries its digest
  mac     BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT;
CREATE INDEX audit_state_by_tag ON audit_state (tag, kept_at);

-- Keys that a patient's key has replaced, sealed under it: for kept states, whose bytes stay as the chain has them.
CREATE TABLE former_key (
  patient    INTEGER NOT NULL REFERENCES patient (row) ON DELETE CASCADE,
  generation INTEGER NOT NULL,
  body       BLOB    NOT NULL,
  PRIMARY KEY (patient, generation)
) STRICT, WITHOUT ROWID;

-- The latest countersignature of the server that was entered.
CREATE TABLE audit_countersigned (
  one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL              -- of the entry that holds it
) STRICT;

-- A row from when the server's word and the chain first disagreed.
CREATE TABLE audit_quarantine (
  one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL,             -- of the entry that says so
  standing TEXT    NOT NULL
) STRICT;
