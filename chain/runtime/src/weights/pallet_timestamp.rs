//! Weights of `pallet_timestamp`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
//!
//! Declared is twice the measured median, for slower machines and for noise. Storage is in it: it lies in memory, so a read
//! or a write costs what it took, hashing the state root included, and no database weight comes on top.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
//! Machine: AMD EPYC; Node 24.21.0, V8 13.6.233.17-node.53; 5 values a component, 12 runs each.
use core::marker::PhantomData;
use frame_support::weights::Weight;

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_timestamp::WeightInfo for AssayWeight<T> {
    fn set() -> Weight {
        Weight::from_parts(29_000_000, 0)
    }
    fn on_finalize() -> Weight {
        Weight::from_parts(21_000_000, 0)
    }
}
