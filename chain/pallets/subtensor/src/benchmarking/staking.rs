//! Stake that comes, goes, and is given up.
use alloc::vec;

use crate::{benchmarking::support::*, pallet::*};

/// A hotkey with children, parents and nominators, and a coldkey with long lists that has or will have stake on it.
pub fn staker<T: Config>() -> (T::AccountId, T::AccountId) {
    full_subnet::<T>(NETUID);
    let (hotkey, coldkey) = (hotkey::<T>(0), named::<T>("staker", 0));
    nominate::<T>(NETUID, &hotkey, NOMINATORS.into());
    long_lists::<T>(&coldkey, NETUID);
    fund::<T>(&coldkey, 10 * TAO);
    (coldkey, hotkey)
}

/// As `staker`, with the only stake there is of it: a part is earned and paid from the pot. The hotkey has stake on
/// all networks, and less than it takes to have children.
pub fn unstaker<T: Config>(count: u32) -> (T::AccountId, T::AccountId) {
    let (coldkey, hotkey) = staker::<T>();
    networks::<T>(count);
    stake::<T>(&hotkey, &coldkey, NETUID, TAO);
    earn::<T>(&hotkey);
    StakeThreshold::<T>::put(u64::MAX);
    for netuid in Pallet::<T>::subnets() {
        PendingChildKeys::<T>::insert(netuid, &hotkey, (vec![(1, coldkey.clone())], 0));
    }
    (coldkey, hotkey)
}

/// Lets those who staked on a hotkey earn a TAO that the pot can pay.
pub fn earn<T: Config>(hotkey: &T::AccountId) {
    Pallet::<T>::credit_dividends(hotkey, NETUID, TAO, 0);
    SubnetAlphaOut::<T>::mutate(NETUID, |sum| *sum += TAO);
    PaidToNeurons::<T>::mutate(NETUID, |sum| *sum += TAO);
    fund::<T>(&Pallet::<T>::subnet_account(NETUID), 2 * TAO);
}

pub fn held<T: Config>((coldkey, hotkey): &(T::AccountId, T::AccountId)) -> u64 {
    Pallet::<T>::alpha_of(hotkey, coldkey, NETUID)
}

/// Stake of a coldkey on one hotkey of each of `s` networks.
pub fn everywhere<T: Config>(count: u32) -> (T::AccountId, T::AccountId) {
    let (coldkey, hotkey) = unstaker::<T>(count);
    Pallet::<T>::networks().into_iter().for_each(|netuid| stake::<T>(&hotkey, &coldkey, netuid, TAO));
    (coldkey, hotkey)
}
