//! Subnets that come and go.
use frame_support::traits::fungible::Inspect;

use crate::{
    benchmarking::{hotkeys::fields, support::*},
    pallet::*,
    types::*,
};

/// Many networks, the first symbols of which are taken, that of the next netuid too; somebody who can pay for one more.
pub fn founder<T: Config>(count: u32) -> (T::AccountId, T::AccountId) {
    networks::<T>(count);
    let (first, last) = (NETUID, count.saturating_sub(1) as u16);
    if last > first {
        TokenSymbol::<T>::insert(last, Pallet::<T>::symbol_of(count as u16));
    }
    NetworkRateLimit::<T>::put(0);
    let coldkey = named::<T>("founder", 0);
    long_lists::<T>(&coldkey, ROOT);
    fund::<T>(&coldkey, Pallet::<T>::network_lock_cost() + 10 * TAO);
    (coldkey, named::<T>("founders_hotkey", 0))
}

pub fn identity(bytes: u32) -> SubnetIdentityV3 {
    let mut field = fields(bytes);
    SubnetIdentityV3 {
        github_repo: field(1_024),
        subnet_contact: field(1_024),
        subnet_url: field(1_024),
        description: field(1_024),
        logo_url: field(1_024),
        additional: field(1_024),
        subnet_name: field(256),
        discord: field(256),
    }
}

/// A full subnet with nominators on every neuron, parents and children, and others beside it.
pub fn doomed<T: Config>() {
    full_subnet::<T>(NETUID);
    for uid in 0..UIDS {
        let hotkey = hotkey::<T>(uid);
        nominate::<T>(NETUID, &hotkey, NOMINATORS.into());
        LastHotkeySwapOnNetuid::<T>::insert(NETUID, coldkey::<T>(uid), 1);
        TransactionKeyLastBlock::<T>::insert((&hotkey, NETUID, 0), 1);
    }
    (0..VALIDATORS).for_each(|uid| children::<T>(NETUID, &hotkey::<T>(uid)));
    networks::<T>(16);
}

pub fn assert_dissolved<T: Config>() {
    assert!(!NetworksAdded::<T>::get(NETUID));
    assert!(AlphaV2::<T>::iter_keys().all(|(_, _, netuid)| netuid != NETUID));
    let repaid = T::Currency::balance(&named::<T>("nominator", 0));
    assert!(repaid >= u64::from(UIDS) * crate::staking::MIN_STAKE);
}
