"""A creator's figures as a FastAPI service over PostgreSQL would give them: MODE=sync|async DSN=... uvicorn api:app

MODE=sync has psycopg and a pool of threads, MODE=async asyncpg. The table peer_videos has the newest observation of each post:
/engagement reads the newest posts of a window, /analytics all of a creator's, as services do that keep no window.
"""

import collections
import datetime as dt
import math
import os
import statistics

import sqlalchemy as sa
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

DSN = os.environ["DSN"]
WINDOW = 30


class Base(DeclarativeBase):
    pass


class Video(Base):
    __tablename__ = "peer_videos"
    video_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    handle: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
    views: Mapped[int] = mapped_column(sa.BigInteger)
    likes: Mapped[int] = mapped_column(sa.BigInteger)
    comments: Mapped[int] = mapped_column(sa.BigInteger)
    shares: Mapped[int] = mapped_column(sa.BigInteger)


class Engagement(BaseModel):
    handle: str
    posts: int
    er_median: float
    er_mean: float
    er_total: float
    like_rate: float
    comment_rate: float
    share_rate: float


class Analytics(BaseModel):
    handle: str
    posts: int
    views_median: float
    views_p90: float
    er_mean: float
    er_total: float
    posts_per_week: float
    best_weekday: int | None
    best_hour: int | None
    outliers: int


NEWEST = sa.select(Video).order_by(Video.created_at.desc()).limit(WINDOW)
ALL = sa.select(Video)
app = FastAPI()


def engagement(handle, rows):
    if not rows:
        raise HTTPException(404)
    seen = [row for row in rows if row.views > 0]
    rates = [(row.likes + row.comments + row.shares) / row.views for row in seen]
    views = sum(row.views for row in seen)
    return Engagement(
        handle=handle,
        posts=len(seen),
        er_median=statistics.median(rates),
        er_mean=statistics.fmean(rates),
        er_total=sum(row.likes + row.comments + row.shares for row in seen) / views,
        like_rate=statistics.median(row.likes / row.views for row in seen),
        comment_rate=statistics.median(row.comments / row.views for row in seen),
        share_rate=statistics.median(row.shares / row.views for row in seen),
    )


def analytics(handle, rows):
    if not rows:
        raise HTTPException(404)
    views = [row.views for row in rows]
    engaged = [row.likes + row.comments + row.shares for row in rows]
    rates = [part / whole for part, whole in zip(engaged, views) if whole > 0]
    logs = [math.log1p(count) for count in views]
    middle = statistics.median(logs)
    distances = [abs(log - middle) for log in logs]
    spread = 1.4826 * statistics.median(distances)
    slots = collections.defaultdict(list)
    for row in rows:
        slots[row.created_at.weekday(), row.created_at.hour].append(row.views)
    means = [(statistics.fmean(seen), slot) for slot, seen in slots.items() if len(seen) > 1]
    weekday, hour = max(means)[1] if means else (None, None)
    posted = sorted(row.created_at for row in rows)
    weeks = (posted[-1] - posted[0]) / dt.timedelta(weeks=1)
    return Analytics(
        handle=handle,
        posts=len(rows),
        views_median=statistics.median(views),
        views_p90=statistics.quantiles(views, n=10, method="inclusive")[-1] if len(views) > 1 else views[0],
        er_mean=statistics.fmean(rates) if rates else 0.0,
        er_total=sum(engaged) / max(sum(views), 1),
        posts_per_week=(len(rows) - 1) / weeks if weeks > 0 else 0.0,
        best_weekday=weekday,
        best_hour=hour,
        outliers=sum(distance > 3.5 * spread for distance in distances),
    )


if os.environ["MODE"] == "sync":
    engine = sa.create_engine(DSN.replace("postgresql://", "postgresql+psycopg://"), pool_size=16, max_overflow=0)
    Session = sessionmaker(engine)

    @app.get("/creators/{handle}/engagement", response_model=Engagement)
    def creator(handle: str):
        with Session() as session:
            return engagement(handle, session.scalars(NEWEST.where(Video.handle == handle)).all())

    @app.get("/creators/{handle}/analytics", response_model=Analytics)
    def whole(handle: str):
        with Session() as session:
            return analytics(handle, session.scalars(ALL.where(Video.handle == handle)).all())

else:
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine(DSN.replace("postgresql://", "postgresql+asyncpg://"), pool_size=16, max_overflow=0)
    Session = async_sessionmaker(engine)

    @app.get("/creators/{handle}/engagement", response_model=Engagement)
    async def creator(handle: str):
        async with Session() as session:
            return engagement(handle, (await session.scalars(NEWEST.where(Video.handle == handle))).all())

    @app.get("/creators/{handle}/analytics", response_model=Analytics)
    async def whole(handle: str):
        async with Session() as session:
            return analytics(handle, (await session.scalars(ALL.where(Video.handle == handle))).all())
