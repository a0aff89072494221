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
        Weight::from_parts(31_000_000, 0)
    }
    fn service_agenda_base(s: u32) -> Weight {
        Weight::from_parts(17_000_000, 0)
            .saturating_add(Weight::from_parts(1_135_572, 0).saturating_mul(s.into()))
    }
    fn service_task_base() -> Weight {
        Weight::from_parts(23_000_000, 0)
    }
    fn service_task_fetched(s: u32) -> Weight {
        Weight::from_parts(5_771_000_000, 0)
            .saturating_add(Weight::from_parts(4_366, 0).saturating_mul(s.into()))
    }
    fn service_task_named() -> Weight {
        Weight::from_parts(31_000_000, 0)
    }
    fn service_task_periodic() -> Weight {
        Weight::from_parts(25_000_000, 0)
    }
    fn execute_dispatch_signed() -> Weight {
        Weight::from_parts(14_000_000, 0)
    }
    fn execute_dispatch_unsigned() -> Weight {
        Weight::from_parts(14_000_000, 0)
    }
    // The SDK's own: Bad origin
    fn schedule(s: u32) -> Weight {
        <() as pallet_scheduler::WeightInfo>::schedule(s)
    }
    // The SDK's own: its benchmark names a weight itself
    fn cancel(s: u32) -> Weight {
        <() as pallet_scheduler::WeightInfo>::cancel(s)
    }
    // The SDK's own: Bad origin
    fn schedule_named(s: u32) -> Weight {
        <() as pallet_scheduler::WeightInfo>::schedule_named(s)
    }
    // The SDK's own: Bad origin
    fn cancel_named(s: u32) -> Weight {
        <() as pallet_scheduler::WeightInfo>::cancel_named(s)
    }
    fn schedule_retry(s: u32) -> Weight {
        Weight::from_parts(57_000_000, 0)
            .saturating_add(Weight::from_parts(138_785, 0).saturating_mul(s.into()))
    }
    // The SDK's own: Bad origin
    fn set_retry() -> Weight {
        <() as pallet_scheduler::WeightInfo>::set_retry()
    }
    // The SDK's own: Bad origin
    fn set_retry_named() -> Weight {
        <() as pallet_scheduler::WeightInfo>::set_retry_named()
    }
    // The SDK's own: panicked at crates/pallet-scheduler-51.0.0/src/benchmarking.rs:477:3:
    fn cancel_retry() -> Weight {
        <() as pallet_scheduler::WeightInfo>::cancel_retry()
    }
    // The SDK's own: panicked at crates/pallet-scheduler-51.0.0/src/benchmarking.rs:498:3:
    fn cancel_retry_named() -> Weight {
        <() as pallet_scheduler::WeightInfo>::cancel_retry_named()
    }
}
