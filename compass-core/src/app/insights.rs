//! A person's insights: what the report on the own account says, kept with what it predicts, beside how earlier advice did.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    advice::{MOST_ADVICE, advise, is_new, is_on, text, told},
    known_subject,
    report::settled,
};
use crate::{
    Advice, Handle, KeptReport, Preferences, ReportId, UserId, Zone,
    analytics::{AudienceTarget, Corpus, CreatorReport, Interval, ReportOptions, Subject},
    ports::{AdviceLedger, AudienceStore, Clock, CreatorStore, ImportStore, Random, ReportStore, StoreError, new_uuid},
    recommend::{AdviceResult, AdviceVerdict, InsightOptions, Insights, Prediction, TrackRecord, insights},
};

/// Tells people what the reports on their accounts say, and answers for it later.
///
/// In three steps, so that a host may compute where that holds nobody up: [`gather`](Self::gather) reads,
/// [`Gathered::compute`] takes milliseconds, [`tell`](Self::tell) keeps what is new. [`insights`](Self::insights) takes all three.
#[derive(Clone, Debug)]
pub struct Advisor {
    /// What was observed.
    pub creators: Arc<dyn CreatorStore>,
    /// What people exported of their own accounts.
    pub imports: Arc<dyn ImportStore>,
    /// Audiences that people brought.
    pub audiences: Arc<dyn AudienceStore>,
    /// Reports that advice was taken from.
    pub reports: Arc<dyn ReportStore>,
    /// What people were advised.
    pub ledger: Arc<dyn AdviceLedger>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids of kept reports.
    pub random: Arc<dyn Random>,
    /// What the reports compare with, as of now.
    pub corpus: Arc<Corpus>,
}

/// Everything that a person's insights are made of.
#[derive(Clone, Debug)]
pub struct Gathered {
    user: UserId,
    now: Timestamp,
    as_of: Timestamp,
    subject: Subject,
    options: ReportOptions,
    before: Vec<Advice>,
}

/// What a report says to a person, not told yet.
#[derive(Clone, Debug)]
pub struct Computed {
    user: UserId,
    now: Timestamp,
    before: Vec<Advice>,
    report: CreatorReport,
    insights: Insights,
    news: Option<News>,
}

/// What a report is kept with, if it says anything that is new and due some day.
#[derive(Clone, Debug)]
struct News {
    input_hash: [u8; 32],
    private_to: Option<UserId>,
    report: Result<Value, String>,
}

/// What a report says to a person, and how earlier advice to that person did.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonalInsights {
    /// The report that it is taken from.
    pub report: CreatorReport,
    /// What it says, the most useful first.
    pub insights: Insights,
    /// How all the advice to this person did, whatever the account; what is told now is open in it.
    pub record: TrackRecord,
    /// What this person was told of this account, the newest first: twenty pieces at most.
    pub told: Vec<PastAdvice>,
}

/// A piece of advice, what was expected, and what came.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PastAdvice {
    /// The name of the insight; the same question has the same name in the next report.
    pub insight: String,
    /// What was said, in the words of that day.
    pub text: String,
    /// When, UTC.
    pub given_at: Timestamp,
    /// From when on it can be told whether it came true.
    pub due_at: Timestamp,
    /// The difference in views that was expected, 0.2 is a fifth more; or the followers.
    pub expected: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// What was seen since, in the same unit; `None` while it is open, and where it cannot be told.
    pub seen: Option<f64>,
    /// New posts behind it, or 1 for a count of followers; 0 while it is open.
    pub n: u64,
    /// Whether it came; `None` while it is open.
    pub verdict: Option<AdviceVerdict>,
    /// Whether the interval held, widened by what the new posts leave open; `None` if it is not known.
    pub held: Option<bool>,
}

/// What was told less than a day before is still new: whoever asks again gets the same answer.
const STILL_NEW: SignedDuration = SignedDuration::from_hours(24);

/// So many pieces of earlier advice are given.
const SHOWN: usize = 20;

impl Advisor {
    /// What the report on an account says to a person, now; `None` if nothing of the account was observed, and the person exported nothing of
    /// it.
    ///
    /// Asked again, it says the same again and keeps nothing twice: advice is kept with the report that it was taken from, unless a
    /// piece of the same name is still open.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails, [`StoreError::NotFound`] if it knows no such person.
    pub async fn insights(
        &self,
        user: UserId,
        handle: &Handle,
        preferences: &Preferences,
    ) -> Result<Option<PersonalInsights>, StoreError> {
        match self.gather(user, handle, preferences).await? {
            Some(gathered) => self.tell(gathered.compute()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Reads what a person's insights on an account are made of; `None` if nothing of it was observed, and the person exported nothing of it.
    ///
    /// The zone and the target audience are those of the preferences. The audience is the newest that the person may see; of what it does not
    /// tell, posts let guess. What the person's
    /// own exports tell goes into the report, which is as private as they are.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails.
    pub async fn gather(
        &self,
        user: UserId,
        handle: &Handle,
        preferences: &Preferences,
    ) -> Result<Option<Gathered>, StoreError> {
        let now = self.clock.now();
        let subject = known_subject(&*self.creators, &*self.imports, user, handle, now).await?;
        let Some(subject) = subject.filter(|subject| subject.newest(now).is_some()) else { return Ok(None) };
        let as_of = settled(now, subject.newest(now));
        let target = AudienceTarget::from(&preferences.target);
        let told = match target.is_empty() {
            true => None,
            false => self.audiences.audience(handle, Some(user), as_of).await?,
        };
        let options = ReportOptions {
            zone: preferences.zone.clone().unwrap_or_else(Zone::utc),
            audience: told.map(|told| told.shares),
            wanted: target,
            corpus: Arc::clone(&self.corpus),
            ..ReportOptions::default()
        };
        let before = self.ledger.advice_to(user, MOST_ADVICE).await?;
        Ok(Some(Gathered { user, now, as_of, subject, options, before }))
    }

    /// Keeps what is new of it, with the report, and gives it beside how earlier advice did.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails, [`StoreError::NotFound`] if it knows no such person.
    pub async fn tell(&self, computed: Computed) -> Result<PersonalInsights, StoreError> {
        let Computed { user, now, before: mut advice, report, insights, news } = computed;
        if let Some(news) = news {
            let kept = KeptReport {
                id: ReportId(new_uuid(&*self.random, now)),
                handle: report.handle.clone(),
                creator: report.id,
                compared: Default::default(),
                private_to: news.private_to,
                as_of: report.as_of,
                made_at: now,
                engine: env!("CARGO_PKG_VERSION").to_owned(),
                input_hash: news.input_hash,
                report: news.report.map_err(StoreError::Invalid)?,
                inputs_thinned_at: None,
            };
            let kept = self.reports.keep(&kept).await?.id;
            advise(&*self.ledger, user, kept, &report, &insights, now).await?;
            advice = self.ledger.advice_to(user, MOST_ADVICE).await?;
        }
        let record = TrackRecord::of(&advice);
        let of_account = advice.iter().filter(|piece| is_on(piece, &report));
        let told = of_account.take(SHOWN).map(PastAdvice::of).collect();
        Ok(PersonalInsights { report, insights, record, told })
    }
}

impl Gathered {
    /// Makes the report and says what it means. What was told before is less new.
    #[must_use]
    pub fn compute(self) -> Computed {
        let Self { user, now, as_of, subject, options, before } = self;
        let report = subject.report(as_of, &options);
        let mut told = told(&before, &report);
        told.retain(|told| told.at <= as_of.checked_sub(STILL_NEW).unwrap_or(Timestamp::MIN));
        let insights = insights(&report, &InsightOptions { told });
        let is_due = |insight: &_| Prediction::of(insight, &report, now).is_some();
        let is_news = insights.insights.iter().any(|insight| is_new(&before, &report, &insight.id) && is_due(insight));
        let news = is_news.then(|| News {
            input_hash: digest(&(&subject, &options)),
            private_to: (report.audience.is_some() || subject.own.is_some()).then_some(user),
            report: serde_json::to_value(&report).map_err(|error| error.to_string()),
        });
        Computed { user, now, before, report, insights, news }
    }
}

impl Computed {
    /// The same for somebody who is not shown it: nothing of it is kept.
    #[must_use]
    pub fn untold(self) -> Self {
        Self { news: None, ..self }
    }
}

impl PastAdvice {
    fn of(advice: &Advice) -> Self {
        let expected = Prediction::from_value(&advice.expected).ok();
        let result = advice.outcome.as_ref().and_then(|outcome| AdviceResult::from_value(&outcome.found));
        // An outcome that nobody can read tells nothing.
        let unread = advice.outcome.as_ref().map(|_| AdviceVerdict::CannotTell);
        Self {
            insight: text(&advice.said, "id").unwrap_or(&advice.kind).to_owned(),
            text: text(&advice.said, "text").unwrap_or_default().to_owned(),
            given_at: advice.given_at,
            due_at: advice.due_at,
            expected: expected.as_ref().map(|expected| expected.value),
            interval: expected.map(|expected| expected.interval),
            seen: result.and_then(|result| result.value),
            n: result.map_or(0, |result| result.n),
            verdict: result.map(|result| result.verdict).or(unread),
            held: result.and_then(|result| result.held),
        }
    }
}

/// SHA-256 of everything that a value is made of, as `Debug` writes it out.
fn digest(of: &impl fmt::Debug) -> [u8; 32] {
    struct Hashed(Sha256);

    impl fmt::Write for Hashed {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.update(text);
            Ok(())
        }
    }

    let mut hashed = Hashed(Sha256::new());
    write!(hashed, "{of:?}").expect("a hash takes any text");
    hashed.0.finalize().into()
}
