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
    fn store_encrypted(b: u32) -> Weight;
    fn set_max_pending_extrinsics_number() -> Weight;
    fn set_on_initialize_weight() -> Weight;
    fn set_stored_extrinsic_lifetime() -> Weight;
    fn set_max_extrinsic_weight() -> Weight;
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
    fn store_encrypted(_b: u32) -> Weight {
        Weight::from_parts(1_000_000_000, 0)
    }
    fn set_max_pending_extrinsics_number() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_on_initialize_weight() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_stored_extrinsic_lifetime() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_max_extrinsic_weight() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
}

impl WeightInfo for () {
    fn announce_next_key() -> Weight {
        Weight::from_parts(825_000_000, 0)
    }
    fn submit_encrypted(_b: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn store_encrypted(_b: u32) -> Weight {
        Weight::from_parts(1_000_000_000, 0)
    }
    fn set_max_pending_extrinsics_number() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_on_initialize_weight() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_stored_extrinsic_lifetime() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
    fn set_max_extrinsic_weight() -> Weight {
        Weight::from_parts(200_000_000, 0)
    }
}
