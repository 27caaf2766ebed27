-- A handle can be another account's tomorrow, so that an import is of the account that went by its handle when it was brought; of none
-- where nobody was seen with it yet. What is there is the account's that was seen with the handle last before it was brought, or
-- is seen with it now.
ALTER TABLE compass_imports ADD COLUMN creator_id bigint CHECK (creator_id > 0);
CREATE INDEX compass_names_that_were ON compass_profile_observations (handle, observed_at);
UPDATE compass_imports SET creator_id = COALESCE(
    (SELECT o.creator_id FROM compass_profile_observations o
     WHERE o.handle = compass_imports.handle AND o.observed_at <= compass_imports.imported_at
     ORDER BY o.observed_at DESC, o.creator_id DESC LIMIT 1),
    (SELECT c.id FROM compass_creators c WHERE c.handle = compass_imports.handle ORDER BY c.seen_at DESC, c.id DESC LIMIT 1)
);
DROP INDEX compass_names_that_were;
CREATE INDEX compass_imports_creator ON compass_imports (creator_id);
