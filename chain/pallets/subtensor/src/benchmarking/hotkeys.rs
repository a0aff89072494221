//! What a coldkey says of its hotkeys: children, takes, identity, where emission is staked, and one in another's place.
use alloc::{vec, vec::Vec};

use crate::{benchmarking::support::*, pallet::*, swap_hotkey::SWAP_COST};

/// A hotkey with children, each of which has many parents; `count` networks, on all of which it has stake.
pub fn parent<T: Config>(count: u32) -> T::AccountId {
    subnet::<T>(NETUID, FEW);
    networks::<T>(count);
    let hotkey = hotkey::<T>(0);
    children::<T>(NETUID, &hotkey);
    possible_children::<T>("child").iter().for_each(|child| parents::<T>(NETUID, child, PARENTS));
    hotkey
}

/// Gives the hotkey of uid 0 all that can hang on it on a subnet.
pub fn burden<T: Config>(netuid: u16) {
    let hotkey = hotkey::<T>(0);
    nominate::<T>(netuid, &hotkey, NOMINATORS.into());
    belongings::<T>(netuid, &hotkey);
    children::<T>(netuid, &hotkey);
    parents::<T>(netuid, &hotkey, CHILDREN);
    for index in 0..LONG {
        let coldkey = named::<T>("auto_staker", index);
        AutoStakeDestination::<T>::insert(&coldkey, netuid, &hotkey);
        AutoStakeDestinationColdkeys::<T>::append(&hotkey, netuid, coldkey);
        let parent = named::<T>("undecided", index);
        PendingChildKeys::<T>::insert(netuid, parent, (vec![(1, hotkey.clone())], 0));
    }
}

/// A coldkey with the price in hand, and a hotkey that it does not own yet.
pub fn swapper<T: Config>() -> (T::AccountId, T::AccountId) {
    let coldkey = coldkey::<T>(0);
    long_lists::<T>(&coldkey, NETUID);
    fund::<T>(&coldkey, SWAP_COST + TAO);
    (coldkey, named::<T>("new_hotkey", 0))
}

/// Fields of at most so many bytes each, until all are given out.
pub fn fields(bytes: u32) -> impl FnMut(usize) -> Vec<u8> {
    let mut left = bytes as usize;
    move |most| {
        let taken = most.min(left);
        left -= taken;
        vec![b'x'; taken]
    }
}
