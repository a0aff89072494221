//! Trimming: a subnet gets fewer slots, its lowest earners leave, the others move up.
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::pallet::*;

/// Immune neurons must be below this part of the slots that stay, in percent.
const MOST_IMMUNE_PERCENT: u32 = 80;

/// New uid of those who stay.
type NewUids = BTreeMap<u16, u16>;

/// The entries of those who stay, in their order.
fn kept<V: Copy + Default>(list: &[V], stay: &NewUids) -> Vec<V> {
    stay.keys().map(|uid| list.get(usize::from(*uid)).copied().unwrap_or_default()).collect()
}

/// A row without those who left, with the new uids of the others.
fn renamed(row: &[(u16, u16)], stay: &NewUids) -> Vec<(u16, u16)> {
    row.iter().filter_map(|(uid, value)| stay.get(uid).map(|new| (*new, *value))).collect()
}

impl<T: Config> Pallet<T> {
    /// Sets the slots to `max_n` and lets as many neurons go as are too many: of those out of immunity the lowest
    /// emission first, of equals the highest uid.
    pub fn do_trim(netuid: u16, max_n: u16) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        let bounds = MinAllowedUids::<T>::get(netuid)..=MaxAllowedUids::<T>::get(netuid);
        ensure!(bounds.contains(&max_n), Error::<T>::InvalidValue);
        let neurons = SubnetworkN::<T>::get(netuid);
        let leaving = if neurons > max_n { Self::neurons_to_trim(netuid, max_n)? } else { Vec::new() };
        MaxAllowedUids::<T>::insert(netuid, max_n);
        if leaving.is_empty() {
            return Ok(());
        }
        for uid in &leaving {
            Self::forget_hotkey(netuid, &Keys::<T>::get(netuid, uid));
        }
        let stay: NewUids = (0..neurons).filter(|uid| !leaving.contains(uid)).zip(0..).collect();
        Self::move_neurons(netuid, &stay);
        Self::move_lists(netuid, &stay);
        for index in Self::storage_indexes(netuid) {
            Self::move_rows(index, &stay);
        }
        SubnetworkN::<T>::insert(netuid, max_n);
        Ok(())
    }

    fn neurons_to_trim(netuid: u16, max_n: u16) -> Result<Vec<u16>, Error<T>> {
        let immortal = Self::immortal_hotkeys(netuid);
        let is_safe = |uid: u16| Self::is_immune(netuid, uid) || immortal.contains(&Keys::<T>::get(netuid, uid));
        let neurons = SubnetworkN::<T>::get(netuid);
        let (safe, free): (Vec<u16>, Vec<u16>) = (0..neurons).partition(|uid| is_safe(*uid));
        let percent = u32::try_from(safe.len()).unwrap_or(u32::MAX).saturating_mul(100);
        let most = u32::from(max_n).saturating_mul(MOST_IMMUNE_PERCENT);
        ensure!(percent < most, Error::<T>::TrimmingWouldExceedMaxImmunePercentage);
        let emission = Emission::<T>::get(netuid);
        let earned = |uid: &u16| emission.get(usize::from(*uid)).copied().unwrap_or(0);
        let mut lowest = free;
        lowest.sort_by_key(|uid| (earned(uid), core::cmp::Reverse(*uid)));
        lowest.truncate(usize::from(neurons.saturating_sub(max_n)));
        Ok(lowest)
    }

    fn move_neurons(netuid: u16, stay: &NewUids) {
        let moved: Vec<(u16, T::AccountId, u64)> = stay
            .iter()
            .map(|(uid, new)| (*new, Keys::<T>::get(netuid, uid), BlockAtRegistration::<T>::get(netuid, uid)))
            .collect();
        let _ = Keys::<T>::clear_prefix(netuid, u32::MAX, None);
        let _ = BlockAtRegistration::<T>::clear_prefix(netuid, u32::MAX, None);
        for (uid, hotkey, block) in moved {
            Uids::<T>::insert(netuid, &hotkey, uid);
            Keys::<T>::insert(netuid, uid, hotkey);
            BlockAtRegistration::<T>::insert(netuid, uid, block);
        }
    }

    fn move_lists(netuid: u16, stay: &NewUids) {
        Active::<T>::mutate(netuid, |list| *list = kept(list, stay));
        Consensus::<T>::mutate(netuid, |list| *list = kept(list, stay));
        Dividends::<T>::mutate(netuid, |list| *list = kept(list, stay));
        Emission::<T>::mutate(netuid, |list| *list = kept(list, stay));
        StakeWeight::<T>::mutate(netuid, |list| *list = kept(list, stay));
        ValidatorTrust::<T>::mutate(netuid, |list| *list = kept(list, stay));
        ValidatorPermit::<T>::mutate(netuid, |list| *list = kept(list, stay));
        for index in Self::storage_indexes(netuid) {
            Incentive::<T>::mutate(index, |list| *list = kept(list, stay));
            LastUpdate::<T>::mutate(index, |list| *list = kept(list, stay));
        }
    }

    fn move_rows(index: u16, stay: &NewUids) {
        let weights: Vec<(u16, Vec<(u16, u16)>)> = Weights::<T>::drain_prefix(index).collect();
        for (uid, row) in weights {
            if let Some(new) = stay.get(&uid) {
                Weights::<T>::insert(index, new, renamed(&row, stay));
            }
        }
        let bonds: Vec<(u16, Vec<(u16, u16)>)> = Bonds::<T>::drain_prefix(index).collect();
        for (uid, row) in bonds {
            if let Some(new) = stay.get(&uid) {
                Bonds::<T>::insert(index, new, renamed(&row, stay));
            }
        }
    }
}
