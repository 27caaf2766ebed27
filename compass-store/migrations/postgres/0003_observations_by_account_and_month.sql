-- Observations by account, so that accounts may live on different servers, and by month, so that old months can be
-- detached as they are.

ALTER TABLE compass_video_observations RENAME TO compass_old_video_observations;
ALTER INDEX compass_video_observations_pkey RENAME TO compass_old_video_observations_pkey;
ALTER TABLE compass_video_descriptions RENAME TO compass_old_video_descriptions;
ALTER INDEX compass_video_descriptions_pkey RENAME TO compass_old_video_descriptions_pkey;
ALTER TABLE compass_profile_observations RENAME TO compass_old_profile_observations;
ALTER INDEX compass_profile_observations_pkey RENAME TO compass_old_profile_observations_pkey;

ALTER TABLE compass_old_video_observations DROP CONSTRAINT compass_video_observations_video_id_description_fkey;
ALTER TABLE compass_old_video_descriptions DROP CONSTRAINT compass_video_descriptions_video_id_fkey;
DROP INDEX compass_videos_creator;
ALTER TABLE compass_videos DROP CONSTRAINT compass_videos_pkey;
ALTER TABLE compass_videos ADD PRIMARY KEY (creator_id, id);
-- A post has one account. Where accounts are distributed over servers this index cannot be: it is dropped there.
CREATE UNIQUE INDEX compass_videos_id ON compass_videos (id);

CREATE TABLE compass_video_descriptions (
    creator_id bigint NOT NULL,
    video_id bigint NOT NULL,
    digest bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_at_derived boolean NOT NULL,
    kind text NOT NULL CHECK (kind IN ('video', 'photo')),
    duration bigint CHECK (duration >= 0),
    caption text NOT NULL,
    hashtags jsonb NOT NULL,
    sound text,
    language text,
    PRIMARY KEY (creator_id, video_id, digest),
    FOREIGN KEY (creator_id, video_id) REFERENCES compass_videos (creator_id, id) ON DELETE CASCADE
);

-- Neither table of observations has a foreign key: to ask for each row takes longer than to write it, and to attach a month
-- would wait for all who write. That the account, the post and its description are there is seen to by whoever writes.
CREATE TABLE compass_profile_observations (
    creator_id bigint NOT NULL,
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
) PARTITION BY RANGE (observed_at);

CREATE TABLE compass_video_observations (
    creator_id bigint NOT NULL,
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
    PRIMARY KEY (creator_id, video_id, observed_at, source),
    CHECK ((views_lo IS NULL) = (views_hi IS NULL) AND 0 <= views_lo AND views_lo <= views_hi),
    CHECK ((likes_lo IS NULL) = (likes_hi IS NULL) AND 0 <= likes_lo AND likes_lo <= likes_hi),
    CHECK ((comments_lo IS NULL) = (comments_hi IS NULL) AND 0 <= comments_lo AND comments_lo <= comments_hi),
    CHECK ((shares_lo IS NULL) = (shares_hi IS NULL) AND 0 <= shares_lo AND shares_lo <= shares_hi),
    CHECK ((saves_lo IS NULL) = (saves_hi IS NULL) AND 0 <= saves_lo AND saves_lo <= saves_hi)
) PARTITION BY RANGE (observed_at);

-- Makes the partitions of a month; what is outside the years of TikTok has one before and one after them.
CREATE FUNCTION compass_add_month(moment timestamptz) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    first timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
    early boolean := first < '2016-01-01';
    late boolean := first >= '2100-01-01';
    suffix text := CASE WHEN early THEN 'early' WHEN late THEN 'late' ELSE to_char(first, 'YYYY_MM') END;
    lower text := CASE WHEN early THEN 'MINVALUE' WHEN late THEN quote_literal('2100-01-01T00:00:00Z')
        ELSE quote_literal(to_char(first, 'YYYY-MM-DD"T00:00:00Z"')) END;
    upper text := CASE WHEN late THEN 'MAXVALUE' WHEN early THEN quote_literal('2016-01-01T00:00:00Z')
        ELSE quote_literal(to_char(first + interval '1 month', 'YYYY-MM-DD"T00:00:00Z"')) END;
    parent text;
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('compass_add_month'));
    FOREACH parent IN ARRAY ARRAY['compass_profile_observations', 'compass_video_observations'] LOOP
        part := parent || '_' || suffix;
        IF to_regclass(quote_ident(part)) IS NULL THEN
            -- Made beside the others and then attached, it need not wait for those who read or write.
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', parent, part, lower, upper);
        END IF;
    END LOOP;
END
$$;

SELECT compass_add_month(moment) FROM (
    SELECT DISTINCT date_trunc('month', observed_at, 'UTC') AS moment FROM compass_old_profile_observations
    UNION SELECT DISTINCT date_trunc('month', observed_at, 'UTC') FROM compass_old_video_observations
) months;

INSERT INTO compass_video_descriptions
SELECT v.creator_id, d.* FROM compass_old_video_descriptions d JOIN compass_videos v ON v.id = d.video_id;
INSERT INTO compass_profile_observations SELECT * FROM compass_old_profile_observations;
INSERT INTO compass_video_observations
SELECT v.creator_id, o.* FROM compass_old_video_observations o JOIN compass_videos v ON v.id = o.video_id;

DROP TABLE compass_old_video_observations;
DROP TABLE compass_old_video_descriptions;
DROP TABLE compass_old_profile_observations;

-- Batches that are kept, and what they added: a batch that is sent again is not looked at again.
CREATE TABLE compass_batches (
    id uuid PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    profiles bigint NOT NULL CHECK (profiles >= 0),
    videos bigint NOT NULL CHECK (videos >= 0)
);
CREATE INDEX compass_batches_recorded ON compass_batches (recorded_at);
