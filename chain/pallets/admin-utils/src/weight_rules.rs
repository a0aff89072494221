//! Parameters of weights, and of what a subnet's stake and pay are.
use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_subtensor::{
    types::RecycleOrBurnEnum, CommitRevealWeightsEnabled, Error as Refusal, Event as Said, MaxChildkeyTake,
    MinAllowedWeights, MinChildkeyTake, MinChildkeyTakePerSubnet, OwnerCutAutoLockEnabled, OwnerCutEnabled,
    RecycleOrBurn, RevealPeriodEpochs, SubnetEmissionEnabled, SubtokenEnabled, TransferToggle, WeightsSetRateLimit,
    WeightsVersionKey,
};

use crate::pallet::*;

/// Most epochs between commit and reveal.
const MOST_REVEAL_EPOCHS: u64 = 100;

impl<T: Config> Pallet<T> {
    /// Epochs between commit and reveal: 1 to 100.
    pub(crate) fn set_reveal_period(netuid: u16, epochs: u64) -> DispatchResult {
        ensure!(epochs <= MOST_REVEAL_EPOCHS, Refusal::<T>::RevealPeriodTooLarge);
        ensure!(epochs >= 1, Refusal::<T>::RevealPeriodTooSmall);
        RevealPeriodEpochs::<T>::insert(netuid, epochs);
        Self::tell(Said::CommitRevealPeriodsSet(netuid, epochs))
    }

    /// Whether weights must be committed first.
    pub(crate) fn set_commit_reveal(netuid: u16, enabled: bool) -> DispatchResult {
        CommitRevealWeightsEnabled::<T>::insert(netuid, enabled);
        Self::tell(Said::CommitRevealEnabled(netuid, enabled))
    }

    /// Least version key of a weight vector.
    pub(crate) fn set_weights_version_key(netuid: u16, key: u64) -> DispatchResult {
        WeightsVersionKey::<T>::insert(netuid, key);
        Self::tell(Said::WeightsVersionKeySet(netuid, key))
    }

    /// Blocks between two weight vectors of a neuron.
    pub(crate) fn set_weights_rate_limit(netuid: u16, blocks: u64) -> DispatchResult {
        WeightsSetRateLimit::<T>::insert(netuid, blocks);
        Self::tell(Said::WeightsSetRateLimitSet(netuid, blocks))
    }

    /// Least entries of a weight vector.
    pub(crate) fn set_min_allowed_weights(netuid: u16, entries: u16) -> DispatchResult {
        MinAllowedWeights::<T>::insert(netuid, entries);
        Self::tell(Said::MinAllowedWeightSet(netuid, entries))
    }

    /// Whether stake may be given to other coldkeys.
    pub(crate) fn set_transfers(netuid: u16, enabled: bool) -> DispatchResult {
        TransferToggle::<T>::insert(netuid, enabled);
        Self::tell(Said::TransferToggle(netuid, enabled))
    }

    /// Least take of children on a subnet, within the chain's bounds.
    pub(crate) fn set_min_childkey_take(netuid: u16, take: u16) -> DispatchResult {
        let bounds = MinChildkeyTake::<T>::get()..=MaxChildkeyTake::<T>::get();
        ensure!(bounds.contains(&take), Error::<T>::InvalidValue);
        MinChildkeyTakePerSubnet::<T>::insert(netuid, take);
        Self::tell(Said::MinChildKeyTakePerSubnetSet(netuid, take))
    }

    /// Stored for clients: what the owner's own hotkeys would earn as miners is burned whatever this says.
    pub(crate) fn set_recycle_or_burn(netuid: u16, choice: RecycleOrBurnEnum) -> DispatchResult {
        RecycleOrBurn::<T>::insert(netuid, choice);
        Ok(())
    }

    /// Whether the owner gets its cut.
    pub(crate) fn set_owner_cut(netuid: u16, enabled: bool) -> DispatchResult {
        OwnerCutEnabled::<T>::insert(netuid, enabled);
        Ok(())
    }

    /// Stored for clients: no stake is locked.
    pub(crate) fn set_owner_cut_auto_lock(netuid: u16, enabled: bool) -> DispatchResult {
        OwnerCutAutoLockEnabled::<T>::insert(netuid, enabled);
        Ok(())
    }

    /// Whether stake of the subnet may move, and alpha is issued.
    pub(crate) fn set_subtoken(netuid: u16, enabled: bool) -> DispatchResult {
        SubtokenEnabled::<T>::insert(netuid, enabled);
        Ok(())
    }

    /// Whether the subnet takes part in emission.
    pub(crate) fn set_emission(netuid: u16, enabled: bool) -> DispatchResult {
        SubnetEmissionEnabled::<T>::insert(netuid, enabled);
        Self::deposit_event(Event::SubnetEmissionEnabledSet { netuid, enabled });
        Ok(())
    }
}
