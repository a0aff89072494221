//! What the calls of Commitments are declared to cost, in picoseconds.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// One function a call, with the components that its cost grows by.
pub trait WeightInfo {
    fn set_commitment(b: u32, t: u32) -> Weight;
    fn set_commitment_resetting(b: u32, t: u32) -> Weight;
    fn set_max_space() -> Weight;
}

/// As measured on the embedded engine.
pub struct AssayWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn set_commitment(_b: u32, _t: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_commitment_resetting(_b: u32, _t: u32) -> Weight {
        Weight::from_parts(20_000_000_000, 0)
    }
    fn set_max_space() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
}

impl WeightInfo for () {
    fn set_commitment(_b: u32, _t: u32) -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_commitment_resetting(_b: u32, _t: u32) -> Weight {
        Weight::from_parts(20_000_000_000, 0)
    }
    fn set_max_space() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
}
