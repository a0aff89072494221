//! The older forms of a subnet of `SubnetInfoRuntimeApi`.
use alloc::vec::Vec;
use codec::Compact;

use crate::{
    pallet::*,
    runtime_api::subnet::{SubnetInfo, SubnetInfov2},
};

/// Upstream's default of a parameter without effect.
const SCALING_LAW_POWER: u16 = 50;

impl<T: Config> Pallet<T> {
    /// A subnet with its identity.
    pub fn subnet_info_v2(netuid: u16) -> Option<SubnetInfov2<T::AccountId>> {
        Self::is_listed(netuid).then(|| SubnetInfov2 {
            netuid: Compact(netuid),
            rho: Compact(Rho::<T>::get(netuid)),
            kappa: Compact(Kappa::<T>::get(netuid)),
            difficulty: Compact(Difficulty::<T>::get(netuid)),
            immunity_period: Compact(ImmunityPeriod::<T>::get(netuid)),
            max_allowed_validators: Compact(MaxAllowedValidators::<T>::get(netuid)),
            min_allowed_weights: Compact(MinAllowedWeights::<T>::get(netuid)),
            max_weights_limit: Compact(MaxWeightsLimit::<T>::get(netuid)),
            scaling_law_power: Compact(SCALING_LAW_POWER),
            subnetwork_n: Compact(SubnetworkN::<T>::get(netuid)),
            max_allowed_uids: Compact(MaxAllowedUids::<T>::get(netuid)),
            blocks_since_last_step: Compact(BlocksSinceLastStep::<T>::get(netuid)),
            tempo: Compact(Tempo::<T>::get(netuid)),
            network_modality: Compact(0),
            network_connect: Vec::new(),
            emission_value: Compact(0),
            burn: Compact(Burn::<T>::get(netuid)),
            owner: SubnetOwner::<T>::get(netuid),
            identity: SubnetIdentitiesV3::<T>::get(netuid),
        })
    }

    /// The oldest form.
    pub fn subnet_info(netuid: u16) -> Option<SubnetInfo<T::AccountId>> {
        Self::subnet_info_v2(netuid).map(|newer| SubnetInfo {
            netuid: newer.netuid,
            rho: newer.rho,
            kappa: newer.kappa,
            difficulty: newer.difficulty,
            immunity_period: newer.immunity_period,
            max_allowed_validators: newer.max_allowed_validators,
            min_allowed_weights: newer.min_allowed_weights,
            max_weights_limit: newer.max_weights_limit,
            scaling_law_power: newer.scaling_law_power,
            subnetwork_n: newer.subnetwork_n,
            max_allowed_uids: newer.max_allowed_uids,
            blocks_since_last_step: newer.blocks_since_last_step,
            tempo: newer.tempo,
            network_modality: newer.network_modality,
            network_connect: newer.network_connect,
            emission_values: newer.emission_value,
            burn: newer.burn,
            owner: newer.owner,
        })
    }

    /// All listed subnets with their identities.
    pub fn subnet_infos_v2() -> Vec<Option<SubnetInfov2<T::AccountId>>> {
        Self::listed_subnets().into_iter().map(Self::subnet_info_v2).collect()
    }

    /// All listed subnets in the oldest form.
    pub fn subnet_infos() -> Vec<Option<SubnetInfo<T::AccountId>>> {
        Self::listed_subnets().into_iter().map(Self::subnet_info).collect()
    }

    /// Hotkey on which a coldkey's incentive is to be staked.
    pub fn auto_stake_hotkey(coldkey: &T::AccountId, netuid: u16) -> Option<T::AccountId> {
        AutoStakeDestination::<T>::get(coldkey, netuid)
    }
}
