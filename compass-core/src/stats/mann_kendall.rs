//! Does a series tend up or down? The Mann-Kendall test and what became of it where values depend on each other.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::{
    inversions::pairs_not_rising,
    median,
    theil_sen::{sen_slope, tie_sizes},
};

/// Which test it is: on one series they may differ strongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MannKendallVariant {
    /// The values are independent of each other.
    Original,
    /// Neighbouring values may depend on each other: the variance follows their autocorrelation.
    HamedRao,
    /// Each season is a series of its own; seasons are independent of each other.
    Seasonal,
    /// Each season is a series of its own; seasons may depend on each other.
    SeasonalCorrelated,
}

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MannKendall {
    /// Which test it is.
    pub variant: MannKendallVariant,
    /// How many values it looked at.
    pub n: u64,
    /// Pairs that rise, less pairs that fall.
    pub s: f64,
    /// The variance of `s` where there is no trend.
    pub var_s: f64,
    /// `s` in standard deviations.
    pub z: f64,
    /// The two-sided p value.
    pub p: f64,
    /// Kendall's tau: `s` over the number of pairs, from -1 to 1.
    pub tau: f64,
    /// The Theil-Sen slope a step; of a seasonal test, that within the seasons a period. `None` if it cannot be told.
    pub slope: Option<f64>,
}

/// The test of Mann (1945) and Kendall (1975) with corrections for ties and continuity, as pymannkendall's
/// `original_test`.
///
/// `None` for fewer than three values or a value that is not finite. Of equal values p is 1.
#[must_use]
pub fn mann_kendall(values: &[Option<f64>]) -> Option<MannKendall> {
    let (steps, present) = present(values)?;
    let (n, slope) = (present.len() as f64, sen_slope(&steps, &present));
    let (s, var_s) = (score(&present), variance(&present));
    finish(MannKendallVariant::Original, n, s, var_s, continuous(s), pairs(n), slope)
}

/// The test with the variance of Hamed and Rao, "A modified Mann-Kendall trend test for autocorrelated data", J. Hydrol.
/// 204 (1998), as pymannkendall's `hamed_rao_modification_test` over all lags: the Theil-Sen slope is taken off, and the
/// autocorrelations of the ranks of what is left count where they are significant at the level `alpha`. Missing values
/// are passed over, so that lags are those of the values that there are.
///
/// `None` for fewer than three values, a value that is not finite, an `alpha` outside 0 to 1, and where negative
/// autocorrelations leave no variance.
#[must_use]
pub fn hamed_rao(values: &[Option<f64>], alpha: f64) -> Option<MannKendall> {
    let (steps, present) = present(values)?;
    if !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    let (n, slope) = (present.len() as f64, sen_slope(&steps, &present));
    let detrended: Vec<f64> =
        present.iter().zip(1_u32..).map(|(v, step)| v - slope.unwrap_or(0.0) * f64::from(step)).collect();
    let significant = Normal::standard().inverse_cdf(1.0 - alpha / 2.0) / n.sqrt();
    let sum: f64 = autocorrelations(&ranks(&detrended))
        .zip(1_u32..)
        .filter(|(r, _)| r.abs() > significant)
        .map(|(r, lag)| {
            let left = n - f64::from(lag);
            left * (left - 1.0) * (left - 2.0) * r
        })
        .sum();
    let factor = 1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * sum;
    let (s, var_s) = (score(&present), variance(&present) * factor);
    finish(MannKendallVariant::HamedRao, n, s, var_s, continuous(s), pairs(n), slope)
}

/// The seasonal test of Hirsch, Slack and Smith, "Techniques of trend analysis for monthly water quality data", Water
/// Resour. Res. 18 (1982), as pymannkendall's `seasonal_test`: the values of each season (every `period`-th one) are
/// compared with each other only.
///
/// `None` for fewer than three values, a value that is not finite, or no season with two values.
#[must_use]
pub fn seasonal_mann_kendall(values: &[Option<f64>], period: usize) -> Option<MannKendall> {
    let n = present(values)?.1.len() as f64;
    let seasons = seasons(values, period)?;
    let (mut s, mut var_s, mut all_pairs) = (0.0, 0.0, 0.0);
    for season in &seasons {
        let season: Vec<f64> = season.iter().copied().flatten().collect();
        s += score(&season);
        var_s += variance(&season);
        all_pairs += pairs(season.len() as f64);
    }
    let slope = seasonal_slope(&seasons);
    finish(MannKendallVariant::Seasonal, n, s, var_s, continuous(s), all_pairs, slope)
}

/// The seasonal test where seasons may depend on each other: Hirsch and Slack, "A nonparametric trend test for seasonal
/// data with serial dependence", Water Resour. Res. 20 (1984). Of whole periods it is pymannkendall's
/// `correlated_seasonal_test`; a missing value has the mean rank of its season, as Dietz and Killeen (1981) have it.
///
/// `None` for fewer than three values, a value that is not finite, or no season with two values.
#[must_use]
pub fn correlated_seasonal_mann_kendall(values: &[Option<f64>], period: usize) -> Option<MannKendall> {
    let n = present(values)?.1.len() as f64;
    let seasons = seasons(values, period)?;
    let periods = values.len().div_ceil(period);
    // The variance is the sum over pairs of seasons of (K + 4 sum(R R') - n (n_g + 1) (n_h + 1)) / 3, where K is the sum
    // of sign(...) sign(...) over pairs of periods: the sums over the seasons can be taken first.
    let size = |season: &[Option<f64>]| season.iter().flatten().count() as f64;
    let sizes: f64 = seasons.iter().map(|season| size(season) + 1.0).sum();
    let mut rank_sums = vec![sizes / 2.0; periods];
    let (mut s, mut squares) = (0.0, 0.0);
    for i in 0..periods {
        for j in i + 1..periods {
            let rises: f64 = seasons.iter().map(|season| rise(season.get(i), season.get(j))).sum();
            s += rises;
            squares += rises * rises;
            rank_sums[j] += rises / 2.0;
            rank_sums[i] -= rises / 2.0;
        }
    }
    let ranks = rank_sums.iter().map(|r| r * r).sum::<f64>();
    let var_s = (squares + 4.0 * ranks - periods as f64 * sizes * sizes) / 3.0;
    let all_pairs = seasons.iter().map(|season| pairs(size(season))).sum();
    finish(MannKendallVariant::SeasonalCorrelated, n, s, var_s, s, all_pairs, seasonal_slope(&seasons))
}

/// `None` if there is a score but no variance to hold it against.
fn finish(
    variant: MannKendallVariant,
    n: f64,
    s: f64,
    var_s: f64,
    distance: f64,
    pairs: f64,
    slope: Option<f64>,
) -> Option<MannKendall> {
    let z = if s == 0.0 { 0.0 } else { distance / var_s.sqrt() };
    let p = 2.0 * Normal::standard().sf(z.abs());
    let told = pairs > 0.0 && z.is_finite() && (s == 0.0 || var_s > 0.0);
    told.then_some(MannKendall { variant, n: n as u64, s, var_s, z, p: p.min(1.0), tau: s / pairs, slope })
}

/// The score moved one towards zero: it takes whole values in steps of two.
fn continuous(s: f64) -> f64 {
    if s == 0.0 { 0.0 } else { s - s.signum() }
}

/// The places and values that are not missing, at least three.
fn present(values: &[Option<f64>]) -> Option<(Vec<f64>, Vec<f64>)> {
    let (steps, present): (Vec<f64>, Vec<f64>) =
        values.iter().zip(0_u32..).filter_map(|(v, step)| v.map(|v| (f64::from(step), v))).unzip();
    let enough = present.len() >= 3 && present.iter().all(|v| v.is_finite());
    enough.then_some((steps, present))
}

fn pairs(n: f64) -> f64 {
    0.5 * n * (n - 1.0)
}

/// Pairs that rise less pairs that fall.
fn score(values: &[f64]) -> f64 {
    let tied: f64 = tie_sizes(values).map(pairs).sum();
    let not_rising = pairs_not_rising(&mut values.to_vec(), &mut Vec::new()) as f64;
    pairs(values.len() as f64) + tied - 2.0 * not_rising
}

fn variance(values: &[f64]) -> f64 {
    let term = |k: f64| k * (k - 1.0) * (2.0 * k + 5.0);
    (term(values.len() as f64) - tie_sizes(values).map(term).sum::<f64>()) / 18.0
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let shared = before as f64 + (ties.len() + 1) as f64 / 2.0;
        ties.iter().for_each(|&i| ranks[i] = shared);
        before += ties.len();
    }
    ranks
}

/// At the lags from 1 on; zero if all values are the same.
fn autocorrelations(values: &[f64]) -> impl Iterator<Item = f64> {
    let centre = values.iter().sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|v| v - centre).collect();
    let product = |centred: &[f64], lag: usize| centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>();
    let all = product(&centred, 0);
    (1..values.len()).map(move |lag| if all > 0.0 { product(&centred, lag) / all } else { 0.0 })
}

/// The values of each season, by period; `None` if no season has two.
fn seasons(values: &[Option<f64>], period: usize) -> Option<Vec<Vec<Option<f64>>>> {
    if period == 0 {
        return None;
    }
    let seasons: Vec<Vec<Option<f64>>> = (0..period.min(values.len()))
        .map(|season| values[season..].iter().step_by(period).copied().collect())
        .collect();
    seasons.iter().any(|season| season.iter().flatten().count() >= 2).then_some(seasons)
}

/// 1, 0 or -1; 0 if one of them is missing.
fn rise(from: Option<&Option<f64>>, to: Option<&Option<f64>>) -> f64 {
    match (from, to) {
        (Some(&Some(from)), Some(&Some(to))) => f64::from(i8::from(to > from) - i8::from(to < from)),
        _ => 0.0,
    }
}

/// The median of all slopes within seasons.
fn seasonal_slope(seasons: &[Vec<Option<f64>>]) -> Option<f64> {
    let mut slopes = Vec::new();
    for season in seasons {
        let points: Vec<(f64, f64)> =
            season.iter().zip(0_u32..).filter_map(|(v, at)| v.map(|v| (f64::from(at), v))).collect();
        for (i, from) in points.iter().enumerate() {
            slopes.extend(points[i + 1..].iter().map(|to| (to.1 - from.1) / (to.0 - from.0)));
        }
    }
    median(&mut slopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(got: f64, expected: f64, what: &str) {
        // The figures of the references are sums of a few thousand products.
        assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1e-6), "{what} is {got}, not {expected}");
    }

    /// s, var_s, z, p, tau and slope.
    fn assert_test(got: Option<MannKendall>, variant: MannKendallVariant, expected: [f64; 6]) {
        let got = got.unwrap();
        assert_eq!(got.variant, variant);
        let figures = [got.s, got.var_s, got.z, got.p, got.tau, got.slope.unwrap()];
        for ((got, expected), what) in figures.into_iter().zip(expected).zip(["s", "var_s", "z", "p", "tau", "slope"]) {
            assert_near(got, expected, what);
        }
    }

    fn all<const N: usize>(values: [i32; N]) -> Vec<Option<f64>> {
        values.into_iter().map(|v| Some(f64::from(v))).collect()
    }

    /// `original_test` and `hamed_rao_modification_test` of pymannkendall 1.4.3; no autocorrelation is significant.
    #[test]
    fn ties_are_pymannkendalls() {
        let tied = all([120, 125, 125, 130, 128, 140, 150, 149, 160, 160, 160, 175, 180, 178, 190]);
        let expected = [
            95.0,
            403.666_666_666_666_7,
            4.678_605_309_980_003,
            2.888_328_146_211_094_3e-6,
            0.904_761_904_761_904_7,
            5.0,
        ];
        assert_test(mann_kendall(&tied), MannKendallVariant::Original, expected);
        assert_test(hamed_rao(&tied, 0.05), MannKendallVariant::HamedRao, expected);
    }

    /// Eight weeks of followers: `seasonal_test(x, 7)`, `correlated_seasonal_test(x, 7)` and
    /// `hamed_rao_modification_test(numpy.diff(x))` of pymannkendall 1.4.3. It gives 0 for the first p: it takes it from
    /// 1, we take it from the other tail.
    #[test]
    fn eight_weeks_are_pymannkendalls() {
        let weeks = all([
            1002, 1007, 1036, 1058, 1065, 1101, 1093, 1070, 1088, 1097, 1132, 1163, 1188, 1178, 1154, 1160, 1186, 1198,
            1244, 1269, 1250, 1228, 1261, 1267, 1288, 1321, 1361, 1343, 1326, 1345, 1377, 1380, 1413, 1444, 1440, 1428,
            1437, 1451, 1476, 1522, 1558, 1541, 1517, 1544, 1564, 1590, 1631, 1662, 1652, 1633, 1656, 1680, 1690, 1736,
            1772, 1758,
        ]);
        let expected = [196.0, 457.333_333_333_333_26, 9.118_390_413_432_54, 0.0, 1.0, 93.0];
        assert_test(seasonal_mann_kendall(&weeks, 7), MannKendallVariant::Seasonal, expected);
        let expected = [196.0, 3_201.333_333_333_333, 3.464_101_615_137_755, 0.000_532_005_505_139_210_3, 1.0, 93.0];
        assert_test(correlated_seasonal_mann_kendall(&weeks, 7), MannKendallVariant::SeasonalCorrelated, expected);
        let changes: Vec<Option<f64>> = weeks.windows(2).map(|pair| Some(pair[1]? - pair[0]?)).collect();
        let expected = [
            97.0,
            6_394.127_688_863_165_5,
            1.200_550_908_311_948_6,
            0.229_925_453_737_696_24,
            0.065_319_865_319_865_32,
            0.111_111_111_111_111_1,
        ];
        assert_test(hamed_rao(&changes, 0.05), MannKendallVariant::HamedRao, expected);
    }

    /// Ten weeks with a weekly wave, dependent noise and a trend: four tests of pymannkendall 1.4.3, four answers.
    #[test]
    fn variants_differ_strongly_on_one_series() {
        let waves = all([
            18, 19, 22, 22, 20, 16, 15, 18, 26, 32, 27, 17, 11, 19, 23, 22, 24, 19, 14, 11, 12, 20, 25, 25, 24, 21, 12,
            14, 17, 23, 22, 21, 17, 14, 13, 18, 21, 21, 21, 14, 17, 20, 18, 25, 24, 23, 19, 10, 13, 19, 28, 26, 26, 17,
            15, 14, 25, 31, 38, 33, 28, 24, 21, 25, 33, 31, 28, 22, 21, 20,
        ]);
        let (tau, slope) = (0.190_890_269_151_138_71, 0.083_333_333_333_333_33);
        let original = [461.0, 38_737.666_666_666_664, 2.337_174_303_819_328, 0.019_430_122_711_382_003, tau, slope];
        assert_test(mann_kendall(&waves), MannKendallVariant::Original, original);
        let modified = [461.0, 58_426.163_744_145_48, 1.903_067_295_580_710_6, 0.057_031_764_721_301_67, tau, slope];
        assert_test(hamed_rao(&waves, 0.05), MannKendallVariant::HamedRao, modified);
        let (tau, slope) = (0.361_904_761_904_761_9, 0.75);
        let seasonal =
            [114.0, 852.666_666_666_666_6, 3.869_802_499_339_425_8, 0.000_108_923_556_008_111_43, tau, slope];
        assert_test(seasonal_mann_kendall(&waves, 7), MannKendallVariant::Seasonal, seasonal);
        let correlated =
            [114.0, 3_565.333_333_333_333_5, 1.909_214_752_804_435_9, 0.056_234_393_927_386_16, tau, slope];
        assert_test(correlated_seasonal_mann_kendall(&waves, 7), MannKendallVariant::SeasonalCorrelated, correlated);
        // Nine weeks and three days.
        let expected = [
            87.0,
            721.666_666_666_666_6,
            3.201_327_669_150_034,
            0.001_367_958_745_773_334_4,
            0.311_827_956_989_247_3,
            0.714_285_714_285_714_3,
        ];
        assert_test(seasonal_mann_kendall(&waves[..66], 7), MannKendallVariant::Seasonal, expected);
    }

    #[test]
    fn equal_values_have_no_trend() {
        let equal = all([7; 40]);
        let tests = [
            mann_kendall(&equal),
            hamed_rao(&equal, 0.05),
            seasonal_mann_kendall(&equal, 7),
            correlated_seasonal_mann_kendall(&equal, 7),
        ];
        for test in tests.map(Option::unwrap) {
            assert_eq!((test.s, test.z, test.p, test.tau, test.slope), (0.0, 0.0, 1.0, 0.0, Some(0.0)), "{test:?}");
        }
    }

    #[test]
    fn too_little_or_senseless_values_have_no_test() {
        for values in [all([1, 2]), vec![Some(1.0), Some(f64::NAN), Some(2.0)], vec![Some(1.0), None, None, Some(2.0)]]
        {
            assert_eq!(mann_kendall(&values), None);
            assert_eq!(hamed_rao(&values, 0.05), None);
            assert_eq!(seasonal_mann_kendall(&values, 1), None);
            assert_eq!(correlated_seasonal_mann_kendall(&values, 1), None);
        }
        assert_eq!(hamed_rao(&all([1, 2, 4]), 0.0), None);
        assert_eq!(seasonal_mann_kendall(&all([1, 2, 4]), 0), None);
        assert_eq!(seasonal_mann_kendall(&all([1, 2, 4]), 3), None);
        assert!(mann_kendall(&[Some(-f64::MAX), Some(0.0), Some(f64::MAX)]).is_some());
    }
}
