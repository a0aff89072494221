//! Mechanisms of a subnet: each has weights, bonds and incentives of its own and a part of the emission.
use alloc::{vec, vec::Vec};
use assay_yuma::EpochOutput;

use crate::{
    emission::{Payout, Pools},
    pallet::*,
};

/// A part of a whole, times 2^64; at most 2^64.
type Share = u128;

/// What the epochs of all mechanisms found of the neurons of a subnet, by uid.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Merged {
    pub(crate) active: Vec<bool>,
    pub(crate) permits: Vec<bool>,
    pub(crate) consensus: Vec<u16>,
    pub(crate) dividends: Vec<u16>,
    pub(crate) validator_trust: Vec<u16>,
    pub(crate) stake_weight: Vec<u16>,
}

impl Merged {
    /// Adds a mechanism: u16 values by its share of the emission, truncated each (as upstream), flags by "or".
    fn add(&mut self, output: &EpochOutput, share: Share) {
        add_flags(&mut self.active, &output.active);
        add_flags(&mut self.permits, &output.permits);
        add_shares(&mut self.consensus, &output.consensus, share);
        add_shares(&mut self.dividends, &output.dividends, share);
        add_shares(&mut self.validator_trust, &output.validator_trust, share);
        add_shares(&mut self.stake_weight, &output.stake_weight, share);
    }
}

fn add_flags(sum: &mut Vec<bool>, flags: &[bool]) {
    sum.resize(flags.len(), false);
    sum.iter_mut().zip(flags).for_each(|(sum, flag)| *sum |= *flag);
}

fn add_shares(sum: &mut Vec<u16>, values: &[u16], share: Share) {
    sum.resize(values.len(), 0);
    for (sum, value) in sum.iter_mut().zip(values) {
        let part = u128::from(*value).saturating_mul(share) >> 64;
        *sum = sum.saturating_add(u16::try_from(part).unwrap_or(u16::MAX));
    }
}

fn add_amounts(sum: &mut Vec<u64>, amounts: &[u64]) {
    sum.resize(amounts.len(), 0);
    sum.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum = sum.saturating_add(*amount));
}

/// What one epoch of all mechanisms gives.
pub(crate) struct Settled {
    /// Of what is paid or burned.
    pub(crate) pools: Pools,
    /// To whom, all mechanisms together.
    pub(crate) payout: Payout,
    /// Miners' part of each mechanism, by uid.
    pub(crate) miners: Vec<Vec<u64>>,
    /// What is stored of the subnet.
    pub(crate) merged: Merged,
}

impl<T: Config> Pallet<T> {
    /// Splits an amount among the mechanisms by `MechanismEmissionSplit`, evenly where there is none. What truncation
    /// leaves is the first's, so that the sum is the amount.
    pub(crate) fn split_among_mechanisms(netuid: u16, amount: u64) -> Vec<u64> {
        let count = MechanismCountCurrent::<T>::get(netuid).max(1);
        let mut parts: Vec<u64> = match MechanismEmissionSplit::<T>::get(netuid) {
            Some(split) => split.iter().map(|part| portion(amount, *part)).collect(),
            None => vec![amount.checked_div(u64::from(count)).unwrap_or(0); usize::from(count)],
        };
        parts.resize(usize::from(count), 0);
        let given = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        if let Some(first) = parts.first_mut() {
            *first = first.saturating_add(amount.saturating_sub(given));
        }
        parts
    }

    /// What all mechanisms' epochs come to. A mechanism without incentives burns its part of everything, the owner's cut
    /// too; if none has any, all is burned.
    pub(crate) fn settle(netuid: u16, outputs: &[EpochOutput]) -> Settled {
        let paid = outputs.iter().any(|output| !output.incentives_are_zero());
        let whole = Self::take_pools(netuid, paid);
        let split = |amount| Self::split_among_mechanisms(netuid, amount);
        let total = [whole.owner, whole.miners, whole.validators, whole.burned];
        let total = total.iter().fold(0_u64, |sum, part| sum.saturating_add(*part));
        let (owners, miners, validators) = (split(whole.owner), split(whole.miners), split(whole.validators));
        let parts = owners.into_iter().zip(miners.into_iter().zip(validators)).zip(split(total));
        let mut settled = Settled {
            pools: Pools { burned: whole.burned, ..Pools::default() },
            payout: Payout::default(),
            miners: Vec::new(),
            merged: Merged::default(),
        };
        for (at, (output, ((owner, (miners, validators)), part))) in outputs.iter().zip(parts).enumerate() {
            let part = Pools { owner, miners, validators, burned: part };
            settled.add(output, part, total, at == 0);
        }
        settled
    }
}

impl Settled {
    /// Adds a mechanism, whose part of each pool is `part` and of all emission `part.burned` of `total`.
    fn add(&mut self, output: &EpochOutput, part: Pools, total: u64, is_first: bool) {
        // Without any emission the first counts for all, as upstream.
        let whole = if is_first { 1 << 64 } else { 0 };
        let share = (u128::from(part.burned) << 64).checked_div(u128::from(total)).unwrap_or(whole);
        self.merged.add(output, share);
        let n = output.incentive.len();
        let mut payout = Payout { miners: vec![0; n], validators: vec![0; n] };
        if output.incentives_are_zero() {
            let burned = part.owner.saturating_add(part.miners).saturating_add(part.validators);
            self.pools.burned = self.pools.burned.saturating_add(burned);
        } else {
            payout.miners = output.server_emission(part.miners);
            payout.validators = output.validator_emission(part.validators);
            self.pools.owner = self.pools.owner.saturating_add(part.owner);
            self.pools.miners = self.pools.miners.saturating_add(part.miners);
            self.pools.validators = self.pools.validators.saturating_add(part.validators);
        }
        add_amounts(&mut self.payout.miners, &payout.miners);
        add_amounts(&mut self.payout.validators, &payout.validators);
        self.miners.push(payout.miners);
    }
}

/// `part` of 65535 of an amount, truncated.
fn portion(amount: u64, part: u16) -> u64 {
    let product = u128::from(amount).saturating_mul(u128::from(part));
    product.checked_div(65_535).and_then(|portion| u64::try_from(portion).ok()).unwrap_or(0)
}
