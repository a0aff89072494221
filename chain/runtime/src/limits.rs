//! How much a block may compute: by declaration half of the slot it is made for, and never more than two seconds.
//!
//! What is declared is at least 1.5 times what was measured, so that a full block leaves most of its slot to everything else
//! that its author does. An author needs no clock for it: whoever runs the block anew draws the same line.
use frame_support::{
    dispatch::DispatchClass,
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
};
use frame_system::limits::BlockWeights;
use sp_runtime::Perbill;

use crate::weights::block_base::WeightInfo;

/// Most milliseconds of a block, whatever its slot.
const MOST_MS: u64 = 2_000;
/// Least milliseconds of a block: with fewer, calls that touch a whole subnet would have room in none. What is declared is
/// twice what was measured, so that this is half of a slot of 250 ms too; on shorter ones the author's own clock holds.
const LEAST_MS: u64 = 250;
/// Part of a block that signed calls may fill; the rest is for what happens in every block, and for Root.
const NORMAL: Perbill = Perbill::from_percent(75);
/// Part of a block that its hooks take on average: no single call may need more than what they leave.
const HOOKS: Perbill = Perbill::from_percent(10);

/// A part of a weight, in each of its dimensions.
fn part(of: Weight, part: Perbill) -> Weight {
    Weight::from_parts(part.mul_floor(of.ref_time()), part.mul_floor(of.proof_size()))
}

/// Limits of a block for a slot of `slot_ms` milliseconds. Where hooks have filled a block, an epoch's for example, signed
/// calls wait for the next one.
pub fn block_weights(slot_ms: u64) -> BlockWeights {
    let most_ms = slot_ms.checked_div(2).unwrap_or(0).clamp(LEAST_MS, MOST_MS);
    let most = Weight::from_parts(most_ms.saturating_mul(WEIGHT_REF_TIME_PER_MILLIS), u64::MAX);
    let normal = part(most, NORMAL);
    BlockWeights::builder()
        .base_block(<()>::block())
        .for_class(DispatchClass::non_mandatory(), |class| class.base_extrinsic = <()>::extrinsic())
        .for_class(DispatchClass::Normal, |class| {
            class.max_total = Some(normal);
            class.reserved = Some(Weight::zero());
        })
        .for_class(DispatchClass::Operational, |class| {
            class.max_total = Some(most);
            class.reserved = Some(most.saturating_sub(normal));
        })
        .avg_block_initialization(HOOKS)
        .build_or_panic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_half_of_its_slot() {
        for (slot_ms, most_ms) in [(250, 250), (1_000, 500), (12_000, 2_000), (0, 250), (u64::MAX, 2_000)] {
            let most = block_weights(slot_ms).max_block.ref_time();
            assert_eq!(most, most_ms * WEIGHT_REF_TIME_PER_MILLIS);
        }
    }
}
