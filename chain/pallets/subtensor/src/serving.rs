//! Where neurons serve: axons, and metrics.
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

    /// Publishes where `hotkey` serves; address 0 means nowhere. Certificates of another form than upstream's are left out.
    pub(crate) fn do_serve_axon(
        hotkey: T::AccountId,
        netuid: u16,
        axon: AxonInfo,
        certificate: Option<&[u8]>,
    ) -> DispatchResult {
        Self::check_serve_axon(&hotkey, netuid, &axon)?;
        if let Some(certificate) = certificate.and_then(NeuronCertificate::from_bytes) {
            NeuronCertificates::<T>::insert(netuid, &hotkey, certificate);
        }
        Axons::<T>::insert(netuid, &hotkey, axon);
        Self::deposit_event(Event::AxonServed(netuid, hotkey));
        Ok(())
    }

    /// Whether `hotkey` may publish this now. The pool asks before a block, the call again in it.
    pub fn check_serve_prometheus(hotkey: &T::AccountId, netuid: u16, info: &PrometheusInfo) -> Result<(), Error<T>> {
        ensure!(matches!(info.ip_type, 4 | 6), Error::<T>::InvalidIpType);
        let refused = is_loopback(info.ip_type, info.ip) && !AllowLoopbackAxon::<T>::get();
        let valid = info.ip != 0 && is_valid_ip(info.ip_type, info.ip) && !refused;
        ensure!(valid, Error::<T>::InvalidIpAddress);
        ensure!(Uids::<T>::contains_key(netuid, hotkey), Error::<T>::HotKeyNotRegisteredInNetwork);
        let last = Prometheus::<T>::get(netuid, hotkey).map_or(0, |former| former.block);
        let waited = info.block.saturating_sub(last) >= ServingRateLimit::<T>::get(netuid);
        ensure!(last == 0 || waited, Error::<T>::ServingRateLimitExceeded);
        ensure!(info.port != 0, Error::<T>::InvalidPort);
        Ok(())
    }

    /// Publishes where `hotkey` serves metrics.
    pub(crate) fn do_serve_prometheus(hotkey: T::AccountId, netuid: u16, info: PrometheusInfo) -> DispatchResult {
        Self::check_serve_prometheus(&hotkey, netuid, &info)?;
        Prometheus::<T>::insert(netuid, &hotkey, info);
        Self::deposit_event(Event::PrometheusServed(netuid, hotkey));
        Ok(())
    }
}
