//! Slots: adding, replacing and pruning neurons.
use alloc::vec::Vec;

use crate::{dissolving::Belongings, pallet::*};

/// Sets `list[index]`, if there is such an entry.
fn put<V>(list: &mut [V], index: usize, value: V) {
    if let Some(entry) = list.get_mut(index) {
        *entry = value;
    }
}

impl<T: Config> Pallet<T> {
    /// Gives `hotkey` a free slot or that of the neuron to prune.
    pub(crate) fn register_neuron(netuid: u16, hotkey: &T::AccountId) -> Result<u16, Error<T>> {
        if SubnetworkN::<T>::get(netuid) < MaxAllowedUids::<T>::get(netuid) {
            return Ok(Self::append_neuron(netuid, hotkey));
        }
        let uid = Self::neuron_to_prune(netuid).ok_or(Error::<T>::NoNeuronIdAvailable)?;
        Self::replace_neuron(netuid, uid, hotkey);
        Ok(uid)
    }

    /// Storage indexes of all mechanisms of a subnet.
    pub(crate) fn storage_indexes(netuid: u16) -> impl Iterator<Item = u16> {
        (0..MechanismCountCurrent::<T>::get(netuid).max(1)).map(move |mecid| Self::storage_index(netuid, mecid))
    }

    fn bind(netuid: u16, uid: u16, hotkey: &T::AccountId) {
        Keys::<T>::insert(netuid, uid, hotkey);
        Uids::<T>::insert(netuid, hotkey, uid);
        IsNetworkMember::<T>::insert(hotkey, netuid, true);
        BlockAtRegistration::<T>::insert(netuid, uid, Self::current_block());
    }

    /// Gives the next uid to `hotkey`.
    pub(crate) fn append_neuron(netuid: u16, hotkey: &T::AccountId) -> u16 {
        let uid = SubnetworkN::<T>::get(netuid);
        SubnetworkN::<T>::insert(netuid, uid.saturating_add(1));
        Active::<T>::mutate(netuid, |list| list.push(true));
        Consensus::<T>::mutate(netuid, |list| list.push(0));
        Dividends::<T>::mutate(netuid, |list| list.push(0));
        Emission::<T>::mutate(netuid, |list| list.push(0));
        StakeWeight::<T>::mutate(netuid, |list| list.push(0));
        ValidatorTrust::<T>::mutate(netuid, |list| list.push(0));
        ValidatorPermit::<T>::mutate(netuid, |list| list.push(false));
        let block = Self::current_block();
        for index in Self::storage_indexes(netuid) {
            Incentive::<T>::mutate(index, |list| list.push(0));
            LastUpdate::<T>::mutate(index, |list| list.push(block));
        }
        Self::bind(netuid, uid, hotkey);
        uid
    }

    /// Gives `uid` to `hotkey`; nothing of its former holder's stays, its stake is the former holder's still.
    /// Others' bonds to the uid are masked by the next epoch, which sees the new registration block.
    pub(crate) fn replace_neuron(netuid: u16, uid: u16, hotkey: &T::AccountId) {
        let at = usize::from(uid);
        Self::forget_hotkey(netuid, &Keys::<T>::get(netuid, uid));
        Active::<T>::mutate(netuid, |list| put(list, at, true));
        Consensus::<T>::mutate(netuid, |list| put(list, at, 0));
        Dividends::<T>::mutate(netuid, |list| put(list, at, 0));
        Emission::<T>::mutate(netuid, |list| put(list, at, 0));
        StakeWeight::<T>::mutate(netuid, |list| put(list, at, 0));
        ValidatorTrust::<T>::mutate(netuid, |list| put(list, at, 0));
        ValidatorPermit::<T>::mutate(netuid, |list| put(list, at, false));
        let block = Self::current_block();
        for index in Self::storage_indexes(netuid) {
            Incentive::<T>::mutate(index, |list| put(list, at, 0));
            LastUpdate::<T>::mutate(index, |list| put(list, at, block));
            Bonds::<T>::remove(index, uid);
            Weights::<T>::remove(index, uid);
            Self::forget_weights_for(index, uid);
        }
        Self::bind(netuid, uid, hotkey);
    }

    /// Removes what is kept for a hotkey because it has a uid; its stake stays.
    pub(crate) fn forget_hotkey(netuid: u16, former: &T::AccountId) {
        Uids::<T>::remove(netuid, former);
        IsNetworkMember::<T>::remove(former, netuid);
        Axons::<T>::remove(netuid, former);
        Prometheus::<T>::remove(netuid, former);
        NeuronCertificates::<T>::remove(netuid, former);
        AlphaDividendsPerSubnet::<T>::remove(netuid, former);
        for index in Self::storage_indexes(netuid) {
            WeightCommits::<T>::remove(index, former);
        }
        T::Belongings::hotkey_left(netuid, former);
    }

    fn forget_weights_for(index: u16, uid: u16) {
        let rows: Vec<(u16, Vec<(u16, u16)>)> = Weights::<T>::iter_prefix(index).collect();
        for (holder, mut row) in rows {
            let mut changed = false;
            for (_, weight) in row.iter_mut().filter(|(target, _)| *target == uid) {
                *weight = 0;
                changed = true;
            }
            if changed {
                Weights::<T>::insert(index, holder, row);
            }
        }
    }

    /// Hotkeys of the owner that pruning leaves alone: `SubnetOwnerHotkey` first, then the oldest.
    pub(crate) fn immortal_hotkeys(netuid: u16) -> Vec<T::AccountId> {
        let first = SubnetOwnerHotkey::<T>::get(netuid);
        let mut owned: Vec<(u64, u16, T::AccountId)> = OwnedHotkeys::<T>::get(SubnetOwner::<T>::get(netuid))
            .into_iter()
            .filter(|hotkey| *hotkey != first)
            .filter_map(|hotkey| {
                let uid = Uids::<T>::get(netuid, &hotkey)?;
                Some((BlockAtRegistration::<T>::get(netuid, uid), uid, hotkey))
            })
            .collect();
        owned.sort_by_key(|(block, uid, _)| (*block, *uid));
        let head = Uids::<T>::contains_key(netuid, &first).then_some(first);
        let limit = usize::from(ImmuneOwnerUidsLimit::<T>::get(netuid));
        head.into_iter().chain(owned.into_iter().map(|(_, _, hotkey)| hotkey)).take(limit).collect()
    }

    /// Whether a neuron registered too recently to be pruned before others.
    pub fn is_immune(netuid: u16, uid: u16) -> bool {
        let age = Self::current_block().saturating_sub(BlockAtRegistration::<T>::get(netuid, uid));
        age < u64::from(ImmunityPeriod::<T>::get(netuid))
    }

    /// The lowest (emission, registration block, uid) among the non-immune, if enough of them exist; else among the
    /// immune (as upstream).
    pub fn neuron_to_prune(netuid: u16) -> Option<u16> {
        let emission = Emission::<T>::get(netuid);
        let immortal = Self::immortal_hotkeys(netuid);
        let mut immune = Vec::new();
        let mut free = Vec::new();
        for uid in 0..SubnetworkN::<T>::get(netuid) {
            if immortal.contains(&Keys::<T>::get(netuid, uid)) {
                continue;
            }
            let earned = emission.get(usize::from(uid)).copied().unwrap_or(0);
            let candidate = (earned, BlockAtRegistration::<T>::get(netuid, uid), uid);
            if Self::is_immune(netuid, uid) {
                immune.push(candidate)
            } else {
                free.push(candidate)
            }
        }
        let enough = free.len() > usize::from(MinNonImmuneUids::<T>::get(netuid));
        let pool = if enough { free } else { immune };
        pool.into_iter().min().map(|(_, _, uid)| uid)
    }
}
