//! The runtime: pallets at upstream's indexes, transaction extensions in upstream's order, spec name `node-subtensor`.
//!
//! `configs.rs` configures the pallets, `apis.rs` holds the runtime APIs, `presets.rs` the genesis presets.
#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "256"]

extern crate alloc;
#[cfg(test)]
extern crate std;

use alloc::vec::Vec;

use sp_runtime::{
    generic, impl_opaque_keys,
    traits::{BlakeTwo256, IdentifyAccount, Verify},
    MultiAddress, MultiSignature,
};
use sp_version::{runtime_version, RuntimeVersion};

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
mod configs;
mod extensions;
mod gate;
#[cfg_attr(not(any(substrate_runtime, test)), allow(dead_code))]
mod hashes;
#[cfg(any(substrate_runtime, test))]
mod heap;
mod limits;
#[cfg(test)]
mod measured;
#[cfg(test)]
mod origins;
mod presets;
mod proxy;
mod proxy_filter;
mod weights;

pub use apis::RUNTIME_API_VERSIONS;
pub use configs::SlotDuration;
pub use proxy::ProxyType;

/// Signature of an extrinsic.
pub type Signature = MultiSignature;
/// Account: 32 bytes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// Rao; 10^9 rao are one TAO.
pub type Balance = u64;
/// Number of an account's extrinsics.
pub type Nonce = u32;
/// Block number.
pub type BlockNumber = u32;
/// Hash.
pub type Hash = sp_core::H256;
/// Address in a call.
pub type Address = MultiAddress<AccountId, ()>;
/// Header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// Block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// Transaction extensions in upstream's order; nested, since tuples have at most twelve. Nesting leaves no trace in bytes.
pub type TxExtension = (
    (
        frame_system::CheckNonZeroSender<Runtime>,
        frame_system::CheckSpecVersion<Runtime>,
        frame_system::CheckTxVersion<Runtime>,
        frame_system::CheckGenesis<Runtime>,
        frame_system::CheckEra<Runtime>,
        frame_system::CheckNonce<Runtime>,
        frame_system::CheckWeight<Runtime>,
    ),
    (
        pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
        extensions::SudoTransactionExtension,
        extensions::CheckShieldedTxValidity,
        gate::SubtensorTransactionExtension,
        extensions::DrandPriority,
    ),
    frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
);
/// Extrinsic as it travels.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// Runs blocks.
pub type Executive =
    frame_executive::Executive<Runtime, Block, frame_system::ChainContext<Runtime>, Runtime, AllPalletsWithSystem>;

/// Types of a native node, to which extrinsics are opaque bytes.
pub mod opaque {
    pub use sp_runtime::OpaqueExtrinsic as UncheckedExtrinsic;
    /// Header.
    pub type Header = super::Header;
    /// Block.
    pub type Block = sp_runtime::generic::Block<Header, UncheckedExtrinsic>;
}

impl_opaque_keys! {
    /// Keys of an authority.
    pub struct SessionKeys {
        /// Authors blocks.
        pub aura: Aura,
        /// Finalises them.
        pub grandpa: Grandpa,
    }
}

/// Raise `spec_version` with every change of metadata: clients cache metadata by it.
#[runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
    spec_name: alloc::borrow::Cow::Borrowed("node-subtensor"),
    impl_name: alloc::borrow::Cow::Borrowed("node-subtensor"),
    authoring_version: 1,
    spec_version: 6,
    impl_version: 1,
    apis: RUNTIME_API_VERSIONS,
    transaction_version: 1,
    system_version: 1,
};

#[allow(missing_docs)]
#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask,
        RuntimeViewFunction
    )]
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;
    #[runtime::pallet_index(3)]
    pub type Aura = pallet_aura;
    #[runtime::pallet_index(4)]
    pub type Grandpa = pallet_grandpa;
    #[runtime::pallet_index(5)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(6)]
    pub type TransactionPayment = pallet_transaction_payment;
    #[runtime::pallet_index(7)]
    pub type SubtensorModule = pallet_subtensor;
    #[runtime::pallet_index(11)]
    pub type Utility = pallet_utility;
    #[runtime::pallet_index(12)]
    pub type Sudo = pallet_sudo;
    #[runtime::pallet_index(13)]
    pub type Multisig = pallet_multisig;
    #[runtime::pallet_index(14)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(15)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(16)]
    pub type Proxy = pallet_proxy;
    #[runtime::pallet_index(18)]
    pub type Commitments = pallet_commitments;
    #[runtime::pallet_index(19)]
    pub type AdminUtils = pallet_admin_utils;
    #[runtime::pallet_index(26)]
    pub type Drand = pallet_drand;
    #[runtime::pallet_index(30)]
    pub type MevShield = pallet_shield;
    /// Ours; upstream's pallets end below.
    #[runtime::pallet_index(64)]
    pub type Governance = pallet_governance;
}
