//! Everything that was observed of an account, as a file that other programs read.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
};
#[cfg(feature = "parquet")]
use compass_core::exchange::ParquetWriter;
use compass_core::{
    Handle,
    app::Observations,
    exchange::{CsvWriter, ExchangeError, Exporter, JsonlWriter},
    ports::{CorpusStore, CreatorStore, StoreError},
};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Deserialize;
use tracing::Instrument as _;
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use crate::{
    extract::{Path, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    this_machine::KnownHost,
    tiktok::find,
};

/// So many observations are in memory at a time.
const AT_ONCE: u32 = 2_000;

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
/// The file is written while it is sent; where the store fails in between, the connection breaks off.
#[utoipa::path(
    get, path = "/analytics/{handle}/export", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Wanted),
    responses(
        (status = 200, description = "The file", content(
            (String = "application/jsonl"), (String = "text/csv"), (Binary = "application/vnd.apache.parquet")
        )),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn export(
    _here: KnownHost,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(corpus): Provided<Arc<dyn CorpusStore>>,
    Path(handle): Path<Handle>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (format, table) = wanted.checked()?;
    let creator = find(&*creators, &handle).await?.id;
    let tables = match table {
        None => vec![Observations::of_profile(creator), Observations::of_posts(creator)],
        Some(Table::Profiles) => vec![Observations::of_profile(creator)],
        Some(Table::Posts) => vec![Observations::of_posts(creator)],
    };
    let written = Written::default();
    let exporter = exporter(format, table, &written)?;
    let mut pieces = Pieces { corpus, tables: tables.into(), exporter: Some(exporter), written };
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
        Format::Parquet => Box::new(ParquetWriter::new(out(Table::Profiles), out(Table::Posts))?),
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
}

impl From<Broken> for Problem {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Store(error) => error.into(),
            Broken::Unwritten(error) => Self::new(ProblemKind::Internal).with_cause(error),
        }
    }
}

/// A file on its way: what is read is written and sent before more is read.
struct Pieces {
    corpus: Arc<dyn CorpusStore>,
    tables: VecDeque<Observations>,
    /// `None` once the file is whole.
    exporter: Option<BoxedExporter>,
    written: Written,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        while let Some(exporter) = &mut self.exporter {
            match self.tables.front_mut() {
                None => {
                    exporter.finish()?;
                    self.exporter = None;
                }
                Some(table) => match table.next(&*self.corpus, AT_ONCE).await? {
                    Some(batch) => exporter.write(&batch)?,
                    None => drop(self.tables.pop_front()),
                },
            }
            let piece = self.written.take();
            if !piece.is_empty() {
                return Ok(Some(piece));
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
