//! Experiments with posts: schedules that are fair, sizes that tell, and answers that hold.

use compass_core::{
    Zone,
    analytics::{Estimate, MetricId, posts_per_arm},
    recommend::{
        Arm, ExperimentPlan, ExperimentRequest, PlanError, Planned, PostOutcome, Unfinished, Verdict,
        evaluate_experiment, plan_experiment,
    },
    stats::Seed,
    testing::planted::Plan,
};
use jiff::{Timestamp, civil::Date};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn arms(hours: &[u8]) -> Vec<Arm> {
    hours.iter().map(|&hour| Arm { name: format!("at {hour}"), hour }).collect()
}

fn request(hours: &[u8]) -> ExperimentRequest {
    ExperimentRequest {
        arms: arms(hours),
        lift: 1.0,
        deviation: 0.8,
        posts_per_week: 3.5,
        zone: Zone::parse("Europe/Berlin").unwrap(),
        start: day("2026-03-23"),
        most_weeks: 60,
        seed: 7,
    }
}

#[track_caller]
fn schedule(request: &ExperimentRequest) -> ExperimentPlan {
    match plan_experiment(request).unwrap() {
        Planned::Schedule(plan) => plan,
        Planned::TooLong(long) => panic!("{long:?}"),
    }
}

#[test]
fn arms_are_even_at_any_time_and_in_random_order() {
    let plan = schedule(&request(&[12, 18, 21]));
    let mut seen = [0_u64; 3];
    for (i, post) in plan.posts.iter().enumerate() {
        seen[post.arm] += 1;
        assert_eq!(post.block, i / 3);
        assert!(seen.iter().max().unwrap() - seen.iter().min().unwrap() <= 1, "{i}: {seen:?}");
    }
    assert_eq!(seen, [plan.posts_each; 3]);
    let orders: std::collections::BTreeSet<Vec<usize>> =
        plan.posts.chunks(3).map(|block| block.iter().map(|post| post.arm).collect()).collect();
    assert_eq!(orders.len(), 6, "every order of three comes");
    assert_eq!(schedule(&request(&[12, 18, 21])), plan);
    assert_ne!(schedule(&ExperimentRequest { seed: 8, ..request(&[12, 18, 21]) }).posts, plan.posts);
}

#[test]
fn each_arm_is_first_equally_often() {
    let first =
        (0..2_000_u64).filter(|&seed| schedule(&ExperimentRequest { seed, ..request(&[12, 18]) }).posts[0].arm == 0);
    let share = first.count() as f64 / 2_000.0;
    // Four standard errors.
    assert!((share - 0.5).abs() < 0.045, "{share}");
}

#[test]
fn days_follow_the_pace_and_hours_the_clock_on_the_wall() {
    let plan = schedule(&ExperimentRequest { posts_per_week: 7.0, ..request(&[2, 18]) });
    let days: Vec<Date> = plan.posts.iter().map(|post| post.day).collect();
    assert_eq!(days[..3], [day("2026-03-23"), day("2026-03-24"), day("2026-03-25")]);
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    for post in &plan.posts {
        let hour = plan.arms[post.arm].hour;
        // Clocks go forward on 29 March: there is no 02:00, and 18:00 is an hour earlier by the sun.
        match (post.day.to_string().as_str(), hour) {
            ("2026-03-28", 18) => assert_eq!(post.at, at("2026-03-28T17:00:00Z")),
            ("2026-03-29", 2) => assert_eq!(post.at, at("2026-03-29T01:00:00Z")),
            ("2026-03-30", 18) => assert_eq!(post.at, at("2026-03-30T16:00:00Z")),
            _ => {}
        }
    }
    // Two days a post: 3.5 a week.
    let slow = schedule(&request(&[12, 18]));
    assert_eq!((slow.posts[1].day, slow.posts[10].day), (day("2026-03-25"), day("2026-04-12")));
    assert_eq!(slow.look_on, slow.posts.last().unwrap().day.saturating_add(jiff::Span::new().days(7)));
    // Nobody is asked for more than one a day.
    assert_eq!(
        schedule(&ExperimentRequest { posts_per_week: 40.0, ..request(&[2, 18]) }).posts[7].day,
        day("2026-03-30")
    );
}

#[test]
fn size_is_that_of_the_report_and_more_with_more_comparisons() {
    for (deviation, lift) in [(0.8, 1.0), (1.2, 0.5), (0.5, -0.3)] {
        let request = ExperimentRequest { deviation, lift, most_weeks: 2_000, ..request(&[12, 18]) };
        assert_eq!(Some(schedule(&request).posts_each), posts_per_arm(deviation, lift));
    }
    // 2 ((z(0.8) + z(0.9875)) 0.8 / ln 2)^2 + z(0.9875)^2 / 4, z(0.9875) = 2.2414: 26.58.
    assert_eq!(schedule(&request(&[12, 18, 21])).posts_each, 27);
}

#[test]
fn lift_that_cannot_be_told_in_time_is_said_to_be_so() {
    let asked = ExperimentRequest { lift: 0.1, most_weeks: 12, ..request(&[12, 18]) };
    let Planned::TooLong(long) = plan_experiment(&asked).unwrap() else { panic!("it takes years") };
    // posts_per_arm(0.8, 0.1) = 1107; twice that, 3.5 a week: 632.6 weeks.
    assert_eq!((long.posts_each, long.weeks, long.most_weeks), (1_107, 633, 12));
    let lift = long.detectable.unwrap();
    // A hair more than what the 21 posts in each arm of twelve weeks tell is planned in time.
    let plan = schedule(&ExperimentRequest { lift: lift + 1e-6, ..asked.clone() });
    assert_eq!(plan.posts_each, 21);
    let Planned::TooLong(none) = plan_experiment(&ExperimentRequest { most_weeks: 0, ..asked }).unwrap() else {
        panic!("no time at all")
    };
    assert_eq!(none.detectable, None);
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let refused = |request: ExperimentRequest| plan_experiment(&request).unwrap_err();
    let good = || request(&[12, 18]);
    assert_eq!(refused(request(&[12])), PlanError::Arms(1));
    assert_eq!(refused(request(&[1, 2, 3, 4, 5])), PlanError::Arms(5));
    assert_eq!(refused(request(&[12, 12])), PlanError::SameName("at 12".to_owned()));
    assert_eq!(refused(request(&[12, 24])), PlanError::Hour(24));
    for lift in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(ExperimentRequest { lift, ..good() }), PlanError::Lift);
    }
    for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(ExperimentRequest { deviation: nothing, ..good() }), PlanError::Deviation);
        assert_eq!(refused(ExperimentRequest { posts_per_week: nothing, ..good() }), PlanError::Pace);
    }
    assert_eq!(refused(ExperimentRequest { start: Date::MAX, ..good() }), PlanError::Calendar);
    let for_ages = ExperimentRequest { posts_per_week: 1e-7, most_weeks: u32::MAX, ..good() };
    assert_eq!(refused(for_ages), PlanError::Calendar);
}

#[test]
fn report_tells_how_far_posts_differ_and_how_often_there_is_one() {
    let mut report = super::insights::report(&Plan::default(), 1);
    report.posting.experiment =
        Estimate::new(MetricId::POSTS_PER_ARM, report.as_of, 60, posts_per_arm(0.9, 0.5).unwrap() as f64, None);
    let request = ExperimentRequest::new(&report, arms(&[12, 18]), day("2026-05-04"), 1).unwrap();
    // As exactly as a whole number of posts tells it.
    assert!((request.deviation - 0.9).abs() < 0.01, "{}", request.deviation);
    assert_eq!(request.posts_per_week, report.metrics[&MetricId::POSTS_PER_WEEK].value.unwrap());
    report.posting.experiment.value = None;
    let unknown = ExperimentRequest::new(&report, arms(&[12, 18]), day("2026-05-04"), 1);
    assert_eq!(unknown, Err(PlanError::Deviation));
}

/// A plan with so many blocks of two.
fn blocks(blocks: usize, seed: u64) -> ExperimentPlan {
    let plan = schedule(&ExperimentRequest { seed, deviation: 3.0, most_weeks: 10_000, ..request(&[12, 18]) });
    let posts = plan.posts.into_iter().take(2 * blocks).collect();
    ExperimentPlan { posts, posts_each: blocks as u64, ..plan }
}

fn outcomes(plan: &ExperimentPlan, log_views: impl Fn(usize, usize) -> f64) -> Vec<PostOutcome> {
    plan.posts.iter().map(|post| PostOutcome::LogViews(log_views(post.arm, post.block))).collect()
}

/// `scipy.stats.permutation_test` of the mean, `permutation_type="samples"`, all 256 ways, scipy 1.17.1; the interval is
/// the range of shifts on a grid of 0.0001 at which the same test gives more than 0.05.
#[test]
fn p_value_and_interval_are_those_of_scipy() {
    let differences = [0.9, 0.3, -0.2, 0.6, 0.4, 1.1, -0.1, 0.5];
    let plan = blocks(8, 1);
    let level = |block: usize| 9.0 + (block as f64).sin();
    let found = evaluate_experiment(&plan, &outcomes(&plan, |arm, b| level(b) + arm as f64 * differences[b])).unwrap();
    let effect = &found.effects[0];
    assert_eq!((effect.arm, effect.blocks, found.skipped), (1, 8, 0));
    assert!((effect.p.unwrap() - 0.039_062_5).abs() < 1e-12, "{effect:?}");
    assert!((effect.lift.unwrap() - 0.437_5_f64.exp_m1()).abs() < 1e-9);
    let interval = effect.interval.unwrap();
    assert!((interval.lo.ln_1p() - 0.05).abs() < 1e-4 && (interval.hi.ln_1p() - 0.833_33).abs() < 1e-4, "{interval:?}");
    assert_eq!(effect.verdict, Verdict::More);
}

#[test]
fn nobody_looks_before_the_end() {
    let plan = blocks(8, 1);
    let mut seen = outcomes(&plan, |arm, block| 9.0 + arm as f64 + 0.1 * block as f64);
    (seen[14], seen[15]) = (PostOutcome::Pending, PostOutcome::Pending);
    assert_eq!(evaluate_experiment(&plan, &seen), Err(Unfinished::Pending(2)));
    (seen[14], seen[15]) = (PostOutcome::Skipped, PostOutcome::LogViews(9.0));
    let found = evaluate_experiment(&plan, &seen).unwrap();
    assert_eq!((found.effects[0].blocks, found.skipped), (7, 1));
    seen[3] = PostOutcome::LogViews(f64::NAN);
    assert_eq!(evaluate_experiment(&plan, &seen), Err(Unfinished::NotFinite(3)));
    seen.pop();
    assert_eq!(evaluate_experiment(&plan, &seen), Err(Unfinished::OtherPlan { planned: 16, got: 15 }));
}

#[test]
fn too_few_blocks_show_nothing() {
    let plan = blocks(5, 1);
    // Two of 32 ways are as extreme: 0.0625 is not below 0.05, whatever the difference.
    let effect =
        evaluate_experiment(&plan, &outcomes(&plan, |arm, _| 9.0 + 3.0 * arm as f64)).unwrap().effects.remove(0);
    assert_eq!((effect.p, effect.interval, effect.verdict), (Some(0.062_5), None, Verdict::NotShown));
    let skipped = vec![PostOutcome::Skipped; 10];
    let nothing = evaluate_experiment(&plan, &skipped).unwrap();
    assert_eq!((nothing.skipped, nothing.effects[0].lift, nothing.effects[0].p), (10, None, None));
}

#[test]
fn damaged_plan_is_refused_where_it_is_damaged() {
    let plan = blocks(8, 1);
    let seen = outcomes(&plan, |arm, _| 9.0 + arm as f64);
    let damaged = |damage: &dyn Fn(&mut ExperimentPlan)| {
        let mut plan = plan.clone();
        damage(&mut plan);
        evaluate_experiment(&plan, &seen).unwrap_err()
    };
    for block in [usize::MAX, 1_000_000_000_000_000_000, 8] {
        assert_eq!(damaged(&|plan| plan.posts[5].block = block), Unfinished::Misplaced(5));
    }
    assert_eq!(damaged(&|plan| plan.posts[5].arm = 2), Unfinished::Misplaced(5));
    assert_eq!(damaged(&|plan| plan.posts[5] = plan.posts[4]), Unfinished::Misplaced(5));
    for posts_each in [7, u64::MAX] {
        assert_eq!(damaged(&|plan| plan.posts_each = posts_each), Unfinished::Size { posts: 16, blocks: posts_each });
    }
    assert_eq!(damaged(&|plan| plan.arms.truncate(1)), Unfinished::Arms(1));
}

/// 2^(1 - n) is at most 0.05 from 6 blocks on; at most 0.025 and 0.0167 from 7 on.
#[test]
fn no_plan_is_so_small_that_nothing_can_be_told() {
    let huge = |hours: &[u8]| ExperimentRequest { lift: 1e6, ..request(hours) };
    let too_little = |hours: &[u8], most_weeks| {
        let asked = ExperimentRequest { lift: 1e-6, posts_per_week: 7.0, most_weeks, ..request(hours) };
        let Planned::TooLong(long) = plan_experiment(&asked).unwrap() else { panic!("it takes years") };
        long.detectable
    };
    for (hours, fewest) in [(&[12, 18][..], 6), (&[12, 18, 21], 7), (&[9, 12, 18, 21], 7)] {
        assert_eq!(schedule(&huge(hours)).posts_each, fewest);
        // A week has seven posts, so that as many weeks as arms have seven in each, and fewer weeks fewer than six.
        let weeks = hours.len() as u32;
        assert_eq!(too_little(hours, weeks - 1), None);
        let lift = too_little(hours, weeks).unwrap();
        let asked = ExperimentRequest { lift: lift * (1.0 + 1e-9), ..request(hours) };
        assert!(schedule(&asked).posts_each <= 7, "{hours:?} {lift}");
        let less = ExperimentRequest { lift: 0.9 * lift, ..request(hours) };
        assert!(schedule(&less).posts_each > fewest, "{hours:?} {lift}");
    }
}

#[test]
fn small_experiments_and_those_of_more_arms_tell_four_in_five_too() {
    let runs = 300_u64;
    for hours in [&[12, 18][..], &[12, 18, 21], &[9, 12, 18, 21]] {
        for effect in [3.4, 2.5, 2.0, 1.5] {
            let lift = (0.8_f64 * effect).exp_m1();
            let plan = schedule(&ExperimentRequest { lift, ..request(hours) });
            let told = (0..runs).filter(|&run| {
                let noise = |arm: usize, b: usize| normal(Seed::new("small").with(run).with(arm as u64).with(b as u64));
                let seen =
                    outcomes(&plan, |arm, b| 9.0 + 0.8 * noise(arm, b) + if arm == 1 { 0.8 * effect } else { 0.0 });
                evaluate_experiment(&plan, &seen).unwrap().effects[0].verdict == Verdict::More
            });
            let power = told.count() as f64 / runs as f64;
            println!("{} arms, {effect} deviations: {} posts in each, told in {power}", hours.len(), plan.posts_each);
            // Three standard errors of 300 runs are 0.07.
            assert!(power > 0.73, "{hours:?} {effect}: {power}");
        }
    }
}

/// A number of a standard normal distribution.
fn normal(seed: Seed) -> f64 {
    (-2.0 * (1.0 - seed.with(1).unit()).ln()).sqrt() * (std::f64::consts::TAU * seed.with(2).unit()).cos()
}

#[test]
fn experiments_of_the_planned_size_tell_four_in_five_and_seldom_tell_of_nothing() {
    let runs = 300_u64;
    let told = |lift: f64| {
        let verdicts = (0..runs).map(|run| {
            let plan = schedule(&ExperimentRequest { seed: run, ..request(&[12, 18]) });
            let noise =
                |arm: usize, block: usize| normal(Seed::new("noise").with(run).with(arm as u64).with(block as u64));
            let seen =
                outcomes(&plan, |arm, b| 9.0 + 0.05 * b as f64 + 0.8 * noise(arm, b) + arm as f64 * lift.ln_1p());
            evaluate_experiment(&plan, &seen).unwrap().effects.remove(0)
        });
        let effects: Vec<_> = verdicts.collect();
        let held = effects.iter().filter_map(|effect| effect.interval).filter(|i| i.lo <= lift && lift <= i.hi).count();
        let told = effects.iter().filter(|effect| effect.verdict != Verdict::NotShown).count();
        (told as f64 / runs as f64, held as f64 / runs as f64)
    };
    let (power, covered) = told(1.0);
    let (false_claims, covered_nothing) = told(0.0);
    println!(
        "a doubling is told in {power}, nothing in {false_claims}; intervals hold in {covered} and {covered_nothing}"
    );
    // Three standard errors of 300 runs: 0.07 at 0.8, 0.038 at 0.05.
    assert!((power - 0.8).abs() < 0.07, "{power}");
    assert!(
        false_claims < 0.088 && covered > 0.912 && covered_nothing > 0.912,
        "{false_claims} {covered} {covered_nothing}"
    );
}
