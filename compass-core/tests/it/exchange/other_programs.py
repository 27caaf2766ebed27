"""Reads an export's Parquet with DuckDB and with pandas, tells what each found, and lets each write it anew."""

import json
import sys
from pathlib import Path

import duckdb
import pandas

folder = Path(sys.argv[1])
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
found = {}
for table in ["profiles", "posts"]:
    file = folder / f"{table}.parquet"
    relation = connection.sql(f"SELECT * FROM '{file}'")
    types = dict(zip(relation.columns, map(str, relation.types)))
    rows = connection.sql(f"SELECT to_json(row) FROM read_parquet('{file}') AS row").fetchall()
    connection.execute(f"COPY (SELECT * FROM '{file}') TO '{folder}/duckdb-{table}.parquet'")
    frame = pandas.read_parquet(file, dtype_backend="pyarrow")
    frame.to_parquet(folder / f"pandas-{table}.parquet", index=False)
    as_json = json.loads(frame.to_json(orient="records", date_format="iso", date_unit="us"))
    dtypes = {name: str(kind) for name, kind in frame.dtypes.items()}
    found[table] = {
        "duckdb": {"types": types, "rows": [json.loads(row) for (row,) in rows]},
        "pandas": {"types": dtypes, "rows": as_json},
    }
json.dump(found, sys.stdout)
