//! Neurons that come: each takes the place of another, whose weights all others' rows name.
use crate::{benchmarking::support::*, pallet::*};

/// A full subnet whose owner has many hotkeys, and somebody with the price in hand, who has many too.
pub fn newcomer<T: Config>() -> (T::AccountId, T::AccountId) {
    full_subnet::<T>(NETUID);
    for index in 0..LONG {
        Pallet::<T>::create_account_if_absent(&owner::<T>(), &named::<T>("owners_hotkey", index));
    }
    let coldkey = named::<T>("newcomer", 0);
    long_lists::<T>(&coldkey, NETUID);
    fund::<T>(&coldkey, 10 * TAO);
    (coldkey, named::<T>("new_hotkey", 0))
}

pub fn assert_replaced<T: Config>(hotkey: &T::AccountId) {
    let uid = Uids::<T>::get(NETUID, hotkey);
    assert!(uid.is_some_and(|uid| !Weights::<T>::contains_key(NETUID, uid)));
    assert_eq!(SubnetworkN::<T>::get(NETUID), UIDS);
}
