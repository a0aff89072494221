//! Weights of `pallet_proxy`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_proxy::WeightInfo for AssayWeight<T> {
    fn proxy(_p: u32) -> Weight {
        Weight::from_parts(41_000_000, 0)
    }
    fn proxy_announced(a: u32, p: u32) -> Weight {
        Weight::from_parts(75_000_000, 0)
            .saturating_add(Weight::from_parts(1_209_940, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(530_519, 0).saturating_mul(p.into()))
    }
    fn remove_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(67_000_000, 0)
            .saturating_add(Weight::from_parts(784_692, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(358_136, 0).saturating_mul(p.into()))
    }
    fn reject_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(56_000_000, 0)
            .saturating_add(Weight::from_parts(979_628, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(898_983, 0).saturating_mul(p.into()))
    }
    fn announce(a: u32, _p: u32) -> Weight {
        Weight::from_parts(87_000_000, 0)
            .saturating_add(Weight::from_parts(865_006, 0).saturating_mul(a.into()))
    }
    fn add_proxy(p: u32) -> Weight {
        Weight::from_parts(74_000_000, 0)
            .saturating_add(Weight::from_parts(486_537, 0).saturating_mul(p.into()))
    }
    fn remove_proxy(p: u32) -> Weight {
        Weight::from_parts(73_000_000, 0)
            .saturating_add(Weight::from_parts(673_146, 0).saturating_mul(p.into()))
    }
    fn remove_proxies(p: u32) -> Weight {
        Weight::from_parts(68_000_000, 0)
            .saturating_add(Weight::from_parts(3_912_991, 0).saturating_mul(p.into()))
    }
    fn create_pure(p: u32) -> Weight {
        Weight::from_parts(85_000_000, 0)
            .saturating_add(Weight::from_parts(245_573, 0).saturating_mul(p.into()))
    }
    fn kill_pure(p: u32) -> Weight {
        Weight::from_parts(71_000_000, 0)
            .saturating_add(Weight::from_parts(165_319, 0).saturating_mul(p.into()))
    }
    fn poke_deposit() -> Weight {
        Weight::from_parts(102_000_000, 0)
    }
}
