//! Weights of `pallet_multisig`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_multisig::WeightInfo for AssayWeight<T> {
    fn as_multi_threshold_1(_z: u32) -> Weight {
        Weight::from_parts(207_000_000, 0)
    }
    fn as_multi_create(s: u32, _z: u32) -> Weight {
        Weight::from_parts(165_000_000, 0)
            .saturating_add(Weight::from_parts(430_894, 0).saturating_mul(s.into()))
    }
    fn as_multi_approve(s: u32, z: u32) -> Weight {
        Weight::from_parts(98_000_000, 0)
            .saturating_add(Weight::from_parts(574_869, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(3_910, 0).saturating_mul(z.into()))
    }
    fn as_multi_complete(s: u32, z: u32) -> Weight {
        Weight::from_parts(77_000_000, 0)
            .saturating_add(Weight::from_parts(1_389_180, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(7_036, 0).saturating_mul(z.into()))
    }
    fn approve_as_multi_create(s: u32) -> Weight {
        Weight::from_parts(149_000_000, 0)
            .saturating_add(Weight::from_parts(228_902, 0).saturating_mul(s.into()))
    }
    fn approve_as_multi_approve(s: u32) -> Weight {
        Weight::from_parts(100_000_000, 0)
            .saturating_add(Weight::from_parts(1_354_663, 0).saturating_mul(s.into()))
    }
    fn cancel_as_multi(s: u32) -> Weight {
        Weight::from_parts(127_000_000, 0)
            .saturating_add(Weight::from_parts(675_612, 0).saturating_mul(s.into()))
    }
    fn poke_deposit(s: u32) -> Weight {
        Weight::from_parts(151_000_000, 0)
            .saturating_add(Weight::from_parts(1_593_037, 0).saturating_mul(s.into()))
    }
}
