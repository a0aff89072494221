//! What the node knows of the runtime without holding one: its types, and the signatures of the APIs that it calls.
//!
//! The bodies below never run. Every call goes to the WASM of the block in question; `impl_runtime_apis!` is asked here only
//! for the client-side type that encodes arguments and decodes answers. Block, account, balance and nonce must be those of
//! `chain/runtime/src/lib.rs`: a wrong one shows as a failure to decode, never as wrong consensus.
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_runtime::{
    generic,
    traits::{BlakeTwo256, Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    AccountId32, ApplyExtrinsicResult, OpaqueExtrinsic,
};
use sp_version::RuntimeVersion;

/// Account: 32 bytes.
pub type AccountId = AccountId32;
/// Rao.
pub type Balance = u64;
/// Number of an account's extrinsics.
pub type Nonce = u32;
/// Header.
pub type Header = generic::Header<u32, BlakeTwo256>;
/// Block; its extrinsics are bytes that only the runtime reads.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;
/// Hash of a block.
pub type Hash = <Block as BlockT>::Hash;

/// Stands for the runtime where the compiler wants one.
pub struct Runtime;

/// What stands in the place of a body that never runs.
fn in_wasm() -> ! {
    unreachable!("the node holds no runtime: every call goes to the WASM in the state")
}

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion { in_wasm() }
        fn execute_block(_: <Block as BlockT>::LazyBlock) { in_wasm() }
        fn initialize_block(_: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode { in_wasm() }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata { in_wasm() }
        fn metadata_at_version(_: u32) -> Option<OpaqueMetadata> { in_wasm() }
        fn metadata_versions() -> Vec<u32> { in_wasm() }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(_: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult { in_wasm() }
        fn finalize_block() -> <Block as BlockT>::Header { in_wasm() }
        fn inherent_extrinsics(_: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> { in_wasm() }
        fn check_inherents(
            _: <Block as BlockT>::LazyBlock,
            _: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            in_wasm()
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            _: TransactionSource,
            _: <Block as BlockT>::Extrinsic,
            _: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            in_wasm()
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(_: &<Block as BlockT>::Header) { in_wasm() }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(_: Vec<u8>, _: Option<Vec<u8>>) -> sp_session::OpaqueGeneratedSessionKeys { in_wasm() }
        fn decode_session_keys(_: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> { in_wasm() }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration { in_wasm() }
        fn authorities() -> Vec<AuraId> { in_wasm() }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList { in_wasm() }
        fn current_set_id() -> sp_consensus_grandpa::SetId { in_wasm() }
        fn submit_report_equivocation_unsigned_extrinsic(
            _: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            _: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            in_wasm()
        }
        fn generate_key_ownership_proof(
            _: sp_consensus_grandpa::SetId,
            _: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            in_wasm()
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(_: AccountId) -> Nonce { in_wasm() }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            _: <Block as BlockT>::Extrinsic,
            _: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            in_wasm()
        }
        fn query_fee_details(
            _: <Block as BlockT>::Extrinsic,
            _: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::FeeDetails<Balance> {
            in_wasm()
        }
        fn query_weight_to_fee(_: sp_weights::Weight) -> Balance { in_wasm() }
        fn query_length_to_fee(_: u32) -> Balance { in_wasm() }
    }
}
