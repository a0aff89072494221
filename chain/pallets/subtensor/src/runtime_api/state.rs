//! Neurons of a subnet in columns, as `SubnetInfoRuntimeApi` answers them.
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

/// Neurons of a subnet in columns, by uid. `pruning_score`, `trust` and `rank` are always empty (as upstream).
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct SubnetState<AccountId> {
    /// The subnet.
    pub netuid: Compact<u16>,
    /// Hotkeys.
    pub hotkeys: Vec<AccountId>,
    /// Their coldkeys.
    pub coldkeys: Vec<AccountId>,
    /// Whether active in the last epoch.
    pub active: Vec<bool>,
    /// Whether they may set weights.
    pub validator_permit: Vec<bool>,
    /// Always empty.
    pub pruning_score: Vec<Compact<u16>>,
    /// Blocks of the last weights.
    pub last_update: Vec<Compact<u64>>,
    /// Alpha of the last epoch.
    pub emission: Vec<Compact<u64>>,
    /// Dividends, of 65535.
    pub dividends: Vec<Compact<u16>>,
    /// Incentives, of 65535.
    pub incentives: Vec<Compact<u16>>,
    /// Consensus, of 65535.
    pub consensus: Vec<Compact<u16>>,
    /// Always empty.
    pub trust: Vec<Compact<u16>>,
    /// Always empty.
    pub rank: Vec<Compact<u16>>,
    /// Blocks of registration.
    pub block_at_registration: Vec<Compact<u64>>,
    /// Alpha on the hotkeys.
    pub alpha_stake: Vec<Compact<u64>>,
    /// Stake of the hotkeys on the root network.
    pub tao_stake: Vec<Compact<u64>>,
    /// Stake that counts in the epoch.
    pub total_stake: Vec<Compact<u64>>,
    /// For each subnet: alpha of the last epoch there, of these hotkeys.
    pub emission_history: Vec<Vec<Compact<u64>>>,
}
