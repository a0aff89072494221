//! Weights of `pallet_governance`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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
    fn approve() -> Weight;
    fn object(p: u32) -> Weight;
    fn set_council(k: u32) -> Weight;
}

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn approve() -> Weight {
        <() as WeightInfo>::approve()
    }
    fn object(p: u32) -> Weight {
        <() as WeightInfo>::object(p)
    }
    fn set_council(k: u32) -> Weight {
        <() as WeightInfo>::set_council(k)
    }
}

// For tests.
impl WeightInfo for () {
    fn approve() -> Weight {
        Weight::from_parts(266_000_000, 0)
    }
    fn object(_p: u32) -> Weight {
        Weight::from_parts(15_853_000_000, 0)
    }
    fn set_council(k: u32) -> Weight {
        Weight::from_parts(75_000_000, 0)
            .saturating_add(Weight::from_parts(481_331, 0).saturating_mul(k.into()))
    }
}
