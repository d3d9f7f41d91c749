//! How children grow: rounded medians after WHO (to 2 years) and CDC 2000 (to 18), and a child's steady place around them.

/// Age in months, boys' and girls' median weight in kg, boys' and girls' median length or height in cm.
const MEDIANS: &[(f64, f64, f64, f64, f64)] = &[
    (0.0, 3.3, 3.2, 49.9, 49.1),
    (1.0, 4.5, 4.2, 54.7, 53.7),
    (2.0, 5.6, 5.1, 58.4, 57.1),
    (4.0, 7.0, 6.4, 63.9, 62.1),
    (6.0, 7.9, 7.3, 67.6, 65.7),
    (9.0, 8.9, 8.2, 72.0, 70.1),
    (12.0, 9.6, 8.9, 75.7, 74.0),
    (18.0, 10.9, 10.2, 82.3, 80.7),
    (24.0, 12.2, 11.5, 87.1, 85.7),
    (36.0, 14.3, 13.9, 95.3, 94.2),
    (48.0, 16.3, 15.9, 102.5, 101.0),
    (60.0, 18.5, 18.0, 109.2, 107.9),
    (72.0, 20.8, 20.3, 115.7, 115.1),
    (84.0, 23.1, 22.9, 122.0, 121.8),
    (96.0, 25.6, 25.8, 128.1, 127.8),
    (120.0, 32.1, 33.1, 138.8, 138.2),
    (144.0, 40.7, 41.8, 149.3, 151.5),
    (168.0, 51.2, 49.9, 163.8, 160.4),
    (192.0, 61.1, 55.0, 173.4, 162.4),
    (216.0, 67.3, 57.6, 176.1, 163.1),
];

/// Weight in kg of a child at `months`, `z` deviations from the median (spread 12 % of it).
pub(crate) fn weight(months: f64, female: bool, z: f64) -> f64 {
    median(months, if female { |row| row.2 } else { |row| row.1 }) * (1.0 + 0.12 * z).max(0.7)
}

/// Length or height in cm of a child at `months` (spread 4 % of the median).
pub(crate) fn height(months: f64, female: bool, z: f64) -> f64 {
    median(months, if female { |row| row.4 } else { |row| row.3 }) * (1.0 + 0.04 * z)
}

/// Head circumference in cm, for the first two years.
pub(crate) fn head(months: f64, female: bool, z: f64) -> f64 {
    let grown = (months / 24.0).min(1.0);
    let median = 34.4 + 13.6 * grown * (2.2 - 1.2 * grown);
    median - if female { 1.0 } else { 0.0 } + z * 1.2
}

fn median(months: f64, of: fn(&(f64, f64, f64, f64, f64)) -> f64) -> f64 {
    let above = MEDIANS.iter().position(|row| row.0 > months).unwrap_or(MEDIANS.len() - 1).max(1);
    let (low, high) = (&MEDIANS[above - 1], &MEDIANS[above]);
    let share = ((months - low.0) / (high.0 - low.0)).clamp(0.0, 1.0);
    of(low) + (of(high) - of(low)) * share
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_child_on_its_curve_never_shrinks() {
        for (female, z) in [(true, -1.8), (false, 0.0), (true, 2.0)] {
            for month in 0..215 {
                let at = f64::from(month);
                assert!(weight(at + 1.0, female, z) > weight(at, female, z));
                assert!(height(at + 1.0, female, z) > height(at, female, z));
            }
            assert!(head(12.0, female, z) > head(2.0, female, z));
        }
    }

    #[test]
    fn medians_are_met_at_their_ages() {
        assert!((weight(12.0, false, 0.0) - 9.6).abs() < 1e-9);
        assert!((height(9.0, true, 0.0) - 70.1).abs() < 1e-9);
        assert!((head(12.0, false, 0.0) - 45.3).abs() < 1.5);
    }
}
