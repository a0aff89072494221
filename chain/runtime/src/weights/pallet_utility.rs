//! Weights of `pallet_utility`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_utility::WeightInfo for AssayWeight<T> {
    fn batch(c: u32) -> Weight {
        Weight::from_parts(165_000_000, 0)
            .saturating_add(Weight::from_parts(7_051_852, 0).saturating_mul(c.into()))
    }
    fn as_derivative() -> Weight {
        Weight::from_parts(21_000_000, 0)
    }
    fn batch_all(c: u32) -> Weight {
        Weight::from_parts(9_015_000_000, 0)
            .saturating_add(Weight::from_parts(14_910_314, 0).saturating_mul(c.into()))
    }
    fn dispatch_as() -> Weight {
        Weight::from_parts(36_000_000, 0)
    }
    fn force_batch(c: u32) -> Weight {
        Weight::from_parts(2_826_000_000, 0)
            .saturating_add(Weight::from_parts(23_140_821, 0).saturating_mul(c.into()))
    }
    fn dispatch_as_fallible() -> Weight {
        Weight::from_parts(37_000_000, 0)
    }
    fn if_else() -> Weight {
        Weight::from_parts(39_000_000, 0)
    }
}
