-- People, what sources showed of creators and their posts, and refresh jobs.
-- Every range is two columns, both or neither NULL: lo and hi, inclusive. Times are microseconds since 1970, UTC.

CREATE TABLE compass_users (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    name TEXT,
    created_at INTEGER NOT NULL,
    preferences TEXT NOT NULL CHECK (json_valid(preferences)),
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE compass_sessions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES compass_users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    opened_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX compass_sessions_user ON compass_sessions (user_id);

-- The id is TikTok's. Handle, seen_at and seen_source are those of the newest profile observation.
CREATE TABLE compass_creators (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    handle TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    seen_source TEXT NOT NULL
) STRICT;
CREATE INDEX compass_creators_handle ON compass_creators (handle, seen_at);

CREATE TABLE compass_profile_observations (
    creator_id INTEGER NOT NULL REFERENCES compass_creators (id) ON DELETE CASCADE,
    observed_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    handle TEXT NOT NULL,
    nickname TEXT NOT NULL,
    bio TEXT NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    private INTEGER NOT NULL CHECK (private IN (0, 1)),
    language TEXT,
    created_at INTEGER,
    followers_lo INTEGER,
    followers_hi INTEGER,
    following_lo INTEGER,
    following_hi INTEGER,
    likes_lo INTEGER,
    likes_hi INTEGER,
    videos_lo INTEGER,
    videos_hi INTEGER,
    PRIMARY KEY (creator_id, observed_at, source),
    CHECK ((followers_lo IS NULL) = (followers_hi IS NULL) AND 0 <= followers_lo AND followers_lo <= followers_hi),
    CHECK ((following_lo IS NULL) = (following_hi IS NULL) AND 0 <= following_lo AND following_lo <= following_hi),
    CHECK ((likes_lo IS NULL) = (likes_hi IS NULL) AND 0 <= likes_lo AND likes_lo <= likes_hi),
    CHECK ((videos_lo IS NULL) = (videos_hi IS NULL) AND 0 <= videos_lo AND videos_lo <= videos_hi)
) STRICT, WITHOUT ROWID;

CREATE TABLE compass_videos (
    id INTEGER PRIMARY KEY CHECK (id > 0),
    creator_id INTEGER NOT NULL REFERENCES compass_creators (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX compass_videos_creator ON compass_videos (creator_id);

-- What a post says of itself changes seldom, so each wording is kept once and its observations point to it.
CREATE TABLE compass_video_descriptions (
    video_id INTEGER NOT NULL REFERENCES compass_videos (id) ON DELETE CASCADE,
    digest INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_at_derived INTEGER NOT NULL CHECK (created_at_derived IN (0, 1)),
    kind TEXT NOT NULL CHECK (kind IN ('video', 'photo')),
    duration INTEGER CHECK (duration >= 0),
    caption TEXT NOT NULL,
    hashtags TEXT NOT NULL CHECK (json_valid(hashtags)),
    sound TEXT,
    language TEXT,
    PRIMARY KEY (video_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE compass_video_observations (
    video_id INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    description INTEGER NOT NULL,
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    views_lo INTEGER,
    views_hi INTEGER,
    likes_lo INTEGER,
    likes_hi INTEGER,
    comments_lo INTEGER,
    comments_hi INTEGER,
    shares_lo INTEGER,
    shares_hi INTEGER,
    saves_lo INTEGER,
    saves_hi INTEGER,
    PRIMARY KEY (video_id, observed_at, source),
    FOREIGN KEY (video_id, description) REFERENCES compass_video_descriptions (video_id, digest) ON DELETE CASCADE,
    CHECK ((views_lo IS NULL) = (views_hi IS NULL) AND 0 <= views_lo AND views_lo <= views_hi),
    CHECK ((likes_lo IS NULL) = (likes_hi IS NULL) AND 0 <= likes_lo AND likes_lo <= likes_hi),
    CHECK ((comments_lo IS NULL) = (comments_hi IS NULL) AND 0 <= comments_lo AND comments_lo <= comments_hi),
    CHECK ((shares_lo IS NULL) = (shares_hi IS NULL) AND 0 <= shares_lo AND shares_lo <= shares_hi),
    CHECK ((saves_lo IS NULL) = (saves_hi IS NULL) AND 0 <= saves_lo AND saves_lo <= saves_hi)
) STRICT, WITHOUT ROWID;

CREATE TABLE compass_jobs (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    handle TEXT NOT NULL,
    requested_by BLOB REFERENCES compass_users (id) ON DELETE SET NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    enqueued_at INTEGER NOT NULL,
    available_at INTEGER NOT NULL,
    finished_at INTEGER,
    failure_code TEXT,
    failure_detail TEXT,
    CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'failed'))),
    CHECK ((failure_code IS NULL) = (failure_detail IS NULL))
) STRICT;
-- One refresh of a handle at a time.
CREATE UNIQUE INDEX compass_jobs_open ON compass_jobs (handle) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_last ON compass_jobs (handle, enqueued_at, id);
CREATE INDEX compass_jobs_next ON compass_jobs (available_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX compass_jobs_requested_by ON compass_jobs (requested_by);

CREATE TABLE compass_job_events (
    job_id BLOB NOT NULL REFERENCES compass_jobs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    happened_at INTEGER NOT NULL,
    progress TEXT NOT NULL CHECK (json_valid(progress)),
    PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;
