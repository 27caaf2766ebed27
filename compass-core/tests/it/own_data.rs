//! What a creator's own export adds to a report.

use compass_core::{
    ActiveHour, Count, DatedBy, Handle, Identity, Import, ImportId, OwnAccount, OwnData, OwnDay, OwnExport,
    ProfileCounts, SourceKind, Text, UserId, Video, VideoCounts, VideoId, VideoKind, VideoObservation,
    analytics::{CreatorReport, Dimension, Flag, MetricId, OwnSum, ReportOptions, Shares, Subject},
    app::{self, Brought},
    own_data::noon_of,
    ports::{AccountStore as _, CreatorStore, ImportStore as _, StoreError, new_uuid},
    samples::World,
    testing::{FixedClock, MemoryStore, SeededRandom},
};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, date},
};

fn exact(n: u64) -> Option<Count> {
    Some(Count::exact(n).unwrap())
}

/// Sixty days to 2026-04-30 on each of which ten followers came, ending at 1,600; exported on 2026-05-01.
fn own() -> OwnData {
    let mut own = OwnData::new(Handle::parse("ada").unwrap());
    for i in 0..60 {
        let gained = OwnDay {
            views: Some(100),
            comments: Some(-1),
            followers: exact(1_010 + 10 * i),
            followers_gained: Some(10),
            ..OwnDay::default()
        };
        own.days.insert(date(2026, 3, 2).saturating_add(i64::try_from(i).unwrap().days()), gained);
    }
    let gender = Shares::parse(Dimension::Gender, [("Female", 0.75), ("Male", 0.25)]).unwrap();
    export_of(&mut own, date(2026, 5, 1)).followers.dimensions.insert(Dimension::Gender, gender);
    own
}

/// The export of a day, which is new if there is none.
fn export_of(own: &mut OwnData, day: Date) -> &mut OwnExport {
    own.exports.entry(day).or_insert_with(|| OwnExport::new(DatedBy::Given))
}

/// The same with what the export of 2026-05-01 tells besides.
fn exported(mut own: OwnData, tell: impl FnOnce(&mut OwnExport)) -> OwnData {
    tell(export_of(&mut own, date(2026, 5, 1)));
    own
}

fn subject(own: OwnData) -> Subject {
    Subject { handle: own.handle.clone(), profile: None, history: Vec::new(), videos: Vec::new(), own: Some(own) }
}

fn report(own: OwnData, as_of: Date) -> CreatorReport {
    subject(own).report(noon_of(as_of), &ReportOptions::default())
}

fn look(id: &str, source: SourceKind, day: Date, views: Option<Count>) -> VideoObservation {
    VideoObservation {
        video: Video::from_id(VideoId::parse(id).unwrap(), VideoKind::Video),
        observed_at: noon_of(day),
        source,
        pinned: false,
        counts: VideoCounts { views, likes: exact(3), ..VideoCounts::default() },
    }
}

#[test]
fn an_export_alone_is_reported_without_what_it_does_not_tell() {
    let report = report(own(), date(2026, 5, 1));
    assert_eq!((report.handle.as_str(), report.name(), report.id), ("ada", "ada", None));
    assert_eq!((report.nickname, report.bio, report.verified), (None, None, None));
    assert_eq!((report.counts.followers, report.counts.likes), (exact(1_600), None));
    assert_eq!(report.sources, [SourceKind::StudioExport]);
    let followers = report.growth.followers.unwrap();
    assert_eq!((followers.days, followers.missing_days), (60, 0));
    let own = report.own.unwrap();
    assert_eq!((own.days.len(), own.followers[0].groups[0].name.as_str()), (60, "female"));
    let totals = own.totals.unwrap();
    let of_all = |sum| Some(OwnSum { sum, from: date(2026, 3, 2), to: date(2026, 4, 30), days: 60 });
    assert_eq!((totals.views, totals.comments, totals.followers), (of_all(6_000), of_all(-60), of_all(600)));
    assert_eq!(totals.likes, None);
}

#[test]
fn a_sum_is_told_of_the_days_that_have_its_figure() {
    let mut own = own();
    // A table of a week but one day, beside one of sixty days.
    for (i, day) in (24..=30).enumerate().filter(|(i, _)| *i != 3) {
        let likes = Some(i64::try_from(i).unwrap());
        own.days.get_mut(&date(2026, 4, day)).unwrap().likes = likes;
    }
    let totals = report(own, date(2026, 5, 1)).own.unwrap().totals.unwrap();
    assert_eq!(totals.likes, Some(OwnSum { sum: 18, from: date(2026, 4, 24), to: date(2026, 4, 30), days: 6 }));
    assert_eq!(totals.views.unwrap().days, 60);
}

#[test]
fn a_report_as_of_a_past_day_knows_only_the_days_before() {
    // The day itself ends after noon.
    let then = report(own(), date(2026, 3, 12));
    assert_eq!(then.counts.followers, exact(1_100));
    let own_then = then.own.unwrap();
    assert_eq!((own_then.days.len(), own_then.followers.len()), (10, 0), "who follows was told later");
    assert!(report(own(), date(2026, 3, 1)).own.is_none());
    assert_eq!(subject(own()).newest(noon_of(date(2026, 3, 1))), None);
    assert_eq!(subject(own()).newest(Timestamp::MAX), Some(noon_of(date(2026, 5, 1))));
}

#[test]
fn what_an_export_tells_later_changes_no_earlier_report() {
    let id = "7470546959699348744";
    let without = look(id, SourceKind::DataDownload, date(2026, 4, 1), None);
    let days = OwnData { days: own().days, ..OwnData::new(own().handle) };
    let before = report(OwnData { posts: vec![without.clone()], ..days.clone() }, date(2026, 4, 2));
    let later = look(id, SourceKind::StudioExport, date(2026, 5, 1), exact(90));
    let mut of_both = exported(OwnData { posts: vec![without, later], ..days }, |export| {
        export.followed_since.insert(date(2026, 1, 5), 7);
    });
    let after = report(of_both.clone(), date(2026, 4, 2));
    assert_eq!(
        (after.videos.len(), &after.videos),
        (1, &before.videos),
        "a later look with views hides no earlier one"
    );
    let told = after.own.unwrap();
    assert_eq!((told.exported_on, told.followed_since.len()), (None, 0));

    let now = report(of_both.clone(), date(2026, 5, 1)).own.unwrap();
    assert_eq!((now.exported_on, now.followed_since[0].followers), (Some(date(2026, 5, 1)), 7));
    of_both.days.clear();
    of_both.posts.clear();
    assert_eq!(subject(of_both.clone()).newest(noon_of(date(2026, 4, 2))), None, "who follows still was told in May");
    assert_eq!(of_both.sources_by(noon_of(date(2026, 4, 2))).count(), 0);
    assert_eq!(of_both.sources().collect::<Vec<_>>(), [SourceKind::DataDownload]);
}

#[test]
fn posts_that_did_best_are_such_until_a_list_shows_them() {
    let best = look("7470546959699348744", SourceKind::StudioExport, date(2026, 4, 1), exact(90));
    let listed = VideoObservation { source: SourceKind::Page, observed_at: noon_of(date(2026, 5, 1)), ..best.clone() };
    let subject = Subject { videos: vec![listed], ..subject(OwnData { posts: vec![best], ..own() }) };
    let is_of_best = |as_of| {
        let report = subject.report(noon_of(as_of), &ReportOptions::default());
        report.metrics[&MetricId("views.typical@1")].flags.contains(&Flag::BestPostsOnly)
    };
    assert!(is_of_best(date(2026, 4, 20)));
    assert!(!is_of_best(date(2026, 5, 1)));
}

#[test]
fn an_export_joins_the_profile_of_its_account() {
    let now = noon_of(date(2026, 5, 2));
    let world = World::standard();
    let creator = &world.creators()[0];
    let look = creator.snapshot(now, 5, SourceKind::Page);
    let own = OwnData { handle: creator.handle().clone(), ..own() };
    let subject =
        Subject { own: Some(own), ..Subject::new(creator.profile(), vec![look.profile.clone()], look.videos) };
    let report = subject.report(now, &ReportOptions::default());
    assert_eq!((report.id, report.counts), (Some(creator.profile().id), look.profile.counts));
    assert_eq!(report.sources, [SourceKind::Page, SourceKind::StudioExport]);
    assert_eq!(report.own.unwrap().days.len(), 60);
}

#[test]
fn what_the_account_says_of_itself_is_told_where_no_page_does() {
    let account = OwnAccount {
        nickname: Text::parse("Ada L").ok(),
        bio: None,
        counts: ProfileCounts { likes: exact(8), ..ProfileCounts::default() },
    };
    let report = report(exported(own(), |export| export.account = Some(account)), date(2026, 5, 1));
    assert_eq!((report.name(), report.counts.likes), ("Ada L", exact(8)));
    assert_eq!(report.sources, [SourceKind::DataDownload, SourceKind::StudioExport]);
}

#[test]
fn a_look_without_views_does_not_hide_one_with_them() {
    let id = "7470546959699348744";
    let with_views = look(id, SourceKind::StudioExport, date(2026, 4, 1), exact(90));
    let without = look(id, SourceKind::DataDownload, date(2026, 5, 1), None);
    let told = report(OwnData { posts: vec![with_views, without.clone()], ..own() }, date(2026, 5, 1));
    assert_eq!((told.videos.len(), told.videos[0].counts.views), (1, exact(90)));
    let alone = report(OwnData { posts: vec![without], ..own() }, date(2026, 5, 1));
    assert_eq!((alone.videos[0].counts.views, alone.videos[0].counts.likes), (None, exact(3)));
}

/// A post of the `i`-th day from 2026-02-01, seen on 2026-05-01.
fn post(i: u64, source: SourceKind, views: Option<u64>) -> VideoObservation {
    let second = u64::try_from(noon_of(date(2026, 2, 1)).as_second()).unwrap() + 86_400 * i;
    look(&(second << 32).to_string(), source, date(2026, 5, 1), views.and_then(exact))
}

#[test]
fn how_posts_were_chosen_is_no_finding() {
    let public = (0..12).map(|i| post(2 * i, SourceKind::Page, Some(1_000 + 10 * i)));
    let chosen = |source| {
        (0..6).map(move |i| {
            let mut post = post(2 * i + 1, source, Some(9_000 + 10 * i));
            post.video.hashtags = vec!["win".to_owned()];
            post
        })
    };
    let with = |best, listed| {
        let subject = Subject { videos: listed, ..subject(OwnData { posts: best, ..own() }) };
        subject.report(noon_of(date(2026, 5, 1)), &ReportOptions::default())
    };
    let of_win = |report: &CreatorReport| {
        let posts =
            report.videos.iter().filter(|video| video.counts.views.is_some_and(|views| views.midpoint() >= 9_000));
        posts.filter(|video| video.standout.z.is_some()).count()
    };
    let chosen_by_views = with(chosen(SourceKind::StudioExport).collect(), public.clone().collect());
    assert_eq!((chosen_by_views.videos.len(), chosen_by_views.lifts.tested, of_win(&chosen_by_views)), (18, 0, 0));
    let all = with(Vec::new(), public.chain(chosen(SourceKind::Page)).collect());
    assert_eq!((all.videos.len(), all.lifts.tested, of_win(&all)), (18, 1, 6));
}

#[test]
fn a_list_without_views_makes_no_average_of_the_posts_that_did_best() {
    let best = (0..5).map(|i| post(i, SourceKind::StudioExport, Some(1_000)));
    // More posts than a window holds, all of them newer.
    let listed = (0..60).map(|i| post(i, SourceKind::DataDownload, None));
    let report = report(OwnData { posts: best.chain(listed).collect(), ..own() }, date(2026, 5, 1));
    let figure = |id: &'static str| report.metrics[&MetricId(id)].clone();
    let typical = figure("views.typical@1");
    assert_eq!((typical.n, typical.value.map(f64::round)), (5, Some(1_000.0)));
    assert!(typical.flags.contains(&Flag::BestPostsOnly));
    // The list has them all: sixty posts on sixty days.
    assert!((figure("posting.per_week@1").value.unwrap() - 7.0).abs() < 0.5);
    assert_eq!(report.lifts.tested, 0);
}

#[test]
fn posts_that_did_best_tell_no_cadence_and_say_what_they_are() {
    let post = |i: u64, source| post(i, source, Some(1_000));
    let best: Vec<VideoObservation> = (0..12).map(|i| post(i, SourceKind::StudioExport)).collect();
    let figure = |report: &CreatorReport, id: &'static str| report.metrics[&MetricId(id)].clone();
    let alone = report(OwnData { posts: best.clone(), ..own() }, date(2026, 5, 1));
    assert_eq!(figure(&alone, "posting.per_week@1").value, None);
    let typical = figure(&alone, "views.typical@1");
    assert!((typical.value.unwrap() - 1_000.0).abs() < 1e-9, "{typical:?}");
    assert!(typical.flags.contains(&Flag::BestPostsOnly));

    let videos = (0..12).map(|i| post(i, SourceKind::Page)).collect();
    let listed = Subject { videos, ..subject(OwnData { posts: best, ..own() }) };
    let listed = listed.report(noon_of(date(2026, 5, 1)), &ReportOptions::default());
    assert!(figure(&listed, "posting.per_week@1").value.is_some());
    assert!(!figure(&listed, "views.typical@1").flags.contains(&Flag::BestPostsOnly));
}

#[test]
fn an_hour_that_was_not_counted_does_not_lower_the_mean() {
    let hour = |day: i8, followers| ActiveHour { day: date(2026, 4, day), hour: 20, followers };
    let hours = vec![hour(28, exact(10)), hour(29, exact(20)), hour(30, None)];
    let report = report(exported(own(), |export| export.active_hours = hours), date(2026, 5, 1));
    let hours = report.own.unwrap().active_hours;
    assert_eq!((hours.len(), hours[0].hour, hours[0].followers), (1, 20, 15.0));
}

#[test]
fn the_report_of_an_export_keeps_its_figures_in_json() {
    let report = report(own(), date(2026, 5, 1));
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["id"].is_null() && json["nickname"].is_null());
    assert_eq!(json["own"]["days"][0]["day"], "2026-03-02");
    assert_eq!(json["own"]["days"][0]["followers"], serde_json::json!({"exact": 1_010}));
    assert_eq!(serde_json::from_value::<CreatorReport>(json).unwrap(), report);
}

/// What an export of a day tells of the account: its followers, the share of women, one hour, and who follows still.
fn told_on(own: &mut OwnData, day: Date, followers: u64, women: f64) {
    let gender = Shares::parse(Dimension::Gender, [("Female", women)]).unwrap();
    let export = export_of(own, day);
    export.account = Some(OwnAccount {
        nickname: Text::parse(&format!("Ada {}", day.year())).ok(),
        bio: None,
        counts: ProfileCounts { followers: exact(followers), ..ProfileCounts::default() },
    });
    export.followers.dimensions.insert(Dimension::Gender, gender);
    export.active_hours = vec![ActiveHour { day: day.yesterday().unwrap(), hour: 20, followers: exact(followers) }];
    export.followed_since.insert(date(2024, 1, 5), followers);
}

#[test]
fn an_export_of_a_later_year_changes_no_report_of_an_earlier_one() {
    let mut of_one = OwnData::new(Handle::parse("ada").unwrap());
    told_on(&mut of_one, date(2025, 2, 28), 100, 0.6);
    let mut of_both = of_one.clone();
    told_on(&mut of_both, date(2026, 2, 28), 900, 0.9);

    for as_of in [date(2025, 2, 28), date(2025, 7, 1), date(2026, 2, 26)] {
        assert_eq!(subject(of_both.clone()).newest(noon_of(as_of)), Some(noon_of(date(2025, 2, 28))));
        assert_eq!(report(of_both.clone(), as_of), report(of_one.clone(), as_of), "{as_of}");
    }
    for (as_of, exported_on, followers, women) in
        [(date(2025, 7, 1), date(2025, 2, 28), 100, 0.6), (date(2026, 3, 1), date(2026, 2, 28), 900, 0.9)]
    {
        let report = report(of_both.clone(), as_of);
        assert_eq!(
            (report.name(), report.counts.followers),
            (&*format!("Ada {}", exported_on.year()), exact(followers))
        );
        let own = report.own.unwrap();
        let days = (own.exported_on, own.active_hours_of, own.followed_since_of, Some(own.followers[0].exported_on));
        assert_eq!(days, (Some(exported_on), Some(exported_on), Some(exported_on), Some(exported_on)));
        assert!((own.followers[0].groups[0].share - women).abs() < 1e-12);
        assert!((own.active_hours[0].followers - followers as f64).abs() < 1e-9, "no mean of both years");
        assert_eq!((own.followed_since.len(), own.followed_since[0].followers), (1, followers));
    }
    let history: Vec<_> = of_both.looks().map(|look| (look.observed_at, look.counts.followers)).collect();
    let expected = [(date(2025, 2, 28), 100), (date(2026, 2, 28), 900)];
    assert_eq!(history, expected.map(|(day, followers)| (noon_of(day), exact(followers))));
    assert_eq!(subject(of_both).newest(noon_of(date(2025, 2, 26))), None);
}

#[test]
fn the_hours_of_an_export_that_was_made_stand_before_those_of_a_later_one() {
    let week_before = |own: &mut OwnData, made: Date, followers: u64| {
        let hour = |back: i64| ActiveHour { day: made - back.days(), hour: 20, followers: exact(followers) };
        export_of(own, made).active_hours = (1..=7).rev().map(hour).collect();
    };
    let mut of_one = OwnData::new(Handle::parse("ada").unwrap());
    week_before(&mut of_one, date(2026, 2, 14), 100);
    let mut of_both = of_one.clone();
    week_before(&mut of_both, date(2026, 2, 28), 900);
    let hours = |own: &OwnData, as_of: Date| {
        let own = report(own.clone(), as_of).own.unwrap();
        (own.active_hours_of, own.active_hours[0].followers)
    };
    assert_eq!(hours(&of_both, date(2026, 2, 23)), hours(&of_one, date(2026, 2, 23)));
    assert_eq!(hours(&of_both, date(2026, 2, 23)), (Some(date(2026, 2, 14)), 100.0));
    assert_eq!(hours(&of_both, date(2026, 2, 28)), (Some(date(2026, 2, 28)), 900.0));
    // Where none was made by then, the first one after it tells of the days that had passed.
    assert_eq!(hours(&of_both, date(2026, 2, 12)), (Some(date(2026, 2, 14)), 100.0));
}

#[test]
fn what_the_newest_export_lacks_is_told_as_an_earlier_one_tells_it() {
    let mut own = own();
    told_on(&mut own, date(2026, 4, 1), 100, 0.6);
    export_of(&mut own, date(2026, 5, 1)).followers.dimensions.clear();
    let report = report(own, date(2026, 5, 1));
    assert_eq!(report.name(), "Ada 2026");
    let own = report.own.unwrap();
    assert_eq!((own.exported_on, own.followers[0].exported_on), (Some(date(2026, 5, 1)), date(2026, 4, 1)));
    assert_eq!((own.active_hours_of, own.followed_since_of), (Some(date(2026, 4, 1)), Some(date(2026, 4, 1))));
}

#[test]
fn posts_that_did_best_tell_neither_times_nor_growth() {
    let best = |day| {
        (0..12).map(move |i| VideoObservation {
            observed_at: noon_of(day),
            ..post(i, SourceKind::StudioExport, Some(1_000 + i))
        })
    };
    let twice: Vec<_> = best(date(2026, 4, 1)).chain(best(date(2026, 5, 1))).collect();
    let as_of = noon_of(date(2026, 5, 1));
    let posts_of = |subject: &Subject| {
        let report = subject.report(as_of, &ReportOptions::default());
        report.posting.times.posts.iter().flatten().sum::<u64>()
    };
    let of_export = subject(OwnData { posts: twice.clone(), ..own() });
    assert_eq!((posts_of(&of_export), of_export.growth_pairs(as_of).len()), (0, 0));
    // Where the profile lists the same posts, nobody chose them.
    let videos = twice.into_iter().map(|post| VideoObservation { source: SourceKind::Page, ..post }).collect();
    let listed = Subject { videos, ..subject(own()) };
    assert_eq!((posts_of(&listed), listed.growth_pairs(as_of).len()), (12, 12));
}

#[test]
fn several_files_tell_together_what_each_tells_and_the_newest_export_counts() {
    let mut older = OwnData::new(Handle::parse("ada").unwrap());
    let day = date(2026, 4, 1);
    older.days.insert(day, OwnDay { views: Some(1), likes: Some(7), ..OwnDay::default() });
    older.days.insert(date(2026, 3, 1), OwnDay { views: Some(5), ..OwnDay::default() });
    export_of(&mut older, date(2026, 4, 2)).followed_since.insert(day, 3);
    let post = look("7470546959699348744", SourceKind::StudioExport, date(2026, 4, 2), exact(100));
    older.posts = vec![post.clone()];
    let mut newer = OwnData::new(Handle::parse("ada").unwrap());
    newer.days.insert(day, OwnDay { views: Some(2), ..OwnDay::default() });
    export_of(&mut newer, date(2026, 5, 1));
    let again = VideoObservation { counts: VideoCounts { views: exact(101), ..post.counts }, ..post };
    newer.posts = vec![again.clone()];

    for files in [[older.clone(), newer.clone()], [newer.clone(), older.clone()]] {
        let own = OwnData::together(files).unwrap();
        assert_eq!(own.days[&day], OwnDay { views: Some(2), likes: Some(7), ..OwnDay::default() });
        assert_eq!(own.days[&date(2026, 3, 1)].views, Some(5));
        assert_eq!(own.posts, std::slice::from_ref(&again));
        assert_eq!(own.exports.keys().copied().collect::<Vec<_>>(), [date(2026, 4, 2), date(2026, 5, 1)]);
        assert_eq!(own.exports[&date(2026, 4, 2)].followed_since[&day], 3);
    }
    assert_eq!(OwnData::together([older.clone(), older.clone()]), Some(older.clone()), "twice the same is once");
    assert_eq!(OwnData::together([]), None);
}

#[test]
fn two_exports_of_one_day_are_one() {
    let share = |name, share| Shares::parse(Dimension::Gender, [(name, share)]).unwrap();
    let hour = |hour, followers| ActiveHour { day: date(2026, 4, 30), hour, followers: exact(followers) };
    let file = |tell: &dyn Fn(&mut OwnExport)| exported(OwnData::new(Handle::parse("ada").unwrap()), |of| tell(of));
    let first = file(&|of| {
        of.followers.dimensions.insert(Dimension::Gender, share("female", 0.5));
        of.active_hours = vec![hour(1, 10), hour(2, 20)];
        of.account = Some(OwnAccount { nickname: None, bio: None, counts: ProfileCounts::default() });
    });
    let second = file(&|of| {
        of.followers.dimensions.insert(Dimension::Gender, share("female", 0.75));
        of.active_hours = vec![hour(2, 25), hour(3, 30)];
    });
    let own = OwnData::together([first, second]).unwrap();
    let export = &own.exports[&date(2026, 5, 1)];
    assert_eq!(export.followers.dimensions[&Dimension::Gender], share("female", 0.75));
    assert_eq!(export.active_hours, [hour(1, 10), hour(2, 25), hour(3, 30)]);
    assert!(export.account.is_some());
}

async fn signed_in(store: &MemoryStore, random: &SeededRandom, now: Timestamp, name: &str) -> UserId {
    let (issuer, subject) = ("https://id.example".to_owned(), name.to_owned());
    let identity = Identity { issuer, subject, email: None, name: None };
    store.sign_in(&identity, UserId(new_uuid(random, now)), now).await.unwrap().id
}

#[tokio::test]
async fn own_report_has_what_the_person_exported_and_nobody_else_s_has() {
    let store = MemoryStore::default();
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let creator = World::standard().find(&"sample.steady".parse().unwrap()).unwrap().clone();
    for snapshot in creator.history(now, 10) {
        CreatorStore::record(&store, &snapshot).await.unwrap();
    }
    let handle = creator.profile().handle;
    let (clock, random) = (FixedClock::new(now), SeededRandom::new(1));
    let people = [signed_in(&store, &random, now, "ada").await, signed_in(&store, &random, now, "bob").await];
    let file = |handle: &Handle, digest| Brought {
        digest: [digest; 32],
        own: OwnData { handle: handle.clone(), ..own() },
        refused: Vec::new(),
    };
    let unseen = Handle::parse("never.seen").unwrap();
    for (handle, digest) in [(&handle, 1), (&unseen, 2)] {
        app::keep_export(&store, &clock, &random, Some(people[0]), file(handle, digest)).await.unwrap();
    }
    let of = async |user, handle: &Handle| app::own_subject(&store, &store, user, handle, now).await.unwrap();
    let mine = of(people[0], &handle).await.unwrap();
    let report = mine.report(now, &ReportOptions::default());
    assert!(report.own.is_some_and(|own| own.days.len() == 60) && report.id == Some(creator.profile().id));
    assert_eq!(mine.history.len(), 10, "what was observed is there, too");
    assert_eq!(of(people[1], &handle).await, None);
    let alone = of(people[0], &unseen).await.unwrap();
    assert!(alone.profile.is_none() && alone.report(now, &ReportOptions::default()).own.is_some());
    assert_eq!(of(people[0], &Handle::parse("other").unwrap()).await, None);
}

/// Has a sample creator looked at while it goes by a handle.
async fn see(store: &MemoryStore, creator: &str, handle: &str, at: Timestamp) {
    let mut look = World::standard().find(&creator.parse().unwrap()).unwrap().snapshot(at, 5, SourceKind::Sample);
    look.profile.profile.handle = handle.parse().unwrap();
    CreatorStore::record(store, &look).await.unwrap();
}

#[tokio::test]
async fn what_was_exported_under_a_former_name_counts_whoever_goes_by_it_later() {
    let store = MemoryStore::default();
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let (clock, random) = (FixedClock::new(now), SeededRandom::new(1));
    let user = signed_in(&store, &random, now, "ada").await;
    see(&store, "sample.steady", "former", now - 48.hours()).await;
    see(&store, "sample.steady", "present", now - 24.hours()).await;
    let (former, present): (Handle, Handle) = ("former".parse().unwrap(), "present".parse().unwrap());
    let own = OwnData { handle: former.clone(), ..own() };
    let brought = Brought { digest: [1; 32], own, refused: Vec::new() };
    app::keep_export(&store, &clock, &random, Some(user), brought).await.unwrap();

    let of = async |handle: &Handle| app::own_subject(&store, &store, user, handle, now).await.unwrap();
    let own = of(&present).await.unwrap().own.unwrap();
    assert!(own.handle == present && !own.days.is_empty());

    see(&store, "sample.quiet", "former", now - 1.hour()).await;
    assert!(of(&present).await.unwrap().own.is_some());
    assert_eq!(of(&former).await, None, "it was brought before");
}

#[tokio::test]
async fn what_was_exported_stays_with_the_account_when_another_takes_its_name() {
    let store = MemoryStore::default();
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let (clock, random) = (FixedClock::new(now), SeededRandom::new(1));
    let user = signed_in(&store, &random, now, "ada").await;
    see(&store, "sample.steady", "ada", now - 72.hours()).await;
    let brought = Brought { digest: [1; 32], own: own(), refused: Vec::new() };
    app::keep_export(&store, &clock, &random, Some(user), brought).await.unwrap();
    see(&store, "sample.steady", "ada.renamed", now - 48.hours()).await;
    see(&store, "sample.quiet", "ada", now - 24.hours()).await;

    let of = async |handle: &str| app::own_subject(&store, &store, user, &handle.parse().unwrap(), now).await.unwrap();
    assert_eq!(of("ada").await, None, "another account's");
    let own = of("ada.renamed").await.unwrap().own.unwrap();
    assert!(own.handle.as_str() == "ada.renamed" && !own.days.is_empty());
}

#[tokio::test]
async fn files_of_one_person_are_kept_up_to_a_bound() {
    let store = MemoryStore::default();
    let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let (clock, random) = (FixedClock::new(now), SeededRandom::new(1));
    let user = signed_in(&store, &random, now, "ada").await;
    let of = |digest, own| Brought { digest: [digest; 32], own, refused: Vec::new() };
    let (large, _) = app::keep_export(&store, &clock, &random, Some(user), of(1, own())).await.unwrap();
    let large = Import { id: ImportId(new_uuid(&random, now)), digest: [2; 32], accepted: app::MOST_IMPORTED, ..large };
    store.delete(Some(user), store.imports(user, 1).await.unwrap()[0].id).await.unwrap();
    store.add(&large, &[]).await.unwrap();
    let refused = app::keep_export(&store, &clock, &random, Some(user), of(3, own())).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Conflict(why) if why.contains("200000") && why.contains("delete")),
        "{refused}"
    );
    app::keep_export(&store, &clock, &random, None, of(3, own())).await.unwrap();
    store.delete(Some(user), large.id).await.unwrap();
    app::keep_export(&store, &clock, &random, Some(user), of(3, own())).await.unwrap();
}
