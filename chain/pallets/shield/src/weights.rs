//! Weights of `pallet_shield`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
//!
//! Declared is twice the measured median, for slower machines and for noise. Storage is in it: it lies in memory, so a read
//! or a write costs what it took, hashing the state root included, and no database weight comes on top.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
//! Machine: AMD EPYC; Node 24.21.0, V8 13.6.233.17-node.53; 5 values a component, 12 runs each.
#![allow(missing_docs)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// What is declared.
pub trait WeightInfo {
    fn announce_next_key() -> Weight;
    fn submit_encrypted(b: u32) -> Weight;
    fn store_encrypted(b: u32) -> Weight;
    fn set_max_pending_extrinsics_number() -> Weight;
    fn set_on_initialize_weight() -> Weight;
    fn set_stored_extrinsic_lifetime() -> Weight;
    fn set_max_extrinsic_weight() -> Weight;
}

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn announce_next_key() -> Weight {
        <() as WeightInfo>::announce_next_key()
    }
    fn submit_encrypted(b: u32) -> Weight {
        <() as WeightInfo>::submit_encrypted(b)
    }
    fn store_encrypted(b: u32) -> Weight {
        <() as WeightInfo>::store_encrypted(b)
    }
    fn set_max_pending_extrinsics_number() -> Weight {
        <() as WeightInfo>::set_max_pending_extrinsics_number()
    }
    fn set_on_initialize_weight() -> Weight {
        <() as WeightInfo>::set_on_initialize_weight()
    }
    fn set_stored_extrinsic_lifetime() -> Weight {
        <() as WeightInfo>::set_stored_extrinsic_lifetime()
    }
    fn set_max_extrinsic_weight() -> Weight {
        <() as WeightInfo>::set_max_extrinsic_weight()
    }
}

// For tests.
impl WeightInfo for () {
    fn announce_next_key() -> Weight {
        Weight::from_parts(72_000_000, 0)
    }
    fn submit_encrypted(b: u32) -> Weight {
        Weight::from_parts(64_000_000, 0)
            .saturating_add(Weight::from_parts(2_534, 0).saturating_mul(b.into()))
    }
    fn store_encrypted(b: u32) -> Weight {
        Weight::from_parts(59_000_000, 0)
            .saturating_add(Weight::from_parts(2_668, 0).saturating_mul(b.into()))
    }
    fn set_max_pending_extrinsics_number() -> Weight {
        Weight::from_parts(40_000_000, 0)
    }
    fn set_on_initialize_weight() -> Weight {
        Weight::from_parts(40_000_000, 0)
    }
    fn set_stored_extrinsic_lifetime() -> Weight {
        Weight::from_parts(39_000_000, 0)
    }
    fn set_max_extrinsic_weight() -> Weight {
        Weight::from_parts(40_000_000, 0)
    }
}
