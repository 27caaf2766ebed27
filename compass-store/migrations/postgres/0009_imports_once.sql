-- The same bytes are kept once for whoever brought them. Of those that came twice at once, the one that was last stays.
DELETE FROM compass_imports i WHERE EXISTS (
    SELECT 1 FROM compass_imports l
    WHERE l.digest = i.digest AND l.user_id IS NOT DISTINCT FROM i.user_id AND (l.imported_at, l.id) > (i.imported_at, i.id)
);
DROP INDEX compass_imports_digest;
-- The operator's have no user; nobody has the id of zeros.
CREATE UNIQUE INDEX compass_imports_once
    ON compass_imports (digest, COALESCE(user_id, '00000000-0000-0000-0000-000000000000'));
