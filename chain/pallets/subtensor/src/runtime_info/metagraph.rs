//! Metagraphs of `SubnetInfoRuntimeApi`: whole, by mechanism, in parts.
use alloc::vec::Vec;
use codec::Compact;

use super::compacts;
use crate::{
    pallet::*,
    runtime_api::metagraph::{Metagraph, SelectiveMetagraph, COMMITMENTS, VALIDATORS},
};

impl<T: Config> Pallet<T> {
    /// A mechanism of a subnet with all its neurons. Mechanisms differ in incentives and last updates.
    pub fn mechagraph(netuid: u16, mecid: u8) -> Option<Metagraph<T::AccountId>> {
        if !Self::is_listed(netuid) || mecid >= MechanismCountCurrent::<T>::get(netuid) {
            return None;
        }
        let index = Self::storage_index(netuid, mecid);
        let hotkeys = Self::hotkeys_of(netuid);
        let coldkeys = Self::coldkeys_of(&hotkeys);
        let stakes = Self::stakes_of(netuid, &hotkeys);
        // What both forms hold is read once, by those who answer it.
        let subnet = Self::dynamic_info(netuid)?;
        let params = Self::hyperparams_v2(netuid)?;
        let axon_of = |hotkey: &T::AccountId| Axons::<T>::get(netuid, hotkey).unwrap_or_default();
        let dividends_of =
            |hotkey: &T::AccountId| (hotkey.clone(), Compact(AlphaDividendsPerSubnet::<T>::get(netuid, hotkey)));
        Some(Metagraph {
            netuid: subnet.netuid,
            name: subnet.subnet_name,
            symbol: subnet.token_symbol,
            identity: subnet.subnet_identity,
            network_registered_at: subnet.network_registered_at,
            owner_hotkey: subnet.owner_hotkey,
            owner_coldkey: subnet.owner_coldkey,
            block: Compact(Self::current_block()),
            tempo: subnet.tempo,
            last_step: subnet.last_step,
            blocks_since_last_step: subnet.blocks_since_last_step,
            subnet_emission: subnet.emission,
            alpha_in: subnet.alpha_in,
            alpha_out: subnet.alpha_out,
            tao_in: subnet.tao_in,
            alpha_out_emission: subnet.alpha_out_emission,
            alpha_in_emission: subnet.alpha_in_emission,
            tao_in_emission: subnet.tao_in_emission,
            pending_alpha_emission: subnet.pending_alpha_emission,
            pending_root_emission: subnet.pending_root_emission,
            subnet_volume: subnet.subnet_volume,
            moving_price: subnet.moving_price,
            rho: params.rho,
            kappa: params.kappa,
            min_allowed_weights: params.min_allowed_weights,
            max_weights_limit: params.max_weights_limit,
            weights_version: params.weights_version,
            weights_rate_limit: params.weights_rate_limit,
            activity_cutoff: params.activity_cutoff,
            max_validators: params.max_validators,
            num_uids: Compact(SubnetworkN::<T>::get(netuid)),
            max_uids: Compact(MaxAllowedUids::<T>::get(netuid)),
            burn: Compact(Burn::<T>::get(netuid)),
            difficulty: params.difficulty,
            registration_allowed: params.registration_allowed,
            pow_registration_allowed: NetworkPowRegistrationAllowed::<T>::get(netuid),
            immunity_period: params.immunity_period,
            min_difficulty: params.min_difficulty,
            max_difficulty: params.max_difficulty,
            min_burn: params.min_burn,
            max_burn: params.max_burn,
            adjustment_alpha: params.adjustment_alpha,
            adjustment_interval: params.adjustment_interval,
            target_regs_per_interval: params.target_regs_per_interval,
            max_regs_per_block: params.max_regs_per_block,
            serving_rate_limit: params.serving_rate_limit,
            commit_reveal_weights_enabled: params.commit_reveal_weights_enabled,
            commit_reveal_period: params.commit_reveal_period,
            liquid_alpha_enabled: params.liquid_alpha_enabled,
            alpha_high: params.alpha_high,
            alpha_low: params.alpha_low,
            bonds_moving_avg: params.bonds_moving_avg,
            identities: coldkeys.iter().map(IdentitiesV2::<T>::get).collect(),
            axons: hotkeys.iter().map(axon_of).collect(),
            active: Active::<T>::get(netuid),
            validator_permit: ValidatorPermit::<T>::get(netuid),
            pruning_score: Vec::new(),
            last_update: compacts(LastUpdate::<T>::get(index)),
            emission: compacts(Emission::<T>::get(netuid)),
            dividends: compacts(Dividends::<T>::get(netuid)),
            incentives: compacts(Incentive::<T>::get(index)),
            consensus: compacts(Consensus::<T>::get(netuid)),
            trust: Vec::new(),
            rank: Vec::new(),
            block_at_registration: Self::registrations_of(netuid),
            alpha_stake: compacts(stakes.alpha.clone()),
            tao_stake: compacts(stakes.tao),
            total_stake: compacts(stakes.alpha),
            tao_dividends_per_hotkey: hotkeys.iter().map(|hotkey| (hotkey.clone(), Compact(0))).collect(),
            alpha_dividends_per_hotkey: hotkeys.iter().map(dividends_of).collect(),
            hotkeys,
            coldkeys,
        })
    }

    /// The first mechanisms of all listed subnets.
    pub fn metagraphs() -> Vec<Option<Metagraph<T::AccountId>>> {
        Self::listed_subnets().into_iter().map(|netuid| Self::mechagraph(netuid, 0)).collect()
    }

    /// All mechanisms of all listed subnets.
    pub fn mechagraphs() -> Vec<Option<Metagraph<T::AccountId>>> {
        let mechanisms = |netuid| (0..MechanismCountCurrent::<T>::get(netuid)).map(move |mecid| (netuid, mecid));
        let all = Self::listed_subnets().into_iter().flat_map(mechanisms);
        all.map(|(netuid, mecid)| Self::mechagraph(netuid, mecid)).collect()
    }

    /// Uids with more stake than the threshold, the largest stake last (as upstream).
    fn validators_by_stake(netuid: u16) -> Vec<Compact<u16>> {
        let stakes = Self::stakes_of(netuid, &Self::hotkeys_of(netuid)).alpha;
        let mut uids: Vec<(u64, u16)> =
            stakes.into_iter().zip(0..).filter(|(stake, _)| *stake > StakeThreshold::<T>::get()).collect();
        uids.sort_by_key(|(stake, _)| *stake);
        uids.into_iter().map(|(_, uid)| Compact(uid)).collect()
    }

    /// Parts of a metagraph. `commitments` answers the encoded commitments of a subnet, which another pallet has.
    pub fn selective_mechagraph(
        netuid: u16,
        mecid: u8,
        indexes: &[u16],
        commitments: impl FnOnce(u16) -> Vec<(T::AccountId, Vec<u8>)>,
    ) -> Option<SelectiveMetagraph<T::AccountId>> {
        let mut parts = Self::mechagraph(netuid, mecid)?.select(indexes);
        if indexes.contains(&VALIDATORS) {
            parts.validators = Some(Self::validators_by_stake(netuid));
        }
        if indexes.contains(&COMMITMENTS) {
            let of = commitments(netuid).into_iter().map(|(hotkey, bytes)| (hotkey, compacts(bytes)));
            parts.commitments = Some(of.collect());
        }
        Some(parts)
    }
}
