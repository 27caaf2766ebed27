//! Statements on what people brought and what they were told: imports, audiences, reports, advice.

macro_rules! import_columns {
    ($own:literal) => {
        concat!("id, user_id, handle, source, digest, imported_at, accepted, refused, refusals, ", $own)
    };
}

macro_rules! share_columns {
    () => {
        "a.import_id, a.observed_at, a.source, a.dimension, a.bucket, a.share"
    };
}

/// The newest audience of each account after one, of those that one owner brought, of so many accounts at most. Nobody goes by the name of an
/// account whose name another took until it is seen with its new one.
macro_rules! audiences_as_of {
    ($of_owner:literal) => {
        concat!(
            "WITH named AS MATERIALIZED (\
                SELECT i.id, i.imported_at, COALESCE(c.handle, i.handle) AS handle \
                FROM compass_imports i LEFT JOIN compass_creators c ON c.id = i.creator_id \
                WHERE i.user_id ", $of_owner, " AND COALESCE(c.handle, i.handle) > $2 \
                AND NOT EXISTS (\
                    SELECT 1 FROM compass_creators o WHERE o.handle = c.handle AND (o.seen_at, o.id) > (c.seen_at, c.id)) \
                AND EXISTS (SELECT 1 FROM compass_audience_shares s WHERE s.import_id = i.id AND s.observed_at <= $1)), \
            page AS MATERIALIZED (SELECT DISTINCT handle FROM named ORDER BY handle LIMIT $3) \
            SELECT ranked.handle, ranked.imported_at, ranked.import_id, ranked.observed_at, ranked.source, ranked.dimension, \
            ranked.bucket, ranked.share FROM (\
                SELECT named.handle, named.imported_at, n.import_id, n.observed_at, n.source, n.dimension, n.bucket, n.share, \
                    DENSE_RANK() OVER (PARTITION BY named.handle \
                        ORDER BY n.observed_at DESC, named.imported_at DESC, named.id DESC, n.source DESC) AS place \
                FROM named JOIN compass_audience_shares n ON n.import_id = named.id AND n.observed_at <= $1 \
                WHERE named.handle IN (SELECT page.handle FROM page)) ranked \
             WHERE ranked.place = 1 ORDER BY ranked.handle, ranked.dimension, ranked.bucket"
        )
    };
}

macro_rules! report_columns {
    () => {
        "id, handle, creator_id, user_id, as_of, made_at, engine, input_hash, report, inputs_thinned_at, \
         compared"
    };
}

macro_rules! advice_columns {
    () => {
        "id, user_id, report_id, given_at, kind, said, expected, due_at, settled_at, found"
    };
}

/// The account that goes by a handle: the one seen with it last.
macro_rules! account_named {
    ($handle:literal) => {
        concat!(
            "(SELECT c.id FROM compass_creators c WHERE c.handle = ",
            $handle,
            " ORDER BY c.seen_at DESC, c.id DESC LIMIT 1)"
        )
    };
}

/// Whether an import is of the account that goes by a handle, or brought under it before anybody was seen with it.
macro_rules! is_of_account_named {
    ($import:literal, $handle:literal) => {
        concat!(
            "(",
            $import,
            "creator_id = ",
            account_named!($handle),
            " OR ",
            $import,
            "creator_id IS NULL AND ",
            $import,
            "handle = ",
            $handle,
            ")"
        )
    };
}

pub(crate) use account_named;

statements! {
    /// It is of the account that goes by the handle, or where none does now, of the one last seen with it.
    ADD_IMPORT = concat!(
        "INSERT INTO compass_imports (", import_columns!("own"), ", creator_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, COALESCE(", account_named!("$3"), ", (\
            SELECT o.creator_id FROM compass_profile_observations o WHERE o.handle = $3 \
            ORDER BY o.observed_at DESC, o.creator_id DESC LIMIT 1)))"
    );

    SAME_IMPORT = concat!(
        "SELECT ", import_columns!("NULL AS own"), " FROM compass_imports \
         WHERE digest = $2 AND user_id IS NOT DISTINCT FROM $1"
    );

    LAST_IMPORTS = concat!(
        "SELECT ", import_columns!("NULL AS own"), " FROM compass_imports \
         WHERE user_id = $1 ORDER BY imported_at DESC, id DESC LIMIT $2"
    );

    IMPORTS_OF_USER = concat!(
        "SELECT ", import_columns!("own"), " FROM compass_imports WHERE user_id = $1 ORDER BY imported_at, id"
    );

    DELETE_IMPORT = "DELETE FROM compass_imports WHERE id = $2 AND user_id IS NOT DISTINCT FROM $1 RETURNING handle, creator_id";

    /// Reports that may have been made of a person's import can no longer be made again.
    IMPORT_GONE = "UPDATE compass_reports SET inputs_thinned_at = $3 \
        WHERE user_id = $1 AND (handle = $2 OR creator_id = $4) AND inputs_thinned_at IS NULL";

    /// As `IMPORT_GONE`, of the operator's: anybody may have been told of it, in a report that is private for another reason, too.
    OPERATOR_S_IMPORT_GONE = "UPDATE compass_reports SET inputs_thinned_at = $2 \
        WHERE handle = $1 AND user_id IS NOT NULL AND inputs_thinned_at IS NULL";

    /// The same of the reports that its account has under other names.
    OPERATOR_S_IMPORT_OF_ACCOUNT_GONE = "UPDATE compass_reports SET inputs_thinned_at = $2 \
        WHERE id IN (SELECT report_id FROM compass_report_accounts WHERE creator_id = $1) \
        AND creator_id = $1 AND user_id IS NOT NULL AND inputs_thinned_at IS NULL";

    OWN_OF_ACCOUNT = concat!(
        "SELECT ", import_columns!("own"), " FROM compass_imports \
         WHERE user_id = $1 AND ", is_of_account_named!("", "$2"), " AND own IS NOT NULL ORDER BY imported_at, id"
    );

    ADD_SHARE = "INSERT INTO compass_audience_shares (import_id, observed_at, source, dimension, bucket, share) \
        VALUES ($1, $2, $3, $4, $5, $6)";

    /// The newest audience that the viewer may see, with all its shares.
    AUDIENCE_AS_OF = concat!(
        "SELECT ", share_columns!(), " FROM compass_audience_shares a WHERE (a.import_id, a.observed_at, a.source) = (\
            SELECT n.import_id, n.observed_at, n.source FROM compass_imports i \
            JOIN compass_audience_shares n ON n.import_id = i.id AND n.observed_at <= $3 \
            WHERE ", is_of_account_named!("i.", "$1"), " AND (i.user_id IS NULL OR i.user_id = $2) \
            ORDER BY n.observed_at DESC, i.imported_at DESC, i.id DESC, n.source DESC LIMIT 1) \
         ORDER BY a.dimension, a.bucket"
    );

    AUDIENCES_OF_OPERATOR = audiences_as_of!("IS NULL");

    AUDIENCES_OF_OWNER = audiences_as_of!("= $4");

    AUDIENCES_OF_USER = concat!(
        "SELECT ", share_columns!(), " FROM compass_imports i \
         JOIN compass_audience_shares a ON a.import_id = i.id \
         WHERE i.user_id = $1 ORDER BY a.import_id, a.observed_at, a.source, a.dimension, a.bucket"
    );

    /// Does nothing if the same report is kept or the id is taken.
    ADD_REPORT = concat!(
        "INSERT INTO compass_reports (", report_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT DO NOTHING RETURNING ",
        report_columns!()
    );

    SAME_REPORT = concat!(
        "SELECT ", report_columns!(), " FROM compass_reports WHERE handle = $1 AND as_of = $2 AND engine = $3 \
         AND input_hash = $4 AND user_id IS NOT DISTINCT FROM $5"
    );

    FIND_REPORT = concat!("SELECT ", report_columns!(), " FROM compass_reports WHERE id = $1");

    LAST_REPORT = concat!(
        "SELECT ", report_columns!(), " FROM compass_reports WHERE handle = $1 AND (user_id IS NULL OR user_id = $2) \
         ORDER BY made_at DESC, id DESC LIMIT 1"
    );

    REPORTS_OF_USER = concat!(
        "SELECT ", report_columns!(), " FROM compass_reports WHERE user_id = $1 ORDER BY made_at, id"
    );

    /// The account went into the report.
    ADD_REPORT_ACCOUNT = "INSERT INTO compass_report_accounts (creator_id, report_id) VALUES ($1, $2)";

    /// Reports as of $2 or later can no longer be made from the account as it is.
    INPUTS_THINNED = "UPDATE compass_reports SET inputs_thinned_at = $3 \
        WHERE id IN (SELECT report_id FROM compass_report_accounts WHERE creator_id = $1) \
        AND as_of >= $2 AND inputs_thinned_at IS NULL";

    /// What was thinned from $2 on is gone; it is not over yet. Reports that were made before and are kept later look here.
    THINNING = "INSERT INTO compass_thinned (creator_id, first_gone) VALUES ($1, $2) ON CONFLICT (creator_id) DO UPDATE \
        SET first_gone = CASE WHEN excluded.first_gone < compass_thinned.first_gone THEN excluded.first_gone \
        ELSE compass_thinned.first_gone END, thinned_at = NULL";

    /// It is over: who reads the account from now on knows what is left.
    THINNED = "UPDATE compass_thinned SET thinned_at = $2 \
        WHERE creator_id = $1 AND (thinned_at IS NULL OR thinned_at < $2)";

    /// Ends what an earlier thinning was kept from ending. One that is under way ends itself later.
    THINNED_BEFORE = "UPDATE compass_thinned SET thinned_at = $1 WHERE thinned_at IS NULL";

    /// Marks a report that was just kept if its accounts were thinned since it was made.
    KEPT_LATE = "UPDATE compass_reports SET inputs_thinned_at = $2 \
        WHERE id = $1 AND inputs_thinned_at IS NULL AND EXISTS (\
            SELECT 1 FROM compass_report_accounts a JOIN compass_thinned t ON t.creator_id = a.creator_id \
            WHERE a.report_id = $1 AND t.first_gone <= compass_reports.as_of \
            AND (t.thinned_at IS NULL OR t.thinned_at >= compass_reports.made_at))";

    ADVISE = "INSERT INTO compass_advice (id, user_id, report_id, given_at, kind, said, expected, due_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

    LAST_ADVICE = concat!(
        "SELECT ", advice_columns!(), " FROM compass_advice WHERE user_id = $1 ORDER BY given_at DESC, id DESC LIMIT $2"
    );

    ADVICE_OF_USER = concat!(
        "SELECT ", advice_columns!(), " FROM compass_advice WHERE user_id = $1 ORDER BY given_at, id"
    );

    DUE_ADVICE = concat!(
        "SELECT ", advice_columns!(), " FROM compass_advice WHERE settled_at IS NULL AND due_at <= $1 \
         ORDER BY due_at, id LIMIT $2"
    );

    IS_ADVICE = "SELECT id FROM compass_advice WHERE id = $1";

    /// Touches nothing if the outcome is written.
    SETTLE_ADVICE = "UPDATE compass_advice SET settled_at = $2, found = $3 WHERE id = $1 AND settled_at IS NULL";
}
