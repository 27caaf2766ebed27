"""The aggregate in ClickHouse, within the process (chDB)."""
import chdb
from chdb import session

import measure

QUERY = """
with x as (select *, likes + comments + shares as e, log(toFloat64(views) + 1) as lv,
        toInt16(((intDiv(ts, 86400) + 3) % 7) * 24 + intDiv(ts % 86400, 3600)) as slot from b.posts),
g as (select creator_id, count() as n, quantileExactInclusive(0.5)(views) as median_views,
        sum(e) / sum(views) as er_total, avgIf(e / views, views > 0) as er_mean,
        quantileExactInclusive(0.9)(views) as p90_views,
        groupArray(lv) as lvs, quantileExactInclusive(0.5)(lv) as middle,
        arrayMap(q -> abs(q - middle), lvs) as distances,
        arrayCount(d -> d > 3.5 * 1.4826 * arrayReduce('quantileExactInclusive(0.5)', distances), distances)
            as outliers,
        arraySort(groupArray(ts)) as times,
        arrayReduce('quantileExactInclusive(0.5)', arrayPopFront(arrayDifference(times))) / 3600 as gap_h
      from x group by creator_id),
s as (select creator_id, argMax(slot, (mean, -slot)) as best_slot
      from (select creator_id, slot, avg(views) as mean from x group by creator_id, slot having count() >= 2)
      group by creator_id)
select creator_id, n, median_views, er_total, er_mean, p90_views, outliers, gap_h, s.best_slot as best_slot
from g left join s on g.creator_id = s.creator_id settings join_use_nulls = 1
"""


def load(path):
    connection = session.Session()
    connection.query("create database if not exists b engine = Atomic")
    columns = ", ".join(measure.COLUMNS)
    connection.query(f"create table b.posts engine = Memory as select {columns} from file('{path}', Parquet)")
    return connection


measure.serve(f"ClickHouse {chdb.engine_version}", load, lambda c: c.query(QUERY, "ArrowTable"), lambda table: table)
