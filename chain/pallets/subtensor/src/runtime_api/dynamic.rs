//! Pool and schedule of a subnet, as `SubnetInfoRuntimeApi` answers them.
use alloc::vec::Vec;
use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

use crate::types::{SubnetIdentityV3, I96F32};

/// Pool and schedule of a subnet. Nothing here is priced by a pool: see `runtime_info/dynamic.rs`.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct DynamicInfo<AccountId> {
    /// The subnet.
    pub netuid: Compact<u16>,
    /// Hotkey that receives the owner's cut.
    pub owner_hotkey: AccountId,
    /// Coldkey of the owner.
    pub owner_coldkey: AccountId,
    /// Name in UTF-8, from the identity.
    pub subnet_name: Vec<Compact<u8>>,
    /// Symbol in UTF-8.
    pub token_symbol: Vec<Compact<u8>>,
    /// Blocks between two epochs.
    pub tempo: Compact<u16>,
    /// Block of the last epoch whose outputs were stored.
    pub last_step: Compact<u64>,
    /// Blocks since then.
    pub blocks_since_last_step: Compact<u64>,
    /// Always 0 (as upstream).
    pub emission: Compact<u64>,
    /// Alpha in the pool: none.
    pub alpha_in: Compact<u64>,
    /// Alpha issued by emission.
    pub alpha_out: Compact<u64>,
    /// TAO of the principals.
    pub tao_in: Compact<u64>,
    /// Alpha emitted in the last block.
    pub alpha_out_emission: Compact<u64>,
    /// Alpha put into the pool in the last block: none.
    pub alpha_in_emission: Compact<u64>,
    /// TAO put into the pool in the last block: none.
    pub tao_in_emission: Compact<u64>,
    /// Alpha since the last epoch that neurons will get.
    pub pending_alpha_emission: Compact<u64>,
    /// Always 0 (as upstream).
    pub pending_root_emission: Compact<u64>,
    /// Kept for clients.
    pub subnet_volume: Compact<u128>,
    /// Block of registration.
    pub network_registered_at: Compact<u64>,
    /// Identity.
    pub subnet_identity: Option<SubnetIdentityV3>,
    /// Moving average of the price.
    pub moving_price: I96F32,
}
