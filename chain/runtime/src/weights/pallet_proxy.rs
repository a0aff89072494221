//! Weights of `pallet_proxy`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_proxy::WeightInfo for AssayWeight<T> {
    fn proxy(_p: u32) -> Weight {
        Weight::from_parts(58_000_000, 0)
    }
    fn proxy_announced(a: u32, _p: u32) -> Weight {
        Weight::from_parts(138_000_000, 0)
            .saturating_add(Weight::from_parts(696_374, 0).saturating_mul(a.into()))
    }
    fn remove_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(71_000_000, 0)
            .saturating_add(Weight::from_parts(428_179, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(118_376, 0).saturating_mul(p.into()))
    }
    fn reject_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(49_000_000, 0)
            .saturating_add(Weight::from_parts(803_217, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(1_680_156, 0).saturating_mul(p.into()))
    }
    fn announce(a: u32, _p: u32) -> Weight {
        Weight::from_parts(83_000_000, 0)
            .saturating_add(Weight::from_parts(317_145, 0).saturating_mul(a.into()))
    }
    fn add_proxy(p: u32) -> Weight {
        Weight::from_parts(74_000_000, 0)
            .saturating_add(Weight::from_parts(299_543, 0).saturating_mul(p.into()))
    }
    fn remove_proxy(p: u32) -> Weight {
        Weight::from_parts(112_000_000, 0)
            .saturating_add(Weight::from_parts(386_647, 0).saturating_mul(p.into()))
    }
    fn remove_proxies(p: u32) -> Weight {
        Weight::from_parts(113_000_000, 0)
            .saturating_add(Weight::from_parts(14_307_129, 0).saturating_mul(p.into()))
    }
    fn create_pure(p: u32) -> Weight {
        Weight::from_parts(89_000_000, 0)
            .saturating_add(Weight::from_parts(12_855, 0).saturating_mul(p.into()))
    }
    fn kill_pure(p: u32) -> Weight {
        Weight::from_parts(78_000_000, 0)
            .saturating_add(Weight::from_parts(1_348_472, 0).saturating_mul(p.into()))
    }
    fn poke_deposit() -> Weight {
        Weight::from_parts(102_000_000, 0)
    }
}
