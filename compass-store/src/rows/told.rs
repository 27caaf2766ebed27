//! Rows of imports, audiences, reports and advice.

use std::collections::{BTreeMap, BTreeSet};

use compass_core::{
    Advice, AdviceId, AudienceObservation, CreatorId, Handle, HandleError, Import, ImportId, ImportedAudience,
    KeptReport, Outcome, ReportId, SourceKind, UserId,
    analytics::{AudienceShares, AudienceSource, Dimension, Shares},
    ports::StoreError,
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::hash;
use crate::{error::corrupt, stamp::Stamp};

/// A row of `compass_imports`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ImportRow {
    id: Uuid,
    user_id: Option<Uuid>,
    handle: String,
    source: String,
    digest: Vec<u8>,
    imported_at: Stamp,
    accepted: i64,
    refused: i64,
    refusals: Json<Value>,
    own: Option<Json<Value>>,
}

impl TryFrom<ImportRow> for Import {
    type Error = StoreError;

    fn try_from(row: ImportRow) -> Result<Self, StoreError> {
        let bad = |column, why: String| corrupt("compass_imports", row.id, column, why);
        Ok(Self {
            id: ImportId(row.id),
            user: row.user_id.map(UserId),
            handle: Handle::parse(&row.handle).map_err(|why| bad("handle", why.to_string()))?,
            source: SourceKind::from_name(&row.source)
                .ok_or_else(|| bad("source", format!("{:?} is unknown", row.source)))?,
            digest: hash(&row.digest).map_err(|why| bad("digest", why))?,
            imported_at: row.imported_at.get(),
            accepted: u64::try_from(row.accepted).map_err(|why| bad("accepted", why.to_string()))?,
            refused: u64::try_from(row.refused).map_err(|why| bad("refused", why.to_string()))?,
            refusals: serde_json::from_value(row.refusals.0).map_err(|why| bad("refusals", why.to_string()))?,
            own: row
                .own
                .map(|own| serde_json::from_value(own.0).map_err(|why| bad("own", why.to_string())))
                .transpose()?,
        })
    }
}

/// A row of `compass_audience_shares`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ShareRow {
    import_id: Uuid,
    observed_at: Stamp,
    source: String,
    dimension: String,
    bucket: String,
    share: f64,
}

/// A row of `compass_audience_shares` with the account that it is of, and when it was imported.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct HeldShareRow {
    handle: String,
    imported_at: Stamp,
    #[sqlx(flatten)]
    share: ShareRow,
}

/// Puts rows together that have one audience for each account, in the order of accounts.
pub(crate) fn audiences_by_handle(rows: Vec<HeldShareRow>) -> Result<Vec<(Handle, ImportedAudience)>, StoreError> {
    let mut by_handle: BTreeMap<String, (Stamp, Vec<ShareRow>)> = BTreeMap::new();
    for HeldShareRow { handle, imported_at, share } in rows {
        by_handle.entry(handle).or_insert_with(|| (imported_at, Vec::new())).1.push(share);
    }
    let read = |(handle, (imported_at, rows)): (String, (Stamp, Vec<ShareRow>))| {
        let bad = |why: HandleError| corrupt("compass_imports", rows[0].import_id, "handle", why.to_string());
        let told = audience(&rows)?;
        Ok((Handle::parse(&handle).map_err(bad)?, ImportedAudience { imported_at: imported_at.get(), told }))
    };
    by_handle.into_iter().map(read).collect()
}

/// Puts rows together that are in the order of their key.
pub(crate) fn audiences(rows: &[ShareRow]) -> Result<Vec<AudienceObservation>, StoreError> {
    let of_one =
        |a: &ShareRow, b: &ShareRow| (a.import_id, a.observed_at, &a.source) == (b.import_id, b.observed_at, &b.source);
    rows.chunk_by(of_one).map(audience).collect()
}

fn audience(rows: &[ShareRow]) -> Result<AudienceObservation, StoreError> {
    let first = &rows[0];
    let bad = |column, why: String| corrupt("compass_audience_shares", first.import_id, column, why);
    let mut dimensions = BTreeMap::new();
    for of_dimension in rows.chunk_by(|a, b| a.dimension == b.dimension) {
        let name = &of_dimension[0].dimension;
        let dimension = Dimension::from_name(name).ok_or_else(|| bad("dimension", format!("{name:?} is unknown")))?;
        // The row without a name is what the others leave.
        let groups = of_dimension.iter().filter(|row| !row.bucket.is_empty());
        let shares = Shares::parse(dimension, groups.map(|row| (row.bucket.as_str(), row.share)));
        dimensions.insert(dimension, shares.map_err(|why| bad("share", why.to_string()))?);
    }
    Ok(AudienceObservation {
        import: ImportId(first.import_id),
        observed_at: first.observed_at.get(),
        shares: AudienceShares {
            source: AudienceSource::from_name(&first.source)
                .ok_or_else(|| bad("source", format!("{:?} is unknown", first.source)))?,
            dimensions,
        },
    })
}

/// A row of `compass_reports`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ReportRow {
    id: Uuid,
    handle: String,
    creator_id: Option<i64>,
    user_id: Option<Uuid>,
    as_of: Stamp,
    made_at: Stamp,
    engine: String,
    input_hash: Vec<u8>,
    report: Json<Value>,
    inputs_thinned_at: Option<Stamp>,
    compared: Json<BTreeSet<CreatorId>>,
}

impl TryFrom<ReportRow> for KeptReport {
    type Error = StoreError;

    fn try_from(row: ReportRow) -> Result<Self, StoreError> {
        let bad = |column, why: String| corrupt("compass_reports", row.id, column, why);
        let creator = row.creator_id.map(|id| CreatorId::parse(&id.to_string())).transpose();
        Ok(Self {
            id: ReportId(row.id),
            handle: Handle::parse(&row.handle).map_err(|why| bad("handle", why.to_string()))?,
            creator: creator.map_err(|why| bad("creator_id", why.to_string()))?,
            private_to: row.user_id.map(UserId),
            as_of: row.as_of.get(),
            made_at: row.made_at.get(),
            input_hash: hash(&row.input_hash).map_err(|why| bad("input_hash", why))?,
            engine: row.engine,
            report: row.report.0,
            inputs_thinned_at: row.inputs_thinned_at.map(Stamp::get),
            compared: row.compared.0,
        })
    }
}

/// A row of `compass_advice`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct AdviceRow {
    id: Uuid,
    user_id: Uuid,
    report_id: Uuid,
    given_at: Stamp,
    kind: String,
    said: Json<Value>,
    expected: Json<Value>,
    due_at: Stamp,
    settled_at: Option<Stamp>,
    found: Option<Json<Value>>,
}

impl TryFrom<AdviceRow> for Advice {
    type Error = StoreError;

    fn try_from(row: AdviceRow) -> Result<Self, StoreError> {
        let settled = row.settled_at.zip(row.found);
        Ok(Self {
            id: AdviceId(row.id),
            user: UserId(row.user_id),
            report: ReportId(row.report_id),
            given_at: row.given_at.get(),
            kind: row.kind,
            said: row.said.0,
            expected: row.expected.0,
            due_at: row.due_at.get(),
            outcome: settled.map(|(at, found)| Outcome { settled_at: at.get(), found: found.0 }),
        })
    }
}
