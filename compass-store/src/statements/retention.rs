//! Statements that forget by schedule: each what is older than $1, and at most $2 of it at a time.

statements! {
    FORGET_SIGN_INS = "DELETE FROM compass_sign_ins WHERE state_hash IN (\
        SELECT state_hash FROM compass_sign_ins WHERE expires_at < $1 LIMIT $2)";

    FORGET_TOKENS_OF_ENDED_SESSIONS = "DELETE FROM compass_refresh_tokens WHERE token_hash IN (\
        SELECT t.token_hash FROM compass_sessions s JOIN compass_refresh_tokens t ON t.session_id = s.id \
        WHERE s.ended_at < $1 ORDER BY s.ended_at LIMIT $2)";

    FORGET_EXPIRED_TOKENS = "DELETE FROM compass_refresh_tokens WHERE token_hash IN (\
        SELECT token_hash FROM compass_refresh_tokens WHERE expires_at < $1 LIMIT $2)";

    FORGET_ENDED_SESSIONS = "DELETE FROM compass_sessions WHERE id IN (\
        SELECT id FROM compass_sessions WHERE ended_at < $1 LIMIT $2)";

    FORGET_EXPIRED_SESSIONS = "DELETE FROM compass_sessions WHERE id IN (\
        SELECT id FROM compass_sessions WHERE expires_at < $1 LIMIT $2)";

    FORGET_AUDIT_EVENTS = "DELETE FROM compass_audit_log WHERE id IN (\
        SELECT id FROM compass_audit_log WHERE happened_at < $1 LIMIT $2)";

    FORGET_CLIENTS_OF_SESSIONS = "UPDATE compass_sessions SET ip = NULL, user_agent = NULL WHERE id IN (\
        SELECT id FROM compass_sessions \
        WHERE (ip IS NOT NULL OR user_agent IS NOT NULL) AND last_seen_at < $1 LIMIT $2)";

    FORGET_CLIENTS_OF_AUDIT_EVENTS = "UPDATE compass_audit_log SET ip = NULL WHERE id IN (\
        SELECT id FROM compass_audit_log WHERE ip IS NOT NULL AND happened_at < $1 LIMIT $2)";

    /// Their events go with them.
    FORGET_JOBS = "DELETE FROM compass_jobs WHERE id IN (\
        SELECT id FROM compass_jobs WHERE finished_at < $1 LIMIT $2)";
}
