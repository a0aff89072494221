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
}

// For tests.
impl WeightInfo for () {
    fn announce_next_key() -> Weight {
        Weight::from_parts(87_000_000, 0)
    }
    fn submit_encrypted(b: u32) -> Weight {
        Weight::from_parts(59_000_000, 0)
            .saturating_add(Weight::from_parts(3_017, 0).saturating_mul(b.into()))
    }
}
