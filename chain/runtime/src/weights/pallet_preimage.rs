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
        Weight::from_parts(1_507_000_000, 0)
            .saturating_add(Weight::from_parts(7_189, 0).saturating_mul(s.into()))
    }
    fn note_requested_preimage(s: u32) -> Weight {
        Weight::from_parts(1_550_000_000, 0)
            .saturating_add(Weight::from_parts(6_043, 0).saturating_mul(s.into()))
    }
    fn note_no_deposit_preimage(s: u32) -> Weight {
        Weight::from_parts(148_000_000, 0)
            .saturating_add(Weight::from_parts(6_403, 0).saturating_mul(s.into()))
    }
    fn unnote_preimage() -> Weight {
        Weight::from_parts(424_000_000, 0)
    }
    fn unnote_no_deposit_preimage() -> Weight {
        Weight::from_parts(272_000_000, 0)
    }
    fn request_preimage() -> Weight {
        Weight::from_parts(244_000_000, 0)
    }
    fn request_no_deposit_preimage() -> Weight {
        Weight::from_parts(94_000_000, 0)
    }
    fn request_unnoted_preimage() -> Weight {
        Weight::from_parts(123_000_000, 0)
    }
    fn request_requested_preimage() -> Weight {
        Weight::from_parts(51_000_000, 0)
    }
    fn unrequest_preimage() -> Weight {
        Weight::from_parts(152_000_000, 0)
    }
    fn unrequest_unnoted_preimage() -> Weight {
        Weight::from_parts(47_000_000, 0)
    }
    fn unrequest_multi_referenced_preimage() -> Weight {
        Weight::from_parts(52_000_000, 0)
    }
    fn ensure_updated(n: u32) -> Weight {
        Weight::from_parts(1_374_000_000, 0)
            .saturating_add(Weight::from_parts(85_144_908, 0).saturating_mul(n.into()))
    }
}
