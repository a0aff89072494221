//! Axons.
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{pallet::*, types::*};

const LOOPBACK_V4: u128 = 0x7f00_0001;
const LOOPBACK_V6: u128 = 1;

/// Upstream's idea of a valid address, without its loopback rule.
fn is_valid_ip(ip_type: u8, ip: u128) -> bool {
    match ip_type {
        4 => ip < u128::from(u32::MAX),
        _ => ip < u128::MAX,
    }
}

fn is_loopback(ip_type: u8, ip: u128) -> bool {
    (ip_type == 4 && ip == LOOPBACK_V4) || (ip_type == 6 && ip == LOOPBACK_V6)
}

impl<T: Config> Pallet<T> {
    /// Whether `hotkey` may publish this now. The pool asks before a block, the call again in it.
    pub fn check_serve_axon(hotkey: &T::AccountId, netuid: u16, axon: &AxonInfo) -> Result<(), Error<T>> {
        ensure!(Uids::<T>::contains_key(netuid, hotkey), Error::<T>::HotKeyNotRegisteredInNetwork);
        ensure!(matches!(axon.ip_type, 4 | 6), Error::<T>::InvalidIpType);
        let refused = is_loopback(axon.ip_type, axon.ip) && !AllowLoopbackAxon::<T>::get();
        ensure!(is_valid_ip(axon.ip_type, axon.ip) && !refused, Error::<T>::InvalidIpAddress);
        let last = Axons::<T>::get(netuid, hotkey).map_or(0, |former| former.block);
        let waited = axon.block.saturating_sub(last) >= ServingRateLimit::<T>::get(netuid);
        ensure!(last == 0 || waited, Error::<T>::ServingRateLimitExceeded);
        ensure!(axon.port != 0, Error::<T>::InvalidPort);
        Ok(())
    }

    /// Publishes where `hotkey` serves; address 0 means nowhere.
    pub(crate) fn do_serve_axon(hotkey: T::AccountId, netuid: u16, axon: AxonInfo) -> DispatchResult {
        Self::check_serve_axon(&hotkey, netuid, &axon)?;
        Axons::<T>::insert(netuid, &hotkey, axon);
        Self::deposit_event(Event::AxonServed(netuid, hotkey));
        Ok(())
    }
}
