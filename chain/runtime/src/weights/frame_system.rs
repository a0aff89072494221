//! Weights of `frame_system`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> frame_system::WeightInfo for AssayWeight<T> {
    fn remark(b: u32) -> Weight {
        Weight::from_parts(70_000_000, 0)
            .saturating_add(Weight::from_parts(697, 0).saturating_mul(b.into()))
    }
    fn remark_with_event(b: u32) -> Weight {
        Weight::from_parts(193_000_000, 0)
            .saturating_add(Weight::from_parts(3_591, 0).saturating_mul(b.into()))
    }
    fn set_heap_pages() -> Weight {
        Weight::from_parts(45_000_000, 0)
    }
    // Not measured: the runtime called ext_misc_runtime_version_version_1, which this host does not have
    fn set_code() -> Weight {
        <() as frame_system::WeightInfo>::set_code()
    }
    fn set_storage(i: u32) -> Weight {
        Weight::from_parts(171_000_000, 0)
            .saturating_add(Weight::from_parts(4_525_198, 0).saturating_mul(i.into()))
    }
    fn kill_storage(i: u32) -> Weight {
        Weight::from_parts(35_000_000, 0)
            .saturating_add(Weight::from_parts(1_135_173, 0).saturating_mul(i.into()))
    }
    fn kill_prefix(p: u32) -> Weight {
        Weight::from_parts(162_000_000, 0)
            .saturating_add(Weight::from_parts(2_295_116, 0).saturating_mul(p.into()))
    }
    fn authorize_upgrade() -> Weight {
        Weight::from_parts(212_000_000, 0)
    }
    // Not measured: the runtime called ext_misc_runtime_version_version_1, which this host does not have
    fn apply_authorized_upgrade() -> Weight {
        <() as frame_system::WeightInfo>::apply_authorized_upgrade()
    }
}
