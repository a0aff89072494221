//! Dynamic info of `SubnetInfoRuntimeApi`. There is no pool: `alpha_in` is 0, which clients read as a price of 1, and
//! `tao_in` is the TAO of the principals.
use alloc::vec::Vec;
use codec::Compact;

use super::compacts;
use crate::{pallet::*, runtime_api::dynamic::DynamicInfo};

impl<T: Config> Pallet<T> {
    /// Pool and schedule of a subnet.
    pub fn dynamic_info(netuid: u16) -> Option<DynamicInfo<T::AccountId>> {
        Self::is_listed(netuid).then(|| DynamicInfo {
            netuid: Compact(netuid),
            owner_hotkey: SubnetOwnerHotkey::<T>::get(netuid),
            owner_coldkey: SubnetOwner::<T>::get(netuid),
            subnet_name: compacts(Self::name_of(netuid)),
            token_symbol: compacts(TokenSymbol::<T>::get(netuid)),
            tempo: Compact(Tempo::<T>::get(netuid)),
            last_step: Compact(LastMechansimStepBlock::<T>::get(netuid)),
            blocks_since_last_step: Compact(Self::blocks_since_step(netuid)),
            emission: Compact(0),
            alpha_in: Compact(SubnetAlphaIn::<T>::get(netuid)),
            alpha_out: Compact(SubnetAlphaOut::<T>::get(netuid)),
            tao_in: Compact(SubnetTAO::<T>::get(netuid)),
            alpha_out_emission: Compact(SubnetAlphaOutEmission::<T>::get(netuid)),
            alpha_in_emission: Compact(SubnetAlphaInEmission::<T>::get(netuid)),
            tao_in_emission: Compact(SubnetTaoInEmission::<T>::get(netuid)),
            pending_alpha_emission: Compact(Self::pending_emission(netuid)),
            pending_root_emission: Compact(0),
            subnet_volume: Compact(SubnetVolume::<T>::get(netuid)),
            network_registered_at: Compact(NetworkRegisteredAt::<T>::get(netuid)),
            subnet_identity: SubnetIdentitiesV3::<T>::get(netuid),
            moving_price: SubnetMovingPrice::<T>::get(netuid),
        })
    }

    /// Those of all listed subnets.
    pub fn dynamic_infos() -> Vec<Option<DynamicInfo<T::AccountId>>> {
        Self::listed_subnets().into_iter().map(Self::dynamic_info).collect()
    }
}
