//! What the scenarios over several ports have in common: the store as a whole, and people with their things.

use jiff::{Timestamp, ToSpan as _};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Advice, AdviceId, AudienceObservation, AuditEvent, AuditId, Client, Handle, Identity, Import, ImportId, JobId,
    KeptReport, NewJob, OwnData, Progress, RefreshToken, Refusal, ReportId, Session, SessionId, SourceKind, Text,
    UserId,
    analytics::{AudienceShares, AudienceSource, Dimension, Shares},
    own_data::{ActiveHour, DatedBy, OwnDay, OwnExport},
    ports::{
        AccountData, AccountStore, AdviceLedger, AudienceStore, AuditLog, CreatorStore, ImportStore, JobStore, Lease,
        RefreshTokens, ReportStore, Retention, SignInStore,
    },
};

/// A store that keeps everything that is of people.
pub trait WholeStore:
    AccountData
    + AccountStore
    + AdviceLedger
    + AudienceStore
    + AuditLog
    + CreatorStore
    + ImportStore
    + JobStore
    + RefreshTokens
    + ReportStore
    + Retention
    + SignInStore
{
}

impl<T> WholeStore for T where
    T: AccountData
        + AccountStore
        + AdviceLedger
        + AudienceStore
        + AuditLog
        + CreatorStore
        + ImportStore
        + JobStore
        + RefreshTokens
        + ReportStore
        + Retention
        + SignInStore
{
}

/// Noon of a day in May.
pub fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a constant")
}

/// The n-th person.
pub fn user_id(n: u8) -> UserId {
    UserId(id(n, 0))
}

/// The n-th person's session.
pub fn session_id(n: u8) -> SessionId {
    SessionId(id(n, 1))
}

/// Signs the n-th person in, in a session of ten days.
pub async fn person(store: &dyn WholeStore, n: u8) -> UserId {
    let identity = Identity {
        issuer: "https://issuer.example".to_owned(),
        subject: format!("subject-of-{n}"),
        email: Some(format!("person{n}@example.com")),
        name: Some(format!("Person No {n}")),
    };
    let user = store.sign_in(&identity, user_id(n), noon() - 1.hour()).await.unwrap().id;
    store.open_session(&session(n)).await.unwrap();
    user
}

/// The n-th person's session.
pub fn session(n: u8) -> Session {
    Session {
        id: session_id(n),
        user: user_id(n),
        token_hash: [n; 32],
        opened_at: noon(),
        expires_at: noon() + 240.hours(),
        last_seen_at: noon(),
        ended_at: None,
        client: Client {
            ip: Some(std::net::IpAddr::from([192, 0, 2, n])),
            user_agent: Some(Text::parse(&format!("Browser/{n}")).expect("a constant")),
        },
    }
}

/// A token of the n-th person's session.
pub fn token(n: u8, hash: u8, issued_at: Timestamp) -> RefreshToken {
    RefreshToken::new([hash; 32], session_id(n), issued_at, noon() + 240.hours())
}

/// Something that the n-th person imported.
pub fn import(n: u8) -> Import {
    Import {
        id: ImportId(id(n, 2)),
        user: Some(user_id(n)),
        handle: ada(),
        source: SourceKind::StudioExport,
        digest: [n; 32],
        imported_at: noon() + 3.minutes(),
        accepted: 28,
        refused: 1,
        refusals: vec![Refusal {
            item: Some("line 12".to_owned()),
            reason: "missing_field".to_owned(),
            detail: format!("Person No {n} has no date here"),
        }],
        own: Some(own_data(n)),
    }
}

/// What the n-th person exported.
fn own_data(n: u8) -> OwnData {
    let day = jiff::civil::date(2026, 4, 30);
    let shares = Shares::parse(Dimension::Gender, [("female", 0.625), ("male", 0.25)]).expect("shares");
    let followers =
        AudienceShares { source: AudienceSource::StudioExport, dimensions: [(Dimension::Gender, shares)].into() };
    let count = |count| Some(crate::Count::exact(count).expect("small"));
    let of_day = OwnDay { views: Some(-3), followers: count(5_000 + u64::from(n)), ..OwnDay::default() };
    let hour = ActiveHour { day, hour: 23, followers: None };
    let export = OwnExport { followers, active_hours: vec![hour], ..OwnExport::new(DatedBy::FileName) };
    OwnData { days: [(day, of_day)].into(), exports: [(day, export)].into(), ..OwnData::new(ada()) }
}

/// The audience that the n-th person's import tells of.
pub fn audience(n: u8) -> AudienceObservation {
    let genders = Shares::parse(Dimension::Gender, [("female", 0.625), ("male", 0.25)]).expect("shares");
    let territories = Shares::parse(Dimension::Territory, [("DE", 0.5), ("Others", 0.5)]).expect("shares");
    AudienceObservation {
        import: import(n).id,
        observed_at: noon() - 24.hours(),
        shares: AudienceShares {
            source: AudienceSource::StudioExport,
            dimensions: [(Dimension::Gender, genders), (Dimension::Territory, territories)].into(),
        },
    }
}

/// A report with the n-th person's private export in it.
pub fn report(n: u8) -> KeptReport {
    KeptReport {
        id: ReportId(id(n, 3)),
        handle: ada(),
        creator: Some(crate::CreatorId::parse("7065499344158344198").expect("a constant")),
        compared: [crate::CreatorId::parse("6785231649877238021").expect("a constant")].into(),
        private_to: Some(user_id(n)),
        as_of: noon() - 5.minutes(),
        made_at: noon() + 1.second(),
        engine: "0.1.0".to_owned(),
        input_hash: [n; 32],
        report: json!({"schema": "compass.report/1", "rate": 0.061_000_000_000_000_01, "of": format!("Person No {n}")}),
        inputs_thinned_at: None,
    }
}

/// Advice to the n-th person.
pub fn advice(n: u8) -> Advice {
    Advice {
        id: AdviceId(id(n, 4)),
        user: user_id(n),
        report: report(n).id,
        given_at: noon() + 1.minute(),
        kind: "post_at".to_owned(),
        said: json!({"hour": 18, "to": format!("Person No {n}")}),
        expected: json!({"metric": "er.views.median@1", "lo": 0.05, "hi": 0.07}),
        due_at: noon() + 72.hours(),
        outcome: None,
    }
}

/// Something that the n-th person did.
pub fn event(n: u8) -> AuditEvent {
    AuditEvent {
        id: AuditId(id(n, 5)),
        at: noon() + 2.minutes(),
        actor: Some(user_id(n)),
        action: "session_opened".to_owned(),
        subject: None,
        detail: json!({"name": format!("Person No {n}")}),
        ip: Some(std::net::IpAddr::from([192, 0, 2, n])),
    }
}

/// The n-th person's refresh.
pub fn wish(n: u8) -> NewJob {
    let handle = Handle::parse(&format!("account{n}")).expect("a constant");
    NewJob { id: JobId(id(n, 6)), handle, requested_by: Some(user_id(n)), at: noon() }
}

/// Lets the n-th person leave something everywhere: also used tokens, a running job, and what another did to the person.
pub async fn with_everything(store: &dyn WholeStore, n: u8) -> UserId {
    let user = person(store, n).await;
    let other = person(store, n + 100).await;
    store.session_seen(session_id(n), &session(n).client, noon() + 7.minutes()).await.unwrap();
    let first = RefreshToken { expires_at: noon() + 200.hours(), ..token(n, n + 100, noon()) };
    store.issue(&first).await.unwrap();
    store.rotate([n + 100; 32], &token(n, n + 150, noon() + 1.hour())).await.unwrap();
    store.add(&import(n), &[audience(n)]).await.unwrap();
    store.keep(&report(n)).await.unwrap();
    store.advise(&advice(n)).await.unwrap();
    store.append(&event(n)).await.unwrap();
    let done_to = AuditEvent { id: AuditId(id(n, 7)), actor: Some(other), subject: Some(user), ..event(n) };
    store.append(&done_to).await.unwrap();
    store.enqueue(&wish(n)).await.unwrap();
    let claim = store.claim(Lease { now: noon(), until: noon() + 37.minutes() }).await.unwrap().unwrap();
    let at = noon() + 4.seconds();
    store.progress(&claim, &Progress::Started { attempt: 1 }, at, noon() + 38.minutes()).await.unwrap();
    user
}

/// A handle.
pub fn ada() -> Handle {
    Handle::parse("ada").expect("a constant")
}

/// An id of its own for each kind of thing of each person.
fn id(n: u8, kind: u8) -> Uuid {
    Uuid::from_u128(0x7000_0000_0000_0000_8000_0000_0000_0000 + (u128::from(kind) << 16) + u128::from(n))
}
