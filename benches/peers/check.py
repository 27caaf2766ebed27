"""Compares answers with the first, creator by creator: check.py ANSWER ANSWER ... ; fails if one differs.

Counts and slots must be equal; figures within a relative 1e-9, since engines add in different orders. ClickHouse and
Polars give NaN where there is nothing to divide by: that is taken as null.
"""
import sys

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

EXACT = ["n", "outliers", "best_slot"]
WITHIN = ["median_views", "er_total", "er_mean", "p90_views", "gap_h"]


def read(path):
    table = pq.read_table(path)
    table = table.take(pc.sort_indices(table["creator_id"]))
    return {name: table[name].cast("float64", safe=False).to_numpy() for name in ["creator_id", *EXACT, *WITHIN]}


def main():
    first, *others = sys.argv[1:]
    expected, wrong = read(first), False
    for path in others:
        answer = read(path)
        if not np.array_equal(answer["creator_id"], expected["creator_id"]):
            sys.exit(f"{path}: not the creators of {first}")
        for name in EXACT + WITHIN:
            tolerance = 0 if name in EXACT else 1e-9
            same = np.isclose(answer[name], expected[name], rtol=tolerance, atol=0, equal_nan=True)
            if not same.all():
                wrong = True
                at = int(np.argmin(same))
                creator = int(expected["creator_id"][at])
                print(f"{path}: {name} differs for {(~same).sum()} creators, first {creator}: "
                      f"{answer[name][at]!r}, {expected[name][at]!r} in {first}")
    if wrong:
        sys.exit(1)
    print(f"{len(others) + 1} answers are equal for {len(expected['n']):,} creators")


if __name__ == "__main__":
    main()
