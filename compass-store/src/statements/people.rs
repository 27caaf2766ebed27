//! Statements on people, their sessions, and everything that is kept of them.

macro_rules! user_columns {
    () => {
        "id, issuer, subject, email, name, created_at, preferences"
    };
}

macro_rules! session_columns {
    () => {
        "id, user_id, token_hash, opened_at, expires_at, last_seen_at, ended_at, ip, user_agent"
    };
}

macro_rules! sign_in_columns {
    () => {
        "state_hash, nonce, verifier, return_to, begun_at, expires_at"
    };
}

macro_rules! token_columns {
    () => {
        "t.token_hash, t.session_id, t.issued_at, t.expires_at, t.used_at, t.next_hash, t.revoked_at"
    };
}

macro_rules! audit_columns {
    () => {
        "id, happened_at, actor, action, subject, detail, ip"
    };
}

statements! {
    SIGN_IN = concat!(
        "INSERT INTO compass_users (id, issuer, subject, email, name, created_at, preferences) \
         VALUES ($1, $2, $3, $4, $5, $6, '{}') \
         ON CONFLICT (issuer, subject) DO UPDATE SET email = excluded.email, name = excluded.name RETURNING ",
        user_columns!()
    );

    FIND_USER = concat!("SELECT ", user_columns!(), " FROM compass_users WHERE id = $1");

    USERS_AFTER = concat!("SELECT ", user_columns!(), " FROM compass_users WHERE id > $1 ORDER BY id LIMIT $2");

    SAVE_PREFERENCES = "UPDATE compass_users SET preferences = $2 WHERE id = $1";

    OPEN_SESSION = concat!(
        "INSERT INTO compass_sessions (", session_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    );

    FIND_SESSION_BY_TOKEN = concat!(
        "SELECT ", session_columns!(), " FROM compass_sessions \
         WHERE token_hash = $1 AND expires_at > $2 AND ended_at IS NULL"
    );

    FIND_SESSION = concat!(
        "SELECT ", session_columns!(), " FROM compass_sessions WHERE id = $1 AND expires_at > $2 AND ended_at IS NULL"
    );

    OPEN_SESSIONS = concat!(
        "SELECT ", session_columns!(), " FROM compass_sessions \
         WHERE user_id = $1 AND expires_at > $2 AND ended_at IS NULL ORDER BY last_seen_at DESC, id DESC"
    );

    /// The latest sight decides, whichever comes first.
    SESSION_SEEN = "UPDATE compass_sessions SET last_seen_at = $2, ip = $3, user_agent = $4 \
        WHERE id = $1 AND expires_at > $2 AND ended_at IS NULL AND last_seen_at <= $2";

    END_SESSION = "UPDATE compass_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";

    END_SESSIONS = "UPDATE compass_sessions SET ended_at = $2 \
        WHERE user_id = $1 AND expires_at > $2 AND ended_at IS NULL";

    BEGIN_SIGN_IN = concat!("INSERT INTO compass_sign_ins (", sign_in_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6)");

    /// Of many at once, one deletes the row.
    TAKE_SIGN_IN = concat!(
        "DELETE FROM compass_sign_ins WHERE state_hash = $1 AND expires_at > $2 RETURNING ",
        sign_in_columns!()
    );

    /// Whoever has the session's row decides on its tokens alone.
    LOCK_SESSION = concat!(
        "UPDATE compass_sessions SET ended_at = ended_at WHERE id = $1 RETURNING ",
        session_columns!()
    );

    /// As `LOCK_SESSION`.
    LOCK_SESSION_OF_TOKEN = concat!(
        "UPDATE compass_sessions SET ended_at = ended_at \
         WHERE id = (SELECT session_id FROM compass_refresh_tokens WHERE token_hash = $1) RETURNING ",
        session_columns!()
    );

    SESSION_OF_TOKEN = concat!(
        "SELECT ", session_columns!(), " FROM compass_sessions \
         WHERE id = (SELECT session_id FROM compass_refresh_tokens WHERE token_hash = $1) \
         AND expires_at > $2 AND ended_at IS NULL"
    );

    FIND_TOKEN = concat!("SELECT ", token_columns!(), " FROM compass_refresh_tokens t WHERE t.token_hash = $1");

    TOKENS_OF_SESSION = concat!(
        "SELECT ", token_columns!(), " FROM compass_refresh_tokens t \
         WHERE t.session_id = $1 ORDER BY t.issued_at, t.token_hash"
    );

    ADD_TOKEN = "INSERT INTO compass_refresh_tokens (token_hash, session_id, issued_at, expires_at) \
        VALUES ($1, $2, $3, $4)";

    USE_TOKEN = "UPDATE compass_refresh_tokens SET used_at = $2, next_hash = $3 WHERE token_hash = $1";

    REVOKE_TOKEN = "UPDATE compass_refresh_tokens SET revoked_at = $2 WHERE token_hash = $1";

    REVOKE_FAMILY = "UPDATE compass_refresh_tokens SET revoked_at = $2 WHERE session_id = $1 AND revoked_at IS NULL";

    ADD_AUDIT_EVENT = concat!(
        "INSERT INTO compass_audit_log (", audit_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7)"
    );

    /// What was done by the user to the user is found by the first half.
    AUDIT_EVENTS = concat!(
        "SELECT ", audit_columns!(), " FROM compass_audit_log WHERE actor = $1 \
         UNION ALL SELECT ", audit_columns!(), " FROM compass_audit_log \
         WHERE subject = $1 AND actor IS DISTINCT FROM $1 ORDER BY happened_at DESC, id DESC LIMIT $2"
    );

    /// Where somebody else acted, the address is that person's.
    AUDIT_OF_USER = concat!(
        "SELECT ", audit_columns!(), " FROM compass_audit_log WHERE actor = $1 \
         UNION ALL SELECT id, happened_at, actor, action, subject, detail, \
         CASE WHEN actor IS NULL THEN ip END FROM compass_audit_log \
         WHERE subject = $1 AND actor IS DISTINCT FROM $1 ORDER BY happened_at, id"
    );

    SESSIONS_OF_USER = concat!(
        "SELECT ", session_columns!(), " FROM compass_sessions WHERE user_id = $1 ORDER BY opened_at, id"
    );

    TOKENS_OF_USER = concat!(
        "SELECT ", token_columns!(), " FROM compass_sessions s JOIN compass_refresh_tokens t ON t.session_id = s.id \
         WHERE s.user_id = $1 ORDER BY t.issued_at, t.token_hash"
    );

    JOBS_OF_USER = concat!(
        "SELECT ", job_columns!(), " FROM compass_jobs WHERE requested_by = $1 ORDER BY enqueued_at, id"
    );

    JOB_EVENTS_OF_USER = "SELECT e.job_id, e.seq, e.happened_at, e.progress \
        FROM compass_jobs j JOIN compass_job_events e ON e.job_id = j.id \
        WHERE j.requested_by = $1 ORDER BY e.job_id, e.seq";

    /// Before the user goes: the reference alone would not take the rest along.
    ERASE_ACTOR = "UPDATE compass_audit_log SET actor = NULL, ip = NULL, detail = '{}' WHERE actor = $1";

    /// As `ERASE_ACTOR`.
    ERASE_SUBJECT = "UPDATE compass_audit_log SET subject = NULL, detail = '{}', \
        ip = CASE WHEN actor IS NULL THEN NULL ELSE ip END WHERE subject = $1";

    /// Everything else that is the user's goes by its references.
    ERASE_USER = "DELETE FROM compass_users WHERE id = $1";
}
