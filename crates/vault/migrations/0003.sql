-- Frozen: a released migration never changes.
-- Copies of what the EHR has not taken, sealed to the recovery key: they go when the originals do.

CREATE TABLE recovery_outbox (
  entry INTEGER NOT NULL PRIMARY KEY REFERENCES outbox (entry) ON DELETE CASCADE,
  body  BLOB    NOT NULL
) STRICT;

CREATE TABLE recovery_draft (
  draft BLOB NOT NULL PRIMARY KEY REFERENCES draft (draft) ON DELETE CASCADE,
  body  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
