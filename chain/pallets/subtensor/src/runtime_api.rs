//! Runtime APIs, in upstream's shape.
#![allow(missing_docs)] // sp_api's macro writes items without any
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;
use sp_runtime::AccountId32;

use crate::types::{AxonInfo, PrometheusInfo};

/// A neuron without its weights and bonds. `rank`, `trust` and `pruning_score` are always 0 (as upstream).
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct NeuronInfoLite<AccountId> {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its coldkey.
    pub coldkey: AccountId,
    /// Its uid.
    pub uid: Compact<u16>,
    /// Its subnet.
    pub netuid: Compact<u16>,
    /// Whether it was active in the last epoch.
    pub active: bool,
    /// Where it serves.
    pub axon_info: AxonInfo,
    /// Where it serves metrics.
    pub prometheus_info: PrometheusInfo,
    /// Stake by coldkey: the hotkey's own, with all of its alpha.
    pub stake: Vec<(AccountId, Compact<u64>)>,
    /// Always 0.
    pub rank: Compact<u16>,
    /// Alpha of the last epoch.
    pub emission: Compact<u64>,
    /// Incentive, of 65535.
    pub incentive: Compact<u16>,
    /// Consensus, of 65535.
    pub consensus: Compact<u16>,
    /// Always 0.
    pub trust: Compact<u16>,
    /// Validator trust, of 65535.
    pub validator_trust: Compact<u16>,
    /// Dividends, of 65535.
    pub dividends: Compact<u16>,
    /// Block of the last weights.
    pub last_update: Compact<u64>,
    /// Whether it may set weights.
    pub validator_permit: bool,
    /// Always 0.
    pub pruning_score: Compact<u16>,
}

/// A neuron with its weights and bonds. `rank`, `trust` and `pruning_score` are always 0 (as upstream).
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct NeuronInfo<AccountId> {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// Its coldkey.
    pub coldkey: AccountId,
    /// Its uid.
    pub uid: Compact<u16>,
    /// Its subnet.
    pub netuid: Compact<u16>,
    /// Whether it was active in the last epoch.
    pub active: bool,
    /// Where it serves.
    pub axon_info: AxonInfo,
    /// Where it serves metrics.
    pub prometheus_info: PrometheusInfo,
    /// Stake by coldkey: the hotkey's own, with all of its alpha.
    pub stake: Vec<(AccountId, Compact<u64>)>,
    /// Always 0.
    pub rank: Compact<u16>,
    /// Alpha of the last epoch.
    pub emission: Compact<u64>,
    /// Incentive, of 65535.
    pub incentive: Compact<u16>,
    /// Consensus, of 65535.
    pub consensus: Compact<u16>,
    /// Always 0.
    pub trust: Compact<u16>,
    /// Validator trust, of 65535.
    pub validator_trust: Compact<u16>,
    /// Dividends, of 65535.
    pub dividends: Compact<u16>,
    /// Block of the last weights.
    pub last_update: Compact<u64>,
    /// Whether it may set weights.
    pub validator_permit: bool,
    /// Its weights, as (uid, weight).
    pub weights: Vec<(Compact<u16>, Compact<u16>)>,
    /// Its bonds, as (uid, bond).
    pub bonds: Vec<(Compact<u16>, Compact<u16>)>,
    /// Always 0.
    pub pruning_score: Compact<u16>,
}

sp_api::decl_runtime_apis! {
    /// Schedule of subnets.
    pub trait SubnetInfoRuntimeApi {
        /// Block in which the next epoch starts.
        fn get_next_epoch_start_block(netuid: u16) -> Option<u64>;
        /// Account that holds the TAO of a subnet; a transfer to it pays for earned alpha.
        fn get_subnet_account_id(netuid: u16) -> Option<AccountId32>;
    }

    /// Price of subnets.
    pub trait SubnetRegistrationRuntimeApi {
        /// Rao that `register_network` costs in the next block.
        fn get_network_registration_cost() -> u64;
    }

    /// Neurons.
    pub trait NeuronInfoRuntimeApi {
        /// All neurons of a subnet, by uid, with weights and bonds.
        fn get_neurons(netuid: u16) -> Vec<NeuronInfo<AccountId32>>;
        /// One neuron, with weights and bonds.
        fn get_neuron(netuid: u16, uid: u16) -> Option<NeuronInfo<AccountId32>>;
        /// All neurons of a subnet, by uid.
        fn get_neurons_lite(netuid: u16) -> Vec<NeuronInfoLite<AccountId32>>;
        /// One neuron.
        fn get_neuron_lite(netuid: u16, uid: u16) -> Option<NeuronInfoLite<AccountId32>>;
    }
}
