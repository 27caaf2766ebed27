//! Times whose audiences match, guessed from posts, and says how much memory what is kept of the posts takes.

use std::{fs, num::NonZeroUsize, process::ExitCode, time::Instant};

use clap::Parser;
use compass_core::{
    CreatorId, Interests, Language, SourceKind, TargetAudience, Text, Video, VideoCounts, VideoId, VideoKind,
    VideoObservation,
    analytics::{AudienceTarget, ContentSignals, audience_fit},
    stats::{Seed, median},
};
use jiff::Timestamp;

/// Times the fit of every creator with an audience of one language and three interests, and prints a table.
///
/// The creators are made: each has thirty posts with captions of fourteen words, drawn from 20,000, of which few are common, and two hashtags.
#[derive(Debug, Parser)]
#[command(name = "matches")]
struct Arguments {
    /// How many creators, with commas between.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000")]
    creators: Vec<NonZeroUsize>,
    /// How many questions are asked, one after the other.
    #[arg(long, default_value_t = 11)]
    questions: usize,
}

const WORDS: u64 = 14;
const HASHTAGS: u64 = 2;

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Some(()) => ExitCode::SUCCESS,
        None => {
            eprintln!("matches: the made posts are not accepted");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Option<()> {
    println!(
        "{:>9} {:>12} {:>16} {:>12} {:>9}",
        "creators", "to make, s", "bytes a creator", "all fits, ms", "matching"
    );
    let target = AudienceTarget::from(&TargetAudience {
        languages: vec![Language::parse("de").ok()?],
        interests: Interests::parse(["word10", "word77 word3", "niche1"]).ok()?,
        ..TargetAudience::default()
    });
    for creators in &arguments.creators {
        let (before, making) = (resident(), Instant::now());
        let kept: Vec<(CreatorId, ContentSignals)> = (0..creators.get()).map(made).collect::<Option<_>>()?;
        let (making, bytes) = (making.elapsed().as_secs_f64(), resident().saturating_sub(before) / kept.len() as u64);
        let mut matching = 0;
        let mut times: Vec<f64> = (0..arguments.questions)
            .map(|_| {
                let begun = Instant::now();
                let mut fits: Vec<(CreatorId, f64)> = kept
                    .iter()
                    .filter_map(|(id, posts)| {
                        Some((*id, audience_fit(None, posts, &target, Timestamp::UNIX_EPOCH).overall.value?))
                    })
                    .collect();
                fits.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
                matching = fits.iter().filter(|(_, fit)| *fit > 0.2).count();
                1e3 * begun.elapsed().as_secs_f64()
            })
            .collect();
        assert!(matching > 0, "some creators speak of it");
        println!("{creators:9} {making:12.1} {bytes:16} {:12.1} {matching:9}", median(&mut times)?);
    }
    Some(())
}

fn made(place: usize) -> Option<(CreatorId, ContentSignals)> {
    let id = i64::try_from(place + 1).ok()?;
    let posts: Vec<VideoObservation> =
        (0..ContentSignals::POSTS as i64).map(|post| made_post(100 * id + post)).collect::<Option<_>>()?;
    Some((CreatorId::try_from(id).ok()?, ContentSignals::of(None, &posts)))
}

fn made_post(id: i64) -> Option<VideoObservation> {
    let draw = |what: u64| Seed::new("matches").with(id as u64).with(what);
    let word = |what| format!("word{}", (draw(what).unit().powi(3) * 20_000.0) as u64);
    let tag = |what: u64| format!("#niche{}x{}", id as u64 / 100 % 500, draw(what + 200).get() % 50);
    let words: Vec<String> = (0..WORDS).map(word).chain((0..HASHTAGS).map(tag)).collect();
    let mut video = Video::from_id(VideoId::try_from(id).ok()?, VideoKind::Video);
    video.caption = Text::lossy(&words.join(" "));
    video.language = Some(["de", "en", "vi", "un"][(draw(300).get() % 4) as usize].to_owned());
    let (observed_at, counts) = (Timestamp::UNIX_EPOCH, VideoCounts::default());
    Some(VideoObservation { video, observed_at, source: SourceKind::Sample, counts, pinned: false })
}

/// The memory of this process in bytes; 0 where the system does not tell.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or(0) * 1_024
}
