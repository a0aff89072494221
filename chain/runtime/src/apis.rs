//! Runtime APIs: what the engine, nodes and clients call.
#![allow(missing_docs)]
use alloc::{collections::BTreeMap, vec::Vec};

use codec::{Decode, Encode};
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    weights::Weight,
};
use pallet_grandpa::AuthorityId as GrandpaId;
use pallet_subtensor::{
    runtime_api::{
        delegate::{DelegateInfo, Delegated},
        dynamic::DynamicInfo,
        hyperparams::{HyperparamEntry, SubnetHyperparams, SubnetHyperparamsV2},
        metagraph::{Metagraph, SelectiveMetagraph},
        neuron::{NeuronInfo, NeuronInfoLite},
        stake::{StakeAvailability, StakeInfo, StakesOf},
        state::SubnetState,
        subnet::{SubnetInfo, SubnetInfov2},
        swap::{SimSwapResult, SubnetPrice},
    },
    types::{LockState, U64F64},
};
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_core::OpaqueMetadata;
use sp_runtime::{
    traits::{Block as BlockT, NumberFor},
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult,
};
use sp_version::RuntimeVersion;

use crate::{
    hashes, presets,
    proxy_filter::{self, ProxyFilterInfo, ProxyTypeInfo},
    AccountId, Aura, Balance, Block, Executive, Grandpa, InherentDataExt, Nonce, Runtime, RuntimeGenesisConfig,
    SessionKeys, SubtensorModule, System, TransactionPayment, VERSION,
};

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion { VERSION }
        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            let _digests = hashes::remembered();
            Executive::execute_block(block);
        }
        fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
            let _digests = hashes::remembered();
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata { OpaqueMetadata::new(Runtime::metadata().into()) }
        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> { Runtime::metadata_at_version(version) }
        fn metadata_versions() -> Vec<u32> { Runtime::metadata_versions() }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            let _digests = hashes::remembered();
            Executive::apply_extrinsic(extrinsic)
        }
        fn finalize_block() -> <Block as BlockT>::Header { Executive::finalize_block() }
        fn inherent_extrinsics(data: sp_inherents::InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }
        fn check_inherents(
            block: <Block as BlockT>::LazyBlock,
            data: sp_inherents::InherentData,
        ) -> sp_inherents::CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl pallet_shield::runtime_api::ShieldApi<Block> for Runtime {
        fn try_decode_shielded_tx(
            uxt: <Block as BlockT>::Extrinsic,
        ) -> Option<pallet_shield::types::ShieldedTransaction> {
            match &uxt.function {
                crate::RuntimeCall::MevShield(pallet_shield::Call::submit_encrypted { ciphertext }) => {
                    pallet_shield::types::ShieldedTransaction::parse(ciphertext)
                }
                _ => None,
            }
        }
        fn is_shielded_using_current_key(key_hash: &[u8; 16]) -> bool {
            let key = pallet_shield::CurrentKey::<Runtime>::get();
            key.is_some_and(|key| sp_io::hashing::twox_128(&key) == *key_hash)
        }
        fn try_unshield_tx(
            dec_key_bytes: Vec<u8>,
            shielded_tx: pallet_shield::types::ShieldedTransaction,
        ) -> Option<Vec<u8>> {
            let plain = pallet_shield::unshield::unshield(&dec_key_bytes, &shielded_tx)?;
            let extrinsic = <Block as BlockT>::Extrinsic::decode(&mut &plain[..]).ok()?;
            Vec::decode(&mut &extrinsic.encode()[..]).ok()
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            let _digests = hashes::remembered();
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
        fn slot_duration() -> sp_consensus_aura::SlotDuration {
            sp_consensus_aura::SlotDuration::from_millis(Aura::slot_duration())
        }
        fn authorities() -> Vec<AuraId> { pallet_aura::Authorities::<Runtime>::get().into_inner() }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> sp_consensus_grandpa::AuthorityList { Grandpa::grandpa_authorities() }
        fn current_set_id() -> sp_consensus_grandpa::SetId { Grandpa::current_set_id() }
        fn submit_report_equivocation_unsigned_extrinsic(
            _proof: sp_consensus_grandpa::EquivocationProof<<Block as BlockT>::Hash, NumberFor<Block>>,
            _owner: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            None
        }
        fn generate_key_ownership_proof(
            _set: sp_consensus_grandpa::SetId,
            _authority: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            None
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(
            owner: Vec<u8>,
            seed: Option<Vec<u8>>,
        ) -> sp_session::OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }
        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, sp_core::crypto::KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) { Executive::offchain_worker(header) }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce { System::account_nonce(account) }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(uxt: <Block as BlockT>::Extrinsic, len: u32) -> RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }
        fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }
        fn query_weight_to_fee(weight: Weight) -> Balance { TransactionPayment::weight_to_fee(weight) }
        fn query_length_to_fee(length: u32) -> Balance { TransactionPayment::length_to_fee(length) }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result { build_state::<RuntimeGenesisConfig>(config) }
        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, presets::patch)
        }
        fn preset_names() -> Vec<sp_genesis_builder::PresetId> { presets::names() }
    }

    impl pallet_subtensor::runtime_api::DelegateInfoRuntimeApi<Block> for Runtime {
        fn get_delegates() -> Vec<DelegateInfo<AccountId>> { SubtensorModule::delegates() }
        fn get_delegate(delegate_account: AccountId) -> Option<DelegateInfo<AccountId>> {
            SubtensorModule::delegate(delegate_account)
        }
        fn get_delegated(delegatee_account: AccountId) -> Vec<Delegated<AccountId>> {
            SubtensorModule::delegated(&delegatee_account)
        }
    }

    impl pallet_subtensor::runtime_api::NeuronInfoRuntimeApi<Block> for Runtime {
        fn get_neurons(netuid: u16) -> Vec<NeuronInfo<AccountId>> { SubtensorModule::neurons(netuid) }
        fn get_neuron(netuid: u16, uid: u16) -> Option<NeuronInfo<AccountId>> {
            SubtensorModule::neuron(netuid, uid)
        }
        fn get_neurons_lite(netuid: u16) -> Vec<NeuronInfoLite<AccountId>> { SubtensorModule::neurons_lite(netuid) }
        fn get_neuron_lite(netuid: u16, uid: u16) -> Option<NeuronInfoLite<AccountId>> {
            SubtensorModule::neuron_lite(netuid, uid)
        }
    }

    impl pallet_subtensor::runtime_api::SubnetInfoRuntimeApi<Block> for Runtime {
        fn get_subnet_info(netuid: u16) -> Option<SubnetInfo<AccountId>> { SubtensorModule::subnet_info(netuid) }
        fn get_subnets_info() -> Vec<Option<SubnetInfo<AccountId>>> { SubtensorModule::subnet_infos() }
        fn get_subnet_info_v2(netuid: u16) -> Option<SubnetInfov2<AccountId>> {
            SubtensorModule::subnet_info_v2(netuid)
        }
        fn get_subnets_info_v2() -> Vec<Option<SubnetInfov2<AccountId>>> { SubtensorModule::subnet_infos_v2() }
        fn get_subnet_hyperparams(netuid: u16) -> Option<SubnetHyperparams> { SubtensorModule::hyperparams(netuid) }
        fn get_subnet_hyperparams_v2(netuid: u16) -> Option<SubnetHyperparamsV2> {
            SubtensorModule::hyperparams_v2(netuid)
        }
        fn get_all_dynamic_info() -> Vec<Option<DynamicInfo<AccountId>>> { SubtensorModule::dynamic_infos() }
        fn get_all_metagraphs() -> Vec<Option<Metagraph<AccountId>>> { SubtensorModule::metagraphs() }
        fn get_metagraph(netuid: u16) -> Option<Metagraph<AccountId>> { SubtensorModule::mechagraph(netuid, 0) }
        fn get_all_mechagraphs() -> Vec<Option<Metagraph<AccountId>>> { SubtensorModule::mechagraphs() }
        fn get_mechagraph(netuid: u16, mecid: u8) -> Option<Metagraph<AccountId>> {
            SubtensorModule::mechagraph(netuid, mecid)
        }
        fn get_dynamic_info(netuid: u16) -> Option<DynamicInfo<AccountId>> { SubtensorModule::dynamic_info(netuid) }
        fn get_subnet_state(netuid: u16) -> Option<SubnetState<AccountId>> { SubtensorModule::subnet_state(netuid) }
        fn get_selective_metagraph(
            netuid: u16,
            metagraph_indexes: Vec<u16>,
        ) -> Option<SelectiveMetagraph<AccountId>> {
            SubtensorModule::selective_mechagraph(netuid, 0, &metagraph_indexes, encoded_commitments)
        }
        fn get_coldkey_auto_stake_hotkey(coldkey: AccountId, netuid: u16) -> Option<AccountId> {
            SubtensorModule::auto_stake_hotkey(&coldkey, netuid)
        }
        fn get_selective_mechagraph(
            netuid: u16,
            subid: u8,
            metagraph_indexes: Vec<u16>,
        ) -> Option<SelectiveMetagraph<AccountId>> {
            SubtensorModule::selective_mechagraph(netuid, subid, &metagraph_indexes, encoded_commitments)
        }
        fn get_subnet_to_prune() -> Option<u16> { SubtensorModule::subnet_to_prune() }
        fn get_subnet_account_id(netuid: u16) -> Option<AccountId> { SubtensorModule::existing_subnet_account(netuid) }
        fn get_next_epoch_start_block(netuid: u16) -> Option<u64> { SubtensorModule::next_epoch_start_block(netuid) }
        fn get_subnet_hyperparams_v3(netuid: u16) -> Option<Vec<HyperparamEntry>> {
            SubtensorModule::hyperparams_v3(netuid)
        }
    }

    impl pallet_subtensor::runtime_api::StakeInfoRuntimeApi<Block> for Runtime {
        fn get_stake_info_for_coldkey(coldkey_account: AccountId) -> Vec<StakeInfo<AccountId>> {
            SubtensorModule::stake_infos(&coldkey_account)
        }
        fn get_stake_info_for_coldkeys(coldkey_accounts: Vec<AccountId>) -> Vec<StakesOf<AccountId>> {
            SubtensorModule::stake_infos_of(coldkey_accounts)
        }
        fn get_stake_info_for_hotkey_coldkey_netuid(
            hotkey_account: AccountId,
            coldkey_account: AccountId,
            netuid: u16,
        ) -> Option<StakeInfo<AccountId>> {
            Some(SubtensorModule::stake_info(hotkey_account, coldkey_account, netuid))
        }
        fn get_stake_availability_for_coldkeys(
            coldkey_accounts: Vec<AccountId>,
            netuids: Option<Vec<u16>>,
        ) -> BTreeMap<AccountId, BTreeMap<u16, StakeAvailability>> {
            SubtensorModule::stake_availabilities(coldkey_accounts, netuids)
        }
        fn get_stake_fee(
            _origin: Option<(AccountId, u16)>,
            _origin_coldkey_account: AccountId,
            _destination: Option<(AccountId, u16)>,
            _destination_coldkey_account: AccountId,
            _amount: u64,
        ) -> u64 {
            0
        }
        fn get_coldkey_lock(_coldkey: AccountId, _netuid: u16) -> Option<LockState> { None }
        fn get_hotkey_conviction(_hotkey: AccountId, _netuid: u16) -> U64F64 { U64F64::default() }
        fn get_most_convicted_hotkey_on_subnet(_netuid: u16) -> Option<AccountId> { None }
    }

    impl pallet_subtensor::runtime_api::SubnetRegistrationRuntimeApi<Block> for Runtime {
        fn get_network_registration_cost() -> u64 { SubtensorModule::network_lock_cost() }
    }

    impl crate::proxy_filter::ProxyFilterRuntimeApi<Block> for Runtime {
        fn get_proxy_types() -> Vec<ProxyTypeInfo> { proxy_filter::types() }
        fn get_proxy_filter(proxy_type: Option<u8>) -> Vec<ProxyFilterInfo> { proxy_filter::filters(proxy_type) }
    }

    impl pallet_subtensor::runtime_api::SwapRuntimeApi<Block> for Runtime {
        fn current_alpha_price(_netuid: u16) -> u64 { SubtensorModule::alpha_price() }
        fn current_alpha_price_all() -> Vec<SubnetPrice> { SubtensorModule::alpha_prices() }
        fn sim_swap_tao_for_alpha(_netuid: u16, tao: u64) -> SimSwapResult { SubtensorModule::simulated_swap(tao) }
        fn sim_swap_alpha_for_tao(_netuid: u16, alpha: u64) -> SimSwapResult {
            SubtensorModule::simulated_swap(alpha)
        }
    }

    // Nobody has a basket: there are no root dividends here.
    impl pallet_subtensor::runtime_api::BetaBasketRuntimeApi<Block> for Runtime {
        fn get_root_basket_owed(_coldkey: AccountId) -> u64 { 0 }
        fn get_basket_payout(_hotkey: AccountId, _coldkey: AccountId) -> u64 { 0 }
        fn get_validator_basket_nav(_hotkey: AccountId) -> u64 { 0 }
        fn get_validator_basket(_hotkey: AccountId) -> Vec<(u16, u64, u64)> { Vec::new() }
        fn get_root_basket_total_nav() -> u64 { 0 }
        fn get_root_basket_positions(_coldkey: AccountId) -> Vec<(AccountId, u64, u64)> { Vec::new() }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            crate::benchmarks::metadata(extra)
        }
        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            crate::benchmarks::dispatch(config)
        }
    }
}

/// Commitments of a subnet as upstream's metagraphs carry them: each registration encoded.
fn encoded_commitments(netuid: u16) -> Vec<(AccountId, Vec<u8>)> {
    let all = pallet_commitments::CommitmentOf::<Runtime>::iter_prefix(netuid);
    all.map(|(hotkey, registration)| (hotkey, registration.encode())).collect()
}
