//! How the views of a post come in over its age.

/// The share of its final views that a post has at an age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// 1 - exp(-(a / tau)^k).
    Weibull,
    /// a^k / (a^k + tau^k): a longer tail.
    LogLogistic,
}

/// A curve with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Which curve.
    pub curve: Curve,
    /// Its scale, in days.
    pub tau: f64,
    /// Its shape.
    pub k: f64,
    /// Standard deviation of ln tau over posts.
    pub spread: f64,
}

impl Growth {
    /// Half of the views come in the first day and a half, nine tenths in nine days, all posts alike.
    pub const USUAL: Self = Self { curve: Curve::Weibull, tau: 2.9, k: 0.55, spread: 0.0 };

    /// The share at an age in days, for a post whose tau is so many times the plan's; 0 before it was posted.
    #[must_use]
    pub fn share(self, age: f64, times_tau: f64) -> f64 {
        if age <= 0.0 {
            return 0.0;
        }
        let power = (age / (self.tau * times_tau)).powf(self.k);
        match self.curve {
            Curve::Weibull => -(-power).exp_m1(),
            Curve::LogLogistic => power / (1.0 + power),
        }
    }

    /// The age at which a share of the final views is reached, in days.
    #[must_use]
    pub fn age_at(self, share: f64, times_tau: f64) -> f64 {
        let power = match self.curve {
            Curve::Weibull => -(-share).ln_1p(),
            Curve::LogLogistic => share / (1.0 - share),
        };
        self.tau * times_tau * power.powf(1.0 / self.k)
    }

    /// The share of the final views that comes in a day at an age: the derivative of the share.
    #[must_use]
    pub fn velocity(self, age: f64, times_tau: f64) -> f64 {
        let power = (age / (self.tau * times_tau)).powf(self.k);
        let outer = match self.curve {
            Curve::Weibull => (-power).exp(),
            Curve::LogLogistic => (1.0 + power).powi(-2),
        };
        outer * power * self.k / age
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVES: [Growth; 2] = [Growth::USUAL, Growth { curve: Curve::LogLogistic, tau: 2.0, k: 0.9, spread: 0.0 }];

    #[test]
    fn half_life_is_that_of_the_formula() {
        // Weibull: tau (ln 2)^(1/k); log-logistic: tau.
        assert!((CURVES[0].age_at(0.5, 1.0) - 2.9 * std::f64::consts::LN_2.powf(1.0 / 0.55)).abs() < 1e-12);
        assert!((CURVES[1].age_at(0.5, 1.5) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn share_age_and_velocity_agree() {
        for growth in CURVES {
            for age in [0.1, 1.0, 7.0, 40.0] {
                let share = growth.share(age, 1.3);
                assert!((growth.age_at(share, 1.3) / age - 1.0).abs() < 1e-9, "{growth:?}");
                // A central difference over 1e-4 of the age is exact to about 1e-8.
                let step = 1e-4 * age;
                let slope = (growth.share(age + step, 1.3) - growth.share(age - step, 1.3)) / (2.0 * step);
                assert!((growth.velocity(age, 1.3) / slope - 1.0).abs() < 1e-6, "{growth:?} at {age}");
            }
            assert_eq!(growth.share(0.0, 1.0), 0.0);
            assert_eq!(growth.share(-1.0, 1.0), 0.0);
        }
    }
}
