//! Answers of `StakeInfoRuntimeApi`. Locks and convictions are none: nothing here locks stake.
use alloc::{collections::BTreeMap, vec::Vec};
use codec::Compact;

use crate::{
    pallet::*,
    runtime_api::stake::{StakeAvailability, StakeInfo},
};

impl<T: Config> Pallet<T> {
    /// One position, empty or not.
    pub fn stake_info(hotkey: T::AccountId, coldkey: T::AccountId, netuid: u16) -> StakeInfo<T::AccountId> {
        StakeInfo {
            netuid: Compact(netuid),
            stake: Compact(Self::alpha_of(&hotkey, &coldkey, netuid)),
            locked: Compact(0),
            emission: Compact(AlphaDividendsPerSubnet::<T>::get(netuid, &hotkey)),
            tao_emission: Compact(0),
            drain: Compact(0),
            is_registered: Self::is_registered(netuid, &hotkey),
            hotkey,
            coldkey,
        }
    }

    /// All positions of a coldkey that hold something, by subnet and then in the order they were opened.
    pub fn stake_infos(coldkey: &T::AccountId) -> Vec<StakeInfo<T::AccountId>> {
        let hotkeys = StakingHotkeys::<T>::get(coldkey);
        let positions = Self::listed_subnets()
            .into_iter()
            .flat_map(|netuid| hotkeys.iter().map(move |hotkey| (hotkey.clone(), netuid)));
        positions
            .map(|(hotkey, netuid)| Self::stake_info(hotkey, coldkey.clone(), netuid))
            .filter(|info| info.stake.0 > 0)
            .collect()
    }

    /// All positions of several coldkeys.
    pub fn stake_infos_of(coldkeys: Vec<T::AccountId>) -> Vec<(T::AccountId, Vec<StakeInfo<T::AccountId>>)> {
        coldkeys.into_iter().map(|coldkey| (coldkey.clone(), Self::stake_infos(&coldkey))).collect()
    }

    /// What a coldkey has on one subnet, on all hotkeys. They share the pot.
    fn availability(hotkeys: &[T::AccountId], coldkey: &T::AccountId, netuid: u16) -> StakeAvailability {
        let sum = |values: &mut dyn Iterator<Item = u64>| values.fold(0_u64, u64::saturating_add);
        let total = sum(&mut hotkeys.iter().map(|hotkey| Self::alpha_of(hotkey, coldkey, netuid)));
        let principal = sum(&mut hotkeys.iter().map(|hotkey| Principal::<T>::get((hotkey, coldkey, netuid))));
        let earned = total.saturating_sub(principal).min(Self::pot(netuid));
        StakeAvailability {
            total: Compact(total),
            locked: Compact(0),
            available: Compact(principal.saturating_add(earned)),
        }
    }

    /// Subnets of a request, as upstream reads it: without netuids all; none if it names more than exist.
    fn requested_subnets(netuids: Option<Vec<u16>>) -> Vec<u16> {
        let existing = Self::listed_subnets();
        let Some(mut requested) = netuids else { return existing };
        requested.sort_unstable();
        requested.dedup();
        if requested.len() > existing.len() {
            return Vec::new();
        }
        requested.retain(|netuid| existing.contains(netuid));
        requested
    }

    /// What coldkeys have and can take out, by subnet; subnets without stake are left out.
    pub fn stake_availabilities(
        coldkeys: Vec<T::AccountId>,
        netuids: Option<Vec<u16>>,
    ) -> BTreeMap<T::AccountId, BTreeMap<u16, StakeAvailability>> {
        let netuids = Self::requested_subnets(netuids);
        let of = |coldkey: &T::AccountId| {
            let hotkeys = StakingHotkeys::<T>::get(coldkey);
            let all = netuids.iter().map(|&netuid| (netuid, Self::availability(&hotkeys, coldkey, netuid)));
            all.filter(|(_, availability)| availability.total.0 > 0).collect()
        };
        coldkeys.into_iter().map(|coldkey| (coldkey.clone(), of(&coldkey))).collect()
    }
}
