//! Positions, as `StakeInfoRuntimeApi` answers them.
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

/// Stake of a coldkey on a hotkey of a subnet. `locked`, `tao_emission` and `drain` are always 0 (as upstream).
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct StakeInfo<AccountId> {
    /// The hotkey.
    pub hotkey: AccountId,
    /// The coldkey.
    pub coldkey: AccountId,
    /// The subnet.
    pub netuid: Compact<u16>,
    /// Alpha.
    pub stake: Compact<u64>,
    /// Always 0.
    pub locked: Compact<u64>,
    /// Validator emission of the hotkey in the last epoch.
    pub emission: Compact<u64>,
    /// Always 0.
    pub tao_emission: Compact<u64>,
    /// Always 0.
    pub drain: Compact<u64>,
    /// Whether the hotkey has a uid there.
    pub is_registered: bool,
}

/// What a coldkey has on a subnet and can take out.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct StakeAvailability {
    /// Alpha on all hotkeys.
    pub total: Compact<u64>,
    /// Alpha under a conviction lock: none.
    pub locked: Compact<u64>,
    /// Alpha that unstaking would pay now: principals, and earned alpha as far as the pot goes.
    pub available: Compact<u64>,
}
