//! How many mechanisms a subnet has, and their shares.
use alloc::vec::Vec;
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::pallet::*;

/// Most slots of a subnet, all mechanisms together.
pub const MOST_UIDS: u16 = 256;
/// Most mechanisms that storage indexes have room for.
const MOST_MECHANISMS: u8 = 16;

impl<T: Config> Pallet<T> {
    /// Refuses more slots times mechanisms than a chain may keep for a subnet.
    pub fn check_uids_of_mechanisms(uids: u16, mechanisms: u8) -> Result<(), Error<T>> {
        ensure!(uids.saturating_mul(u16::from(mechanisms)) <= MOST_UIDS, Error::<T>::TooManyUIDsPerMechanism);
        Ok(())
    }

    /// Sets the number of mechanisms: what the last ones hold is forgotten, new ones begin empty, shares become even.
    pub fn do_set_mechanism_count(netuid: u16, count: u8) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::MechanismDoesNotExist);
        ensure!(count > 0 && count <= MaxMechanismCount::<T>::get(), Error::<T>::InvalidValue);
        Self::check_uids_of_mechanisms(MaxAllowedUids::<T>::get(netuid), count)?;
        ensure!(count <= MOST_MECHANISMS, Error::<T>::InvalidValue);
        let former = MechanismCountCurrent::<T>::get(netuid);
        if former == count {
            return Ok(());
        }
        for mecid in count..former {
            Self::forget_mechanism(Self::storage_index(netuid, mecid));
        }
        for mecid in former..count {
            Self::begin_mechanism(netuid, Self::storage_index(netuid, mecid));
        }
        MechanismCountCurrent::<T>::insert(netuid, count);
        MechanismEmissionSplit::<T>::remove(netuid);
        Ok(())
    }

    /// Removes all that is kept for one mechanism.
    pub(crate) fn forget_mechanism(index: u16) {
        let _ = Weights::<T>::clear_prefix(index, u32::MAX, None);
        let _ = Bonds::<T>::clear_prefix(index, u32::MAX, None);
        let _ = WeightCommits::<T>::clear_prefix(index, u32::MAX, None);
        let _ = TimelockedWeightCommits::<T>::clear_prefix(index, u32::MAX, None);
        Incentive::<T>::remove(index);
        LastUpdate::<T>::remove(index);
    }

    /// Departure: its lists have an entry for every neuron from the beginning; nobody has set weights, so everybody may.
    fn begin_mechanism(netuid: u16, index: u16) {
        let neurons = usize::from(SubnetworkN::<T>::get(netuid));
        Incentive::<T>::insert(index, alloc::vec![0_u16; neurons]);
        LastUpdate::<T>::insert(index, alloc::vec![0_u64; neurons]);
    }

    /// Sets the mechanisms' shares, which sum to 65535, or makes them even.
    pub fn do_set_emission_split(netuid: u16, split: Option<Vec<u16>>) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::MechanismDoesNotExist);
        let Some(shares) = split else {
            MechanismEmissionSplit::<T>::remove(netuid);
            return Ok(());
        };
        let most = usize::from(MechanismCountCurrent::<T>::get(netuid));
        ensure!(!shares.is_empty() && shares.len() <= most, Error::<T>::InvalidValue);
        let sum = shares.iter().fold(0_u64, |sum, share| sum.saturating_add(u64::from(*share)));
        ensure!(sum == u64::from(u16::MAX), Error::<T>::InvalidValue);
        MechanismEmissionSplit::<T>::insert(netuid, shares);
        Ok(())
    }

    /// Sets the most mechanisms of one subnet.
    pub fn do_set_max_mechanism_count(most: u8) -> DispatchResult {
        ensure!((1..=MOST_MECHANISMS).contains(&most), Error::<T>::InvalidValue);
        MaxMechanismCount::<T>::put(most);
        Ok(())
    }
}
