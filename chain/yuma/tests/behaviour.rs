//! What the epoch does at the edges, and what holds for any input.

use assay_yuma::{run_epoch, EpochInput, EpochOutput, LiquidAlpha};

/// Two validators (0, 1) and two miners (2, 3), everybody registered at 1 and updated at 10.
fn small() -> EpochInput {
    EpochInput {
        block: 20,
        tempo: 10,
        activity_cutoff: 5000,
        kappa: 32767,
        bonds_penalty: 65535,
        bonds_moving_average: 900_000,
        max_validators: 2,
        stake: vec![600, 400, 0, 0],
        last_update: vec![10; 4],
        registered_at: vec![1; 4],
        permits: vec![true, true, false, false],
        weights: vec![vec![(2, 65535), (3, 65535)], vec![(2, 65535), (3, 65535)], vec![], vec![]],
        bonds: vec![vec![]; 4],
        ..EpochInput::default()
    }
}

#[test]
fn an_empty_subnet_gives_nothing() {
    assert_eq!(run_epoch(&EpochInput::default()), EpochOutput::default());
    assert!(run_epoch(&EpochInput::default()).combined_emission(100).is_empty());
}

#[test]
fn one_neuron_is_paid_by_stake() {
    let output =
        run_epoch(&EpochInput { stake: vec![5], max_validators: 1, permits: vec![true], ..EpochInput::default() });
    assert_eq!(output.permits, [true]);
    assert!(output.incentives_are_zero());
    assert_eq!(output.server_emission(100), [0]);
    assert_eq!(output.validator_emission(100), [100]);
    assert_eq!(output.combined_emission(100), [100]);
}

#[test]
fn without_stake_nobody_is_paid() {
    let output = run_epoch(&EpochInput { stake: vec![0; 4], ..small() });
    assert_eq!(output.permits, [false; 4]);
    for emission in [output.server_emission(100), output.validator_emission(100), output.combined_emission(100)] {
        assert_eq!(emission, [0; 4]);
    }
}

#[test]
fn without_weights_stake_is_paid() {
    let output = run_epoch(&EpochInput { weights: vec![], ..small() });
    assert!(output.incentives_are_zero());
    assert_eq!(output.server_emission(1000), [0; 4]);
    assert_eq!(output.validator_emission(1000), [599, 399, 0, 0]);
}

#[test]
fn equal_miners_share_equally() {
    for yuma3 in [false, true] {
        let output = run_epoch(&EpochInput { yuma3, ..small() });
        assert_eq!(output.incentive, [0, 0, 32767, 32767]);
        assert_eq!(output.consensus, [0, 0, 32767, 32767]);
        assert_eq!(output.validator_trust, [65535, 65535, 0, 0]);
        assert_eq!(output.server_emission(1000), [0, 0, 500, 500]);
        assert_eq!(output.active, [true; 4]);
    }
}

#[test]
fn at_a_tie_the_lower_uid_loses_its_permit() {
    let output = run_epoch(&EpochInput { stake: vec![5, 5, 5, 5], ..small() });
    assert_eq!(output.permits, [false, false, true, true]);
}

#[test]
fn a_permit_needs_stake_but_the_owner_does_not() {
    let input = EpochInput { max_validators: 4, ..small() };
    assert_eq!(run_epoch(&input).permits, [true, true, false, false]);
    assert_eq!(run_epoch(&EpochInput { owner_uid: Some(3), ..input.clone() }).permits, [true, true, false, true]);
    assert_eq!(run_epoch(&EpochInput { owner_uid: Some(9), ..input }).permits, [true, true, false, false]);
}

#[test]
fn stake_below_the_threshold_is_none_except_the_owners() {
    let input = EpochInput { stake_threshold: 500, ..small() };
    assert_eq!(run_epoch(&input).stake_weight, [65535, 0, 0, 0]);
    assert_eq!(run_epoch(&EpochInput { owner_uid: Some(1), ..input }).stake_weight, [39320, 26213, 0, 0]);
}

#[test]
fn inactive_validators_do_not_count() {
    let output = run_epoch(&EpochInput { last_update: vec![10, 3, 10, 10], activity_cutoff: 15, block: 20, ..small() });
    assert_eq!(output.active, [true, false, true, true]);
    assert_eq!(output.validator_emission(1000), [1000, 0, 0, 0]);
    // Without any active validator stake alone decides.
    let output = run_epoch(&EpochInput { last_update: vec![0; 4], activity_cutoff: 1, ..small() });
    assert_eq!(output.validator_emission(1000), [599, 399, 0, 0]);
}

#[test]
fn self_weights_are_the_owners_privilege() {
    let weights = vec![vec![(0, 65535)], vec![(0, 65535)], vec![], vec![]];
    let input = EpochInput { weights, ..small() };
    assert_eq!(run_epoch(&input).validator_trust, [0, 0, 0, 0]);
    assert_eq!(run_epoch(&EpochInput { owner_uid: Some(0), ..input }).validator_trust, [65535, 65535, 0, 0]);
}

#[test]
fn weights_do_not_pass_to_the_next_holder_of_a_uid() {
    let output = run_epoch(&EpochInput { registered_at: vec![1, 1, 10, 1], ..small() });
    assert_eq!(output.incentive, [0, 0, 0, 65535]);
}

#[test]
fn bonds_do_not_pass_to_the_next_holder_of_a_uid() {
    let bonds = vec![vec![(2, 65535)], vec![(3, 65535)], vec![], vec![]];
    let last_update = vec![18; 4];
    let input = EpochInput { bonds, last_update, last_mechanism_step: 12, ..small() };
    let kept = run_epoch(&input);
    assert!(kept.bonds[0][0].1 > kept.bonds[1][0].1);
    // Registered after the last epoch: only what was bought in this one counts, which is stake alone (2/3, truncated twice).
    let fresh = run_epoch(&EpochInput { registered_at: vec![1, 1, 13, 13], ..input });
    assert_eq!(fresh.bonds[0], [(2, 65535), (3, 65535)]);
    assert_eq!(fresh.bonds[1], [(2, 43689), (3, 43689)]);
}

#[test]
fn bonds_are_cleared_with_the_permit_and_left_alone_without_one() {
    let bonds = vec![vec![], vec![(2, 7)], vec![(3, 9)], vec![]];
    let output = run_epoch(&EpochInput { max_validators: 1, bonds, ..small() });
    assert_eq!(output.permits, [true, false, false, false]);
    assert_eq!(output.bonds[1], []);
    assert_eq!(output.bonds[2], [(3, 9)]);
}

#[test]
fn liquid_alpha_keeps_a_bond_only_while_the_miner_is_named() {
    let liquid_alpha = Some(LiquidAlpha { low: 6553, high: 19660, steepness: 1000 });
    let bonds = vec![vec![(2, 6640), (3, 6640)], vec![(2, 6640), (3, 6640)], vec![], vec![]];
    let with = |row: &[(u16, u16)]| {
        let weights = vec![row.to_vec(), row.to_vec(), vec![], vec![]];
        let input =
            EpochInput { yuma3: true, liquid_alpha, bonds_penalty: 0, bonds: bonds.clone(), weights, ..small() };
        run_epoch(&input).bonds[0].clone()
    };
    assert_eq!(with(&[(2, 65535)]).len(), 1);
    assert!(matches!(with(&[(2, 65535), (3, 0)])[1], (3, 5900..=6000)));
}

#[test]
fn the_order_of_a_row_does_not_matter() {
    let liquid_alpha = Some(LiquidAlpha { low: 6553, high: 19660, steepness: 1000 });
    for yuma3 in [false, true] {
        let sorted = EpochInput { yuma3, liquid_alpha, bonds_penalty: 30_000, ..small() };
        let mut mixed = sorted.clone();
        mixed.weights = vec![vec![(3, 65535), (2, 65535)], vec![(2, 1), (3, 65535), (2, 65535), (77, 5)]];
        assert_eq!(run_epoch(&sorted), run_epoch(&mixed));
    }
}

/// Seeded noise; no dependency, same numbers everywhere.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Often an edge, else anything.
    fn wild(&mut self) -> u64 {
        match self.below(6) {
            0 => 0,
            1 => u64::MAX,
            2 => self.below(100),
            3 => 1 << self.below(64),
            _ => self.next(),
        }
    }

    fn small_u16(&mut self) -> u16 {
        match self.below(4) {
            0 => 65535,
            1 => 0,
            _ => self.next() as u16,
        }
    }

    fn rows(&mut self, n: u64) -> Vec<Vec<(u16, u16)>> {
        let rows = self.below(n + 3);
        (0..rows)
            .map(|_| {
                let entries = self.below(n + 3);
                (0..entries).map(|_| (self.below(n + 2) as u16, self.small_u16())).collect()
            })
            .collect()
    }

    fn list<T>(&mut self, n: u64, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = self.below(n + 3);
        (0..length).map(|_| item(self)).collect()
    }

    fn input(&mut self) -> EpochInput {
        let n = self.below(13);
        let junk = self.below(2) == 0;
        let block = |noise: &mut Self| if junk { noise.wild() } else { noise.below(60) };
        let liquid = LiquidAlpha { low: self.small_u16(), high: self.small_u16(), steepness: self.next() as i16 };
        EpochInput {
            block: if junk { self.wild() } else { 60 },
            tempo: if junk { self.wild() } else { 10 },
            activity_cutoff: self.wild(),
            kappa: self.small_u16(),
            bonds_penalty: self.small_u16(),
            bonds_moving_average: if junk { self.wild() } else { self.below(1_000_001) },
            yuma3: self.below(2) == 0,
            liquid_alpha: (self.below(2) == 0).then_some(liquid),
            max_validators: self.below(n + 2) as u16,
            owner_uid: (self.below(3) == 0).then(|| self.below(n + 2) as u16),
            last_mechanism_step: if junk { self.wild() } else { self.below(60) },
            stake: (0..n).map(|_| self.wild()).collect(),
            stake_threshold: if self.below(3) == 0 { self.wild() } else { 0 },
            last_update: self.list(n, block),
            registered_at: self.list(n, block),
            permits: self.list(n, |noise| noise.below(4) > 0),
            weights: self.rows(n),
            bonds: self.rows(n),
        }
    }
}

fn total(parts: &[u64]) -> u128 {
    parts.iter().map(|part| u128::from(*part)).sum()
}

#[test]
fn any_input_gives_shares_within_the_pool() {
    const SEED: u64 = 0x5eed_a55a_1234_0001;
    let mut noise = Noise(SEED);
    let mut paid = 0;
    for round in 0..6000 {
        let input = noise.input();
        let n = input.stake.len();
        let output = run_epoch(&input);
        let pool = noise.wild();
        let lengths = [output.active.len(), output.consensus.len(), output.bonds.len(), output.permits.len()];
        assert_eq!(lengths, [n; 4], "seed {SEED:#x}, round {round}");
        let emission = output.upstream_emission(pool);
        let both = [emission.server, emission.validator].concat();
        for parts in [output.server_emission(pool), output.validator_emission(pool), emission.combined, both] {
            assert!(total(&parts) <= u128::from(pool), "seed {SEED:#x}, round {round}");
            paid += u32::from(total(&parts) > 0);
        }
        let shares = [&output.incentive_share, &output.dividend_share, &output.fallback_share];
        for share in shares {
            // The cap in the split must never be what keeps the sum within the pool.
            let bits: i128 = share.iter().map(|share| i128::from(share.bits())).sum();
            assert!((0..=1 << 32).contains(&bits), "seed {SEED:#x}, round {round}: {bits}");
        }
        let granted = output.permits.iter().filter(|permit| **permit).count();
        let owner = usize::from(input.owner_uid.is_some());
        assert!(granted <= usize::from(input.max_validators) + owner, "seed {SEED:#x}, round {round}");
        assert_eq!(run_epoch(&input), output, "seed {SEED:#x}, round {round}");
    }
    // Else the loop would prove nothing.
    assert!(paid > 6000, "{paid}");
}

#[test]
fn bonds_stay_sound_over_many_epochs() {
    for yuma3 in [false, true] {
        let mut noise = Noise(0x5eed_0000_0000_0007);
        let mut input = EpochInput { yuma3, stake: vec![9, 8, 7, 6, 0, 0, 0, 0], max_validators: 4, ..small() };
        input.permits = vec![true; 4];
        input.last_update = vec![10; 8];
        input.registered_at = vec![1; 8];
        for _ in 0..200 {
            input.weights = (0..4).map(|_| (4..8).map(|uid| (uid, noise.small_u16())).collect()).collect();
            let output = run_epoch(&input);
            for row in &output.bonds {
                assert!(row.windows(2).all(|pair| pair[0].0 < pair[1].0));
            }
            input.bonds = output.bonds;
        }
    }
}
