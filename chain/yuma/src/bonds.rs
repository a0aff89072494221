//! Yuma2: bonds are shares of each miner, bought with weight times stake.

use crate::fixed::{normalise, I32F32};
use crate::matrix::Matrix;
use crate::terms::EpochInput;
use alloc::vec::Vec;

/// Millionths in `bonds_moving_average`.
const MILLION: u64 = 1_000_000;

/// New bonds as they are stored, and the dividends they earn.
pub(crate) struct Bonded {
    /// Entries within 0..=1.
    pub bonds: Matrix,
    /// By validator, sums to at most 1.
    pub dividends: Vec<I32F32>,
}

/// What one epoch's bonds are computed from.
pub(crate) struct BondTerms<'a> {
    /// The epoch's input.
    pub input: &'a EpochInput,
    /// Active stake by uid, normalised.
    pub active_stake: &'a [I32F32],
    /// Weights, row-normalised, moved toward consensus by the bonds penalty.
    pub weights: &'a Matrix,
    /// Consensus by uid.
    pub consensus: &'a [I32F32],
    /// Incentive by uid.
    pub incentive: &'a [I32F32],
}

/// The share of this epoch in the moving average: one minus `bonds_moving_average`.
pub(crate) fn fixed_alpha(input: &EpochInput) -> I32F32 {
    let old = input.bonds_moving_average.min(MILLION);
    I32F32::ONE.sub(I32F32::from_ratio(old, u128::from(MILLION)))
}

/// Stored bonds, without those in neurons that registered since the last epoch: they belonged to the uid's last holder.
pub(crate) fn standing_bonds(input: &EpochInput, read: impl Fn(u16) -> I32F32) -> Matrix {
    let last_epoch = match input.last_mechanism_step {
        0 => input.block.saturating_sub(input.tempo),
        step => step.saturating_add(1),
    };
    let mut bonds = Matrix::from_rows(&input.bonds, input.stake.len(), read);
    bonds.retain(|_, j| last_epoch > input.registered_at.get(j).copied().unwrap_or(0));
    bonds
}

/// Bonds and dividends of Yuma2.
pub(crate) fn yuma2(terms: &BondTerms<'_>) -> Bonded {
    let mut old = standing_bonds(terms.input, I32F32::from_u16);
    old.normalise_columns();

    let mut bought = terms.weights.clone();
    bought.scale_rows(terms.active_stake);
    bought.normalise_columns();

    let mut bonds = bought.moving_average(&old, fixed_alpha(terms.input));
    bonds.normalise_columns();
    let mut dividends = bonds.right_product(terms.incentive);
    normalise(&mut dividends);

    // Stored in u16 by column maximum, which keeps more digits than the share itself.
    bonds.upscale_columns();
    Bonded { bonds, dividends }
}
