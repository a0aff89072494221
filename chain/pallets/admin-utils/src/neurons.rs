//! Parameters about neurons: slots, immunity, validators, axons.
use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_subtensor::{
    mechanism_count::MOST_UIDS, ActivityCutoff, Error as Refusal, Event as Said, ImmuneOwnerUidsLimit, ImmunityPeriod,
    MaxAllowedUids, MaxAllowedValidators, MechanismCountCurrent, MinActivityCutoff, MinAllowedUids, MinNonImmuneUids,
    Pallet as Subtensor, ServingRateLimit, SubnetworkN,
};

use crate::pallet::*;

impl<T: Config> Pallet<T> {
    /// Blocks between two axons of a neuron.
    pub(crate) fn set_serving_rate_limit(netuid: u16, blocks: u64) -> DispatchResult {
        ServingRateLimit::<T>::insert(netuid, blocks);
        Self::tell(Said::ServingRateLimitSet(netuid, blocks))
    }

    /// Blocks in which a new neuron is not pruned.
    pub(crate) fn set_immunity_period(netuid: u16, blocks: u16) -> DispatchResult {
        ImmunityPeriod::<T>::insert(netuid, blocks);
        Self::tell(Said::ImmunityPeriodSet(netuid, blocks))
    }

    /// Slots: no fewer than neurons and their lower bound, no more than 256 over all mechanisms.
    pub(crate) fn set_max_allowed_uids(netuid: u16, slots: u16) -> DispatchResult {
        ensure!(slots >= MinAllowedUids::<T>::get(netuid), Error::<T>::MaxAllowedUidsLessThanMinAllowedUids);
        ensure!(SubnetworkN::<T>::get(netuid) <= slots, Error::<T>::MaxAllowedUIdsLessThanCurrentUIds);
        ensure!(slots <= MOST_UIDS, Error::<T>::MaxAllowedUidsGreaterThanDefaultMaxAllowedUids);
        Subtensor::<T>::check_uids_of_mechanisms(slots, MechanismCountCurrent::<T>::get(netuid))?;
        MaxAllowedUids::<T>::insert(netuid, slots);
        Self::tell(Said::MaxAllowedUidsSet(netuid, slots))
    }

    /// Lower bound of the slots.
    pub(crate) fn set_min_allowed_uids(netuid: u16, least: u16) -> DispatchResult {
        let slots = MaxAllowedUids::<T>::get(netuid);
        ensure!(least < slots, Error::<T>::MinAllowedUidsGreaterThanMaxAllowedUids);
        ensure!(least < SubnetworkN::<T>::get(netuid), Error::<T>::MinAllowedUidsGreaterThanCurrentUids);
        MinAllowedUids::<T>::insert(netuid, least);
        Self::tell(Said::MinAllowedUidsSet(netuid, least))
    }

    /// Most validators: no more than slots.
    pub(crate) fn set_max_allowed_validators(netuid: u16, most: u16) -> DispatchResult {
        ensure!(most <= MaxAllowedUids::<T>::get(netuid), Error::<T>::MaxValidatorsLargerThanMaxUIds);
        MaxAllowedValidators::<T>::insert(netuid, most);
        Self::tell(Said::MaxAllowedValidatorsSet(netuid, most))
    }

    /// The activity cutoff in blocks, which the factor has superseded.
    pub(crate) fn set_activity_cutoff(netuid: u16, blocks: u16) -> DispatchResult {
        ensure!(blocks >= MinActivityCutoff::<T>::get(), Refusal::<T>::ActivityCutoffTooLow);
        ActivityCutoff::<T>::insert(netuid, blocks);
        Self::tell(Said::ActivityCutoffSet(netuid, blocks))
    }

    /// Hotkeys of the owner that are never pruned: 1 to 10.
    pub(crate) fn set_owner_immune_limit(netuid: u16, hotkeys: u16) -> DispatchResult {
        ensure!((1..=10).contains(&hotkeys), Refusal::<T>::InvalidValue);
        ImmuneOwnerUidsLimit::<T>::insert(netuid, hotkeys);
        Ok(())
    }

    /// Neurons beyond immunity that pruning leaves alone.
    pub(crate) fn set_min_non_immune_uids(netuid: u16, neurons: u16) -> DispatchResult {
        MinNonImmuneUids::<T>::insert(netuid, neurons);
        Self::tell(Said::MinNonImmuneUidsSet(netuid, neurons))
    }
}
