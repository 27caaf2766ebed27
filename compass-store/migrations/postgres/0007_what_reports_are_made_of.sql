-- Which accounts' observations went into a report, so that it can say when some of them are thinned.

ALTER TABLE compass_reports ADD COLUMN compared jsonb NOT NULL DEFAULT '[]';
ALTER TABLE compass_reports ALTER COLUMN compared DROP DEFAULT;

CREATE TABLE compass_report_accounts (
    creator_id bigint NOT NULL CHECK (creator_id > 0),
    report_id uuid NOT NULL REFERENCES compass_reports (id) ON DELETE CASCADE,
    PRIMARY KEY (creator_id, report_id)
);
CREATE INDEX compass_report_accounts_report ON compass_report_accounts (report_id);
INSERT INTO compass_report_accounts SELECT creator_id, id FROM compass_reports WHERE creator_id IS NOT NULL;
DROP INDEX compass_reports_whole;

-- From when on observations of an account were ever taken away, and when that was last; thinned_at is empty until it is over.
CREATE TABLE compass_thinned (
    creator_id bigint PRIMARY KEY CHECK (creator_id > 0),
    first_gone timestamptz NOT NULL,
    thinned_at timestamptz
);
CREATE INDEX compass_thinned_at ON compass_thinned (thinned_at);
