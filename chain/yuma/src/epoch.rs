//! One epoch: stake, permits, weights, consensus, incentive, bonds, dividends. Order matters throughout.

use crate::bonds::{yuma2, BondTerms};
use crate::bonds_yuma3::yuma3;
use crate::fixed::{normalise, I32F32};
use crate::matrix::Matrix;
use crate::median::consensus;
use crate::terms::{EpochInput, EpochOutput};
use alloc::{vec, vec::Vec};

/// Runs one epoch of one subnet mechanism.
///
/// Never panics, whatever the input; see [`EpochInput`] for how malformed rows are read.
#[must_use]
pub fn run_epoch(input: &EpochInput) -> EpochOutput {
    let n = input.stake.len();
    let active = active_neurons(input);
    let stake = normalised_stake(input);
    let permits = with_owner(padded(&input.permits, n), input.owner_uid);
    let new_permits = with_owner(top_staked(&stake, usize::from(input.max_validators)), input.owner_uid);
    let active_stake = active_stake(&stake, &active, &permits);

    let weights = valid_weights(input, &permits);
    let consensus = consensus(&active_stake, &weights, I32F32::from_u16_proportion(input.kappa));
    let clipped = weights.clip_columns(&consensus);
    let validator_trust = clipped.row_sums();
    let mut incentive = clipped.left_product(&active_stake);
    normalise(&mut incentive);

    let penalty = I32F32::from_u16_proportion(input.bonds_penalty);
    let bonded = {
        let weights = weights.interpolate(&clipped, penalty);
        let terms = BondTerms {
            input,
            active_stake: &active_stake,
            weights: &weights,
            consensus: &consensus,
            incentive: &incentive,
        };
        if input.yuma3 {
            yuma3(&terms)
        } else {
            yuma2(&terms)
        }
    };

    let nobody_active = active_stake.iter().all(|share| *share == I32F32::ZERO);
    EpochOutput {
        active,
        consensus: to_u16(&consensus),
        incentive: to_u16(&incentive),
        dividends: to_u16(&bonded.dividends),
        validator_trust: to_u16(&validator_trust),
        bonds: stored_bonds(input, &bonded.bonds, &permits, &new_permits),
        permits: new_permits,
        stake_weight: to_u16(&stake),
        consensus_share: consensus,
        incentive_share: incentive,
        dividend_share: bonded.dividends,
        validator_trust_share: validator_trust,
        fallback_share: if nobody_active { stake } else { active_stake },
    }
}

fn active_neurons(input: &EpochInput) -> Vec<bool> {
    let is_active = |uid| {
        let updated: u64 = input.last_update.get(uid).copied().unwrap_or(0);
        updated.saturating_add(input.activity_cutoff) >= input.block
    };
    (0..input.stake.len()).map(is_active).collect()
}

/// Stake below the threshold counts as none, except the owner's.
fn normalised_stake(input: &EpochInput) -> Vec<I32F32> {
    let counts = |uid: usize, stake: u64| stake >= input.stake_threshold || is_owner(input.owner_uid, uid);
    let counted = || input.stake.iter().enumerate().map(|(uid, stake)| if counts(uid, *stake) { *stake } else { 0 });
    let total = counted().fold(0u128, |sum, stake| sum.saturating_add(u128::from(stake)));
    counted().map(|stake| I32F32::from_ratio(stake, total)).collect()
}

/// The `count` largest that are not 0; at a tie the lower uid loses.
fn top_staked(stake: &[I32F32], count: usize) -> Vec<bool> {
    let mut order: Vec<(usize, I32F32)> = stake.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, share)| *share);
    let mut permits = vec![false; stake.len()];
    for (uid, share) in order.iter().rev().take(count) {
        if let Some(permit) = permits.get_mut(*uid) {
            *permit = *share != I32F32::ZERO;
        }
    }
    permits
}

fn active_stake(stake: &[I32F32], active: &[bool], permits: &[bool]) -> Vec<I32F32> {
    let mut out: Vec<I32F32> = stake
        .iter()
        .zip(active.iter().zip(permits))
        .map(|(share, (active, permit))| if *active && *permit { *share } else { I32F32::ZERO })
        .collect();
    normalise(&mut out);
    out
}

/// Rows of permitted validators without self-weights and without weights older than their target, row-normalised.
fn valid_weights(input: &EpochInput, permits: &[bool]) -> Matrix {
    let mut weights = Matrix::from_rows(&input.weights, input.stake.len(), I32F32::from_u16);
    weights.retain(|i, j| {
        let updated = input.last_update.get(i).copied().unwrap_or(0);
        let registered = input.registered_at.get(j).copied().unwrap_or(0);
        let allowed_self = i != j || is_owner(input.owner_uid, i);
        permits.get(i).copied().unwrap_or(false) && allowed_self && updated > registered
    });
    weights.normalise_rows();
    weights
}

/// New bonds where there is a permit now, none where it was lost, the stored row where there was none.
fn stored_bonds(input: &EpochInput, bonds: &Matrix, old: &[bool], new: &[bool]) -> Vec<Vec<(u16, u16)>> {
    let permits = old.iter().zip(new).enumerate();
    let rows = bonds.rows().iter().zip(permits);
    rows.map(|(row, (uid, (was, is)))| match (was, is) {
        (_, true) => row.iter().map(|(j, value)| (*j, value.to_u16_proportion())).collect(),
        (true, false) => Vec::new(),
        (false, false) => input.bonds.get(uid).cloned().unwrap_or_default(),
    })
    .collect()
}

fn with_owner(mut permits: Vec<bool>, owner: Option<u16>) -> Vec<bool> {
    if let Some(permit) = owner.and_then(|uid| permits.get_mut(usize::from(uid))) {
        *permit = true;
    }
    permits
}

fn is_owner(owner: Option<u16>, uid: usize) -> bool {
    owner.is_some_and(|owner| usize::from(owner) == uid)
}

fn padded(flags: &[bool], n: usize) -> Vec<bool> {
    let mut flags: Vec<bool> = flags.iter().copied().take(n).collect();
    flags.resize(n, false);
    flags
}

fn to_u16(shares: &[I32F32]) -> Vec<u16> {
    shares.iter().map(|share| share.to_u16_proportion()).collect()
}
