//! One epoch: storage to Yuma's input, Yuma's output to storage, payout. The arithmetic itself is `assay-yuma`.
use alloc::vec::Vec;
use assay_yuma::{EpochInput, EpochOutput, LiquidAlpha};
use frame_support::storage::unhashed;

use crate::{emission::Payout, mechanisms::Merged, pallet::*};

impl<T: Config> Pallet<T> {
    /// Runs the epoch of every mechanism of `netuid` in `block`, all with the permits of the last one. `hotkeys` by uid.
    pub(crate) fn run_epoch(netuid: u16, hotkeys: &[T::AccountId], block: u64) {
        let indexes: Vec<u16> = Self::storage_indexes(netuid).collect();
        let mut input = Self::subnet_input(netuid, hotkeys, block);
        let run = |index: &u16| {
            Self::read_mechanism(netuid, *index, &mut input);
            assay_yuma::run_epoch(&input)
        };
        let outputs: Vec<EpochOutput> = indexes.iter().map(run).collect();
        let former_permits = input.permits;
        let settled = Self::settle(netuid, &outputs);
        Self::pay(netuid, hotkeys, settled.pools, &settled.payout);
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

    /// What the epochs of all mechanisms read alike; weights, bonds and updates are each one's own.
    fn subnet_input(netuid: u16, hotkeys: &[T::AccountId], block: u64) -> EpochInput {
        let (low, high) = AlphaValues::<T>::get(netuid);
        let steepness = AlphaSigmoidSteepness::<T>::get(netuid);
        // The clock has been stepped already.
        let period = SubnetEpochIndex::<T>::get(netuid).saturating_sub(1);
        let uids = (0..=u16::MAX).take(hotkeys.len());
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
            stake: hotkeys.iter().map(|hotkey| Self::inherited_stake(hotkey, netuid, period)).collect(),
            stake_threshold: StakeThreshold::<T>::get(),
            registered_at: uids.map(|uid| BlockAtRegistration::<T>::get(netuid, uid)).collect(),
            permits: ValidatorPermit::<T>::get(netuid),
            ..EpochInput::default()
        }
    }

    /// Adds what the epoch of one mechanism reads of its own.
    fn read_mechanism(netuid: u16, index: u16, input: &mut EpochInput) {
        let uids = (0..=u16::MAX).take(input.stake.len());
        input.last_update = LastUpdate::<T>::get(index);
        input.weights = Self::valid_weights(netuid, index, input);
        input.bonds = uids.map(|uid| stored_row(&Bonds::<T>::hashed_key_for(index, uid))).collect();
    }

    /// Stored weights of one mechanism, of those whose weights count. With commit-reveal on, a validator that has
    /// committed anew still has its former weights here: those for neurons that registered after the commit go.
    fn valid_weights(netuid: u16, index: u16, input: &EpochInput) -> Vec<Vec<(u16, u16)>> {
        let row = |uid: u16| {
            let counts = input.permits.get(usize::from(uid)).copied().unwrap_or(false) || input.owner_uid == Some(uid);
            if counts {
                stored_row(&Weights::<T>::hashed_key_for(index, uid))
            } else {
                Vec::new()
            }
        };
        let rows: Vec<Vec<(u16, u16)>> = (0..=u16::MAX).take(input.stake.len()).map(row).collect();
        if !CommitRevealWeightsEnabled::<T>::get(netuid) {
            return rows;
        }
        assay_yuma::mask_committed(&rows, &Self::earliest_commits(netuid, index), &input.registered_at)
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

/// Weights or bonds under a key, empty where there are none. Two u16 have the bytes of one u32, and the codec reads numbers
/// at once but pairs one by one.
fn stored_row(key: &[u8]) -> Vec<(u16, u16)> {
    let pairs: Vec<u32> = unhashed::get_or_default(key);
    pairs.into_iter().map(|pair| ((pair & 0xffff) as u16, (pair >> 16) as u16)).collect()
}
