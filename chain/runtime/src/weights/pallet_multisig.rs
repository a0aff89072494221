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
    fn as_multi_threshold_1(z: u32) -> Weight {
        Weight::from_parts(121_000_000, 0)
            .saturating_add(Weight::from_parts(1_348, 0).saturating_mul(z.into()))
    }
    fn as_multi_create(s: u32, z: u32) -> Weight {
        Weight::from_parts(172_000_000, 0)
            .saturating_add(Weight::from_parts(384_592, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(830, 0).saturating_mul(z.into()))
    }
    fn as_multi_approve(s: u32, z: u32) -> Weight {
        Weight::from_parts(101_000_000, 0)
            .saturating_add(Weight::from_parts(447_597, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(3_289, 0).saturating_mul(z.into()))
    }
    fn as_multi_complete(s: u32, z: u32) -> Weight {
        Weight::from_parts(113_000_000, 0)
            .saturating_add(Weight::from_parts(893_328, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(5_723, 0).saturating_mul(z.into()))
    }
    fn approve_as_multi_create(s: u32) -> Weight {
        Weight::from_parts(140_000_000, 0)
            .saturating_add(Weight::from_parts(581_591, 0).saturating_mul(s.into()))
    }
    fn approve_as_multi_approve(s: u32) -> Weight {
        Weight::from_parts(112_000_000, 0)
            .saturating_add(Weight::from_parts(692_483, 0).saturating_mul(s.into()))
    }
    fn cancel_as_multi(s: u32) -> Weight {
        Weight::from_parts(135_000_000, 0)
            .saturating_add(Weight::from_parts(369_146, 0).saturating_mul(s.into()))
    }
    fn poke_deposit(s: u32) -> Weight {
        Weight::from_parts(119_000_000, 0)
            .saturating_add(Weight::from_parts(661_753, 0).saturating_mul(s.into()))
    }
}
