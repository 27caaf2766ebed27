-- Observations by account, as PostgreSQL has them; without row ids, so that each stands once, where it is looked for.

DROP INDEX compass_videos_creator;
CREATE UNIQUE INDEX compass_videos_creator ON compass_videos (creator_id, id);

CREATE TABLE compass_new_video_descriptions (
    creator_id INTEGER NOT NULL,
    video_id INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_at_derived INTEGER NOT NULL CHECK (created_at_derived IN (0, 1)),
    kind TEXT NOT NULL CHECK (kind IN ('video', 'photo')),
    duration INTEGER CHECK (duration >= 0),
    caption TEXT NOT NULL,
    hashtags TEXT NOT NULL CHECK (json_valid(hashtags)),
    sound TEXT,
    language TEXT,
    PRIMARY KEY (creator_id, video_id, digest),
    FOREIGN KEY (creator_id, video_id) REFERENCES compass_videos (creator_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- That the post has the description is seen to by whoever writes, as in PostgreSQL.
CREATE TABLE compass_new_video_observations (
    creator_id INTEGER NOT NULL,
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
    PRIMARY KEY (creator_id, video_id, observed_at, source),
    CHECK ((views_lo IS NULL) = (views_hi IS NULL) AND 0 <= views_lo AND views_lo <= views_hi),
    CHECK ((likes_lo IS NULL) = (likes_hi IS NULL) AND 0 <= likes_lo AND likes_lo <= likes_hi),
    CHECK ((comments_lo IS NULL) = (comments_hi IS NULL) AND 0 <= comments_lo AND comments_lo <= comments_hi),
    CHECK ((shares_lo IS NULL) = (shares_hi IS NULL) AND 0 <= shares_lo AND shares_lo <= shares_hi),
    CHECK ((saves_lo IS NULL) = (saves_hi IS NULL) AND 0 <= saves_lo AND saves_lo <= saves_hi)
) STRICT, WITHOUT ROWID;

INSERT INTO compass_new_video_descriptions
SELECT v.creator_id, d.* FROM compass_video_descriptions d JOIN compass_videos v ON v.id = d.video_id;
INSERT INTO compass_new_video_observations
SELECT v.creator_id, o.* FROM compass_video_observations o JOIN compass_videos v ON v.id = o.video_id;

DROP TABLE compass_video_observations;
DROP TABLE compass_video_descriptions;
ALTER TABLE compass_new_video_descriptions RENAME TO compass_video_descriptions;
ALTER TABLE compass_new_video_observations RENAME TO compass_video_observations;

-- Batches that are kept, and what they added: a batch that is sent again is not looked at again.
CREATE TABLE compass_batches (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    recorded_at INTEGER NOT NULL,
    profiles INTEGER NOT NULL CHECK (profiles >= 0),
    videos INTEGER NOT NULL CHECK (videos >= 0)
) STRICT;
CREATE INDEX compass_batches_recorded ON compass_batches (recorded_at);
