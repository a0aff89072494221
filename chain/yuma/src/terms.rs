//! What goes into an epoch and what comes out.

use crate::fixed::{divide_by, I32F32};
use alloc::vec::Vec;

/// Liquid alpha: the bonds' moving average depends on how far a weight lies from consensus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidAlpha {
    /// Lowest alpha, in 1/65535.
    pub low: u16,
    /// Highest alpha, in 1/65535.
    pub high: u16,
    /// Steepness of the sigmoid between them, in 1/100.
    pub steepness: i16,
}

/// One subnet at one block.
///
/// `stake` says how many neurons there are. Shorter vectors count as filled with 0, false or empty rows, longer ones
/// are cut; entries for uids that do not exist are dropped, and of several for one uid the last counts.
/// With commit-reveal on, pass the weights through [`crate::mask_committed`] first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochInput {
    /// This block's number.
    pub block: u64,
    /// Blocks between epochs.
    pub tempo: u64,
    /// A neuron whose last update lies more than this many blocks back is inactive.
    pub activity_cutoff: u64,
    /// Majority of stake that makes consensus, in 1/65535.
    pub kappa: u16,
    /// How far bonds follow the clipped weights instead of the raw ones, in 1/65535.
    pub bonds_penalty: u16,
    /// Share of the old bonds in the moving average, in millionths; above 1,000,000 counts as 1,000,000.
    pub bonds_moving_average: u64,
    /// Yuma3 instead of Yuma2.
    pub yuma3: bool,
    /// Liquid alpha, if on; only Yuma3 knows it.
    pub liquid_alpha: Option<LiquidAlpha>,
    /// How many validator permits there are.
    pub max_validators: u16,
    /// The subnet owner's neuron: always permitted, exempt from the threshold, may weight itself.
    pub owner_uid: Option<u16>,
    /// Block of the last epoch; 0 if there was none.
    pub last_mechanism_step: u64,
    /// Stake by uid, any unit.
    pub stake: Vec<u64>,
    /// Stake below this counts as 0.
    pub stake_threshold: u64,
    /// Block of the last weight update, by uid.
    pub last_update: Vec<u64>,
    /// Block of registration, by uid.
    pub registered_at: Vec<u64>,
    /// Validator permits of the last epoch, by uid.
    pub permits: Vec<bool>,
    /// Stored weights: by validator, (miner, weight).
    pub weights: Vec<Vec<(u16, u16)>>,
    /// Stored bonds: by validator, (miner, bond).
    pub bonds: Vec<Vec<(u16, u16)>>,
}

/// What the epoch found. Every vector has one entry a neuron; `*_share` are exact, the u16 ones truncated for storage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochOutput {
    /// Updated within the activity cutoff.
    pub active: Vec<bool>,
    /// Stake-weighted median of the weights for each neuron.
    pub consensus: Vec<u16>,
    /// Share of the miners' emission.
    pub incentive: Vec<u16>,
    /// Share of the validators' emission.
    pub dividends: Vec<u16>,
    /// How much of a validator's weights consensus kept.
    pub validator_trust: Vec<u16>,
    /// Validator permits from now on.
    pub permits: Vec<bool>,
    /// Bonds to store, every row: a neuron without old and new permit keeps its stored row.
    pub bonds: Vec<Vec<(u16, u16)>>,
    /// Share of the subnet's stake.
    pub stake_weight: Vec<u16>,
    /// Consensus, exact.
    pub consensus_share: Vec<I32F32>,
    /// Incentive, exact; sums to at most 1.
    pub incentive_share: Vec<I32F32>,
    /// Dividends, exact; sum to at most 1.
    pub dividend_share: Vec<I32F32>,
    /// Validator trust, exact.
    pub validator_trust_share: Vec<I32F32>,
    /// Who is paid when nobody earned a dividend: the active validators' stake, all stake if there is none.
    pub fallback_share: Vec<I32F32>,
}

/// One pool split over incentives and dividends at once, as upstream's epoch reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamEmission {
    /// The miners' parts.
    pub server: Vec<u64>,
    /// The validators' parts.
    pub validator: Vec<u64>,
    /// Both; may differ from their sum by 1 where truncation differs.
    pub combined: Vec<u64>,
}

impl EpochOutput {
    /// True if nobody earned an incentive; upstream's validators get the miners' pool then, ours nothing.
    #[must_use]
    pub fn incentives_are_zero(&self) -> bool {
        is_zero(&self.incentive_share)
    }

    /// Splits the miners' pool by incentive, truncated: never more than `pool` in all; nothing if all incentives are 0.
    #[must_use]
    pub fn server_emission(&self, pool: u64) -> Vec<u64> {
        split(&self.incentive_share, pool)
    }

    /// Splits the validators' pool by dividends, or by stake if all dividends are 0: never more than `pool` in all.
    #[must_use]
    pub fn validator_emission(&self, pool: u64) -> Vec<u64> {
        if is_zero(&self.dividend_share) {
            split(&self.fallback_share, pool)
        } else {
            split(&self.dividend_share, pool)
        }
    }

    /// Splits one pool by incentive plus dividend, or by stake if all of both are 0: never more than `pool` in all.
    #[must_use]
    pub fn combined_emission(&self, pool: u64) -> Vec<u64> {
        self.upstream_emission(pool).combined
    }

    /// Splits one pool the way upstream's epoch does.
    #[must_use]
    pub fn upstream_emission(&self, pool: u64) -> UpstreamEmission {
        let mut server = self.incentive_share.clone();
        let mut validator = self.dividend_share.clone();
        let mut combined: Vec<I32F32> = server.iter().zip(&validator).map(|(i, d)| i.add(*d)).collect();
        let sum = combined.iter().sum();
        if sum == I32F32::ZERO {
            validator.clone_from(&self.fallback_share);
            combined.clone_from(&self.fallback_share);
        }
        divide_by(&mut server, sum);
        divide_by(&mut validator, sum);
        divide_by(&mut combined, sum);
        UpstreamEmission {
            server: split(&server, pool),
            validator: split(&validator, pool),
            combined: split(&combined, pool),
        }
    }
}

fn is_zero(shares: &[I32F32]) -> bool {
    shares.iter().all(|share| *share == I32F32::ZERO)
}

/// Truncated parts of `pool`. Shares sum to at most 1, so the cap never binds; it makes "never more than the pool" hold
/// by construction.
fn split(shares: &[I32F32], pool: u64) -> Vec<u64> {
    let mut left = pool;
    shares
        .iter()
        .map(|share| {
            let part = share.share_of(pool).min(left);
            left = left.saturating_sub(part);
            part
        })
        .collect()
}
