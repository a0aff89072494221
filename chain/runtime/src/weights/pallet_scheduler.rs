//! Weights of `pallet_scheduler`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_scheduler::WeightInfo for AssayWeight<T> {
    fn service_agendas_base() -> Weight {
        Weight::from_parts(36_000_000, 0)
    }
    fn service_agenda_base(s: u32) -> Weight {
        Weight::from_parts(30_000_000, 0)
            .saturating_add(Weight::from_parts(1_059_390, 0).saturating_mul(s.into()))
    }
    fn service_task_base() -> Weight {
        Weight::from_parts(41_000_000, 0)
    }
    fn service_task_fetched(s: u32) -> Weight {
        Weight::from_parts(561_000_000, 0)
            .saturating_add(Weight::from_parts(1_014, 0).saturating_mul(s.into()))
    }
    fn service_task_named() -> Weight {
        Weight::from_parts(43_000_000, 0)
    }
    fn service_task_periodic() -> Weight {
        Weight::from_parts(33_000_000, 0)
    }
    fn execute_dispatch_signed() -> Weight {
        Weight::from_parts(35_000_000, 0)
    }
    fn execute_dispatch_unsigned() -> Weight {
        Weight::from_parts(34_000_000, 0)
    }
    fn schedule(s: u32) -> Weight {
        Weight::from_parts(87_000_000, 0)
            .saturating_add(Weight::from_parts(304_691, 0).saturating_mul(s.into()))
    }
    fn cancel(s: u32) -> Weight {
        Weight::from_parts(56_000_000, 0)
            .saturating_add(Weight::from_parts(1_234_350, 0).saturating_mul(s.into()))
    }
    fn schedule_named(s: u32) -> Weight {
        Weight::from_parts(58_000_000, 0)
            .saturating_add(Weight::from_parts(1_051_264, 0).saturating_mul(s.into()))
    }
    fn cancel_named(s: u32) -> Weight {
        Weight::from_parts(53_000_000, 0)
            .saturating_add(Weight::from_parts(1_256_531, 0).saturating_mul(s.into()))
    }
    fn schedule_retry(s: u32) -> Weight {
        Weight::from_parts(56_000_000, 0)
            .saturating_add(Weight::from_parts(92_513, 0).saturating_mul(s.into()))
    }
    fn set_retry() -> Weight {
        Weight::from_parts(60_000_000, 0)
    }
    fn set_retry_named() -> Weight {
        Weight::from_parts(134_000_000, 0)
    }
    fn cancel_retry() -> Weight {
        Weight::from_parts(88_000_000, 0)
    }
    fn cancel_retry_named() -> Weight {
        Weight::from_parts(65_000_000, 0)
    }
}
