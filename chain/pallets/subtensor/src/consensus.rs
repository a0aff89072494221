//! One epoch: storage to Yuma's input, Yuma's output to storage, payout. The arithmetic itself is `assay-yuma`.
use alloc::vec::Vec;
use assay_yuma::{EpochInput, EpochOutput, LiquidAlpha};

use crate::{emission::Payout, pallet::*};

impl<T: Config> Pallet<T> {
    /// Runs the epoch of `netuid` in `block`. Of several mechanisms only the first has an epoch yet.
    pub(crate) fn run_epoch(netuid: u16, block: u64) {
        let input = Self::epoch_input(netuid, block);
        let output = assay_yuma::run_epoch(&input);
        let pools = Self::take_pools(netuid, !output.incentives_are_zero());
        let payout = Payout {
            miners: output.server_emission(pools.miners),
            validators: output.validator_emission(pools.validators),
        };
        Self::pay(netuid, pools, &payout);
        Self::store_output(netuid, &input.permits, output, payout);
    }

    /// Activity cutoff in blocks, at least 1.
    pub fn activity_cutoff(netuid: u16) -> u64 {
        let factor = u64::from(ActivityCutoffFactorMilli::<T>::get(netuid));
        let tempo = u64::from(Tempo::<T>::get(netuid));
        factor.saturating_mul(tempo).checked_div(1000).unwrap_or(0).max(1)
    }

    fn epoch_input(netuid: u16, block: u64) -> EpochInput {
        let index = Self::storage_index(netuid, 0);
        let uids = || 0..SubnetworkN::<T>::get(netuid);
        let (low, high) = AlphaValues::<T>::get(netuid);
        let steepness = AlphaSigmoidSteepness::<T>::get(netuid);
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
            stake: uids().map(|uid| Self::inherited_alpha(&Keys::<T>::get(netuid, uid), netuid)).collect(),
            stake_threshold: StakeThreshold::<T>::get(),
            last_update: LastUpdate::<T>::get(index),
            registered_at: uids().map(|uid| BlockAtRegistration::<T>::get(netuid, uid)).collect(),
            permits: ValidatorPermit::<T>::get(netuid),
            weights: uids().map(|uid| Weights::<T>::get(index, uid)).collect(),
            bonds: uids().map(|uid| Bonds::<T>::get(index, uid)).collect(),
        }
    }

    fn store_output(netuid: u16, former_permits: &[bool], output: EpochOutput, payout: Payout) {
        let index = Self::storage_index(netuid, 0);
        let emission: Vec<u64> =
            payout.miners.iter().zip(&payout.validators).map(|(miner, own)| miner.saturating_add(*own)).collect();
        Self::store_bonds(index, former_permits, &output);
        Active::<T>::insert(netuid, output.active);
        Consensus::<T>::insert(netuid, output.consensus);
        Incentive::<T>::insert(index, output.incentive);
        Dividends::<T>::insert(netuid, output.dividends);
        ValidatorTrust::<T>::insert(netuid, output.validator_trust);
        ValidatorPermit::<T>::insert(netuid, output.permits);
        StakeWeight::<T>::insert(netuid, output.stake_weight);
        Emission::<T>::insert(netuid, emission);
        Self::deposit_event(Event::IncentiveAlphaEmittedToMiners { netuid: index, emissions: payout.miners });
    }

    /// Removes all bonds in a neuron, where the subnet lets miners ask for it.
    pub fn reset_bonds(netuid: u16, hotkey: &T::AccountId) {
        let Some(uid) = Uids::<T>::get(netuid, hotkey) else { return };
        if !BondsResetOn::<T>::get(netuid) {
            return;
        }
        let index = Self::storage_index(netuid, 0);
        let rows: Vec<(u16, Vec<(u16, u16)>)> = Bonds::<T>::iter_prefix(index).collect();
        for (holder, mut row) in rows {
            let before = row.len();
            row.retain(|(target, _)| *target != uid);
            if row.len() != before {
                Bonds::<T>::insert(index, holder, row);
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
