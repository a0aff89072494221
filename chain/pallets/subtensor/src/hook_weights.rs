//! Weights of `pallet_subtensor_hooks`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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
    fn quiet(s: u32) -> Weight;
    fn epoch(u: u32, v: u32) -> Weight;
    fn children(c: u32) -> Weight;
}

impl WeightInfo for () {
    fn quiet(s: u32) -> Weight {
        Weight::from_parts(244_000_000, 0)
            .saturating_add(Weight::from_parts(86_158_144, 0).saturating_mul(s.into()))
    }
    fn epoch(u: u32, v: u32) -> Weight {
        Weight::from_parts(9_070_000_000, 0)
            .saturating_add(Weight::from_parts(41_877_806, 0).saturating_mul(u.into()))
            .saturating_add(Weight::from_parts(1_728_684, 0).saturating_mul(u.into()).saturating_mul(v.into()))
    }
    fn children(c: u32) -> Weight {
        Weight::from_parts(159_000_000, 0)
            .saturating_add(Weight::from_parts(99_554_850, 0).saturating_mul(c.into()))
    }
}
