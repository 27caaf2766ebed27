"""The ways from Python into the same server, and into SQLite: python ingest.py URL ACCOUNTS POSTS LOOKS

Each row is an observation of a post, with the columns, key and checks of compass_video_observations but without partitions; the
values are made before the clock starts. psycopg's staged upsert is given rows that are all there.
"""

import datetime as dt
import os
import sqlite3
import sys
import tempfile
import time
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

ADDRESS = urlsplit(sys.argv[1])
# libpq knows no options of other drivers.
KNOWN = [(name, value) for name, value in parse_qsl(ADDRESS.query) if name in ("host", "port")]
URL = urlunsplit(ADDRESS._replace(query=urlencode(KNOWN)))
ACCOUNTS, POSTS, LOOKS = map(int, sys.argv[2:5])
COLUMNS = [
    "creator_id", "video_id", "observed_at", "source", "recorded_at", "description", "pinned", "views_lo", "views_hi",
    "likes_lo", "likes_hi", "comments_lo", "comments_hi", "shares_lo", "shares_hi", "saves_lo", "saves_hi",
]
TYPES = ["int8", "int8", "timestamptz", "text", "timestamptz", "int8", "bool", *["int8"] * 10]
FRESH = "DROP TABLE IF EXISTS peer; CREATE TABLE peer (LIKE compass_video_observations INCLUDING ALL)"
BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


def made():
    rows = []
    for account in range(ACCOUNTS):
        for post in range(POSTS):
            for day in range(LOOKS):
                views = (account % 97 + 3) * (post % 89 + 7) * (day + 1) * 13
                counts = [views, views // 11, views // 301, views // 207, views // 113]
                rows.append(
                    (7_000_000_000_000_000_001 + account * 9_973, (account * POSTS + post + 1) << 20,
                     BEGIN + dt.timedelta(days=day), "sample", BEGIN, 1, post == 0, *[c for c in counts for _ in "lh"])
                )
    return rows


def measure(way, rows, run):
    begun = time.perf_counter()
    run(rows)
    took = time.perf_counter() - begun
    print(f"{way:<70} {took:>9.3f} {len(rows) / took:>12.0f} {len(rows)} rows", flush=True)


def fresh():
    with psycopg.connect(URL, autocommit=True) as connection:
        connection.execute(FRESH)


def copy(connection, table, rows):
    with connection.cursor().copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT binary)") as into:
        into.set_types(TYPES)
        for row in rows:
            into.write_row(row)


def copy_binary(rows):
    with psycopg.connect(URL) as connection:
        copy(connection, "peer", rows)


def staged_upsert(rows):
    keep = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS[4:])
    with psycopg.connect(URL) as connection:
        connection.execute("CREATE TEMP TABLE staged (LIKE peer) ON COMMIT DROP")
        copy(connection, "staged", rows)
        connection.execute(
            f"INSERT INTO peer SELECT * FROM staged ON CONFLICT (creator_id, video_id, observed_at, source) DO UPDATE SET {keep}"
        )


def engine():
    return sa.create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(URL))


def staged_nothing(rows):
    with psycopg.connect(URL) as connection:
        connection.execute("CREATE TEMP TABLE staged (LIKE peer) ON COMMIT DROP")
        copy(connection, "staged", rows)
        connection.execute("INSERT INTO peer SELECT * FROM staged ON CONFLICT DO NOTHING")


def reflected():
    base = automap_base()
    base.prepare(autoload_with=engine(), reflection_options={"only": ["peer"]})
    return base.classes.peer


def core(rows):
    with engine().begin() as connection:
        connection.execute(sa.insert(PEER), [dict(zip(COLUMNS, row)) for row in rows])


def orm(rows):
    with Session(engine()) as session:
        session.add_all(PEER(**dict(zip(COLUMNS, row))) for row in rows)
        session.commit()


def into_sqlite(rows):
    path = os.path.join(tempfile.mkdtemp(), "peer.sqlite")
    connection = sqlite3.connect(path)
    connection.executescript(
        f"PRAGMA journal_mode = WAL; CREATE TABLE peer ({', '.join(COLUMNS)}, "
        "PRIMARY KEY (creator_id, video_id, observed_at, source)) WITHOUT ROWID"
    )
    plain = [tuple(int(v.timestamp() * 1e6) if isinstance(v, dt.datetime) else v for v in row) for row in rows]
    with_clock = time.perf_counter()
    with connection:
        connection.executemany(f"INSERT INTO peer VALUES ({', '.join('?' * len(COLUMNS))})", plain)
    took = time.perf_counter() - with_clock
    print(f"{'python sqlite3 executemany':<70} {took:>9.3f} {len(rows) / took:>12.0f} {len(rows)} rows", flush=True)
    connection.close()


rows = made()
fresh()
measure("psycopg3 COPY binary", rows, copy_binary)
measure("psycopg3 COPY to a temporary table and upsert, all there", rows, staged_upsert)
measure("psycopg3 COPY to a temporary table, all there, nothing done", rows, staged_nothing)
PEER = reflected()
fresh()
measure("SQLAlchemy Core insert", rows[: len(rows) // 5], core)
fresh()
measure("SQLAlchemy ORM add_all", rows[: len(rows) // 20], orm)
into_sqlite(rows)
