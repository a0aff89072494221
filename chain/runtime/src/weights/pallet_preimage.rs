//! Weights of `pallet_preimage`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_preimage::WeightInfo for AssayWeight<T> {
    fn note_preimage(s: u32) -> Weight {
        Weight::from_parts(1_635_000_000, 0)
            .saturating_add(Weight::from_parts(5_289, 0).saturating_mul(s.into()))
    }
    fn note_requested_preimage(s: u32) -> Weight {
        Weight::from_parts(582_000_000, 0)
            .saturating_add(Weight::from_parts(5_179, 0).saturating_mul(s.into()))
    }
    fn note_no_deposit_preimage(s: u32) -> Weight {
        Weight::from_parts(206_000_000, 0)
            .saturating_add(Weight::from_parts(5_137, 0).saturating_mul(s.into()))
    }
    fn unnote_preimage() -> Weight {
        Weight::from_parts(421_000_000, 0)
    }
    fn unnote_no_deposit_preimage() -> Weight {
        Weight::from_parts(295_000_000, 0)
    }
    fn request_preimage() -> Weight {
        Weight::from_parts(263_000_000, 0)
    }
    fn request_no_deposit_preimage() -> Weight {
        Weight::from_parts(182_000_000, 0)
    }
    fn request_unnoted_preimage() -> Weight {
        Weight::from_parts(219_000_000, 0)
    }
    fn request_requested_preimage() -> Weight {
        Weight::from_parts(65_000_000, 0)
    }
    fn unrequest_preimage() -> Weight {
        Weight::from_parts(257_000_000, 0)
    }
    fn unrequest_unnoted_preimage() -> Weight {
        Weight::from_parts(81_000_000, 0)
    }
    fn unrequest_multi_referenced_preimage() -> Weight {
        Weight::from_parts(68_000_000, 0)
    }
    fn ensure_updated(n: u32) -> Weight {
        Weight::from_parts(1_647_000_000, 0)
            .saturating_add(Weight::from_parts(119_862_008, 0).saturating_mul(n.into()))
    }
}
