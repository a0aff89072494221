//! A thousand random subnets, three epochs each: what this crate finds is what `src/yuma` finds, to the last bit. Both draw the same subnets and
//! compare digests of all results with `fixtures/twin.json`. `UPDATE_TWIN=1 cargo test -p assay-yuma --test twin` writes that file anew.

use assay_yuma::{run_epoch, EpochInput, EpochOutput, LiquidAlpha, I32F32};

const SUBNETS: u64 = 1000;
const EPOCHS: u64 = 3;
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/twin.json");

/// SplitMix64: six lines in any language.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn share(&mut self) -> u16 {
        match self.below(4) {
            0 => 0,
            1 => 65_535,
            _ => u16::try_from(self.below(65_536)).unwrap(),
        }
    }

    fn stake(&mut self) -> u64 {
        match self.below(4) {
            0 => 0,
            1 => self.below(1 << 20),
            2 => self.next() >> 1,
            _ => 1_000_000_000_000,
        }
    }

    /// Some columns below `n` and the one after, in no order, with repetitions.
    fn row(&mut self, n: u64) -> Vec<(u16, u16)> {
        let length = if self.below(4) == 0 { 0 } else { self.below(n + 2) };
        (0..length).map(|_| (u16::try_from(self.below(n + 1)).unwrap(), self.share())).collect()
    }

    fn subnet(&mut self) -> EpochInput {
        let n = 1 + self.below(24);
        let block = 10_000 + self.below(1000);
        EpochInput {
            block,
            tempo: 1 + self.below(400),
            activity_cutoff: [1, 50, 5000][usize::try_from(self.below(3)).unwrap()],
            kappa: if self.below(2) == 0 { 32_767 } else { self.share() },
            bonds_penalty: self.share(),
            bonds_moving_average: self.below(1_100_000),
            yuma3: self.below(2) == 1,
            liquid_alpha: if self.below(3) == 0 { Some(self.liquid()) } else { None },
            max_validators: u16::try_from(self.below(n + 2)).unwrap(),
            owner_uid: if self.below(3) == 0 { Some(u16::try_from(self.below(n + 1)).unwrap()) } else { None },
            last_mechanism_step: block - self.below(400),
            stake: (0..n).map(|_| self.stake()).collect(),
            stake_threshold: if self.below(2) == 0 { 0 } else { self.below(1 << 40) },
            last_update: (0..n).map(|_| block - self.below(200)).collect(),
            registered_at: (0..n).map(|_| block - self.below(400)).collect(),
            permits: (0..n).map(|_| self.below(3) > 0).collect(),
            weights: (0..n).map(|_| self.row(n)).collect(),
            bonds: (0..n).map(|_| self.row(n)).collect(),
        }
    }

    fn liquid(&mut self) -> LiquidAlpha {
        let (low, high) = (self.share(), self.share());
        LiquidAlpha { low, high, steepness: i16::try_from(self.below(4000)).unwrap() - 2000 }
    }

    /// The same subnet an epoch later: half of the rows are new.
    fn later(&mut self, input: &mut EpochInput, output: &EpochOutput) {
        let n = u64::try_from(input.stake.len()).unwrap();
        input.last_mechanism_step = input.block;
        input.block += input.tempo;
        input.permits.clone_from(&output.permits);
        input.bonds.clone_from(&output.bonds);
        for uid in 0..input.stake.len() {
            if self.below(2) == 0 {
                input.weights[uid] = self.row(n);
                input.last_update[uid] = input.block - 1;
            }
        }
    }
}

/// FNV-1a over 64-bit words.
struct Digest(u64);

impl Digest {
    fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3);
    }

    fn words<T: Copy + Into<u64>>(&mut self, words: &[T]) {
        words.iter().for_each(|word| self.add((*word).into()));
    }

    fn shares(&mut self, shares: &[I32F32]) {
        shares.iter().for_each(|share| self.add(u64::from_le_bytes(share.bits().to_le_bytes())));
    }

    fn output(&mut self, output: &EpochOutput, pool: u64) {
        self.words(&output.consensus);
        self.words(&output.incentive);
        self.words(&output.dividends);
        self.words(&output.permits);
        for row in &output.bonds {
            self.add(u64::try_from(row.len()).unwrap());
            for (column, bond) in row {
                self.words(&[*column, *bond]);
            }
        }
        self.shares(&output.consensus_share);
        self.shares(&output.incentive_share);
        self.shares(&output.dividend_share);
        self.shares(&output.validator_trust_share);
        self.shares(&output.fallback_share);
        self.words(&output.server_emission(pool));
        self.words(&output.validator_emission(pool));
    }
}

/// What three epochs of the subnet of this number come to.
fn digest_of(subnet: u64) -> String {
    let mut draws = Draws(subnet);
    let mut input = draws.subnet();
    let mut digest = Digest(0xcbf2_9ce4_8422_2325);
    for _ in 0..EPOCHS {
        let output = run_epoch(&input);
        digest.output(&output, draws.next() >> 14);
        draws.later(&mut input, &output);
    }
    format!("{:016x}", digest.0)
}

#[test]
fn a_thousand_random_subnets_are_those_of_the_other_language() {
    let found: Vec<String> = (0..SUBNETS).map(digest_of).collect();
    if std::env::var_os("UPDATE_TWIN").is_some() {
        let rows: Vec<String> = found.chunks(5).map(|row| format!("\"{}\"", row.join("\", \""))).collect();
        std::fs::write(FIXTURE, format!("[\n  {}\n]\n", rows.join(",\n  "))).unwrap();
    }
    let wanted: Vec<String> = serde_json::from_str(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
    assert_eq!(wanted.len(), found.len());
    for (subnet, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
        assert_eq!(wanted, found, "subnet {subnet}");
    }
}

/// A majority that gives each of `honest` miners a weight, and the cabal's one a weight of its own.
fn cabal(draws: &mut Draws, honest_stake: u64, cabal_stake: u64) -> (EpochInput, u64, u64) {
    let miners = 1 + draws.below(20);
    let weights: Vec<u16> = (0..miners).map(|_| 1 + u16::try_from(draws.below(65_535)).unwrap()).collect();
    let gift = if draws.below(3) == 0 { 0 } else { u16::try_from(draws.below(65_536)).unwrap() };
    let n = usize::try_from(miners).unwrap() + 3;
    let others = || (3_u16..).zip(weights.iter().copied());
    let mut rows = vec![Vec::new(); n];
    rows[0] = others().chain([(2, gift)]).collect();
    rows[1] = match draws.below(3) {
        0 => vec![(2, 65_535)],
        1 => others().map(|(uid, weight)| (uid, weight / 100)).chain([(2, 65_535)]).collect(),
        _ => vec![(2, 65_535), (3, draws.share())],
    };
    let mut stake = vec![0; n];
    (stake[0], stake[1]) = (honest_stake, cabal_stake);
    let input = EpochInput {
        block: 20,
        tempo: 10,
        activity_cutoff: 5000,
        kappa: 32_767,
        bonds_penalty: 65_535,
        bonds_moving_average: 900_000,
        yuma3: draws.below(2) == 1,
        max_validators: 2,
        stake,
        last_update: vec![10; n],
        registered_at: vec![1; n],
        permits: (0..n).map(|uid| uid < 2).collect(),
        weights: rows,
        bonds: vec![vec![]; n],
        ..EpochInput::default()
    };
    (input, u64::from(gift), weights.iter().map(|weight| u64::from(*weight)).sum())
}

/// 49 % of the stake give all to their own miner. What they say above the majority's word is cut off; what they do not say of others lowers
/// those to the majority's part of the stake. So the miner has at most w / (w + 0.51 (1 - w)), w being what the majority gives it; 0 of 0.
#[test]
fn a_cabal_of_49_percent_cannot_pay_its_own_miner_above_its_clipped_share() {
    let mut draws = Draws(49);
    let mut highest = 0.0_f64;
    for draw in 0..1000 {
        let (input, gift, others) = cabal(&mut draws, 51_000_000_000, 49_000_000_000);
        let output = run_epoch(&input);
        let all = output.incentive_share.iter().map(|share| share.bits()).sum::<i64>() as f64;
        let pay = output.incentive_share[2].bits() as f64 / all;
        let word = gift as f64 / (gift + others) as f64;
        let most = word / (word + 0.51 * (1.0 - word));
        assert!(pay <= most + 1e-6, "draw {draw}: {pay} of the pay where {most} is its clipped share");
        assert!(gift > 0 || pay == 0.0, "draw {draw}: paid without the majority's word");
        highest = highest.max(if gift > 0 { pay / word } else { 0.0 });
    }
    assert!(highest > 1.5 && highest <= 1.0 / 0.51 + 1e-6, "{highest}: the draws no longer come near the bound");
}
