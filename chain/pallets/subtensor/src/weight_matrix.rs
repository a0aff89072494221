//! Accepting weights: upstream's checks in upstream's order.
use alloc::{collections::BTreeSet, vec::Vec};
use assay_yuma::max_upscale;
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{pallet::*, types::*};

/// A single weight for oneself, which upstream exempts from permits and lengths.
fn is_self_weight(uid: u16, uids: &[u16]) -> bool {
    matches!(uids, [only] if *only == uid)
}

impl<T: Config> Pallet<T> {
    /// Whether the last weights (or the registration) of a neuron lie far enough back.
    fn passes_weights_rate_limit(netuid: u16, index: u16, uid: u16) -> bool {
        let last = LastUpdate::<T>::get(index).get(usize::from(uid)).copied().unwrap_or(0);
        let passed = Self::current_block().saturating_sub(last);
        last == 0 || passed >= WeightsSetRateLimit::<T>::get(netuid)
    }

    /// Whether a validator may set weights: a permit of the last epoch, or ownership.
    fn may_set_weights(netuid: u16, uid: u16) -> bool {
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
        (netuid, mecid): (u16, u8),
        uids: &[u16],
        weights: &[u16],
        version_key: u64,
    ) -> Result<u16, Error<T>> {
        ensure!(!CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealEnabled);
        ensure!(netuid != ROOT, Error::<T>::CanNotSetRootNetworkWeights);
        ensure!(uids.len() == weights.len(), Error::<T>::WeightVecNotEqualSize);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(mecid < MechanismCountCurrent::<T>::get(netuid), Error::<T>::MechanismDoesNotExist);
        let n = usize::from(SubnetworkN::<T>::get(netuid));
        ensure!(uids.len() <= n, Error::<T>::UidsLengthExceedUidsInSubNet);
        let uid = Uids::<T>::get(netuid, hotkey).ok_or(Error::<T>::HotKeyNotRegisteredInSubNet)?;
        let staked = Self::inherited_alpha(hotkey, netuid) >= StakeThreshold::<T>::get();
        ensure!(staked || Self::owner_uid(netuid) == Some(uid), Error::<T>::NotEnoughStakeToSetWeights);
        let least_key = WeightsVersionKey::<T>::get(netuid);
        ensure!(least_key == 0 || version_key >= least_key, Error::<T>::IncorrectWeightVersionKey);
        let index = Self::storage_index(netuid, mecid);
        ensure!(Self::passes_weights_rate_limit(netuid, index, uid), Error::<T>::SettingWeightsTooFast);
        let allowed = is_self_weight(uid, uids) || Self::may_set_weights(netuid, uid);
        ensure!(allowed, Error::<T>::NeuronNoValidatorPermit);
        Self::check_vector(netuid, uid, uids)?;
        Ok(uid)
    }

    /// Stores the weights of one mechanism, zeros included.
    pub(crate) fn do_set_weights(
        hotkey: T::AccountId,
        (netuid, mecid): (u16, u8),
        uids: Vec<u16>,
        weights: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        let uid = Self::check_set_weights(&hotkey, (netuid, mecid), &uids, &weights, version_key)?;
        let index = Self::storage_index(netuid, mecid);
        let row: Vec<(u16, u16)> = uids.into_iter().zip(max_upscale(&weights)).collect();
        Weights::<T>::insert(index, uid, row);
        let block = Self::current_block();
        LastUpdate::<T>::mutate(index, |blocks| {
            if let Some(last) = blocks.get_mut(usize::from(uid)) {
                *last = block;
            }
        });
        Self::deposit_event(Event::WeightsSet(index, uid));
        Ok(())
    }
}
