//! Weights of `pallet_commitments`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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
    fn set_commitment(b: u32, t: u32) -> Weight;
    fn set_commitment_resetting(b: u32, t: u32) -> Weight;
    fn set_max_space() -> Weight;
}

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn set_commitment(b: u32, t: u32) -> Weight {
        <() as WeightInfo>::set_commitment(b, t)
    }
    fn set_commitment_resetting(b: u32, t: u32) -> Weight {
        <() as WeightInfo>::set_commitment_resetting(b, t)
    }
    fn set_max_space() -> Weight {
        <() as WeightInfo>::set_max_space()
    }
}

// For tests.
impl WeightInfo for () {
    fn set_commitment(b: u32, t: u32) -> Weight {
        Weight::from_parts(600_000_000, 0)
            .saturating_add(Weight::from_parts(29_169, 0).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(307_117, 0).saturating_mul(t.into()))
    }
    fn set_commitment_resetting(b: u32, t: u32) -> Weight {
        Weight::from_parts(10_138_000_000, 0)
            .saturating_add(Weight::from_parts(199_439, 0).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(750_274, 0).saturating_mul(t.into()))
    }
    fn set_max_space() -> Weight {
        Weight::from_parts(45_000_000, 0)
    }
}
