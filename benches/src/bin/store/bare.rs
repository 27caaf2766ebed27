//! The server's own speed: a binary COPY of the same rows into a table like ours, without partitions.

use std::time::{Duration, Instant};

use compass_core::{Batch, Count};
use compass_store::sqlx::{Connection, Executor, PgConnection};

use crate::Failure;

const COLUMNS: &str = "creator_id, video_id, observed_at, source, recorded_at, description, pinned, views_lo, views_hi, \
    likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, saves_lo, saves_hi";

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Copies the batches into a new table that holds the `earlier` ones, and gives how long the latter took.
pub(crate) async fn copy(url: &str, earlier: &[Batch], batches: &[Batch]) -> Result<Duration, Failure> {
    let mut connection = PgConnection::connect(url).await?;
    connection
        .execute("DROP TABLE IF EXISTS bare; CREATE TABLE bare (LIKE compass_video_observations INCLUDING ALL)")
        .await?;
    send(&mut connection, earlier).await?;
    let took = send(&mut connection, batches).await?;
    connection.execute("DROP TABLE bare").await?;
    connection.close().await?;
    Ok(took)
}

/// Copies the batches into a new table without an index, adds its key, and gives how long both took together.
pub(crate) async fn load_then_index(url: &str, batches: &[Batch]) -> Result<Duration, Failure> {
    let mut connection = PgConnection::connect(url).await?;
    connection
        .execute(
            "DROP TABLE IF EXISTS bare; \
             CREATE TABLE bare (LIKE compass_video_observations INCLUDING ALL EXCLUDING INDEXES)",
        )
        .await?;
    let copied = send(&mut connection, batches).await?;
    let begun = Instant::now();
    connection.execute("ALTER TABLE bare ADD PRIMARY KEY (creator_id, video_id, observed_at, source)").await?;
    let took = copied + begun.elapsed();
    connection.execute("DROP TABLE bare").await?;
    connection.close().await?;
    Ok(took)
}

/// Encodes and sends all batches in one COPY; the encoding is part of the time, as it is of ours.
async fn send(connection: &mut PgConnection, batches: &[Batch]) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let mut copy = connection.copy_in_raw(&format!("COPY bare ({COLUMNS}) FROM STDIN (FORMAT binary)")).await?;
    let mut bytes = HEADER.to_vec();
    let mut sent = 0;
    for batch in batches {
        for look in &batch.looks {
            let post = &batch.posts[look.post as usize];
            bytes.extend(17_i16.to_be_bytes());
            int(&mut bytes, post.creator.get() as i64);
            int(&mut bytes, post.video.id.get() as i64);
            int(&mut bytes, look.observed_at.as_microsecond() - 946_684_800_000_000);
            field(&mut bytes, look.source.as_str().as_bytes());
            int(&mut bytes, 0);
            int(&mut bytes, 0);
            field(&mut bytes, &[u8::from(look.pinned)]);
            let counts = &look.counts;
            for count in [counts.views, counts.likes, counts.comments, counts.shares, counts.saves] {
                for bound in [count.map(Count::lo), count.map(Count::hi)] {
                    match bound {
                        Some(bound) => int(&mut bytes, bound as i64),
                        None => bytes.extend((-1_i32).to_be_bytes()),
                    }
                }
            }
            sent += 1;
            if bytes.len() > 256 * 1024 {
                copy.send(std::mem::take(&mut bytes)).await?;
            }
        }
    }
    bytes.extend((-1_i16).to_be_bytes());
    copy.send(bytes).await?;
    let kept = copy.finish().await?;
    let took = begun.elapsed();
    if kept == sent { Ok(took) } else { Err(format!("{kept} rows were kept, not {sent}").into()) }
}

fn int(bytes: &mut Vec<u8>, value: i64) {
    field(bytes, &value.to_be_bytes());
}

fn field(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend((value.len() as u32).to_be_bytes());
    bytes.extend(value);
}
