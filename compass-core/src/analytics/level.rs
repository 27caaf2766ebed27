//! A creator's own level over time, and what is left of each post's views without it.

use crate::stats::median;

/// The level of a creator's log views, post after post, with what posts differ from it by.
///
/// The level is a line that may bend every [`POSTS_A_BEND`] posts, so that neither growth nor a weak month looks like
/// the effect of what was posted then. It is fitted by least squares to values whose residuals are cut off at 2.5
/// robust deviations (Huber 1981, modified residuals), so that a viral post bends it little. Contrasts between posts
/// are taken within the same fit (Frisch, Waugh and Lovell), so that the level takes nothing away from them.
#[derive(Clone, Debug)]
pub(super) struct Level {
    places: Vec<Place>,
    columns: usize,
    /// Lower triangle of the Cholesky factor of the columns' cross products, row after row.
    factor: Vec<f64>,
    residuals: Vec<f64>,
    squares: f64,
    /// Posts less what the level took.
    freedom: f64,
    deviation: f64,
}

/// What marks some of the posts, after the level is taken out of it.
#[derive(Clone, Debug)]
pub(super) struct Contrast {
    /// Sum of the residuals of the marked posts.
    pub(super) sum: f64,
    /// How much the posts tell of a difference between marked and unmarked ones: the variance of its estimate is that
    /// of the residuals divided by this.
    pub(super) information: f64,
    /// How many posts are marked.
    pub(super) posts: usize,
    shadow: Vec<f64>,
}

/// Where a post lies among the columns of the fit.
#[derive(Clone, Copy, Debug)]
struct Place {
    bend: usize,
    beyond: f64,
    group: Option<usize>,
}

/// The level bends every so many posts: long against the noise of single posts, short against a creator's drift.
const POSTS_A_BEND: usize = 12;

/// More bends cost more than they tell.
const MOST_BENDS: usize = 40;

/// No count has a logarithm near it, and differences of larger ones are no longer finite as lifts.
const MOST_LOG_VIEWS: f64 = 300.0;

/// Weekdays are held to differ by about a fifth of the deviation between posts: one over its square.
const GROUP_PENALTY: f64 = 25.0;

/// Residuals are cut off at so many robust deviations.
const CUT: f64 = 2.5;

impl Level {
    /// Fits the level to posts in any order; each may belong to one of `groups` groups (its weekday) whose small
    /// differences are taken out too. `None` for fewer than 4 posts or a value that is not finite.
    pub(super) fn fit(
        created: &[i64],
        log_views: &[f64],
        group: impl Fn(usize) -> usize,
        groups: usize,
    ) -> Option<Self> {
        let n = created.len();
        if n < 4 || log_views.len() != n || !log_views.iter().all(|v| v.abs() <= MOST_LOG_VIEWS) {
            return None;
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_unstable_by_key(|&i| (created[i], i));
        let bends = (n as f64 / POSTS_A_BEND as f64).round().clamp(1.0, MOST_BENDS as f64) as usize;
        let mut places = vec![Place { bend: 0, beyond: 0.0, group: None }; n];
        for (rank, &i) in order.iter().enumerate() {
            let at = rank as f64 / (n - 1) as f64 * bends as f64;
            let bend = (at as usize).min(bends - 1);
            let group = (groups > 0).then(|| bends + 1 + group(i).min(groups - 1));
            places[i] = Place { bend, beyond: at - bend as f64, group };
        }
        let columns = bends + 1 + groups;
        let freedom = (n - bends) as f64 - 1.0;
        let (factor, residuals) = (vec![0.0; columns * columns], Vec::new());
        let mut level = Self { places, columns, factor, residuals, squares: 0.0, freedom, deviation: 0.0 };
        level.factorise(bends + 1);
        level.settle(log_views)?;
        Some(level)
    }

    /// What is left of each post, in the order in which the posts were given; outliers are cut off.
    pub(super) fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Degrees of freedom of the residuals: posts less what the level took.
    pub(super) fn freedom(&self) -> f64 {
        self.freedom
    }

    /// The standard deviation of single posts from the level, outliers included.
    pub(super) fn deviation(&self) -> f64 {
        self.deviation
    }

    /// The sum of squares of the residuals, in the metric of the fit.
    pub(super) fn squares(&self) -> f64 {
        self.squares
    }

    /// The contrast between the marked posts and the others.
    pub(super) fn contrast(&self, marked: impl Iterator<Item = usize>) -> Contrast {
        let mut contrast = Contrast { sum: 0.0, information: 0.0, posts: 0, shadow: vec![0.0; self.columns] };
        for i in marked {
            contrast.sum += self.residuals[i];
            contrast.posts += 1;
            self.places[i].add_to(&mut contrast.shadow, 1.0);
        }
        self.forward(&mut contrast.shadow);
        contrast.information = contrast.posts as f64 - dot(&contrast.shadow, &contrast.shadow);
        contrast
    }

    fn factorise(&mut self, penalised_from: usize) {
        let p = self.columns;
        for place in &self.places {
            let cells = place.cells();
            for &(row, x) in &cells {
                for &(column, y) in &cells {
                    if column <= row {
                        self.factor[row * p + column] += x * y;
                    }
                }
            }
        }
        for i in 0..p {
            // A hair of a penalty keeps a column without posts from dividing by zero.
            self.factor[i * p + i] += if i < penalised_from { 1e-9 } else { GROUP_PENALTY };
        }
        for i in 0..p {
            for j in 0..=i {
                let (done, left) = self.factor.split_at_mut(i * p);
                let known = if j == i { dot(&left[..j], &left[..j]) } else { dot(&left[..j], &done[j * p..j * p + j]) };
                let rest = left[j] - known;
                left[j] = if j == i { rest.max(1e-12).sqrt() } else { rest / done[j * p + j] };
            }
        }
    }

    fn settle(&mut self, log_views: &[f64]) -> Option<()> {
        let mut cut = log_views.to_vec();
        let mut fitted = vec![0.0; cut.len()];
        for round in 0..=ROUNDS {
            let mut coefficients = vec![0.0; self.columns];
            for (place, &y) in self.places.iter().zip(&cut) {
                place.add_to(&mut coefficients, y);
            }
            self.forward(&mut coefficients);
            self.backward(&mut coefficients);
            for (fit, place) in fitted.iter_mut().zip(&self.places) {
                *fit = place.cells().iter().map(|&(column, x)| x * coefficients[column]).sum();
            }
            if round < ROUNDS {
                let mut sizes: Vec<f64> = log_views.iter().zip(&fitted).map(|(y, fit)| (y - fit).abs()).collect();
                let limit = match CUT * 1.4826 * median(&mut sizes)? {
                    limit if limit > 1e-9 => limit,
                    _ => f64::MAX,
                };
                for ((cut, y), fit) in cut.iter_mut().zip(log_views).zip(&fitted) {
                    *cut = fit + (y - fit).clamp(-limit, limit);
                }
            }
        }
        // An effect moves the residuals that are not cut off, so the others take a part of it away.
        let whole = cut.iter().zip(log_views).filter(|(cut, y)| (*cut - *y).abs() < 1e-9).count() as f64;
        let restore = cut.len() as f64 / whole.max(1.0);
        self.residuals = cut.iter().zip(&fitted).map(|(y, fit)| (y - fit) * restore).collect();
        // y'My with y about its mean: the mean is in the span of the level.
        let centre = cut.iter().sum::<f64>() / cut.len() as f64;
        let squares: f64 = cut.iter().zip(&self.residuals).map(|(y, r)| (y - centre) * r).sum();
        self.squares = squares.max(0.0) * restore;
        let uncut: f64 = log_views.iter().zip(&fitted).map(|(y, fit)| (y - fit).powi(2)).sum();
        self.deviation = (uncut / self.freedom).sqrt();
        Some(())
    }

    fn forward(&self, x: &mut [f64]) {
        let p = self.columns;
        for i in 0..p {
            let row = &self.factor[i * p..=i * p + i];
            x[i] = (x[i] - dot(&row[..i], &x[..i])) / row[i];
        }
    }

    fn backward(&self, x: &mut [f64]) {
        let p = self.columns;
        for i in (0..p).rev() {
            x[i] /= self.factor[i * p + i];
            let (before, from) = x.split_at_mut(i);
            for (x, l) in before.iter_mut().zip(&self.factor[i * p..]) {
                *x -= l * from[0];
            }
        }
    }
}

/// Fits after the first.
const ROUNDS: usize = 2;

/// The places of the posts in the order of time, those of the same second in the order of their views: what is computed
/// in this order, random parts included, does not depend on the order in which the posts were given. `None` unless each
/// post has a value.
pub(super) fn order_of_time(created: &[i64], log_views: &[f64]) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = (0..created.len()).collect();
    (log_views.len() == created.len()).then(|| {
        order.sort_by(|&a, &b| created[a].cmp(&created[b]).then_with(|| log_views[a].total_cmp(&log_views[b])));
        order
    })
}

impl Contrast {
    /// By how much the marked posts differ from the others of the same time.
    pub(super) fn difference(&self) -> f64 {
        self.sum / self.information
    }

    /// What two contrasts without a common post share.
    pub(super) fn shared_with(&self, other: &Self) -> f64 {
        -dot(&self.shadow, &other.shadow)
    }
}

impl Place {
    fn cells(&self) -> [(usize, f64); 3] {
        let group = self.group.map_or((0, 0.0), |group| (group, 1.0));
        [(self.bend, 1.0 - self.beyond), (self.bend + 1, self.beyond), group]
    }

    fn add_to(&self, columns: &mut [f64], y: f64) {
        for (column, x) in self.cells() {
            columns[column] += x * y;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
