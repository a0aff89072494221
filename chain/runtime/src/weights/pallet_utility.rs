//! Weights of `pallet_utility`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_utility::WeightInfo for AssayWeight<T> {
    fn batch(c: u32) -> Weight {
        Weight::from_parts(87_000_000, 0)
            .saturating_add(Weight::from_parts(4_523_265, 0).saturating_mul(c.into()))
    }
    fn as_derivative() -> Weight {
        Weight::from_parts(48_000_000, 0)
    }
    fn batch_all(c: u32) -> Weight {
        Weight::from_parts(139_000_000, 0)
            .saturating_add(Weight::from_parts(4_629_856, 0).saturating_mul(c.into()))
    }
    fn dispatch_as() -> Weight {
        Weight::from_parts(45_000_000, 0)
    }
    fn force_batch(c: u32) -> Weight {
        Weight::from_parts(71_000_000, 0)
            .saturating_add(Weight::from_parts(4_553_768, 0).saturating_mul(c.into()))
    }
    fn dispatch_as_fallible() -> Weight {
        Weight::from_parts(45_000_000, 0)
    }
    fn if_else() -> Weight {
        Weight::from_parts(45_000_000, 0)
    }
}
