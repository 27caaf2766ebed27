"""The aggregate in DuckDB."""
import duckdb

import measure

QUERY = """
with x as (select *, likes + comments + shares e, ln(views + 1) lv,
        ((ts // 86400 + 3) % 7) * 24 + (ts % 86400) // 3600 slot from posts),
g as (select creator_id, count(*) n, median(views)::double median_views, sum(e) / sum(views) er_total,
        avg(e / views) filter (where views > 0) er_mean, quantile_cont(views, 0.9) p90_views,
        median(lv) middle, mad(lv) spread from x group by 1),
o as (select x.creator_id, count(*) filter (where abs(lv - middle) > 3.5 * 1.4826 * spread) outliers
        from x join g using (creator_id) group by 1),
d as (select creator_id, median(gap) / 3600.0 gap_h
        from (select creator_id, ts - lag(ts) over (partition by creator_id order by ts) gap from posts) group by 1),
m as (select creator_id, slot, avg(views) mean from x group by 1, 2 having count(*) >= 2),
s as (select creator_id, first(slot order by mean desc, slot) best_slot from m group by 1)
select creator_id, n, median_views, er_total, er_mean, p90_views, outliers, gap_h, best_slot
from g join o using (creator_id) join d using (creator_id) left join s using (creator_id)
"""


def load(path):
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"create table posts as select {', '.join(measure.COLUMNS)} from '{path}'")
    return connection


measure.serve(f"DuckDB {duckdb.__version__}", load, lambda c: c.sql(QUERY).to_arrow_table(), lambda table: table)
