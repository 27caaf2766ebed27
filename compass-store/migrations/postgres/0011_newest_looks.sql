-- The newest looks at an account's newest posts in one row, so that whoever asks what is new need not look each post up. It is written
-- with the observations; an account without a row has not been written to since, and is asked for post by post. Whoever changes
-- observations otherwise deletes the rows of their accounts.
CREATE TABLE compass_newest_looks (
    creator_id bigint PRIMARY KEY REFERENCES compass_creators (id) ON DELETE CASCADE,
    -- No look is newer, and none was recorded later.
    observed_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    -- Postcard, as `postgres::newest` writes it.
    looks bytea NOT NULL
-- A row stays in its page as it is: to compress it takes longer than to write it.
) WITH (toast_tuple_target = 8160);
