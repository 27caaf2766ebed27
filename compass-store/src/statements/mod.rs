//! Every statement the stores run, each once. Both databases understand `$1`; a test prepares all of them on both.
//!
//! Statements of many rows are built elsewhere, beside the columns they fill or read: their text depends on the rows. The test
//! asks for them by `statements_of_rows`.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $text;)*

        #[cfg(all(test, unix))]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}

macro_rules! profile_columns {
    () => {
        "o.creator_id, o.observed_at, o.source, o.recorded_at, o.handle, o.nickname, o.bio, o.verified, o.private, o.language, \
         o.created_at, o.followers_lo, o.followers_hi, o.following_lo, o.following_hi, o.likes_lo, o.likes_hi, \
         o.videos_lo, o.videos_hi"
    };
}

/// The creators with their newest observation.
macro_rules! creators {
    () => {
        concat!(
            "SELECT ",
            profile_columns!(),
            " FROM compass_creators c JOIN compass_profile_observations o \
             ON o.creator_id = c.id AND o.observed_at = c.seen_at AND o.source = c.seen_source "
        )
    };
}

macro_rules! video_columns {
    () => {
        "o.video_id, o.observed_at, o.source, o.pinned, d.created_at, d.created_at_derived, d.kind, d.duration, \
         d.caption, d.hashtags, d.sound, d.language, o.views_lo, o.views_hi, o.likes_lo, o.likes_hi, o.comments_lo, \
         o.comments_hi, o.shares_lo, o.shares_hi, o.saves_lo, o.saves_hi"
    };
}

/// The description that an observation showed.
macro_rules! description {
    () => {
        "JOIN compass_video_descriptions d \
         ON d.creator_id = o.creator_id AND d.video_id = o.video_id AND d.digest = o.description "
    };
}

/// An account, and the looks at it.
macro_rules! account_seen {
    ($handle:literal, $until:literal, $known_at:literal) => {
        concat!(
            "account AS (\
                SELECT c.id FROM compass_creators c WHERE c.handle = ", $handle, " ORDER BY c.seen_at DESC, c.id DESC LIMIT 1), \
             seen AS MATERIALIZED (\
                SELECT o.observed_at, o.source, o.followers_lo, o.followers_hi, o.following_lo, o.following_hi, o.likes_lo, \
                o.likes_hi, o.videos_lo, o.videos_hi FROM compass_profile_observations o \
                WHERE o.creator_id = (SELECT id FROM account) AND o.observed_at <= ", $until, " AND o.recorded_at <= ", $known_at, ")"
        )
    };
}

/// The looks at an account as [`crate::rows::RecentRow`] reads them.
macro_rules! seen_rows {
    ($place:literal) => {
        concat!(
            "SELECT NULL AS video_id, observed_at, source, NULL AS created_at, followers_lo, followers_hi, \
             following_lo, following_hi, likes_lo, likes_hi, videos_lo, videos_hi, NULL AS saves_lo, \
             NULL AS saves_hi, ",
            $place,
            " AS place"
        )
    };
}

/// The looks that [`crate::rows::RecentRow`] reads: those of an account itself, and of its newest posts. Each tells the place of
/// whoever asked.
macro_rules! recent {
    ($place:literal, $handle:literal, $until:literal, $known_at:literal, $bound:literal, $most:literal, $posts:expr) => {
        concat!(
            "WITH ",
            account_seen!($handle, $until, $known_at),
            ", bound AS MATERIALIZED (",
            $bound,
            ") ",
            seen_rows!($place),
            " FROM seen UNION ALL SELECT posts.*, ",
            $place,
            " FROM (",
            $posts,
            " ORDER BY d.created_at DESC, d.video_id DESC LIMIT ",
            $most,
            ") posts"
        )
    };
}

#[cfg(feature = "postgres")]
macro_rules! recently_asked {
    () => {
        "unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::bigint[], $6::timestamptz[]) \
         WITH ORDINALITY AS asked (handle, until, at_least, min_age, posts, known_at, place)"
    };
}

macro_rules! recent_columns {
    () => {
        "o.video_id, o.observed_at, o.source, d.created_at, o.views_lo, o.views_hi, o.likes_lo, o.likes_hi, o.comments_lo, \
         o.comments_hi, o.shares_lo, o.shares_hi, o.saves_lo, o.saves_hi"
    };
}

/// The wordings of posts that a table `w` of keys names.
macro_rules! wordings {
    ($keys:literal, $creator:literal, $video:literal, $digest:literal) => {
        concat!(
            "SELECT d.creator_id, d.video_id, d.digest, d.created_at, d.created_at_derived, d.kind, d.duration, d.caption, \
             d.hashtags, d.sound, d.language FROM ",
            $keys,
            " CROSS JOIN compass_video_descriptions d WHERE d.creator_id = ",
            $creator,
            " AND d.video_id = ",
            $video,
            " AND d.digest = ",
            $digest
        )
    };
}

macro_rules! job_columns {
    () => {
        "id, handle, requested_by, priority, asked_at, state, attempts, postponed, enqueued_at, available_at, finished_at, failure_code, \
         failure_detail"
    };
}

macro_rules! host_columns {
    () => {
        "host, blocks, first_at, last_at, paused_until, cause_code, cause_detail"
    };
}

mod people;
mod retention;
#[cfg(all(test, unix))]
mod tests;
mod told;

pub(crate) use people::*;
pub(crate) use retention::*;
pub(crate) use told::*;

/// Takes a job: the first of those that are asked for, and where there is none, the first that is scheduled. What follows
/// the choice of the row keeps other workers from waiting for it.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE compass_jobs SET state = 'running', attempts = attempts + 1, available_at = $2 WHERE id = COALESCE(",
            first_of!("asked", $lock),
            ", ",
            first_of!("scheduled", $lock),
            ") RETURNING ",
            job_columns!()
        )
    };
}

/// Takes away an account's observations from $2 to before $3 that have a later one in their step of $4 microseconds, which
/// ends at the last argument.
macro_rules! thin {
    ($table:literal, $same:literal, $end:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " AS o WHERE o.creator_id = $1 AND o.observed_at >= $2 AND o.observed_at < $3 AND EXISTS (SELECT 1 FROM ",
            $table,
            " l WHERE l.creator_id = o.creator_id ",
            $same,
            "AND l.observed_at > o.observed_at AND l.observed_at < ",
            $end,
            " AND l.source = o.source) RETURNING observed_at"
        )
    };
}

macro_rules! first_of {
    ($priority:literal, $lock:literal) => {
        concat!(
            "(SELECT id FROM compass_jobs WHERE state IN ('queued', 'running') AND priority = '",
            $priority,
            "' AND available_at <= $1 ORDER BY available_at, id LIMIT 1 ",
            $lock,
            ")"
        )
    };
}

/// The accounts that preferences name, in the order of their letters.
macro_rules! tracked {
    ($collation:literal) => {
        concat!(
            "SELECT DISTINCT (preferences ->> 'handle')",
            $collation,
            " FROM compass_users \
             WHERE (preferences ->> 'handle')",
            $collation,
            " > $1 ORDER BY 1 LIMIT $2"
        )
    };
}

#[cfg(feature = "postgres")]
pub(crate) mod postgres {
    statements! {
        CLAIM_JOB = claim!("FOR UPDATE SKIP LOCKED");

        TRACKED = tracked!(" COLLATE \"C\"");

        /// Wakes the workers that listen, once this transaction is committed. The channel is of the schema $1, or of the one
        /// that the connection finds first; the names of channels are short, those of schemas need not be.
        RING = "SELECT pg_notify('compass-jobs-' || md5(COALESCE($1, current_schema(), '')), '')";

        /// The channel that `RING` rings.
        CHANNEL = "SELECT 'compass-jobs-' || md5(COALESCE($1, current_schema(), ''))";

        /// From the newest post back, only until there are enough. A post counts at the wording that its newest look shows; the
        /// months are asked for it from the newest back, and only until one has a look.
        VIDEOS_AS_OF = concat!(
            "SELECT ",
            video_columns!(),
            " FROM compass_video_descriptions d CROSS JOIN LATERAL (\
                SELECT * FROM compass_video_observations n \
                WHERE n.creator_id = d.creator_id AND n.video_id = d.video_id AND n.observed_at <= $2 \
                AND n.recorded_at <= $6 ORDER BY n.observed_at DESC, n.source DESC LIMIT 1) o \
             WHERE d.creator_id = $1 AND o.description = d.digest AND (d.created_at, d.video_id) < ($3, $4) \
             ORDER BY d.created_at DESC, d.video_id DESC LIMIT $5"
        );

        /// The looks at many accounts at once, whose questions come as columns, each at its place. Of each account that is there one
        /// row more, with those at its newest posts that are kept in one row; nothing where there is no such row, where one of them is
        /// newer than is asked for, and where one was recorded later.
        RECENT_KEPT = concat!(
            "SELECT recent.* FROM ", recently_asked!(), " CROSS JOIN LATERAL (WITH ",
            account_seen!("asked.handle", "asked.until", "asked.known_at"),
            " ", seen_rows!("asked.place"), ", NULL AS looks FROM seen UNION ALL \
             SELECT NULL, asked.until, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, asked.place, \
             COALESCE(k.looks, '') FROM account LEFT JOIN compass_newest_looks k ON k.creator_id = account.id \
             AND k.recorded_at <= asked.known_at AND k.observed_at <= LEAST(asked.until, GREATEST(asked.at_least, (SELECT MAX(observed_at) FROM seen)))) recent"
        );

        /// The same without the row, post by post. From the newest post back, only until there are enough. A post counts at the wording that its newest look shows. What does not depend on the post is
        /// found once for each question: as a part of an index's condition it has to be.
        RECENT = concat!(
            "SELECT recent.*, NULL::bytea FROM ", recently_asked!(), " CROSS JOIN LATERAL (",
            recent!(
                "asked.place", "asked.handle", "asked.until", "asked.known_at",
                "SELECT LEAST(asked.until, GREATEST(asked.at_least, MAX(observed_at))) AS until, \
                 asked.min_age * interval '1 microsecond' AS min_age FROM seen",
                "asked.posts",
                concat!(
                    "SELECT ",
                    recent_columns!(),
                    " FROM compass_video_descriptions d CROSS JOIN LATERAL (\
                        SELECT * FROM compass_video_observations n \
                        WHERE n.creator_id = d.creator_id AND n.video_id = d.video_id \
                        AND n.observed_at <= (SELECT until FROM bound) AND n.recorded_at <= asked.known_at \
                        ORDER BY n.observed_at DESC, n.source DESC LIMIT 1) o \
                     WHERE d.creator_id = (SELECT id FROM account) AND o.description = d.digest \
                     AND o.observed_at - d.created_at >= (SELECT min_age FROM bound)"
                )
            ),
            ") recent"
        );

        /// What is kept of these accounts; they are locked.
        KEPT_NEWEST = "SELECT creator_id, recorded_at, looks FROM compass_newest_looks WHERE creator_id = ANY($1)";

        FORGET_NEWEST = "DELETE FROM compass_newest_looks WHERE creator_id = ANY($1)";

        /// The newest look at each of an account's newest posts, as `RECENT` gives them.
        NEWEST_OF = concat!(
            "SELECT posts.* FROM unnest($1::bigint[]) AS asked (creator_id) CROSS JOIN LATERAL (\
                SELECT d.creator_id, o.recorded_at, ", recent_columns!(),
            " FROM compass_video_descriptions d CROSS JOIN LATERAL (\
                    SELECT * FROM compass_video_observations n \
                    WHERE n.creator_id = d.creator_id AND n.video_id = d.video_id \
                    ORDER BY n.observed_at DESC, n.source DESC LIMIT 1) o \
                WHERE d.creator_id = asked.creator_id AND o.description = d.digest \
                ORDER BY d.created_at DESC, d.video_id DESC LIMIT $2) posts"
        );

        THIN_PROFILES = thin!(
            "compass_profile_observations", "",
            "date_bin($4::bigint * interval '1 microsecond', o.observed_at, '1970-01-05T00:00:00Z') \
             + $4::bigint * interval '1 microsecond'"
        );

        THIN_LOOKS = thin!(
            "compass_video_observations", "AND l.video_id = o.video_id ",
            "date_bin($4::bigint * interval '1 microsecond', o.observed_at, '1970-01-05T00:00:00Z') \
             + $4::bigint * interval '1 microsecond'"
        );

        /// Those who add something of the user's wait, and then find nobody.
        LOCK_USER = "SELECT id FROM compass_users WHERE id = $1 FOR UPDATE";

        /// Waits for whoever thins the account or keeps a report on it. Two accounts of one number wait for each other, too. The name
        /// is no table's: it is the same whichever schema the tables are in, and however a store is told of it.
        HOLD_ACCOUNT = "SELECT pg_advisory_xact_lock(hashtextextended('compass-thinned', $1))";

        ADD_MONTH = "SELECT compass_add_month($1)";

        /// Whether the table $1 is a partition of $2.
        IS_PARTITION = "SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1) AND inhparent = to_regclass($2))";

        /// Marks the reports that these accounts went into, as of the moment from which each lacks observations or later.
        REPORTS_OF_TAKEN_AWAY = "UPDATE compass_reports r SET inputs_thinned_at = $3 \
            FROM unnest($1::bigint[], $2::timestamptz[]) AS g (creator_id, first_gone) \
            JOIN compass_report_accounts a ON a.creator_id = g.creator_id \
            WHERE r.id = a.report_id AND r.as_of >= g.first_gone AND r.inputs_thinned_at IS NULL";

        /// As `THINNING`, of many accounts.
        TAKING_AWAY = "INSERT INTO compass_thinned (creator_id, first_gone) \
            SELECT g.creator_id, g.first_gone FROM unnest($1::bigint[], $2::timestamptz[]) AS g (creator_id, first_gone) \
            ON CONFLICT (creator_id) DO UPDATE \
            SET first_gone = LEAST(excluded.first_gone, compass_thinned.first_gone), thinned_at = NULL";

        /// As `THINNED`, of many accounts.
        TAKEN_AWAY = "UPDATE compass_thinned SET thinned_at = $2 \
            WHERE creator_id = ANY($1) AND (thinned_at IS NULL OR thinned_at < $2)";

        /// The first of these posts that is another account's, and whose.
        TAKEN_POST = "SELECT b.creator_id, b.video_id, v.creator_id \
            FROM unnest($1::bigint[], $2::bigint[]) AS b (creator_id, video_id) \
            JOIN compass_videos v ON v.id = b.video_id AND v.creator_id <> b.creator_id ORDER BY 1, 2 LIMIT 1";

        WORDINGS = wordings!(
            "unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS w (creator_id, video_id, digest)",
            "w.creator_id", "w.video_id", "w.digest"
        );

        /// The wordings that are not there, by their place in the arrays, and whether the post is.
        NEW_WORDINGS = "SELECT b.place, v.id IS NOT NULL \
            FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS b (creator_id, video_id, digest, place) \
            LEFT JOIN compass_videos v ON v.creator_id = b.creator_id AND v.id = b.video_id \
            LEFT JOIN compass_video_descriptions d \
            ON d.creator_id = b.creator_id AND d.video_id = b.video_id AND d.digest = b.digest \
            WHERE d.digest IS NULL ORDER BY b.place";
    }
}

#[cfg(feature = "sqlite")]
pub(crate) mod sqlite {
    statements! {
        THIN_PROFILES = thin!(
            "compass_profile_observations", "",
            "o.observed_at - (o.observed_at - 345600000000) % $4 + $4"
        );

        THIN_LOOKS = thin!(
            "compass_video_observations", "AND l.video_id = o.video_id ",
            "o.observed_at - (o.observed_at - 345600000000) % $4 + $4"
        );

        /// Whoever writes has the database alone.
        HOLD_ACCOUNT = "SELECT $1";

        /// Whoever writes has the database alone.
        LOCK_USER = "SELECT id FROM compass_users WHERE id = $1";

        /// The keys are a JSON array of arrays of three. SQLite reads them in their order, each row by its key.
        WORDINGS = wordings!("json_each($1) w", "w.value ->> 0", "w.value ->> 1", "w.value ->> 2");

        /// Whose a post is.
        OWNER = "SELECT creator_id FROM compass_videos WHERE id = $1";

        /// SQLite has one writer at a time, so nobody else can be choosing.
        CLAIM_JOB = claim!("");

        TRACKED = tracked!("");

        /// As PostgreSQL's: one look-up per post finds its newest observation as of $2; of two sources at that moment, one is taken.
        VIDEOS_AS_OF = concat!(
            "SELECT ",
            video_columns!(),
            " FROM compass_video_descriptions d CROSS JOIN compass_video_observations o \
             ON o.creator_id = d.creator_id AND o.video_id = d.video_id AND o.observed_at = (\
                SELECT MAX(n.observed_at) FROM compass_video_observations n \
                WHERE n.creator_id = d.creator_id AND n.video_id = d.video_id AND n.observed_at <= $2 AND n.recorded_at <= $6) \
             AND o.source = (\
                SELECT MAX(s.source) FROM compass_video_observations s \
                WHERE s.creator_id = o.creator_id AND s.video_id = o.video_id AND s.observed_at = o.observed_at \
                AND s.recorded_at <= $6) \
             WHERE d.creator_id = $1 AND o.description = d.digest AND (d.created_at, d.video_id) < ($3, $4) \
             ORDER BY d.created_at DESC, d.video_id DESC LIMIT $5"
        );

        /// Of one account. From the newest post back, only until there are enough. A post counts at the wording that its newest
        /// look shows.
        RECENT = recent!(
            "1", "$1", "$2", "$6",
            "SELECT MIN($2, MAX($3, COALESCE(MAX(observed_at), $3))) AS until FROM seen",
            "$5",
            concat!(
                "SELECT ",
                recent_columns!(),
                " FROM compass_video_descriptions d CROSS JOIN compass_video_observations o \
                 ON o.creator_id = d.creator_id AND o.video_id = d.video_id AND o.observed_at = (\
                    SELECT MAX(n.observed_at) FROM compass_video_observations n \
                    WHERE n.creator_id = d.creator_id AND n.video_id = d.video_id \
                    AND n.observed_at <= (SELECT until FROM bound) AND n.recorded_at <= $6) \
                 AND o.source = (\
                    SELECT MAX(s.source) FROM compass_video_observations s \
                    WHERE s.creator_id = o.creator_id AND s.video_id = o.video_id AND s.observed_at = o.observed_at \
                    AND s.recorded_at <= $6) \
                 WHERE d.creator_id = (SELECT id FROM account) AND o.description = d.digest \
                 AND o.observed_at - d.created_at >= $4"
            )
        );
    }
}

statements! {
    PING = "SELECT 1";

    /// A handle that moved belongs to the account seen with it last.
    FIND_CREATOR = concat!(creators!(), "WHERE c.handle = $1 ORDER BY c.seen_at DESC, c.id DESC LIMIT 1");

    LIST_CREATORS = concat!(creators!(), "ORDER BY c.handle, c.id");

    LATEST_PROFILE = concat!(
        "SELECT ", profile_columns!(), " FROM compass_profile_observations o \
         WHERE o.creator_id = $1 AND o.observed_at <= $2 AND o.recorded_at <= $3 \
         ORDER BY o.observed_at DESC, o.source DESC LIMIT 1"
    );

    PROFILE_HISTORY = concat!(
        "SELECT ", profile_columns!(), " FROM compass_profile_observations o \
         WHERE o.creator_id = $1 AND o.observed_at BETWEEN $2 AND $3 AND o.recorded_at <= $4 \
         ORDER BY o.observed_at, o.source"
    );

    /// A range of each post's observations in the order of the primary key.
    VIDEO_OBSERVATIONS = concat!(
        "SELECT ", video_columns!(), " FROM compass_video_observations o ", description!(),
        "WHERE o.creator_id = $1 AND o.observed_at BETWEEN $2 AND $3 AND o.recorded_at <= $4 \
         ORDER BY o.observed_at, o.video_id, o.source"
    );

    VIDEO_HISTORY = concat!(
        "SELECT ", video_columns!(), " FROM compass_video_observations o ", description!(),
        "WHERE o.creator_id = $1 AND o.video_id = $2 AND o.recorded_at <= $3 ORDER BY o.observed_at, o.source"
    );

    CREATORS_AFTER = "SELECT id FROM compass_creators WHERE id > $1 ORDER BY id LIMIT 1000";

    FORGET_BATCHES = "DELETE FROM compass_batches WHERE recorded_at < $1";

    /// Adds a batch; nothing is returned if it is there.
    ADD_BATCH = "INSERT INTO compass_batches (id, recorded_at, profiles, videos) VALUES ($1, $2, 0, 0) \
        ON CONFLICT DO NOTHING";

    FIND_BATCH = "SELECT profiles, videos FROM compass_batches WHERE id = $1";

    SAVE_BATCH = "UPDATE compass_batches SET profiles = $2, videos = $3 WHERE id = $1";

    PROFILES_AFTER = concat!(
        "SELECT ", profile_columns!(), " FROM compass_profile_observations o \
         WHERE (o.creator_id, o.observed_at, o.source) > ($1, $2, $3) AND o.recorded_at <= $5 \
         ORDER BY o.creator_id, o.observed_at, o.source LIMIT $4"
    );

    /// Without their descriptions, which are read once for all of a post's observations.
    LOOKS_AFTER = "SELECT o.creator_id, o.video_id, o.observed_at, o.source, o.recorded_at, o.description, o.pinned, \
        o.views_lo, o.views_hi, o.likes_lo, o.likes_hi, o.comments_lo, o.comments_hi, o.shares_lo, o.shares_hi, \
        o.saves_lo, o.saves_hi FROM compass_video_observations o \
        WHERE (o.creator_id, o.video_id, o.observed_at, o.source) > ($1, $2, $3, $4) AND o.recorded_at <= $6 \
        ORDER BY o.creator_id, o.video_id, o.observed_at, o.source LIMIT $5";

    /// Does nothing if the handle has an open job or the id is taken.
    ADD_JOB = concat!(
        "INSERT INTO compass_jobs (id, handle, requested_by, priority, asked_at, state, attempts, enqueued_at, \
         available_at) VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, $7) ON CONFLICT DO NOTHING RETURNING ",
        job_columns!()
    );

    /// Ends a job that was claimed and cannot be understood.
    FAIL_UNREAD_JOB = "UPDATE compass_jobs SET state = 'failed', finished_at = $2, failure_code = $3, failure_detail = $4 WHERE id = $1";

    /// Touches nothing but a scheduled job that no worker has. What waits after a failure goes on waiting.
    RAISE_JOB = concat!(
        "UPDATE compass_jobs SET priority = 'asked', asked_at = CASE WHEN asked_at < $2 THEN $2 ELSE asked_at END, available_at = \
         CASE WHEN failure_code IS NULL AND available_at > $2 THEN $2 ELSE available_at END \
         WHERE handle = $1 AND state = 'queued' AND priority = 'scheduled' RETURNING ",
        job_columns!()
    );

    /// Somebody still wants the account's open job.
    RENEW_JOB = concat!(
        "UPDATE compass_jobs SET asked_at = CASE WHEN asked_at < $2 THEN $2 ELSE asked_at END \
         WHERE handle = $1 AND state IN ('queued', 'running') RETURNING ",
        job_columns!()
    );

    CANCEL_JOB = concat!(
        "UPDATE compass_jobs SET state = 'cancelled', finished_at = $2 \
         WHERE id = $1 AND state IN ('queued', 'running') RETURNING ",
        job_columns!()
    );

    /// The attempts until now count as postponed, so that their number goes on and their failures are forgotten.
    REVIVE_JOB = concat!(
        "UPDATE compass_jobs SET state = 'queued', priority = 'asked', asked_at = $2, enqueued_at = $2, available_at = $2, \
         finished_at = NULL, failure_code = NULL, failure_detail = NULL, postponed = attempts \
         WHERE id = $1 AND state IN ('failed', 'cancelled') RETURNING ",
        job_columns!()
    );

    FAILED_JOBS = concat!(
        "SELECT ", job_columns!(), " FROM compass_jobs WHERE state = 'failed' \
         ORDER BY finished_at DESC, id DESC LIMIT $1"
    );

    FIND_OPEN_JOB = concat!(
        "SELECT ", job_columns!(), " FROM compass_jobs WHERE handle = $1 AND state IN ('queued', 'running')"
    );

    FIND_JOB = concat!("SELECT ", job_columns!(), " FROM compass_jobs WHERE id = $1");

    /// A scheduled job that nobody has begun is a plan.
    LAST_JOB = concat!(
        "SELECT ", job_columns!(), " FROM compass_jobs WHERE handle = $1 \
         AND NOT (priority = 'scheduled' AND state = 'queued' AND attempts = 0) \
         ORDER BY enqueued_at DESC, id DESC LIMIT 1"
    );

    /// Touches nothing if another attempt has begun or the job has ended.
    PROLONG_LEASE = "UPDATE compass_jobs SET available_at = $3 WHERE id = $1 AND attempts = $2 AND state = 'running'";

    /// As `PROLONG_LEASE`.
    LEAVE_JOB = concat!(
        "UPDATE compass_jobs SET state = $3, available_at = COALESCE($4, available_at), finished_at = $5, \
         failure_code = $6, failure_detail = $7, postponed = postponed + $8 \
         WHERE id = $1 AND attempts = $2 AND state = 'running' RETURNING ",
        job_columns!()
    );

    /// The job's row is locked by then, so two events never get the same number.
    ADD_JOB_EVENT = "INSERT INTO compass_job_events (job_id, seq, happened_at, progress) VALUES (\
        $1, (SELECT COALESCE(MAX(seq), 0) + 1 FROM compass_job_events WHERE job_id = $1), $2, $3)";

    JOB_EVENTS = "SELECT job_id, seq, happened_at, progress FROM compass_job_events \
        WHERE job_id = $1 AND seq > $2 ORDER BY seq";

    /// Touches nothing if the host has no row or is paused. Of many at once, one finds the pause over.
    PROBE_HOST = "UPDATE compass_host_health SET paused_until = $3 WHERE host = $1 AND paused_until <= $2";

    /// Ends the pause that a probe has made, unless something else has come of it.
    LEAVE_HOST = "UPDATE compass_host_health SET paused_until = $2 WHERE host = $1 AND paused_until = $3";

    FIND_HOST = concat!("SELECT ", host_columns!(), " FROM compass_host_health WHERE host = $1");

    /// Adds the row or leaves it as it is; either way it is locked afterwards.
    LOCK_HOST = concat!(
        "INSERT INTO compass_host_health (", host_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (host) DO UPDATE SET host = excluded.host RETURNING ",
        host_columns!()
    );

    SAVE_HOST = concat!(
        "UPDATE compass_host_health SET blocks = $2, first_at = $3, last_at = $4, paused_until = $5, cause_code = $6, \
         cause_detail = $7 WHERE host = $1 RETURNING ",
        host_columns!()
    );

    /// A visit from before the last block does not end the row.
    FORGET_HOST = "DELETE FROM compass_host_health WHERE host = $1 AND last_at < $2";
}
