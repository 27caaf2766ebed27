-- A handle can be another account's tomorrow, so that an import is of the account that went by its handle when it was brought; of the
-- first that is seen with it where nobody was yet. A handle that nobody goes by now is that of the account last seen with it.
CREATE INDEX compass_profile_observations_named ON compass_profile_observations (handle, observed_at);

ALTER TABLE compass_imports ADD COLUMN creator_id bigint CHECK (creator_id > 0);
UPDATE compass_imports SET creator_id = COALESCE(
    (SELECT o.creator_id FROM compass_profile_observations o
     WHERE o.handle = compass_imports.handle AND o.observed_at <= compass_imports.imported_at
     ORDER BY o.observed_at DESC, o.creator_id DESC LIMIT 1),
    (SELECT o.creator_id FROM compass_profile_observations o
     WHERE o.handle = compass_imports.handle AND o.observed_at > compass_imports.imported_at
     ORDER BY o.observed_at, o.creator_id LIMIT 1)
);
CREATE INDEX compass_imports_creator ON compass_imports (creator_id);
