//! Everything that was observed of an account, as a file that other programs read.

use std::{
    collections::VecDeque,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{Extensions, header},
    response::{IntoResponse, Response},
};
#[cfg(feature = "parquet")]
use compass_core::exchange::ParquetWriter;
use compass_core::{
    Batch, Handle,
    app::Observations,
    exchange::{CsvWriter, ExchangeError, Exporter, JsonlWriter},
    ports::{CorpusStore, CreatorStore, StoreError},
};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use tokio::task::{JoinError, spawn_blocking};
use tracing::Instrument as _;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    extract::{Path, Query},
    manners::ClientAddress,
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    shared::Shared,
    this_machine::KnownHost,
    tiktok::find,
    turns::{Taken, Turn, Turns},
};

/// So many observations are in memory at a time.
const AT_ONCE: u32 = 2_000;

/// Columns are gathered until a row group is full: so many rows of it.
#[cfg(feature = "parquet")]
const ROWS_OF_A_GROUP: usize = 8_192;

/// So many files of columns of one address are gathered at once,
const OF_AN_ADDRESS: usize = 2;
/// and so many of all together;
const OF_ALL: usize = 8;
/// whoever waits longer for a turn is told to come back.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bounds how many files of columns are written at once, each of which holds a row group in memory for as long as its client takes.
#[derive(Clone, Debug)]
pub(crate) struct ColumnFiles(Turns<Option<IpAddr>>);

impl ColumnFiles {
    async fn turn(&self, extensions: &Extensions) -> Result<Turn, Problem> {
        let address = extensions.get().copied().and_then(ClientAddress::household);
        self.0.turn(address, PATIENCE).await.map_err(|taken| {
            let whose = match taken {
                Taken::ByOne => "two files of Parquet are being sent to your address",
                Taken::ByAll => "too many files of Parquet are being sent",
            };
            let why = format!("{whose}; ask again in a moment, or for format=jsonl or csv");
            Problem::new(ProblemKind::Unavailable).with_detail(why).with_retry_after(PATIENCE)
        })
    }
}

impl Default for ColumnFiles {
    fn default() -> Self {
        Self(Turns::new(OF_AN_ADDRESS, OF_ALL))
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// One object a line, of profiles and posts.
    #[default]
    Jsonl,
    /// A table for spreadsheets.
    Csv,
    /// Typed columns.
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Table {
    /// Observations of the account.
    Profiles,
    /// Observations of its posts.
    Posts,
}

/// A file that is no text.
#[derive(Debug)]
struct Binary;

impl ToSchema for Binary {}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let bytes = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(bytes)).into()
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How it is written; without it, `jsonl`.
    #[param(inline)]
    format: Option<Format>,
    /// Which table, with `csv` and `parquet`; without it, `posts`.
    #[param(inline)]
    table: Option<Table>,
}

impl Wanted {
    /// The format, and the only table that is wanted.
    fn checked(&self) -> Result<(Format, Option<Table>), Problem> {
        let refused = |why: &str| Err(Problem::new(ProblemKind::BadRequest).with_detail(why));
        match (self.format.unwrap_or_default(), self.table) {
            (Format::Jsonl, Some(_)) => refused("table: JSON Lines hold both tables; leave it out"),
            (Format::Jsonl, None) => Ok((Format::Jsonl, None)),
            (Format::Parquet, _) if cfg!(not(feature = "parquet")) => {
                refused("format: this service was built without Parquet; it writes jsonl and csv")
            }
            (format, table) => Ok((format, Some(table.unwrap_or(Table::Posts)))),
        }
    }
}

/// Gives every observation of an account and its posts, oldest first, as a file (`compass.observations/1`).
///
/// The file is written while it is sent; where the store fails in between, the connection breaks off. Of Parquet an address gets two
/// files at once.
#[utoipa::path(
    get, path = "/analytics/{handle}/export", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Wanted),
    responses(
        (status = 200, description = "The file", content(
            (String = "application/jsonl"), (String = "text/csv"), (Binary = "application/vnd.apache.parquet")
        )),
        Fails<400>, Fails<404>, Fails<422>, Fails<503>
    )
)]
pub(super) async fn export(
    _here: KnownHost,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(corpus): Provided<Arc<dyn CorpusStore>>,
    Path(handle): Path<Handle>,
    Query(wanted): Query<Wanted>,
    extensions: Extensions,
) -> Result<Response, Problem> {
    let (format, table) = wanted.checked()?;
    let creator = find(&*creators, &handle).await?.id;
    let tables = match table {
        None => vec![Observations::of_profile(creator), Observations::of_posts(creator)],
        Some(Table::Profiles) => vec![Observations::of_profile(creator)],
        Some(Table::Posts) => vec![Observations::of_posts(creator)],
    };
    let turn = match format {
        Format::Jsonl | Format::Csv => None,
        Format::Parquet => Some(Shared::column_files(&extensions).turn(&extensions).await?),
    };
    let written = Written::default();
    let writing = Writing { exporter: exporter(format, table, &written)?, _turn: turn };
    let mut pieces = Pieces { corpus, tables: tables.into(), writing: Some(writing), written };
    // A store that is away is told before the answer begins.
    let first = pieces.next().await?;
    let headers = [
        (header::CONTENT_TYPE, content_type(format).to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&handle, format, table))),
    ];
    let body = stream::iter(first.map(Ok)).chain(pieces.stream());
    Ok((headers, Body::from_stream(body)).into_response())
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Jsonl => "application/jsonl",
        Format::Csv => "text/csv; charset=utf-8",
        Format::Parquet => "application/vnd.apache.parquet",
    }
}

fn file_name(handle: &Handle, format: Format, table: Option<Table>) -> String {
    let ending = match format {
        Format::Jsonl => "jsonl",
        Format::Csv => "csv",
        Format::Parquet => "parquet",
    };
    match table {
        None => format!("{handle}.{ending}"),
        Some(Table::Profiles) => format!("{handle}-profiles.{ending}"),
        Some(Table::Posts) => format!("{handle}-posts.{ending}"),
    }
}

type BoxedExporter = Box<dyn Exporter + Send>;
type Out = Box<dyn io::Write + Send>;

/// Writes the wanted table; the other one, of which nothing is read, goes nowhere.
fn exporter(format: Format, table: Option<Table>, written: &Written) -> Result<BoxedExporter, Broken> {
    let out =
        |this: Table| -> Out { if table == Some(this) { Box::new(written.clone()) } else { Box::new(io::sink()) } };
    Ok(match format {
        Format::Jsonl => Box::new(JsonlWriter::new(written.clone())?),
        Format::Csv => Box::new(CsvWriter::new(out(Table::Profiles), out(Table::Posts))?),
        #[cfg(feature = "parquet")]
        Format::Parquet => {
            let (profiles, posts) = (out(Table::Profiles), out(Table::Posts));
            Box::new(ParquetWriter::new(profiles, posts)?.with_rows_of_a_group(ROWS_OF_A_GROUP))
        }
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => unreachable!("it was refused"),
    })
}

/// What was written and not yet sent.
#[derive(Clone, Debug, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why a file is not written to its end.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Unwritten(#[from] ExchangeError),
    #[error("the file was not written to its end")]
    Ended(#[from] JoinError),
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Store(error) => error.into(),
            other => Self::new(ProblemKind::Internal).with_cause(other),
        }
    }
}

/// A file on its way: what is read is written and sent before more is read.
struct Pieces {
    corpus: Arc<dyn CorpusStore>,
    tables: VecDeque<Observations>,
    /// `None` once the file is whole.
    writing: Option<Writing>,
    written: Written,
}

/// A file that is not whole yet, with its turn.
struct Writing {
    exporter: BoxedExporter,
    _turn: Option<Turn>,
}

impl Writing {
    /// Writes more, or the end, where that holds up no other request. It gives itself back unless that was the end.
    async fn on(mut self, batch: Option<Batch>) -> Result<Option<Self>, Broken> {
        let write = move || match batch {
            Some(batch) => self.exporter.write(&batch).map(|()| Some(self)),
            None => self.exporter.finish().map(|()| None),
        };
        Ok(spawn_blocking(write).await??)
    }
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        while let Some(writing) = self.writing.take() {
            let batch = self.batch().await?;
            self.writing = writing.on(batch).await?;
            let piece = self.written.take();
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// What is to be written next; `None` at the end.
    async fn batch(&mut self) -> Result<Option<Batch>, StoreError> {
        while let Some(table) = self.tables.front_mut() {
            match table.next(&*self.corpus, AT_ONCE).await? {
                Some(batch) => return Ok(Some(batch)),
                None => drop(self.tables.pop_front()),
            }
        }
        Ok(None)
    }

    fn stream(self) -> impl Stream<Item = Result<Bytes, Broken>> + Send {
        let span = tracing::Span::current();
        let pieces = stream::try_unfold(self, move |mut pieces| {
            let next = async move { Ok(pieces.next().await?.map(|piece| (piece, pieces))) };
            next.instrument(span.clone())
        });
        pieces.inspect(|piece| {
            if let Err(error) = piece {
                tracing::error!(%error, "an export breaks off");
            }
        })
    }
}
