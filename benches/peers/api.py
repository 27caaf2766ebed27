"""A creator's engagement as a FastAPI service over PostgreSQL would give it: MODE=sync|async DSN=... uvicorn api:app

MODE=sync has psycopg and a pool of threads, MODE=async asyncpg. The table peer_videos has the newest observation of each post.
"""

import datetime as dt
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


NEWEST = sa.select(Video).order_by(Video.created_at.desc()).limit(WINDOW)
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


if os.environ["MODE"] == "sync":
    engine = sa.create_engine(DSN.replace("postgresql://", "postgresql+psycopg://"), pool_size=16, max_overflow=0)
    Session = sessionmaker(engine)

    @app.get("/creators/{handle}/engagement", response_model=Engagement)
    def creator(handle: str):
        with Session() as session:
            return engagement(handle, session.scalars(NEWEST.where(Video.handle == handle)).all())

else:
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    engine = create_async_engine(DSN.replace("postgresql://", "postgresql+asyncpg://"), pool_size=16, max_overflow=0)
    Session = async_sessionmaker(engine)

    @app.get("/creators/{handle}/engagement", response_model=Engagement)
    async def creator(handle: str):
        async with Session() as session:
            return engagement(handle, (await session.scalars(NEWEST.where(Video.handle == handle))).all())
