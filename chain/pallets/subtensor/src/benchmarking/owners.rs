//! What the owner of a subnet says of it.
use crate::{benchmarking::support::*, pallet::*};

pub fn owned<T: Config>() -> T::AccountId {
    subnet::<T>(NETUID, FEW);
    owner::<T>()
}
