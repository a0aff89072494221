//! A hotkey that others may stake on, as `DelegateInfoRuntimeApi` answers it.
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

/// Stake of one coldkey, as (netuid, alpha).
pub type StakesByNetuid = Vec<(Compact<u16>, Compact<u64>)>;

/// A hotkey that others may stake on.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct DelegateInfo<AccountId> {
    /// The hotkey.
    pub delegate_ss58: AccountId,
    /// Its take, of 65535.
    pub take: Compact<u16>,
    /// Those who staked, itself included; empty where only one coldkey was asked for.
    pub nominators: Vec<(AccountId, StakesByNetuid)>,
    /// Its coldkey.
    pub owner_ss58: AccountId,
    /// Subnets on which it has a uid.
    pub registrations: Vec<Compact<u16>>,
    /// Subnets on which it may set weights.
    pub validator_permits: Vec<Compact<u16>>,
    /// Alpha a day, after the take, for 1,000 TAO of stake on the root network.
    pub return_per_1000: Compact<u64>,
    /// Alpha of the last epochs, as if every one of a day paid the same.
    pub total_daily_return: Compact<u64>,
}
