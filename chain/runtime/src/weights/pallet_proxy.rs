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
    fn proxy(p: u32) -> Weight {
        Weight::from_parts(81_000_000, 0)
            .saturating_add(Weight::from_parts(1_493_858, 0).saturating_mul(p.into()))
    }
    fn proxy_announced(a: u32, p: u32) -> Weight {
        Weight::from_parts(174_000_000, 0)
            .saturating_add(Weight::from_parts(2_154_113, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(2_138_694, 0).saturating_mul(p.into()))
    }
    fn remove_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(147_000_000, 0)
            .saturating_add(Weight::from_parts(1_774_108, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(685_949, 0).saturating_mul(p.into()))
    }
    fn reject_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(160_000_000, 0)
            .saturating_add(Weight::from_parts(1_766_538, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(322_091, 0).saturating_mul(p.into()))
    }
    fn announce(a: u32, p: u32) -> Weight {
        Weight::from_parts(171_000_000, 0)
            .saturating_add(Weight::from_parts(1_249_446, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(1_049_626, 0).saturating_mul(p.into()))
    }
    fn add_proxy(p: u32) -> Weight {
        Weight::from_parts(153_000_000, 0)
            .saturating_add(Weight::from_parts(1_400_774, 0).saturating_mul(p.into()))
    }
    fn remove_proxy(p: u32) -> Weight {
        Weight::from_parts(144_000_000, 0)
            .saturating_add(Weight::from_parts(2_131_622, 0).saturating_mul(p.into()))
    }
    fn remove_proxies(p: u32) -> Weight {
        Weight::from_parts(137_000_000, 0)
            .saturating_add(Weight::from_parts(9_247_805, 0).saturating_mul(p.into()))
    }
    fn create_pure(p: u32) -> Weight {
        Weight::from_parts(180_000_000, 0)
            .saturating_add(Weight::from_parts(115_860, 0).saturating_mul(p.into()))
    }
    fn kill_pure(p: u32) -> Weight {
        Weight::from_parts(158_000_000, 0)
            .saturating_add(Weight::from_parts(526_150, 0).saturating_mul(p.into()))
    }
    fn poke_deposit() -> Weight {
        Weight::from_parts(182_000_000, 0)
    }
}
