//! Rows of hosts that are left alone.

use compass_core::{Failure, HostBlocks, ports::StoreError};

use crate::{error::corrupt, stamp::Stamp};

/// A row of `compass_host_health`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct HostRow {
    host: String,
    blocks: i64,
    first_at: Stamp,
    last_at: Stamp,
    paused_until: Stamp,
    cause_code: String,
    cause_detail: String,
}

impl TryFrom<HostRow> for HostBlocks {
    type Error = StoreError;

    fn try_from(row: HostRow) -> Result<Self, StoreError> {
        Ok(Self {
            count: u32::try_from(row.blocks).map_err(|why| corrupt("compass_host_health", &row.host, "blocks", why))?,
            since: row.first_at.get(),
            last: row.last_at.get(),
            until: row.paused_until.get(),
            cause: Failure { code: row.cause_code, detail: row.cause_detail },
            host: row.host,
        })
    }
}
