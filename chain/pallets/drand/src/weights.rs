//! Weights of `pallet_drand`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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
    fn write_pulse(p: u32) -> Weight;
    fn set_beacon_config() -> Weight;
    fn set_oldest_stored_round() -> Weight;
}

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn write_pulse(p: u32) -> Weight {
        <() as WeightInfo>::write_pulse(p)
    }
    fn set_beacon_config() -> Weight {
        <() as WeightInfo>::set_beacon_config()
    }
    fn set_oldest_stored_round() -> Weight {
        <() as WeightInfo>::set_oldest_stored_round()
    }
}

// For tests.
impl WeightInfo for () {
    fn write_pulse(p: u32) -> Weight {
        Weight::from_parts(214_000_000, 0)
            .saturating_add(Weight::from_parts(14_282_542_001, 0).saturating_mul(p.into()))
    }
    fn set_beacon_config() -> Weight {
        Weight::from_parts(75_000_000, 0)
    }
    fn set_oldest_stored_round() -> Weight {
        Weight::from_parts(56_000_000, 0)
    }
}
