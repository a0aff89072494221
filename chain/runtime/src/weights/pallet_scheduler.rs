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
        Weight::from_parts(62_000_000, 0)
    }
    fn service_agenda_base(s: u32) -> Weight {
        Weight::from_parts(43_000_000, 0)
            .saturating_add(Weight::from_parts(2_224_510, 0).saturating_mul(s.into()))
    }
    fn service_task_base() -> Weight {
        Weight::from_parts(54_000_000, 0)
    }
    fn service_task_fetched(s: u32) -> Weight {
        Weight::from_parts(1_091_000_000, 0)
            .saturating_add(Weight::from_parts(1_637, 0).saturating_mul(s.into()))
    }
    fn service_task_named() -> Weight {
        Weight::from_parts(97_000_000, 0)
    }
    fn service_task_periodic() -> Weight {
        Weight::from_parts(47_000_000, 0)
    }
    fn execute_dispatch_signed() -> Weight {
        Weight::from_parts(39_000_000, 0)
    }
    fn execute_dispatch_unsigned() -> Weight {
        Weight::from_parts(31_000_000, 0)
    }
    fn schedule(s: u32) -> Weight {
        Weight::from_parts(141_000_000, 0)
            .saturating_add(Weight::from_parts(1_073_460, 0).saturating_mul(s.into()))
    }
    fn cancel(s: u32) -> Weight {
        Weight::from_parts(66_000_000, 0)
            .saturating_add(Weight::from_parts(2_010_547, 0).saturating_mul(s.into()))
    }
    fn schedule_named(s: u32) -> Weight {
        Weight::from_parts(88_000_000, 0)
            .saturating_add(Weight::from_parts(1_778_180, 0).saturating_mul(s.into()))
    }
    fn cancel_named(s: u32) -> Weight {
        Weight::from_parts(80_000_000, 0)
            .saturating_add(Weight::from_parts(2_846_493, 0).saturating_mul(s.into()))
    }
    fn schedule_retry(s: u32) -> Weight {
        Weight::from_parts(94_000_000, 0)
            .saturating_add(Weight::from_parts(584_351, 0).saturating_mul(s.into()))
    }
    fn set_retry() -> Weight {
        Weight::from_parts(159_000_000, 0)
    }
    fn set_retry_named() -> Weight {
        Weight::from_parts(135_000_000, 0)
    }
    fn cancel_retry() -> Weight {
        Weight::from_parts(104_000_000, 0)
    }
    fn cancel_retry_named() -> Weight {
        Weight::from_parts(138_000_000, 0)
    }
}
