//! What `npm run chain:benchmark` measures. Only in builds with the feature `runtime-benchmarks`, which never ship.
use alloc::{string::String, vec::Vec};

use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system_benchmarking::{extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench};

use crate::{
    AdminUtils, AllPalletsWithSystem, Balances, Commitments, Drand, Governance, MevShield, Multisig, Preimage, Proxy, Runtime,
    Scheduler, SubtensorModule, Sudo, Timestamp, TransactionPayment, Utility,
};

impl frame_system_benchmarking::Config for Runtime {}
impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

// A pallet's crate, then what holds its benchmarks. The crate's name decides which file its weights are written to.
frame_benchmarking::define_benchmarks!(
    [frame_system, SystemBench::<Runtime>]
    [frame_system_extensions, SystemExtensionsBench::<Runtime>]
    [pallet_admin_utils, AdminUtils]
    [pallet_balances, Balances]
    [pallet_commitments, Commitments]
    [pallet_drand, Drand]
    [pallet_governance, Governance]
    [pallet_multisig, Multisig]
    [pallet_preimage, Preimage]
    [pallet_proxy, Proxy]
    [pallet_scheduler, Scheduler]
    [pallet_shield, MevShield]
    [pallet_subtensor, SubtensorModule]
    [pallet_subtensor_hooks, pallet_subtensor::hooks_benchmarking::Pallet::<Runtime>]
    [pallet_sudo, Sudo]
    [pallet_timestamp, Timestamp]
    [pallet_transaction_payment, TransactionPayment]
    [pallet_utility, Utility]
);

/// Every benchmark with its components.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::<BenchmarkList>::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one benchmark.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::<BenchmarkBatch>::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}
