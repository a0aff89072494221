//! Weights of `block_base`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
//!
//! Declared is twice the measured median, for slower machines and for noise. Storage is in it: it lies in memory, so a read
//! or a write costs what it took, hashing the state root included, and no database weight comes on top.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
//! Machine: AMD EPYC; Node 24.21.0, V8 13.6.233.17-node.53; 5 values a component, 12 runs each.
#![allow(missing_docs)]
use frame_support::weights::Weight;

/// What is declared.
pub trait WeightInfo {
    fn block() -> Weight;
    fn extrinsic() -> Weight;
}

impl WeightInfo for () {
    fn block() -> Weight {
        Weight::from_parts(1_450_000_000, 0)
    }
    fn extrinsic() -> Weight {
        Weight::from_parts(12_000_000, 0)
    }
}
