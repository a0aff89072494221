//! Where neurons serve.
use crate::{benchmarking::support::*, pallet::*};

/// A neuron that has served before; what it has is replaced.
pub fn server<T: Config>() -> T::AccountId {
    full_subnet::<T>(NETUID);
    hotkey::<T>(UIDS - 1)
}
