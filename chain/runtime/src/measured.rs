//! Every call is measured: it has a benchmark and declares what that found, or it stands here with the reason.
use alloc::vec::Vec;

use frame_support::traits::GetCallMetadata;

use crate::RuntimeCall;

/// A pallet of ours: its calls, its benchmarks, what they found.
type Sources = (&'static str, &'static str, &'static str, &'static str);

macro_rules! sources {
    ($module:literal, $folder:literal, $calls:literal, $benchmarks:literal) => {
        (
            $module,
            include_str!(concat!("../../pallets/", $folder, "/src/", $calls)),
            include_str!(concat!("../../pallets/", $folder, "/src/", $benchmarks)),
            include_str!(concat!("../../pallets/", $folder, "/src/weights.rs")),
        )
    };
}

const OURS: [Sources; 6] = [
    sources!("SubtensorModule", "subtensor", "dispatches.rs", "benchmarking/calls.rs"),
    sources!("Commitments", "commitments", "lib.rs", "benchmarking.rs"),
    sources!("AdminUtils", "admin-utils", "calls.rs", "benchmarking.rs"),
    sources!("Drand", "drand", "lib.rs", "benchmarking.rs"),
    sources!("MevShield", "shield", "lib.rs", "benchmarking.rs"),
    sources!("Governance", "governance", "lib.rs", "benchmarking.rs"),
];

/// Calls of ours whose declared weight is put together elsewhere, from several measured ones.
const TOGETHER: [(&str, &str); 4] = [
    ("register_network", "Pallet::<T>::founding_weight("),
    ("register_network_with_identity", "Pallet::<T>::founding_weight("),
    ("swap_hotkey", "Pallet::<T>::swap_weight("),
    ("set_commitment", "Pallet::<T>::commitment_weight("),
];

/// The SDK's pallets, whose calls the SDK's own benchmarks measure: `benchmarks.rs` runs them.
const OF_THE_SDK: [(&str, &str); 8] = [
    ("System", "[frame_system, "),
    ("Timestamp", "[pallet_timestamp, "),
    ("Balances", "[pallet_balances, "),
    ("Utility", "[pallet_utility, "),
    ("Sudo", "[pallet_sudo, "),
    ("Multisig", "[pallet_multisig, "),
    ("Preimage", "[pallet_preimage, "),
    ("Proxy", "[pallet_proxy, "),
];

/// What has no benchmark, and why.
const UNMEASURED: [(&str, &str); 2] = [
    ("Grandpa", "reports of equivocations need proofs of key ownership, which nobody can make here; the rest is Root's"),
    ("Scheduler", "its calls are refused to everybody; what it does in a block is measured"),
];

fn benchmark_of(call: &str, benchmarks: &str) -> bool {
    let found = benchmarks.find(&alloc::format!("fn {call}("));
    found.is_some_and(|at| benchmarks[..at].trim_end().ends_with("#[benchmark]"))
}

fn declared_of(call: &str, calls: &str) -> bool {
    let Some(at) = calls.find(&alloc::format!("pub fn {call}(")) else { return false };
    let attributes = calls[..at].rfind("#[pallet::call_index").map(|from| &calls[from..at]).unwrap_or_default();
    let together = TOGETHER.iter().find(|(name, _)| *name == call).map(|(_, weight)| *weight);
    let own = alloc::format!("WeightInfo::{call}(");
    attributes.contains(together.unwrap_or(&own))
}

#[test]
fn every_call_of_ours_declares_what_its_benchmark_found() {
    for (module, calls, benchmarks, weights) in OURS {
        let names = RuntimeCall::get_call_names(module);
        assert!(!names.is_empty(), "{module} has calls");
        let missing: Vec<&str> = names.iter().copied().filter(|call| !benchmark_of(call, benchmarks)).collect();
        assert!(missing.is_empty(), "{module} has no benchmark of {missing:?}");
        let missing: Vec<&str> = names.iter().copied().filter(|call| !declared_of(call, calls)).collect();
        assert!(missing.is_empty(), "{module} does not declare what was measured of {missing:?}");
        let is_weighed = |call: &&str| weights.matches(&alloc::format!("fn {call}(")).count() >= 3;
        let missing: Vec<&str> = names.iter().copied().filter(|call| !is_weighed(call)).collect();
        assert!(missing.is_empty(), "weights.rs of {module} has nothing of {missing:?}");
    }
}

#[test]
fn every_pallet_with_calls_is_measured_or_named() {
    let list = include_str!("benchmarks.rs");
    for module in RuntimeCall::get_module_names() {
        let ours = OURS.iter().any(|(name, ..)| name == module);
        let sdk = OF_THE_SDK.iter().find(|(name, _)| name == module).map(|(_, entry)| *entry);
        let named = UNMEASURED.iter().any(|(name, _)| name == module);
        assert!(ours || named || sdk.is_some(), "{module} has calls, and nobody measures them");
        assert!(sdk.is_none_or(|entry| list.contains(entry)), "benchmarks.rs does not run those of {module}");
    }
    for (module, calls, ..) in OURS {
        assert!(calls.contains("#[pallet::weight"), "{module}");
        assert!(list.contains(&alloc::format!(", {module}]")), "benchmarks.rs does not run those of {module}");
    }
}
