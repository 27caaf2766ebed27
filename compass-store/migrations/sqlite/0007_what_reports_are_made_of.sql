-- Which accounts' observations went into a report, so that it can say when some of them are thinned.

ALTER TABLE compass_reports ADD COLUMN compared TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(compared));

CREATE TABLE compass_report_accounts (
    creator_id INTEGER NOT NULL CHECK (creator_id > 0),
    report_id BLOB NOT NULL REFERENCES compass_reports (id) ON DELETE CASCADE,
    PRIMARY KEY (creator_id, report_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX compass_report_accounts_report ON compass_report_accounts (report_id);
INSERT INTO compass_report_accounts SELECT creator_id, id FROM compass_reports WHERE creator_id IS NOT NULL;
DROP INDEX compass_reports_whole;

-- From when on observations of an account were ever taken away, and when that was last; thinned_at is empty until it is over.
CREATE TABLE compass_thinned (
    creator_id INTEGER PRIMARY KEY CHECK (creator_id > 0),
    first_gone INTEGER NOT NULL,
    thinned_at INTEGER
) STRICT;
CREATE INDEX compass_thinned_at ON compass_thinned (thinned_at);
