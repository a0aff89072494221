//! Neurons in columns of `SubnetInfoRuntimeApi`.
use alloc::vec::Vec;
use codec::Compact;

use super::compacts;
use crate::{pallet::*, runtime_api::state::SubnetState};

impl<T: Config> Pallet<T> {
    /// A hotkey's alpha of the last epoch of a subnet.
    pub(crate) fn emission_of(netuid: u16, hotkey: &T::AccountId) -> u64 {
        let uid = Uids::<T>::get(netuid, hotkey);
        uid.and_then(|uid| Emission::<T>::get(netuid).get(usize::from(uid)).copied()).unwrap_or(0)
    }

    /// For each listed subnet, what these hotkeys got in its last epoch.
    fn emission_history(hotkeys: &[T::AccountId]) -> Vec<Vec<Compact<u64>>> {
        let of = |netuid| hotkeys.iter().map(|hotkey| Compact(Self::emission_of(netuid, hotkey))).collect();
        Self::listed_subnets().into_iter().map(of).collect()
    }

    /// Neurons of a subnet in columns.
    pub fn subnet_state(netuid: u16) -> Option<SubnetState<T::AccountId>> {
        if !Self::is_listed(netuid) {
            return None;
        }
        let index = Self::storage_index(netuid, 0);
        let hotkeys = Self::hotkeys_of(netuid);
        let stakes = Self::stakes_of(netuid, &hotkeys);
        Some(SubnetState {
            netuid: Compact(netuid),
            coldkeys: Self::coldkeys_of(&hotkeys),
            active: Active::<T>::get(netuid),
            validator_permit: ValidatorPermit::<T>::get(netuid),
            pruning_score: Vec::new(),
            last_update: compacts(LastUpdate::<T>::get(index)),
            emission: compacts(Emission::<T>::get(netuid)),
            dividends: compacts(Dividends::<T>::get(netuid)),
            incentives: compacts(Incentive::<T>::get(index)),
            consensus: compacts(Consensus::<T>::get(netuid)),
            trust: Vec::new(),
            rank: Vec::new(),
            block_at_registration: Self::registrations_of(netuid),
            alpha_stake: compacts(stakes.alpha.clone()),
            tao_stake: compacts(stakes.tao),
            total_stake: compacts(stakes.alpha),
            emission_history: Self::emission_history(&hotkeys),
            hotkeys,
        })
    }
}
