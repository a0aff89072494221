//! Weights of `pallet_balances`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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

impl<T: frame_system::Config> pallet_balances::WeightInfo for AssayWeight<T> {
    fn transfer_allow_death() -> Weight {
        Weight::from_parts(181_000_000, 0)
    }
    fn transfer_keep_alive() -> Weight {
        Weight::from_parts(139_000_000, 0)
    }
    fn force_set_balance_creating() -> Weight {
        Weight::from_parts(108_000_000, 0)
    }
    fn force_set_balance_killing() -> Weight {
        Weight::from_parts(91_000_000, 0)
    }
    fn force_transfer() -> Weight {
        Weight::from_parts(152_000_000, 0)
    }
    fn transfer_all() -> Weight {
        Weight::from_parts(167_000_000, 0)
    }
    fn force_unreserve() -> Weight {
        Weight::from_parts(93_000_000, 0)
    }
    fn upgrade_accounts(u: u32) -> Weight {
        Weight::from_parts(373_000_000, 0)
            .saturating_add(Weight::from_parts(36_732_796, 0).saturating_mul(u.into()))
    }
    fn force_adjust_total_issuance() -> Weight {
        Weight::from_parts(66_000_000, 0)
    }
    fn burn_allow_death() -> Weight {
        Weight::from_parts(127_000_000, 0)
    }
    fn burn_keep_alive() -> Weight {
        Weight::from_parts(109_000_000, 0)
    }
}
