//! Accepting weights: upstream's checks in upstream's order. Committed ones enter by `commits.rs` or `timelocked.rs`.
use alloc::{collections::BTreeSet, vec::Vec};
use assay_yuma::max_upscale;
use codec::Compact;
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{pallet::*, types::*};

/// A single weight for oneself, which upstream exempts from permits and lengths.
fn is_self_weight(uid: u16, uids: &[u16]) -> bool {
    matches!(uids, [only] if *only == uid)
}

/// Items of a batch of weights as the calls for one subnet take them: uids and weights.
fn unzipped(weights: &[(Compact<u16>, Compact<u16>)]) -> (Vec<u16>, Vec<u16>) {
    weights.iter().map(|(uid, weight)| (uid.0, weight.0)).unzip()
}

impl<T: Config> Pallet<T> {
    /// Whether the last weights or commit (or the registration) of a neuron lie far enough back.
    pub(crate) fn passes_weights_rate_limit(netuid: u16, index: u16, uid: u16) -> bool {
        let last = LastUpdate::<T>::get(index).get(usize::from(uid)).copied().unwrap_or(0);
        let passed = Self::current_block().saturating_sub(last);
        last == 0 || passed >= WeightsSetRateLimit::<T>::get(netuid)
    }

    /// Notes that a neuron set or committed weights in this block.
    pub(crate) fn touch(index: u16, uid: u16) {
        let block = Self::current_block();
        LastUpdate::<T>::mutate(index, |blocks| {
            if let Some(last) = blocks.get_mut(usize::from(uid)) {
                *last = block;
            }
        });
    }

    /// Refuses a mechanism that the subnet does not have, as that of a subnet which does not exist.
    pub(crate) fn ensure_mechanism(netuid: u16, mecid: u8) -> Result<(), Error<T>> {
        let exists = NetworksAdded::<T>::get(netuid) && mecid < MechanismCountCurrent::<T>::get(netuid);
        ensure!(exists, Error::<T>::MechanismDoesNotExist);
        Ok(())
    }

    /// Refuses a neuron whose hotkey has too little stake for weights; the owner's may have less.
    pub fn ensure_stake_for_weights(hotkey: &T::AccountId, netuid: u16) -> Result<(), Error<T>> {
        let staked = Self::inherited_alpha(hotkey, netuid) >= StakeThreshold::<T>::get();
        let owns = *hotkey == SubnetOwnerHotkey::<T>::get(netuid);
        ensure!(staked || owns, Error::<T>::NotEnoughStakeToSetWeights);
        Ok(())
    }

    /// Whether a validator may set weights: a permit of the last epoch, or ownership.
    pub(crate) fn may_set_weights(netuid: u16, uid: u16) -> bool {
        let permitted = ValidatorPermit::<T>::get(netuid).get(usize::from(uid)).copied().unwrap_or(false);
        permitted || Self::owner_uid(netuid) == Some(uid)
    }

    fn check_vector(netuid: u16, uid: u16, uids: &[u16]) -> Result<(), Error<T>> {
        let n = SubnetworkN::<T>::get(netuid);
        let distinct: BTreeSet<u16> = uids.iter().copied().collect();
        ensure!(distinct.len() == uids.len(), Error::<T>::DuplicateUids);
        ensure!(uids.iter().all(|target| *target < n), Error::<T>::UidVecContainInvalidOne);
        let least = usize::from(n.min(MinAllowedWeights::<T>::get(netuid)));
        ensure!(is_self_weight(uid, uids) || uids.len() >= least, Error::<T>::WeightVecLengthIsLow);
        Ok(())
    }

    /// The uid that may set these weights now, or why they are refused. The pool asks before a block, the call again in it.
    pub fn check_set_weights(
        hotkey: &T::AccountId,
        place: (u16, u8),
        uids: &[u16],
        weights: &[u16],
        version_key: u64,
    ) -> Result<u16, Error<T>> {
        ensure!(!CommitRevealWeightsEnabled::<T>::get(place.0), Error::<T>::CommitRevealEnabled);
        Self::check_weights(hotkey, place, uids, weights, version_key)
    }

    /// What holds for weights that are set and for those that are revealed. With commit-reveal on the rate limit counts
    /// commits instead. `MaxWeightsLimit` is without effect, as upstream's.
    pub(crate) fn check_weights(
        hotkey: &T::AccountId,
        (netuid, mecid): (u16, u8),
        uids: &[u16],
        weights: &[u16],
        version_key: u64,
    ) -> Result<u16, Error<T>> {
        ensure!(netuid != ROOT, Error::<T>::CanNotSetRootNetworkWeights);
        ensure!(uids.len() == weights.len(), Error::<T>::WeightVecNotEqualSize);
        Self::ensure_mechanism(netuid, mecid)?;
        let n = usize::from(SubnetworkN::<T>::get(netuid));
        ensure!(uids.len() <= n, Error::<T>::UidsLengthExceedUidsInSubNet);
        let uid = Uids::<T>::get(netuid, hotkey).ok_or(Error::<T>::HotKeyNotRegisteredInSubNet)?;
        Self::ensure_stake_for_weights(hotkey, netuid)?;
        let least_key = WeightsVersionKey::<T>::get(netuid);
        ensure!(least_key == 0 || version_key >= least_key, Error::<T>::IncorrectWeightVersionKey);
        let index = Self::storage_index(netuid, mecid);
        let in_time =
            CommitRevealWeightsEnabled::<T>::get(netuid) || Self::passes_weights_rate_limit(netuid, index, uid);
        ensure!(in_time, Error::<T>::SettingWeightsTooFast);
        let allowed = is_self_weight(uid, uids) || Self::may_set_weights(netuid, uid);
        ensure!(allowed, Error::<T>::NeuronNoValidatorPermit);
        Self::check_vector(netuid, uid, uids)?;
        Ok(uid)
    }

    /// Stores the weights of one mechanism, zeros included.
    pub(crate) fn do_set_weights(
        hotkey: T::AccountId,
        place: (u16, u8),
        uids: Vec<u16>,
        weights: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        let uid = Self::check_set_weights(&hotkey, place, &uids, &weights, version_key)?;
        let index = Self::storage_index(place.0, place.1);
        Self::store_weights(index, uid, uids, &weights);
        Self::touch(index, uid);
        Ok(())
    }

    /// Stores checked weights; not the block, which commits have counted.
    pub(crate) fn store_weights(index: u16, uid: u16, uids: Vec<u16>, weights: &[u16]) {
        let row: Vec<(u16, u16)> = uids.into_iter().zip(max_upscale(weights)).collect();
        Weights::<T>::insert(index, uid, row);
        Self::deposit_event(Event::WeightsSet(index, uid));
    }

    /// Why a batch of weights would not be set as a whole; the pool takes no other, the call sets what it can.
    pub fn check_batch_set_weights(
        hotkey: &T::AccountId,
        netuids: &[Compact<u16>],
        weights: &[Vec<(Compact<u16>, Compact<u16>)>],
        version_keys: &[Compact<u64>],
    ) -> Result<(), Error<T>> {
        let equal = netuids.len() == weights.len() && netuids.len() == version_keys.len();
        ensure!(equal, Error::<T>::InputLengthsUnequal);
        for (netuid, (pairs, key)) in netuids.iter().zip(weights.iter().zip(version_keys)) {
            let (uids, values) = unzipped(pairs);
            Self::check_set_weights(hotkey, (netuid.0, 0), &uids, &values, key.0)?;
        }
        Ok(())
    }

    /// Sets weights on several subnets; one that is refused does not stop the others.
    pub(crate) fn do_batch_set_weights(
        hotkey: T::AccountId,
        netuids: Vec<Compact<u16>>,
        weights: Vec<Vec<(Compact<u16>, Compact<u16>)>>,
        version_keys: Vec<Compact<u64>>,
    ) -> DispatchResult {
        let equal = netuids.len() == weights.len() && netuids.len() == version_keys.len();
        ensure!(equal, Error::<T>::InputLengthsUnequal);
        let items = netuids.iter().zip(weights.iter().zip(&version_keys));
        let results = items.map(|(netuid, (pairs, key))| {
            let (uids, values) = unzipped(pairs);
            (netuid.0, Self::do_set_weights(hotkey.clone(), (netuid.0, 0), uids, values, key.0))
        });
        Self::deposit_batch_events(results.collect());
        Self::deposit_event(Event::BatchWeightsCompleted(netuids, hotkey));
        Ok(())
    }

    /// Says which items of a batch failed, and once that some did.
    pub(crate) fn deposit_batch_events(results: Vec<(u16, DispatchResult)>) {
        let mut failures = results.into_iter().filter_map(|(netuid, result)| Some((netuid, result.err()?))).peekable();
        if failures.peek().is_some() {
            Self::deposit_event(Event::BatchCompletedWithErrors());
        }
        for (netuid, error) in failures {
            Self::deposit_event(Event::BatchWeightItemFailed(netuid, error));
        }
    }
}
