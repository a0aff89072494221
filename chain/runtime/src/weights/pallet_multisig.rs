//! Weights of `pallet_multisig`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
//!
//! Declared is twice the measured median, for slower machines and for noise. Storage is in it: it lies in memory, so a read
//! or a write costs what it took, hashing the state root included, and no database weight comes on top.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
//! Machine: AMD EPYC; Node 24.21.0, V8 13.6.233.17-node.53; 6 values a component, 20 runs each.
use core::marker::PhantomData;
use frame_support::weights::Weight;

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_multisig::WeightInfo for AssayWeight<T> {
    fn as_multi_threshold_1(z: u32) -> Weight {
        Weight::from_parts(101_000_000, 0)
            .saturating_add(Weight::from_parts(2_485, 0).saturating_mul(z.into()))
    }
    fn as_multi_create(s: u32, _z: u32) -> Weight {
        Weight::from_parts(122_000_000, 0)
            .saturating_add(Weight::from_parts(567_153, 0).saturating_mul(s.into()))
    }
    fn as_multi_approve(s: u32, z: u32) -> Weight {
        Weight::from_parts(69_000_000, 0)
            .saturating_add(Weight::from_parts(399_599, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(2_029, 0).saturating_mul(z.into()))
    }
    fn as_multi_complete(s: u32, z: u32) -> Weight {
        Weight::from_parts(76_000_000, 0)
            .saturating_add(Weight::from_parts(1_016_225, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(4_218, 0).saturating_mul(z.into()))
    }
    fn approve_as_multi_create(s: u32) -> Weight {
        Weight::from_parts(86_000_000, 0)
            .saturating_add(Weight::from_parts(758_502, 0).saturating_mul(s.into()))
    }
    fn approve_as_multi_approve(s: u32) -> Weight {
        Weight::from_parts(56_000_000, 0)
            .saturating_add(Weight::from_parts(317_874, 0).saturating_mul(s.into()))
    }
    fn cancel_as_multi(s: u32) -> Weight {
        Weight::from_parts(81_000_000, 0)
            .saturating_add(Weight::from_parts(324_766, 0).saturating_mul(s.into()))
    }
    fn poke_deposit(s: u32) -> Weight {
        Weight::from_parts(79_000_000, 0)
            .saturating_add(Weight::from_parts(308_856, 0).saturating_mul(s.into()))
    }
}
