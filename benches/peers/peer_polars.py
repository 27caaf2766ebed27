"""The aggregate in Polars."""
import polars as pl

import measure


def load(path):
    return pl.scan_parquet(path).select(measure.COLUMNS).collect().lazy()


def query(posts):
    views = pl.col.views
    posts = posts.with_columns(
        e=pl.col.likes + pl.col.comments + pl.col.shares,
        lv=(views + 1).cast(pl.Float64).log(),
        slot=((pl.col.ts // 86400 + 3) % 7 * 24 + pl.col.ts % 86400 // 3600).cast(pl.Int16),
    )
    distance = (pl.col.lv - pl.col.lv.median()).abs()
    creators = posts.group_by("creator_id").agg(
        n=pl.len(),
        median_views=views.median(),
        er_total=pl.col.e.sum() / views.sum(),
        er_mean=(pl.col.e / views).filter(views > 0).mean(),
        p90_views=views.quantile(0.9, "linear"),
        outliers=(distance > 3.5 * 1.4826 * distance.median()).sum(),
        gap_h=pl.col.ts.sort().diff().median() / 3600.0,
    )
    slots = posts.group_by("creator_id", "slot").agg(mean=views.mean(), posts=pl.len()).filter(pl.col.posts >= 2)
    best = pl.col.slot.sort_by(["mean", "slot"], descending=[True, False]).first()
    best = slots.group_by("creator_id").agg(best_slot=best)
    return creators.join(best, on="creator_id", how="left").collect()


measure.serve(f"Polars {pl.__version__}", load, query, lambda frame: frame.to_arrow())
