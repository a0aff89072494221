//! A neuron, as `NeuronInfoRuntimeApi` answers it.
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

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
