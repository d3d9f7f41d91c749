-- Frozen: a released migration never changes.
-- What the EHR gives depends on who asks: how far a chart has come is known for each clinician apart.

CREATE TABLE standing (
  user     TEXT    NOT NULL,
  patient  INTEGER NOT NULL REFERENCES patient (row),
  tier     INTEGER NOT NULL,             -- 0 = not on this clinician's panel
  complete INTEGER NOT NULL,             -- 1 once every page this clinician may read has been committed
  as_of    INTEGER NOT NULL,             -- ms since 1970, 0 = never
  PRIMARY KEY (user, patient)
) STRICT, WITHOUT ROWID;

-- Until now one clinician worked in a vault, and left something of their own in it.
INSERT INTO standing (user, patient, tier, complete, as_of)
  SELECT o.user, p.row, p.tier, p.complete, p.as_of
  FROM patient p, (SELECT min(user) AS user FROM own) o
  WHERE p.row > 0 AND p.tier > 0 AND o.user IS NOT NULL;

ALTER TABLE patient DROP COLUMN tier;
ALTER TABLE patient DROP COLUMN complete;
ALTER TABLE patient DROP COLUMN as_of;

-- The last entry of the chain that the EHR's audit repository has taken; no row before the first.
CREATE TABLE audit_sent (
  sequence INTEGER NOT NULL PRIMARY KEY
) STRICT;
