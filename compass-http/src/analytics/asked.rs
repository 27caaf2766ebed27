//! What a client wants to know of a creator, and the answer with its tag.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::Response,
};
use compass_core::{
    Handle, UserId, Zone,
    analytics::{CreatorReport, EngagementFigures, ReportOptions, Subject, Window},
    app,
    ports::{Clock, CreatorStore, ImportStore, StoreError},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::IntoParams;

use crate::{
    computations::Computations,
    extract::{Path, Query},
    kept_reports::{KeptReports, Question},
    learnt_corpus::{Learnt, LearntCorpus, Newest},
    problem::{Problem, ProblemKind},
    provides::{HostState, Provides},
    shared::Shared,
    tagged::Tagged,
    this_machine::KnownHost,
    tiktok::unknown_creator,
};

const MOST_POSTS: usize = 1_000;

/// What the figures are to be about; without a value, what a report looks at by itself.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Focus {
    /// The moment that the figures speak of; without it, now.
    pub(super) as_of: Option<Timestamp>,
    /// The figures per post are those of so many of the newest posts.
    #[param(minimum = 1, maximum = 1000, default = 30)]
    pub(super) window: Option<usize>,
    /// The zone of weekdays and hours, such as `Europe/Berlin`; without it, UTC.
    #[param(value_type = Option<String>, format = "iana-time-zone")]
    pub(super) zone: Option<Zone>,
}

impl Focus {
    pub(crate) fn options(&self) -> Result<ReportOptions, Problem> {
        let mut options = ReportOptions::default();
        if let Some(posts) = self.window {
            if !(1..=MOST_POSTS).contains(&posts) {
                let why = format!("window: it is a number of posts, 1 to {MOST_POSTS}");
                return Err(Problem::new(ProblemKind::BadRequest).with_detail(why));
            }
            options.window = Window { posts, ..options.window };
        }
        options.zone = self.zone.clone().unwrap_or(options.zone);
        Ok(options)
    }
}

/// A question about one creator: who, and `Q`, which says what the figures are to be about.
#[derive(Debug)]
pub(crate) struct Asked<Q> {
    pub(crate) handle: Handle,
    pub(crate) query: Q,
    creators: Arc<dyn CreatorStore>,
    clock: Arc<dyn Clock>,
    /// The tags of the copies that the client has.
    has: HeaderMap,
    kept: Option<KeptReports>,
    /// Taken once: the host may learn anew while this is answered.
    learnt: Newest,
    computations: Computations,
}

impl<S, Q> FromRequestParts<S> for Asked<Q>
where
    S: HostState + Provides<Arc<dyn CreatorStore>> + Provides<Arc<dyn Clock>>,
    Q: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        KnownHost::from_request_parts(parts, state).await?;
        let Path(handle) = Path::from_request_parts(parts, state).await?;
        let Query(query) = Query::from_request_parts(parts, state).await?;
        let (creators, clock) = (state.provide(), state.provide());
        let kept = parts.extensions.get::<KeptReports>().cloned();
        let learnt = parts.extensions.get::<LearntCorpus>().map(LearntCorpus::newest).unwrap_or_default();
        let computations = Shared::computations(&parts.extensions);
        let mut has = HeaderMap::new();
        for tags in parts.headers.get_all(header::IF_NONE_MATCH) {
            has.append(header::IF_NONE_MATCH, tags.clone());
        }
        Ok(Self { handle, query, creators, clock, has, kept, learnt, computations })
    }
}

impl Asked<Focus> {
    /// The answer, kept or computed, or that the client's copy of it is still good.
    pub(super) async fn answer<T: Serialize, F: Future<Output = Result<T, Problem>>>(
        &self,
        section: &'static str,
        says: impl FnOnce() -> F,
    ) -> Result<Response, Problem> {
        // What computes is large, and apart from what only gives what is kept.
        let compute = || async { Ok(Tagged::of(&says().await?)) };
        let tagged = match &self.kept {
            Some(kept) => kept.answer(self.question(section), compute).await?,
            None => Box::pin(compute()).await?,
        };
        Ok(tagged.answer(&self.has))
    }

    /// A section that is cut from the report.
    pub(super) async fn cut<T: Serialize>(
        &self,
        section: &'static str,
        view: impl FnOnce(CreatorReport) -> T,
    ) -> Result<Response, Problem> {
        self.answer(section, || async { Ok(view(self.report().await?)) }).await
    }

    fn question(&self, section: &'static str) -> Question {
        let Focus { as_of, window, zone } = &self.query;
        Question {
            section,
            handle: self.handle.clone(),
            as_of: as_of.ok_or_else(|| app::settled(self.clock.now(), None)),
            posts: *window,
            zone: zone.as_ref().map(ToString::to_string),
            learnt_at: self.learnt(as_of.unwrap_or_else(|| self.clock.now())).map(|learnt| learnt.at),
        }
    }

    pub(super) async fn engagement(&self) -> Result<EngagementFigures, Problem> {
        let (creators, now, options) = (&*self.creators, self.clock.now(), self.query.options()?);
        let figures = app::engagement(creators, &self.handle, self.query.as_of, now, &options).await?;
        figures.ok_or_else(|| unknown_creator(&self.handle))
    }

    pub(super) async fn report(&self) -> Result<CreatorReport, Problem> {
        let options = self.query.options()?;
        let report = self.report_with(self.query.as_of, &options);
        match &self.kept {
            Some(kept) => kept.report(self.question("whole"), report).await,
            None => report.await,
        }
    }

    /// The report with what the person's own exports tell, which is the person's alone.
    pub(crate) async fn own_report(
        &self,
        imports: &dyn ImportStore,
        user: UserId,
    ) -> Result<Option<CreatorReport>, Problem> {
        let mut options = self.query.options()?;
        let (now, asked, learnt) = (self.clock.now(), self.query.as_of, self.learnt.clone());
        let by = asked.unwrap_or(now);
        let read = async { Ok(app::own_subject(&*self.creators, imports, user, &self.handle, by).await?) };
        let compute = move |subject: Option<Subject>| {
            let subject = subject?;
            let newest = subject.newest(by)?;
            let as_of = asked.unwrap_or_else(|| app::settled(now, Some(newest)));
            options.corpus = learnt.corpus(as_of);
            Some(subject.report(as_of, &options))
        };
        self.computations.run(read, compute).await
    }
}

impl<Q: Sync> Asked<Q> {
    pub(super) async fn report_with(
        &self,
        as_of: Option<Timestamp>,
        options: &ReportOptions,
    ) -> Result<CreatorReport, Problem> {
        let creators = &*self.creators;
        let as_of = match as_of {
            Some(moment) => moment,
            None => settled_now(creators, self.clock.now(), std::slice::from_ref(&self.handle)).await?,
        };
        let options = ReportOptions { corpus: self.learnt.corpus(as_of), ..options.clone() };
        let report = report_of(creators, &self.handle, as_of, &options, &self.computations).await?;
        report.ok_or_else(|| unknown_creator(&self.handle))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a report as of a moment is compared with, if anything was learnt for it.
    pub(super) fn learnt(&self, as_of: Timestamp) -> Option<&Learnt> {
        self.learnt.learnt(as_of)
    }

    /// The answer, or that the client's copy of it is still good.
    pub(crate) fn answer_once(&self, says: &impl Serialize) -> Response {
        Tagged::of(says).answer(&self.has)
    }
}

/// Makes a report where its computing holds up no other request, when it is its turn.
pub(super) async fn report_of(
    creators: &dyn CreatorStore,
    handle: &Handle,
    as_of: Timestamp,
    options: &ReportOptions,
    computations: &Computations,
) -> Result<Option<CreatorReport>, Problem> {
    let (options, read) = (options.clone(), async { Ok(app::subject(creators, handle, as_of).await?) });
    let compute = move |subject: Option<Subject>| subject.map(|subject| subject.report(as_of, &options));
    computations.run(read, compute).await
}

/// The latest moment that says the same as now of each creator, up to the hour.
pub(super) async fn settled_now(
    creators: &dyn CreatorStore,
    now: Timestamp,
    handles: &[Handle],
) -> Result<Timestamp, StoreError> {
    let mut settled = app::settled(now, None);
    for handle in handles {
        if let Some(profile) = creators.find(handle).await?
            && let Some(newest) = creators.latest(profile.id, now).await?
        {
            settled = settled.max(newest.observed_at);
        }
    }
    Ok(settled)
}
