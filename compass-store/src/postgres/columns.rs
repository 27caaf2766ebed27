//! The corpus as columns, by binary COPY.

use compass_core::{
    CreatorId, SourceKind, VideoId,
    analytics::{CorpusLook, CorpusTable, CorpusTableBuilder, VideoTable},
    ports::StoreError,
};

use super::{
    PgStore,
    bulk::{copy_out, literal},
    copy::{self, Fields},
};
use crate::{
    detached::to_the_end,
    error::{corrupt, store_error},
    prepared::ids,
    stamp::Stamp,
};

/// Reads the newest observations as of a moment.
///
/// All are read, in whatever order the server finds quickest: the newest of each post is found here.
pub(super) async fn read(store: &PgStore, as_of: Stamp) -> Result<CorpusTable, StoreError> {
    to_the_end((store.clone(), as_of), |(store, as_of)| {
        Box::pin(async move {
            // Both tables as they are at one moment.
            let mut tx = store.begin_reading().await?;
            tx.allow_many_rows().await.map_err(store_error)?;
            let mut builder = CorpusTableBuilder::default();
            let wordings = "COPY (SELECT creator_id, video_id, digest, created_at FROM compass_video_descriptions) \
                TO STDOUT (FORMAT binary)";
            copy_out(&mut tx, &store.qualified(wordings), |[creator, video, digest, created_at]: Fields<'_, 4>| {
                let (creator, video) = post(creator, video)?;
                builder.describe(creator, video, copy::int(digest)?, copy::micros(created_at)?.div_euclid(1_000_000));
                Ok(())
            })
            .await?;
            let looks = format!(
                "COPY (SELECT creator_id, video_id, observed_at, source, description, pinned, views_lo, views_hi, \
                 likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, saves_lo, saves_hi \
                 FROM compass_video_observations WHERE observed_at <= {} AND recorded_at <= {}) TO STDOUT (FORMAT binary)",
                literal(*as_of),
                literal(store.known_at)
            );
            copy_out(&mut tx, &store.qualified(&looks), |row: Fields<'_, 16>| {
                builder.observe(&look(&row)?);
                Ok(())
            })
            .await?;
            tx.commit().await.map_err(store_error)?;
            builder.finish().map_err(|why| StoreError::Corrupt(why.to_string()))
        })
    })
    .await
}

fn look(row: &Fields<'_, 16>) -> Result<CorpusLook, StoreError> {
    let [creator, video, observed_at, source, wording, pinned, bounds @ ..] = row;
    let (creator, video) = post(*creator, *video)?;
    let (mut counters, mut rounded) = ([VideoTable::MISSING; 5], false);
    for (counter, bounds) in counters.iter_mut().zip(bounds.as_chunks::<2>().0) {
        if let (Some(lo), Some(hi)) = (copy::int_or_null(bounds[0])?, copy::int_or_null(bounds[1])?) {
            // As `Count::midpoint`: in the direction of the rounding.
            *counter = lo + (hi - lo) / 2 + (hi - lo) % 2;
            rounded |= lo != hi;
        }
    }
    let named = copy::text(*source)?;
    let source = SourceKind::from_name(named)
        .ok_or_else(|| corrupt("compass_video_observations", video, "source", format_args!("{named:?} is unknown")))?;
    let (observed_at, wording, pinned) = (copy::micros(*observed_at)?, copy::int(*wording)?, copy::boolean(*pinned)?);
    Ok(CorpusLook { creator, video, observed_at, source, wording, pinned, rounded, counters })
}

fn post(creator: Option<&[u8]>, video: Option<&[u8]>) -> Result<(CreatorId, VideoId), StoreError> {
    let (creator, video) = (copy::int(creator)?, copy::int(video)?);
    ids(creator, video).ok_or_else(|| corrupt("compass_videos", video, "creator_id", creator))
}
