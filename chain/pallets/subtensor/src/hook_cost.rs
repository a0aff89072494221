//! What the hook declares: what this block did, by the measured cost of each part.
use frame_support::weights::Weight;

use crate::{hook_weights::WeightInfo, pallet::*};

impl<T: Config> Pallet<T> {
    /// Weight of a block's hook: all subnets' clocks, the epochs that ran in it, the hotkeys that got children.
    pub(crate) fn hook_cost(subnets: &[u16], block: u64, with_children: u32) -> Weight {
        let count = u32::try_from(subnets.len()).unwrap_or(u32::MAX);
        let ran = subnets.iter().filter(|netuid| LastEpochBlock::<T>::get(netuid) == block);
        ran.fold(<()>::quiet(count), |sum, netuid| sum.saturating_add(Self::epoch_cost(*netuid)))
            .saturating_add(Self::children_cost(with_children))
    }

    /// Every mechanism has an epoch of its own over the same uids.
    fn epoch_cost(netuid: u16) -> Weight {
        let uids = u32::from(SubnetworkN::<T>::get(netuid));
        let permits = ValidatorPermit::<T>::get(netuid).into_iter().filter(|permit| *permit).count();
        let validators = u32::try_from(permits).unwrap_or(u32::MAX);
        let mechanisms = u64::try_from(Self::storage_indexes(netuid).count()).unwrap_or(u64::MAX);
        <()>::epoch(uids, validators).saturating_mul(mechanisms)
    }

    /// A block without an epoch looks for no children.
    fn children_cost(hotkeys: u32) -> Weight {
        if hotkeys == 0 {
            Weight::zero()
        } else {
            <()>::children(hotkeys)
        }
    }
}
