//! Where chance comes from: one seeded stream per patient and topic, and ids derived from what they name.

/// A seeded stream of draws: SplitMix64 (Steele, Lea, Flood 2014). Fixed by its definition, so charts stay the same for
/// ever, and quick even unoptimised. Nothing secret hangs on it.
pub(crate) struct Draw(u64);

impl Draw {
    /// The stream of one topic (`people`, `course`, …) of one patient: topics do not disturb one another.
    pub(crate) fn of(seed: u64, patient: u32, topic: &str) -> Self {
        Self(mix(seed ^ mix(u64::from(patient) ^ fnv1a(topic.as_bytes(), FNV_OFFSET))))
    }

    fn next(&mut self) -> u64 {
        let drawn = mix(self.0);
        self.0 = self.0.wrapping_add(GOLDEN);
        drawn
    }

    /// Uniform in `0..n`; 0 where `n` is 0. The bias of the modulus (below 2^-32) is of no matter here.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.next() % n }
    }

    /// Uniform in `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs();
        low + i64::try_from(self.below(span + 1)).unwrap_or(0)
    }

    /// Uniform in `[0, 1)`, in steps of 2^-53.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Roughly normal (sum of twelve uniforms: no libm, so the same on every platform), within six deviations.
    pub(crate) fn normal(&mut self, mean: f64, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        mean + (sum - 6.0) * deviation
    }

    /// One of a non-empty slice.
    ///
    /// INVARIANT: every slice passed is a non-empty constant of this crate.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let i = self.below(of.len() as u64);
        &of[usize::try_from(i).unwrap_or(0)]
    }

    /// An index into `weights`, each as likely as its weight.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.len().saturating_sub(1)
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// FNV-1a, 64 bits, continuing from `state`.
pub(crate) fn fnv1a(bytes: &[u8], state: u64) -> u64 {
    bytes.iter().fold(state, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The UUID-shaped id of a patient's `serial`-th record of a type. Real EHR ids are opaque, so these are as well.
pub(crate) fn record_id(seed: u64, patient: u32, resource_type: &str, serial: u32) -> String {
    let named = fnv1a(resource_type.as_bytes(), FNV_OFFSET ^ seed.rotate_left(17));
    let state = named ^ (u64::from(patient) << 32 | u64::from(serial));
    let (high, low) = (mix(state), mix(mix(state) ^ named.rotate_left(29)));
    format!(
        "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48 & 0x3fff),
        low & 0xffff_ffff_ffff
    )
}

/// The finaliser of SplitMix64: a bijection, so distinct states stay distinct.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(GOLDEN);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_topic() {
        let run = |topic| (0..8).map(|_| 0).scan(Draw::of(9, 4, topic), |d, _: u64| Some(d.below(1 << 40))).collect::<Vec<_>>();
        assert_eq!(run("people"), run("people"));
        assert_ne!(run("people"), run("course"));
    }

    #[test]
    fn normal_has_the_stated_mean_and_spread() {
        let mut draw = Draw::of(1, 0, "test");
        let sample: Vec<f64> = (0..20_000).map(|_| draw.normal(100.0, 15.0)).collect();
        let mean = sample.iter().sum::<f64>() / 20_000.0;
        let spread = (sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0).sqrt();
        assert!((mean - 100.0).abs() < 0.5, "mean {mean}");
        assert!((spread - 15.0).abs() < 0.4, "spread {spread}");
    }

    #[test]
    fn weights_are_honoured() {
        let mut draw = Draw::of(1, 1, "test");
        let mut seen = [0u32; 3];
        for _ in 0..10_000 {
            seen[draw.weighted(&[1.0, 0.0, 3.0])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((2_200..2_800).contains(&seen[0]), "{seen:?}");
    }

    #[test]
    fn record_ids_are_fhir_ids() {
        let id = record_id(1, 7, "Patient", 0);
        assert_eq!(id.len(), 36);
        assert!(id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'));
        assert_ne!(id, record_id(1, 8, "Patient", 0));
        assert_ne!(id, record_id(2, 7, "Patient", 0));
        assert_ne!(id, record_id(1, 7, "Patient", 1));
    }
}
