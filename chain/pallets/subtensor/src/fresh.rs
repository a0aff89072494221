//! Stake that is too new to count: an epoch counts of a hotkey's alpha what has lain there since the epoch before.
//!
//! Departure: upstream counts what lies there in the epoch's own block. With one price for all alpha that costs nothing,
//! so that the same TAO could take part in every subnet's epoch, one block each. What an epoch itself paid counts at once.
use crate::pallet::*;

impl<T: Config> Pallet<T> {
    /// Of a hotkey's alpha, what came since the last epoch: the next one does not count it.
    pub fn fresh_stake(hotkey: &T::AccountId, netuid: u16) -> u64 {
        Self::fresh_in(hotkey, netuid, SubnetEpochIndex::<T>::get(netuid))
    }

    /// Alpha of a hotkey that counts in the epoch that ends the period `index`.
    pub(crate) fn counted_stake(hotkey: &T::AccountId, netuid: u16, index: u64) -> u64 {
        TotalHotkeyAlpha::<T>::get(hotkey, netuid).saturating_sub(Self::fresh_in(hotkey, netuid, index))
    }

    fn fresh_in(hotkey: &T::AccountId, netuid: u16, index: u64) -> u64 {
        let (since, rao) = FreshStake::<T>::get(netuid, hotkey);
        if since == index {
            rao
        } else {
            0
        }
    }

    /// Notes that a hotkey has so much fresh alpha.
    pub(crate) fn set_fresh(hotkey: &T::AccountId, netuid: u16, rao: u64) {
        if rao > 0 {
            FreshStake::<T>::insert(netuid, hotkey, (SubnetEpochIndex::<T>::get(netuid), rao));
        } else if FreshStake::<T>::contains_key(netuid, hotkey) {
            FreshStake::<T>::remove(netuid, hotkey);
        }
    }

    /// Alpha came.
    pub(crate) fn add_fresh(hotkey: &T::AccountId, netuid: u16, rao: u64) {
        Self::set_fresh(hotkey, netuid, Self::fresh_stake(hotkey, netuid).saturating_add(rao));
    }

    /// Alpha went: the newest first. So never more counts than the least that lay there since the last epoch.
    pub(crate) fn take_fresh(hotkey: &T::AccountId, netuid: u16, rao: u64) {
        Self::set_fresh(hotkey, netuid, Self::fresh_stake(hotkey, netuid).saturating_sub(rao));
    }
}
