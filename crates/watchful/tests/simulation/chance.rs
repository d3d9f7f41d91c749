//! Reproducible chance: SplitMix64 (Steele, Lea, Flood 2014).

pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64, of: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ of);
        chance.next();
        chance
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// `0..bound`, zero for a bound of zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// `from..=to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    pub fn per_mille(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A Poisson draw (Knuth's product), for small means.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let (mut product, mut count) = (self.unit(), 0);
        let floor = (-mean).exp();
        while product > floor {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// A factor around 1, right-skewed: people and days differ.
    pub fn factor(&mut self, spread: f64) -> f64 {
        let normal = (0..12).map(|_| self.unit()).sum::<f64>() - 6.0;
        (spread * normal - spread * spread / 2.0).exp()
    }
}
