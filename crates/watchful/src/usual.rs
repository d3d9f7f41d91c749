//! What an hour of this user usually holds: a histogram that forgets.
use serde::{Deserialize, Serialize};

/// Upper ends of the bins, in charts an hour.
const BINS: [u32; 32] =
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 22, 24, 27, 30, 34, 38, 43, 48, 54, 62, 70, 80, 92, 106, 120];
/// Weight of one hour just past.
const HOUR_WEIGHT: u32 = 1 << 10;
/// A tenth of the hours may be busier than a busy hour.
const BUSY: u64 = 9;
const OF: u64 = 10;

/// Hours by how many charts they held. An hour weighs half after 22 shifts, in which the user was here: an absence forgets nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usual {
    /// INVARIANT: one weight for each bin.
    weights: Vec<u32>,
}

impl Usual {
    /// What is assumed of somebody unknown: ten hours of `charts`.
    pub fn prior(charts: u32) -> Self {
        let mut usual = Self { weights: vec![0; BINS.len()] };
        usual.learn(charts, 10);
        usual
    }

    /// Whether it has the form it was written in.
    pub fn is_sound(&self) -> bool {
        self.weights.len() == BINS.len() && self.weights.iter().any(|weight| *weight > 0)
    }

    /// Takes in so many hours of `charts` each.
    pub fn learn(&mut self, charts: u32, hours: u32) {
        let bin = BINS.partition_point(|end| *end < charts).min(BINS.len() - 1);
        if let Some(weight) = self.weights.get_mut(bin) {
            *weight = weight.saturating_add(HOUR_WEIGHT.saturating_mul(hours));
        }
    }

    /// An hour of so many charts was explained: it is within a busy hour from now on.
    pub fn allow(&mut self, charts: u32) {
        let hours = self.weights.iter().copied().map(u64::from).sum::<u64>() / u64::from(8 * HOUR_WEIGHT) + 1;
        self.learn(charts, u32::try_from(hours).unwrap_or(u32::MAX));
    }

    /// A shift has passed.
    pub fn fade(&mut self) {
        // INVARIANT: the last trace stays, or there would be no usual.
        if self.weights.iter().any(|weight| *weight > 32) {
            for weight in &mut self.weights {
                *weight -= weight.div_ceil(32);
            }
        }
    }

    /// Charts in a busy hour: nine of ten hours hold no more.
    pub fn busy_hour(&self) -> u32 {
        let all: u64 = self.weights.iter().copied().map(u64::from).sum();
        let mut so_far = 0;
        for (weight, end) in self.weights.iter().zip(BINS) {
            so_far += u64::from(*weight);
            if so_far * OF >= all * BUSY {
                return end;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_is_taken_for_the_prior_and_then_for_themselves() {
        let mut usual = Usual::prior(16);
        assert_eq!(usual.busy_hour(), 16);
        for shift in 0..14 {
            for hour in 0..8 {
                usual.learn(if hour == 0 { 6 } else { 3 }, 1);
            }
            usual.fade();
            assert!(usual.busy_hour() >= 6, "{shift}");
        }
        assert_eq!(usual.busy_hour(), 6);
    }

    #[test]
    fn one_wild_hour_in_ten_changes_nothing() {
        let mut usual = Usual::prior(3);
        for _ in 0..40 {
            (0..9).for_each(|_| usual.learn(4, 1));
            usual.learn(120, 1);
            usual.fade();
        }
        assert_eq!(usual.busy_hour(), 4);
    }

    #[test]
    fn nothing_is_ever_quite_forgotten() {
        let mut usual = Usual::prior(16);
        (0..10_000).for_each(|_| usual.fade());
        assert!(usual.is_sound());
        assert_eq!(usual.busy_hour(), 16);
        (0..10_000).for_each(|_| usual.learn(u32::MAX, u32::MAX));
        assert_eq!(usual.busy_hour(), 120);
    }
}
