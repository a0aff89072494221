//! One epoch: storage to Yuma's input, Yuma's output to storage, payout. The arithmetic itself is `assay-yuma`.
use alloc::vec::Vec;
use assay_yuma::{EpochInput, EpochOutput, LiquidAlpha};

use crate::{emission::Payout, mechanisms::Merged, pallet::*};

impl<T: Config> Pallet<T> {
    /// Runs the epoch of every mechanism of `netuid` in `block`, all with the permits of the last one.
    pub(crate) fn run_epoch(netuid: u16, block: u64) {
        let indexes: Vec<u16> = Self::storage_indexes(netuid).collect();
        let outputs: Vec<EpochOutput> =
            indexes.iter().map(|index| assay_yuma::run_epoch(&Self::epoch_input(netuid, *index, block))).collect();
        let settled = Self::settle(netuid, &outputs);
        Self::pay(netuid, settled.pools, &settled.payout);
        let former_permits = ValidatorPermit::<T>::get(netuid);
        for (index, (output, miners)) in indexes.into_iter().zip(outputs.into_iter().zip(settled.miners)) {
            Self::store_mechanism(index, &former_permits, output, miners);
        }
        Self::store_subnet(netuid, settled.merged, settled.payout);
    }

    /// Activity cutoff in blocks, at least 1.
    pub fn activity_cutoff(netuid: u16) -> u64 {
        let factor = u64::from(ActivityCutoffFactorMilli::<T>::get(netuid));
        let tempo = u64::from(Tempo::<T>::get(netuid));
        factor.saturating_mul(tempo).checked_div(1000).unwrap_or(0).max(1)
    }

    /// What the epoch of one mechanism reads.
    fn epoch_input(netuid: u16, index: u16, block: u64) -> EpochInput {
        let uids = || 0..SubnetworkN::<T>::get(netuid);
        let (low, high) = AlphaValues::<T>::get(netuid);
        let steepness = AlphaSigmoidSteepness::<T>::get(netuid);
        // The clock has been stepped already.
        let period = SubnetEpochIndex::<T>::get(netuid).saturating_sub(1);
        let stake_of = |uid| Self::inherited_stake(&Keys::<T>::get(netuid, uid), netuid, period);
        EpochInput {
            block,
            tempo: u64::from(Tempo::<T>::get(netuid)),
            activity_cutoff: Self::activity_cutoff(netuid),
            kappa: Kappa::<T>::get(netuid),
            bonds_penalty: BondsPenalty::<T>::get(netuid),
            bonds_moving_average: BondsMovingAverage::<T>::get(netuid),
            yuma3: Yuma3On::<T>::get(netuid),
            liquid_alpha: LiquidAlphaOn::<T>::get(netuid).then_some(LiquidAlpha { low, high, steepness }),
            max_validators: MaxAllowedValidators::<T>::get(netuid),
            owner_uid: Self::owner_uid(netuid),
            last_mechanism_step: LastMechansimStepBlock::<T>::get(netuid),
            stake: uids().map(stake_of).collect(),
            stake_threshold: StakeThreshold::<T>::get(),
            last_update: LastUpdate::<T>::get(index),
            registered_at: uids().map(|uid| BlockAtRegistration::<T>::get(netuid, uid)).collect(),
            permits: ValidatorPermit::<T>::get(netuid),
            weights: Self::valid_weights(netuid, index),
            bonds: uids().map(|uid| Bonds::<T>::get(index, uid)).collect(),
        }
    }

    /// Stored weights of one mechanism. With commit-reveal on, a validator that has committed anew still has its former
    /// weights here: those for neurons that registered after the commit go.
    fn valid_weights(netuid: u16, index: u16) -> Vec<Vec<(u16, u16)>> {
        let uids = || 0..SubnetworkN::<T>::get(netuid);
        let rows: Vec<Vec<(u16, u16)>> = uids().map(|uid| Weights::<T>::get(index, uid)).collect();
        if !CommitRevealWeightsEnabled::<T>::get(netuid) {
            return rows;
        }
        let registered_at: Vec<u64> = uids().map(|uid| BlockAtRegistration::<T>::get(netuid, uid)).collect();
        assay_yuma::mask_committed(&rows, &Self::earliest_commits(netuid, index), &registered_at)
    }

    fn store_mechanism(index: u16, former_permits: &[bool], output: EpochOutput, miners: Vec<u64>) {
        Self::store_bonds(index, former_permits, &output);
        Incentive::<T>::insert(index, output.incentive);
        Self::deposit_event(Event::IncentiveAlphaEmittedToMiners { netuid: index, emissions: miners });
    }

    fn store_subnet(netuid: u16, merged: Merged, payout: Payout) {
        let emission: Vec<u64> =
            payout.miners.iter().zip(&payout.validators).map(|(miner, own)| miner.saturating_add(*own)).collect();
        Active::<T>::insert(netuid, merged.active);
        Consensus::<T>::insert(netuid, merged.consensus);
        Dividends::<T>::insert(netuid, merged.dividends);
        ValidatorTrust::<T>::insert(netuid, merged.validator_trust);
        ValidatorPermit::<T>::insert(netuid, merged.permits);
        StakeWeight::<T>::insert(netuid, merged.stake_weight);
        Emission::<T>::insert(netuid, emission);
    }

    /// Removes all bonds in a neuron, where the subnet lets miners ask for it.
    pub fn reset_bonds(netuid: u16, hotkey: &T::AccountId) {
        let Some(uid) = Uids::<T>::get(netuid, hotkey) else { return };
        if !BondsResetOn::<T>::get(netuid) {
            return;
        }
        for index in Self::storage_indexes(netuid) {
            let rows: Vec<(u16, Vec<(u16, u16)>)> = Bonds::<T>::iter_prefix(index).collect();
            for (holder, mut row) in rows {
                let before = row.len();
                row.retain(|(target, _)| *target != uid);
                if row.len() != before {
                    Bonds::<T>::insert(index, holder, row);
                }
            }
        }
    }

    /// Bonds are written where there is a permit now and cleared where there was one.
    fn store_bonds(index: u16, former_permits: &[bool], output: &EpochOutput) {
        let rows = (0..=u16::MAX).zip(output.permits.iter().zip(&output.bonds));
        for (uid, (&permit, row)) in rows {
            if permit {
                Bonds::<T>::insert(index, uid, row);
            } else if former_permits.get(usize::from(uid)).copied().unwrap_or(false) {
                Bonds::<T>::remove(index, uid);
            }
        }
    }
}
