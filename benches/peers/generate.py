#!/usr/bin/env python3
"""Made-up posts of creators, the same from the same seed, once ordered by creator and time and once shuffled.

    generate.py FOLDER [--creators 100000] [--mean-posts 100] [--seed 1]

writes FOLDER/ordered.parquet and FOLDER/shuffled.parquet: creator_id u32, ts i64 (unix seconds, UTC), views, likes,
comments and shares i64. Posts per creator are lognormal (3 to 2,000); views are lognormal per creator with a trend,
1.5 % of them 8 to 60 times as high and 0.2 % zero; six posts in ten are within an hour of the creator's usual one.
"""
import argparse
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY = 86_400
END = 1_790_000_000


def posts(creators, mean_posts, rng):
    sigma = 0.8
    n = np.clip(np.exp(rng.normal(np.log(mean_posts) - sigma**2 / 2, sigma, creators)), 3, 2000).astype(np.int64)
    rows = int(n.sum())
    creator = np.repeat(np.arange(creators, dtype=np.uint32), n)
    first = np.concatenate([[0], np.cumsum(n)[:-1]])
    index = np.arange(rows) - np.repeat(first, n)

    def of_creator(values):
        return np.repeat(values, n)

    day = np.cumsum(of_creator(np.exp(rng.normal(0.3, 0.7, creators))) * rng.exponential(1.0, rows))
    before_last = of_creator(day[first + n - 1]) - day
    ts = (END - before_last * DAY - of_creator(rng.uniform(0, 20, creators)) * DAY).astype(np.int64)
    hour = (of_creator(rng.integers(0, 24, creators)) + rng.integers(-1, 2, rows)) % 24
    ts = np.where(rng.random(rows) < 0.6, ts - ts % DAY + hour * 3600 + ts % 3600, ts)
    ts = ts[np.lexsort((ts, creator))]

    trend = of_creator(rng.normal(0.0, 0.6, creators)) * (index / np.maximum(of_creator(n) - 1, 1) - 0.5)
    log_views = of_creator(rng.normal(8.0, 2.0, creators)) + trend + rng.normal(0, 0.7, rows)
    viral = rng.random(rows) < 0.015
    log_views[viral] += np.log(rng.uniform(8, 60, int(viral.sum())))
    views = np.minimum(np.exp(log_views), 2e9).astype(np.int64)
    views[rng.random(rows) < 0.002] = 0

    def share_of_views(a, b):
        return (views * rng.beta(a, b, rows)).astype(np.int64)

    return {
        "creator_id": creator,
        "ts": ts,
        "views": views,
        "likes": share_of_views(4, 46),
        "comments": share_of_views(1, 199),
        "shares": share_of_views(1, 149),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--creators", type=int, default=100_000)
    parser.add_argument("--mean-posts", type=float, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(options.seed)
    columns = posts(options.creators, options.mean_posts, rng)
    order = rng.permutation(len(columns["ts"]))
    for name, rows in [("ordered", slice(None)), ("shuffled", order)]:
        table = pa.table({column: values[rows] for column, values in columns.items()})
        pq.write_table(table, options.folder / f"{name}.parquet", compression="zstd", row_group_size=1 << 20)


if __name__ == "__main__":
    main()
