//! Refresh tokens: rotated at every use, and a replayed one ends the whole session (RFC 9700 §4.14.2).

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use clinic::Clinician;
use rusqlite::{OptionalExtension, params};

use crate::store::Store;

/// What a refresh token stands for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whose session it is.
    pub who: &'static Clinician,
    /// Granted scope.
    pub scope: String,
    /// When the password was given.
    pub auth_time: DateTime<Utc>,
    /// Names the session: all tokens rotated from one sign-in.
    pub family: String,
}

/// A session lasts a long shift; then the password is needed again.
const LIFE: TimeDelta = TimeDelta::hours(16);

/// Keeps `token` as the session's current refresh token.
///
/// # Errors
/// Whatever SQLite reports.
pub fn keep(store: &Store, token: &str, grant: &Grant) -> rusqlite::Result<()> {
    store.lock().execute(
        "INSERT INTO refresh_grant (token_hash, family, username, scope, auth_time, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            hash(token),
            grant.family,
            grant.who.username,
            grant.scope,
            grant.auth_time.timestamp(),
            (grant.auth_time + LIFE).timestamp()
        ],
    )?;
    Ok(())
}

/// Uses `token` up. `None` when it is unknown, too old, or was used before; in the last case its session ends.
///
/// # Errors
/// Whatever SQLite reports.
pub fn redeem(store: &Store, token: &str, now: DateTime<Utc>) -> rusqlite::Result<Option<Grant>> {
    let mut db = store.lock();
    let tx = db.transaction()?;
    let found = tx
        .query_row(
            "SELECT family, username, scope, auth_time, expires, used FROM refresh_grant WHERE token_hash = ?1",
            [hash(token)],
            |row| {
                let grant = (row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?);
                Ok((grant, row.get::<_, i64>(3)?, row.get::<_, i64>(4)?, row.get::<_, bool>(5)?))
            },
        )
        .optional()?;
    let Some(((family, username, scope), auth_time, expires, used)) = found else { return Ok(None) };
    let redeemed = if used {
        tx.execute("DELETE FROM refresh_grant WHERE family = ?1", [&family])?;
        None
    } else {
        tx.execute("UPDATE refresh_grant SET used = 1 WHERE token_hash = ?1", [hash(token)])?;
        let auth_time = DateTime::from_timestamp(auth_time, 0).unwrap_or_default();
        let who = super::clinician(&username).filter(|_| now.timestamp() < expires);
        who.map(|who| Grant { who, scope, auth_time, family })
    };
    tx.commit()?;
    Ok(redeemed)
}

/// Ends the session `token` belongs to; unknown tokens are nobody's.
///
/// # Errors
/// Whatever SQLite reports.
pub fn revoke(store: &Store, token: &str) -> rusqlite::Result<()> {
    store
        .lock()
        .execute("DELETE FROM refresh_grant WHERE family IN (SELECT family FROM refresh_grant WHERE token_hash = ?1)", [hash(token)])?;
    Ok(())
}

/// Ends every session.
///
/// # Errors
/// Whatever SQLite reports.
pub fn revoke_all(store: &Store) -> rusqlite::Result<()> {
    store.lock().execute("DELETE FROM refresh_grant", [])?;
    Ok(())
}

fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_replayed_token_ends_the_session_and_an_old_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let grant = Grant { who: &clinic::CLINICIANS[0], scope: "openid".into(), auth_time: now, family: "f".into() };
        keep(&store, "first", &grant).unwrap();
        assert!(redeem(&store, "first", now).unwrap().is_some());
        keep(&store, "second", &grant).unwrap();
        assert!(redeem(&store, "first", now).unwrap().is_none(), "replayed");
        assert!(redeem(&store, "second", now).unwrap().is_none(), "its session ended");

        keep(&store, "third", &grant).unwrap();
        assert!(redeem(&store, "third", now + LIFE).unwrap().is_none(), "too old");
        keep(&store, "fourth", &grant).unwrap();
        revoke(&store, "fourth").unwrap();
        assert!(redeem(&store, "fourth", now).unwrap().is_none());
    }
}
