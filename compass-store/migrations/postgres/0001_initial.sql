-- People, what sources showed of creators and their posts, and refresh jobs.
-- Every range is two columns, both or neither NULL: lo and hi, inclusive. COLLATE "C" orders as SQLite does.

CREATE TABLE compass_users (
    id uuid PRIMARY KEY,
    issuer text NOT NULL,
    subject text NOT NULL,
    email text,
    name text,
    created_at timestamptz NOT NULL,
    preferences jsonb NOT NULL,
    UNIQUE (issuer, subject)
);

CREATE TABLE compass_sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES compass_users (id) ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX compass_sessions_user ON compass_sessions (user_id);

-- The id is TikTok's. Handle, seen_at and seen_source are those of the newest profile observation.
CREATE TABLE compass_creators (
    id bigint PRIMARY KEY CHECK (id > 0),
    handle text COLLATE "C" NOT NULL,
    seen_at timestamptz NOT NULL,
    seen_source text COLLATE "C" NOT NULL
);
CREATE INDEX compass_creators_handle ON compass_creators (handle, seen_at);

CREATE TABLE compass_profile_observations (
    creator_id bigint NOT NULL REFERENCES compass_creators (id) ON DELETE CASCADE,
    observed_at timestamptz NOT NULL,
    source text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    handle text NOT NULL,
    nickname text NOT NULL,
    bio text NOT NULL,
    verified boolean NOT NULL,
    private boolean NOT NULL,
    language text,
    created_at timestamptz,
    followers_lo bigint,
    followers_hi bigint,
    following_lo bigint,
    following_hi bigint,
    likes_lo bigint,
    likes_hi bigint,
    videos_lo bigint,
    videos_hi bigint,
    PRIMARY KEY (creator_id, observed_at, source),
    CHECK ((followers_lo IS NULL) = (followers_hi IS NULL) AND 0 <= followers_lo AND followers_lo <= followers_hi),
    CHECK ((following_lo IS NULL) = (following_hi IS NULL) AND 0 <= following_lo AND following_lo <= following_hi),
    CHECK ((likes_lo IS NULL) = (likes_hi IS NULL) AND 0 <= likes_lo AND likes_lo <= likes_hi),
    CHECK ((videos_lo IS NULL) = (videos_hi IS NULL) AND 0 <= videos_lo AND videos_lo <= videos_hi)
);

CREATE TABLE compass_videos (
    id bigint PRIMARY KEY CHECK (id > 0),
    creator_id bigint NOT NULL REFERENCES compass_creators (id) ON DELETE CASCADE
);
CREATE INDEX compass_videos_creator ON compass_videos (creator_id);

-- What a post says of itself changes seldom, so each wording is kept once and its observations point to it.
CREATE TABLE compass_video_descriptions (
    video_id bigint NOT NULL REFERENCES compass_videos (id) ON DELETE CASCADE,
    digest bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_at_derived boolean NOT NULL,
    kind text NOT NULL CHECK (kind IN ('video', 'photo')),
    duration bigint CHECK (duration >= 0),
    caption text NOT NULL,
    hashtags jsonb NOT NULL,
    sound text,
    language text,
    PRIMARY KEY (video_id, digest)
);

CREATE TABLE compass_video_observations (
    video_id bigint NOT NULL,
    observed_at timestamptz NOT NULL,
    source text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    description bigint NOT NULL,
    pinned boolean NOT NULL,
    views_lo bigint,
    views_hi bigint,
    likes_lo bigint,
    likes_hi bigint,
    comments_lo bigint,
    comments_hi bigint,
    shares_lo bigint,
    shares_hi bigint,
    saves_lo bigint,
    saves_hi bigint,
    PRIMARY KEY (video_id, observed_at, source),
    FOREIGN KEY (video_id, description) REFERENCES compass_video_descriptions (video_id, digest) ON DELETE CASCADE,
    CHECK ((views_lo IS NULL) = (views_hi IS NULL) AND 0 <= views_lo AND views_lo <= views_hi),
    CHECK ((likes_lo IS NULL) = (likes_hi IS NULL) AND 0 <= likes_lo AND likes_lo <= likes_hi),
    CHECK ((comments_lo IS NULL) = (comments_hi IS NULL) AND 0 <= comments_lo AND comments_lo <= comments_hi),
    CHECK ((shares_lo IS NULL) = (shares_hi IS NULL) AND 0 <= shares_lo AND shares_lo <= shares_hi),
    CHECK ((saves_lo IS NULL) = (saves_hi IS NULL) AND 0 <= saves_lo AND saves_lo <= saves_hi)
);

CREATE TABLE compass_jobs (
    id uuid PRIMARY KEY,
    handle text NOT NULL,
    requested_by uuid REFERENCES compass_users (id) ON DELETE SET NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    attempts bigint NOT NULL CHECK (attempts >= 0),
    enqueued_at timestamptz NOT NULL,
    available_at timestamptz NOT NULL,
    finished_at timestamptz,
    failure_code text,
    failure_detail text,
    CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'failed'))),
    CHECK ((failure_code IS NULL) = (failure_detail IS NULL))
);
-- One refresh of a handle at a time.
CREATE UNIQUE INDEX compass_jobs_open ON compass_jobs (handle) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_last ON compass_jobs (handle, enqueued_at, id);
CREATE INDEX compass_jobs_next ON compass_jobs (available_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_requested_by ON compass_jobs (requested_by);

CREATE TABLE compass_job_events (
    job_id uuid NOT NULL REFERENCES compass_jobs (id) ON DELETE CASCADE,
    seq bigint NOT NULL CHECK (seq > 0),
    happened_at timestamptz NOT NULL,
    progress jsonb NOT NULL,
    PRIMARY KEY (job_id, seq)
);
