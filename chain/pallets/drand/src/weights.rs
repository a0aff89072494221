//! What the calls of Drand are declared to cost, in picoseconds.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// One function a call, with the components that its cost grows by.
pub trait WeightInfo {
    fn write_pulse(p: u32) -> Weight;
    fn set_beacon_config() -> Weight;
    fn set_oldest_stored_round() -> Weight;
}

/// As measured on the embedded engine.
pub struct AssayWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn write_pulse(p: u32) -> Weight {
        Weight::from_parts(1_000_000, 0).saturating_add(Weight::from_parts(40_000_000_000, 0).saturating_mul(p.into()))
    }
    fn set_beacon_config() -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
    fn set_oldest_stored_round() -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
}

impl WeightInfo for () {
    fn write_pulse(p: u32) -> Weight {
        Weight::from_parts(1_000_000, 0).saturating_add(Weight::from_parts(40_000_000_000, 0).saturating_mul(p.into()))
    }
    fn set_beacon_config() -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
    fn set_oldest_stored_round() -> Weight {
        Weight::from_parts(50_000_000, 0)
    }
}
