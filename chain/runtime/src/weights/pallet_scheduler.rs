//! Weights of `pallet_scheduler`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_scheduler::WeightInfo for AssayWeight<T> {
    fn service_agendas_base() -> Weight {
        Weight::from_parts(33_000_000, 0)
    }
    fn service_agenda_base(s: u32) -> Weight {
        Weight::from_parts(20_000_000, 0)
            .saturating_add(Weight::from_parts(1_135_338, 0).saturating_mul(s.into()))
    }
    fn service_task_base() -> Weight {
        Weight::from_parts(26_000_000, 0)
    }
    fn service_task_fetched(s: u32) -> Weight {
        Weight::from_parts(7_564_000_000, 0)
            .saturating_add(Weight::from_parts(1_535, 0).saturating_mul(s.into()))
    }
    fn service_task_named() -> Weight {
        Weight::from_parts(32_000_000, 0)
    }
    fn service_task_periodic() -> Weight {
        Weight::from_parts(26_000_000, 0)
    }
    fn execute_dispatch_signed() -> Weight {
        Weight::from_parts(16_000_000, 0)
    }
    fn execute_dispatch_unsigned() -> Weight {
        Weight::from_parts(16_000_000, 0)
    }
    fn schedule(s: u32) -> Weight {
        Weight::from_parts(49_000_000, 0)
            .saturating_add(Weight::from_parts(1_186_138, 0).saturating_mul(s.into()))
    }
    fn cancel(s: u32) -> Weight {
        Weight::from_parts(52_000_000, 0)
            .saturating_add(Weight::from_parts(1_431_098, 0).saturating_mul(s.into()))
    }
    fn schedule_named(s: u32) -> Weight {
        Weight::from_parts(60_000_000, 0)
            .saturating_add(Weight::from_parts(2_123_836, 0).saturating_mul(s.into()))
    }
    fn cancel_named(s: u32) -> Weight {
        Weight::from_parts(53_000_000, 0)
            .saturating_add(Weight::from_parts(1_745_810, 0).saturating_mul(s.into()))
    }
    fn schedule_retry(s: u32) -> Weight {
        Weight::from_parts(66_000_000, 0)
            .saturating_add(Weight::from_parts(261_603, 0).saturating_mul(s.into()))
    }
    fn set_retry() -> Weight {
        Weight::from_parts(96_000_000, 0)
    }
    fn set_retry_named() -> Weight {
        Weight::from_parts(110_000_000, 0)
    }
    fn cancel_retry() -> Weight {
        Weight::from_parts(65_000_000, 0)
    }
    fn cancel_retry_named() -> Weight {
        Weight::from_parts(71_000_000, 0)
    }
}
