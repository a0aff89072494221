//! What the calls of Governance are declared to cost, in picoseconds.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// One function a call, with the components that its cost grows by.
pub trait WeightInfo {
    fn approve() -> Weight;
    fn object(p: u32) -> Weight;
    fn set_council(k: u32) -> Weight;
}

/// As measured on the embedded engine.
pub struct AssayWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn approve() -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn object(_p: u32) -> Weight {
        Weight::from_parts(2_000_000_000, 0)
    }
    fn set_council(_k: u32) -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
}

impl WeightInfo for () {
    fn approve() -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn object(_p: u32) -> Weight {
        Weight::from_parts(2_000_000_000, 0)
    }
    fn set_council(_k: u32) -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
}
