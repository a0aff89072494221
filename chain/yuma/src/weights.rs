//! Weights on their way into storage and out of it.

use crate::fixed::I32F32;
use alloc::vec::Vec;

/// Above this, scaling divides first: the product would leave 31 integer bits.
const DIVIDE_FIRST_ABOVE: u16 = 32_768;

/// Scales a row so that its largest entry is 65535, as `set_weights` stores it; a row of zeros stays.
///
/// Rounded half up in I32F32; a largest entry above 32768 divides before it multiplies, as upstream does.
#[must_use]
pub fn max_upscale(values: &[u16]) -> Vec<u16> {
    let largest = values.iter().copied().max().unwrap_or(0);
    if largest == 0 {
        return values.to_vec();
    }
    let top = I32F32::from_u16(u16::MAX);
    let divisor = I32F32::from_u16(largest);
    let factor = top.div(divisor);
    values
        .iter()
        .map(|value| {
            let value = I32F32::from_u16(*value);
            if largest > DIVIDE_FIRST_ABOVE {
                value.mul(factor).round_to_u16()
            } else {
                value.mul(top).div(divisor).round_to_u16()
            }
        })
        .collect()
}

/// Drops weights for neurons that registered after the validator committed: with commit-reveal on, the stored weights
/// may be older than the neuron that now holds the uid.
///
/// `earliest_commit[i]` is the block of validator i's earliest unexpired commit, None without one.
/// Entries with `commit < registered_at` go.
#[must_use]
pub fn mask_committed(
    weights: &[Vec<(u16, u16)>],
    earliest_commit: &[Option<u64>],
    registered_at: &[u64],
) -> Vec<Vec<(u16, u16)>> {
    weights
        .iter()
        .enumerate()
        .map(|(validator, row)| {
            let commit = earliest_commit.get(validator).copied().flatten().unwrap_or(u64::MAX);
            row.iter()
                .filter(|(uid, _)| commit >= registered_at.get(usize::from(*uid)).copied().unwrap_or(0))
                .copied()
                .collect()
        })
        .collect()
}
