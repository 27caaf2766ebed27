-- What sign-in, imports, reports and advice need to remember, and the record of what was done.

-- From where a browser came (forgotten first), and when its session was ended: ended ones are kept for a while.
ALTER TABLE compass_sessions
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ip text,
    ADD COLUMN user_agent text;
UPDATE compass_sessions SET last_seen_at = opened_at;
ALTER TABLE compass_sessions ALTER COLUMN last_seen_at SET NOT NULL;
CREATE INDEX compass_sessions_expired ON compass_sessions (expires_at);
CREATE INDEX compass_sessions_ended ON compass_sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX compass_sessions_client ON compass_sessions (last_seen_at) WHERE ip IS NOT NULL OR user_agent IS NOT NULL;

-- Sign-ins whose browsers are at the provider. Taking one deletes it.
CREATE TABLE compass_sign_ins (
    state_hash bytea PRIMARY KEY CHECK (octet_length(state_hash) = 32),
    nonce text NOT NULL,
    verifier text NOT NULL,
    return_to text NOT NULL,
    begun_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX compass_sign_ins_expired ON compass_sign_ins (expires_at);

-- The tokens of a session, each the successor of the one whose next_hash names it.
CREATE TABLE compass_refresh_tokens (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    session_id uuid NOT NULL REFERENCES compass_sessions (id) ON DELETE CASCADE,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    next_hash bytea CHECK (octet_length(next_hash) = 32),
    revoked_at timestamptz,
    CHECK ((used_at IS NULL) = (next_hash IS NULL))
);
CREATE INDEX compass_refresh_tokens_session ON compass_refresh_tokens (session_id, issued_at, token_hash);
CREATE INDEX compass_refresh_tokens_expired ON compass_refresh_tokens (expires_at);

-- Files that were read. What they tell is as private as they are, so it goes with them.
CREATE TABLE compass_imports (
    id uuid PRIMARY KEY,
    user_id uuid REFERENCES compass_users (id) ON DELETE CASCADE,
    handle text COLLATE "C" NOT NULL,
    source text COLLATE "C" NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    imported_at timestamptz NOT NULL,
    accepted bigint NOT NULL CHECK (accepted >= 0),
    refused bigint NOT NULL CHECK (refused >= 0),
    refusals jsonb NOT NULL
);
CREATE INDEX compass_imports_user ON compass_imports (user_id, imported_at, id);
CREATE INDEX compass_imports_handle ON compass_imports (handle);
CREATE INDEX compass_imports_digest ON compass_imports (digest, imported_at, id);

-- A row with an empty bucket has the share of all groups that are not told.
CREATE TABLE compass_audience_shares (
    import_id uuid NOT NULL REFERENCES compass_imports (id) ON DELETE CASCADE,
    observed_at timestamptz NOT NULL,
    source text COLLATE "C" NOT NULL CHECK (source IN ('studio_export', 'partner_file', 'inferred')),
    dimension text COLLATE "C" NOT NULL CHECK (dimension IN ('gender', 'territory', 'age', 'active_hours')),
    bucket text COLLATE "C" NOT NULL,
    share double precision NOT NULL CHECK (share BETWEEN 0 AND 1),
    PRIMARY KEY (import_id, observed_at, source, dimension, bucket)
);

-- Reports as they were made; user_id says whose private exports went into one.
CREATE TABLE compass_reports (
    id uuid PRIMARY KEY,
    handle text COLLATE "C" NOT NULL,
    creator_id bigint CHECK (creator_id > 0),
    user_id uuid REFERENCES compass_users (id) ON DELETE CASCADE,
    as_of timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    engine text COLLATE "C" NOT NULL,
    input_hash bytea NOT NULL CHECK (octet_length(input_hash) = 32),
    report jsonb NOT NULL,
    inputs_thinned_at timestamptz
);
-- The same inputs give the same report, so one of each is kept.
CREATE UNIQUE INDEX compass_reports_public ON compass_reports (handle, as_of, engine, input_hash) WHERE user_id IS NULL;
CREATE UNIQUE INDEX compass_reports_private
    ON compass_reports (user_id, handle, as_of, engine, input_hash) WHERE user_id IS NOT NULL;
CREATE INDEX compass_reports_last ON compass_reports (handle, made_at, id);
CREATE INDEX compass_reports_whole ON compass_reports (creator_id, as_of) WHERE inputs_thinned_at IS NULL;

-- What people were advised, and what came of it.
CREATE TABLE compass_advice (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES compass_users (id) ON DELETE CASCADE,
    report_id uuid NOT NULL REFERENCES compass_reports (id) ON DELETE CASCADE,
    given_at timestamptz NOT NULL,
    kind text NOT NULL,
    said jsonb NOT NULL,
    expected jsonb NOT NULL,
    due_at timestamptz NOT NULL,
    settled_at timestamptz,
    found jsonb,
    CHECK ((settled_at IS NULL) = (found IS NULL))
);
CREATE INDEX compass_advice_user ON compass_advice (user_id, given_at, id);
CREATE INDEX compass_advice_report ON compass_advice (report_id);
CREATE INDEX compass_advice_due ON compass_advice (due_at, id) WHERE settled_at IS NULL;

-- What was done. A person who is erased is taken out of the events, which stay.
CREATE TABLE compass_audit_log (
    id uuid PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    actor uuid REFERENCES compass_users (id) ON DELETE SET NULL,
    action text NOT NULL,
    subject uuid REFERENCES compass_users (id) ON DELETE SET NULL,
    detail jsonb NOT NULL,
    ip text
);
CREATE INDEX compass_audit_log_actor ON compass_audit_log (actor, happened_at, id);
CREATE INDEX compass_audit_log_subject ON compass_audit_log (subject, happened_at, id);
CREATE INDEX compass_audit_log_at ON compass_audit_log (happened_at);
CREATE INDEX compass_audit_log_client ON compass_audit_log (happened_at) WHERE ip IS NOT NULL;

-- What retention looks for.
CREATE INDEX compass_jobs_finished ON compass_jobs (finished_at) WHERE finished_at IS NOT NULL;
