//! Answers of the runtime APIs, one file each; here is what they share.
use alloc::vec::Vec;
use codec::Compact;

use crate::{pallet::*, types::ROOT};

mod delegate;
mod dynamic;
mod hyperparams;
mod metagraph;
mod neuron;
mod stake;
mod state;
mod subnet;
mod swap;

/// A list as SCALE-compact numbers.
pub(crate) fn compacts<V>(list: Vec<V>) -> Vec<Compact<V>> {
    list.into_iter().map(Compact).collect()
}

/// Stakes of a subnet's neurons, by uid.
struct Stakes {
    /// On the hotkeys, of the subnet.
    alpha: Vec<u64>,
    /// On the hotkeys, of the root network.
    tao: Vec<u64>,
}

impl<T: Config> Pallet<T> {
    /// Netuids that clients list: the root network first, since they look for it, then all subnets in order.
    pub fn listed_subnets() -> Vec<u16> {
        core::iter::once(ROOT).chain(Self::subnets().into_iter().filter(|netuid| *netuid != ROOT)).collect()
    }

    /// Whether there is an answer for this subnet; for the root network there is always one.
    pub(crate) fn is_listed(netuid: u16) -> bool {
        netuid == ROOT || NetworksAdded::<T>::get(netuid)
    }

    /// Name of a subnet in UTF-8: that of its identity. Without one clients get upstream's word, since SDK 10 reads an
    /// empty name as a list.
    fn name_of(netuid: u16) -> Vec<u8> {
        let own = SubnetIdentitiesV3::<T>::get(netuid).map(|identity| identity.subnet_name).unwrap_or_default();
        let unnamed = if netuid == ROOT { b"root".to_vec() } else { b"unknown".to_vec() };
        if own.is_empty() {
            unnamed
        } else {
            own
        }
    }

    /// Hotkeys by uid.
    pub(crate) fn hotkeys_of(netuid: u16) -> Vec<T::AccountId> {
        (0..SubnetworkN::<T>::get(netuid)).map(|uid| Keys::<T>::get(netuid, uid)).collect()
    }

    /// Coldkeys of hotkeys.
    fn coldkeys_of(hotkeys: &[T::AccountId]) -> Vec<T::AccountId> {
        hotkeys.iter().map(Owner::<T>::get).collect()
    }

    /// Blocks of registration by uid.
    fn registrations_of(netuid: u16) -> Vec<Compact<u64>> {
        (0..SubnetworkN::<T>::get(netuid)).map(|uid| Compact(BlockAtRegistration::<T>::get(netuid, uid))).collect()
    }

    /// Stakes by uid. The epoch counts the alpha alone.
    fn stakes_of(netuid: u16, hotkeys: &[T::AccountId]) -> Stakes {
        let on = |of: u16| hotkeys.iter().map(|hotkey| Self::inherited_alpha(hotkey, of)).collect();
        Stakes { alpha: on(netuid), tao: on(ROOT) }
    }

    /// Emission since the last epoch that will be paid to neurons.
    fn pending_emission(netuid: u16) -> u64 {
        PendingServerEmission::<T>::get(netuid).saturating_add(PendingValidatorEmission::<T>::get(netuid))
    }

    /// Blocks since the last epoch whose outputs were stored.
    fn blocks_since_step(netuid: u16) -> u64 {
        Self::current_block().saturating_sub(LastMechansimStepBlock::<T>::get(netuid))
    }
}
