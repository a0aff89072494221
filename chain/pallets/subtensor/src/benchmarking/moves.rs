//! Stake that changes its hotkey, its coldkey or its subnet: all of a position, to one that is new.
use crate::{
    benchmarking::{staking::unstaker, support::*},
    pallet::*,
};

pub const OTHER: u16 = NETUID + 1;

/// A coldkey with long lists and stake on the hotkey of uid 0, a part of it earned; two subnets.
pub fn mover<T: Config>() -> (T::AccountId, T::AccountId, u64) {
    let (coldkey, hotkey) = unstaker::<T>(2);
    subnet::<T>(OTHER, FEW);
    let all = Pallet::<T>::alpha_of(&hotkey, &coldkey, NETUID);
    (coldkey, hotkey, all)
}
