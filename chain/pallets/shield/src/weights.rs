//! What the calls of MevShield are declared to cost, in picoseconds.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// One function a call, with the components that its cost grows by.
pub trait WeightInfo {
    fn announce_next_key() -> Weight;
    fn submit_encrypted(b: u32) -> Weight;
}

/// As measured on the embedded engine.
pub struct AssayWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn announce_next_key() -> Weight {
        Weight::from_parts(825_000_000, 0)
    }
    fn submit_encrypted(_b: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
}

impl WeightInfo for () {
    fn announce_next_key() -> Weight {
        Weight::from_parts(825_000_000, 0)
    }
    fn submit_encrypted(_b: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
}
