//! What the calls of SubtensorModule are declared to cost, in picoseconds.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// One function a call, with the components that its cost grows by.
pub trait WeightInfo {
    fn set_weights(n: u32) -> Weight;
    fn add_stake() -> Weight;
    fn remove_stake(s: u32) -> Weight;
    fn serve_axon() -> Weight;
    fn serve_prometheus() -> Weight;
    fn register() -> Weight;
    fn burned_register() -> Weight;
    fn serve_axon_tls(c: u32) -> Weight;
    fn register_network(s: u32) -> Weight;
    fn dissolve_network() -> Weight;
    fn root_register() -> Weight;
    fn decrease_take() -> Weight;
    fn increase_take() -> Weight;
    fn set_children(c: u32, s: u32) -> Weight;
    fn set_identity(b: u32) -> Weight;
    fn swap_hotkey(s: u32) -> Weight;
    fn swap_hotkey_on_subnet() -> Weight;
    fn set_childkey_take() -> Weight;
    fn set_subnet_identity(b: u32) -> Weight;
    fn register_network_with_identity(s: u32, b: u32) -> Weight;
    fn batch_set_weights(b: u32) -> Weight;
    fn unstake_all(s: u32) -> Weight;
    fn unstake_all_alpha(s: u32) -> Weight;
    fn move_stake() -> Weight;
    fn transfer_stake() -> Weight;
    fn swap_stake() -> Weight;
    fn add_stake_limit() -> Weight;
    fn remove_stake_limit(s: u32) -> Weight;
    fn swap_stake_limit() -> Weight;
    fn try_associate_hotkey() -> Weight;
    fn start_call() -> Weight;
    fn commit_weights() -> Weight;
    fn reveal_weights(n: u32, s: u32) -> Weight;
    fn batch_reveal_weights(b: u32, s: u32) -> Weight;
    fn batch_commit_weights(b: u32) -> Weight;
    fn recycle_alpha() -> Weight;
    fn burn_alpha() -> Weight;
    fn remove_stake_full_limit(s: u32) -> Weight;
    fn update_symbol(s: u32) -> Weight;
    fn commit_timelocked_weights(b: u32, q: u32) -> Weight;
    fn set_coldkey_auto_stake_hotkey() -> Weight;
    fn commit_mechanism_weights() -> Weight;
    fn reveal_mechanism_weights(n: u32, s: u32) -> Weight;
    fn commit_crv3_mechanism_weights(b: u32, q: u32) -> Weight;
    fn commit_timelocked_mechanism_weights(b: u32, q: u32) -> Weight;
    fn set_mechanism_weights(n: u32) -> Weight;
    fn root_dissolve_network() -> Weight;
    fn claim_root(k: u32) -> Weight;
    fn set_root_claim_type(k: u32) -> Weight;
    fn register_limit() -> Weight;
    fn set_tempo() -> Weight;
    fn set_activity_cutoff_factor() -> Weight;
    fn trigger_epoch() -> Weight;
}

/// As measured on the embedded engine.
pub struct AssayWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn set_weights(_n: u32) -> Weight {
        Weight::from_parts(1_500_000_000, 0)
    }
    fn add_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn remove_stake(s: u32) -> Weight {
        Weight::from_parts(196_800_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn serve_axon() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn serve_prometheus() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn register() -> Weight {
        Weight::from_parts(354_200_000, 0)
    }
    fn burned_register() -> Weight {
        Weight::from_parts(354_200_000, 0)
    }
    fn serve_axon_tls(_c: u32) -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn register_network(s: u32) -> Weight {
        Weight::from_parts(235_400_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn dissolve_network() -> Weight {
        Weight::from_parts(500_000_000_000, 0)
    }
    fn root_register() -> Weight {
        Weight::from_parts(135_900_000, 0)
    }
    fn decrease_take() -> Weight {
        Weight::from_parts(29_550_000, 0)
    }
    fn increase_take() -> Weight {
        Weight::from_parts(29_550_000, 0)
    }
    fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(119_000_000, 0)
            .saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn set_identity(_b: u32) -> Weight {
        Weight::from_parts(38_230_000, 0)
    }
    fn swap_hotkey(s: u32) -> Weight {
        Weight::from_parts(275_300_000, 0).saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(s.into()))
    }
    fn swap_hotkey_on_subnet() -> Weight {
        Weight::from_parts(275_300_000, 0)
    }
    fn set_childkey_take() -> Weight {
        Weight::from_parts(49_470_000, 0)
    }
    fn set_subnet_identity(_b: u32) -> Weight {
        Weight::from_parts(24_350_000, 0)
    }
    fn register_network_with_identity(s: u32, _b: u32) -> Weight {
        Weight::from_parts(235_400_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn batch_set_weights(b: u32) -> Weight {
        Weight::from_parts(1_500_000_000, 0)
            .saturating_add(Weight::from_parts(1_500_000_000, 0).saturating_mul(b.into()))
    }
    fn unstake_all(s: u32) -> Weight {
        Weight::from_parts(28_830_000, 0).saturating_add(Weight::from_parts(200_000_000, 0).saturating_mul(s.into()))
    }
    fn unstake_all_alpha(s: u32) -> Weight {
        Weight::from_parts(358_500_000, 0).saturating_add(Weight::from_parts(200_000_000, 0).saturating_mul(s.into()))
    }
    fn move_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn transfer_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn swap_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn add_stake_limit() -> Weight {
        Weight::from_parts(402_900_000, 0)
    }
    fn remove_stake_limit(s: u32) -> Weight {
        Weight::from_parts(377_400_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn swap_stake_limit() -> Weight {
        Weight::from_parts(411_500_000, 0)
    }
    fn try_associate_hotkey() -> Weight {
        Weight::from_parts(14_150_000, 0)
    }
    fn start_call() -> Weight {
        Weight::from_parts(92_600_000, 0)
    }
    fn commit_weights() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn reveal_weights(_n: u32, _s: u32) -> Weight {
        Weight::from_parts(1_600_000_000, 0)
    }
    fn batch_reveal_weights(b: u32, _s: u32) -> Weight {
        Weight::from_parts(1_600_000_000, 0)
            .saturating_add(Weight::from_parts(1_600_000_000, 0).saturating_mul(b.into()))
    }
    fn batch_commit_weights(b: u32) -> Weight {
        Weight::from_parts(100_000_000, 0).saturating_add(Weight::from_parts(100_000_000, 0).saturating_mul(b.into()))
    }
    fn recycle_alpha() -> Weight {
        Weight::from_parts(113_400_000, 0)
    }
    fn burn_alpha() -> Weight {
        Weight::from_parts(112_200_000, 0)
    }
    fn remove_stake_full_limit(s: u32) -> Weight {
        Weight::from_parts(395_300_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn update_symbol(s: u32) -> Weight {
        Weight::from_parts(26_880_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn commit_timelocked_weights(_b: u32, _q: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(29_900_000, 0)
    }
    fn commit_mechanism_weights() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn reveal_mechanism_weights(_n: u32, _s: u32) -> Weight {
        Weight::from_parts(1_600_000_000, 0)
    }
    fn commit_crv3_mechanism_weights(_b: u32, _q: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn commit_timelocked_mechanism_weights(_b: u32, _q: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn set_mechanism_weights(_n: u32) -> Weight {
        Weight::from_parts(1_500_000_000, 0)
    }
    fn root_dissolve_network() -> Weight {
        Weight::from_parts(500_000_000_000, 0)
    }
    fn claim_root(_k: u32) -> Weight {
        Weight::from_parts(117_000_000, 0)
    }
    fn set_root_claim_type(_k: u32) -> Weight {
        Weight::from_parts(16_640_000, 0)
    }
    fn register_limit() -> Weight {
        Weight::from_parts(354_200_000, 0)
    }
    fn set_tempo() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn set_activity_cutoff_factor() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn trigger_epoch() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
}

impl WeightInfo for () {
    fn set_weights(_n: u32) -> Weight {
        Weight::from_parts(1_500_000_000, 0)
    }
    fn add_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn remove_stake(s: u32) -> Weight {
        Weight::from_parts(196_800_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn serve_axon() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn serve_prometheus() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn register() -> Weight {
        Weight::from_parts(354_200_000, 0)
    }
    fn burned_register() -> Weight {
        Weight::from_parts(354_200_000, 0)
    }
    fn serve_axon_tls(_c: u32) -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn register_network(s: u32) -> Weight {
        Weight::from_parts(235_400_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn dissolve_network() -> Weight {
        Weight::from_parts(500_000_000_000, 0)
    }
    fn root_register() -> Weight {
        Weight::from_parts(135_900_000, 0)
    }
    fn decrease_take() -> Weight {
        Weight::from_parts(29_550_000, 0)
    }
    fn increase_take() -> Weight {
        Weight::from_parts(29_550_000, 0)
    }
    fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(119_000_000, 0)
            .saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn set_identity(_b: u32) -> Weight {
        Weight::from_parts(38_230_000, 0)
    }
    fn swap_hotkey(s: u32) -> Weight {
        Weight::from_parts(275_300_000, 0).saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(s.into()))
    }
    fn swap_hotkey_on_subnet() -> Weight {
        Weight::from_parts(275_300_000, 0)
    }
    fn set_childkey_take() -> Weight {
        Weight::from_parts(49_470_000, 0)
    }
    fn set_subnet_identity(_b: u32) -> Weight {
        Weight::from_parts(24_350_000, 0)
    }
    fn register_network_with_identity(s: u32, _b: u32) -> Weight {
        Weight::from_parts(235_400_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn batch_set_weights(b: u32) -> Weight {
        Weight::from_parts(1_500_000_000, 0)
            .saturating_add(Weight::from_parts(1_500_000_000, 0).saturating_mul(b.into()))
    }
    fn unstake_all(s: u32) -> Weight {
        Weight::from_parts(28_830_000, 0).saturating_add(Weight::from_parts(200_000_000, 0).saturating_mul(s.into()))
    }
    fn unstake_all_alpha(s: u32) -> Weight {
        Weight::from_parts(358_500_000, 0).saturating_add(Weight::from_parts(200_000_000, 0).saturating_mul(s.into()))
    }
    fn move_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn transfer_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn swap_stake() -> Weight {
        Weight::from_parts(340_800_000, 0)
    }
    fn add_stake_limit() -> Weight {
        Weight::from_parts(402_900_000, 0)
    }
    fn remove_stake_limit(s: u32) -> Weight {
        Weight::from_parts(377_400_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn swap_stake_limit() -> Weight {
        Weight::from_parts(411_500_000, 0)
    }
    fn try_associate_hotkey() -> Weight {
        Weight::from_parts(14_150_000, 0)
    }
    fn start_call() -> Weight {
        Weight::from_parts(92_600_000, 0)
    }
    fn commit_weights() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn reveal_weights(_n: u32, _s: u32) -> Weight {
        Weight::from_parts(1_600_000_000, 0)
    }
    fn batch_reveal_weights(b: u32, _s: u32) -> Weight {
        Weight::from_parts(1_600_000_000, 0)
            .saturating_add(Weight::from_parts(1_600_000_000, 0).saturating_mul(b.into()))
    }
    fn batch_commit_weights(b: u32) -> Weight {
        Weight::from_parts(100_000_000, 0).saturating_add(Weight::from_parts(100_000_000, 0).saturating_mul(b.into()))
    }
    fn recycle_alpha() -> Weight {
        Weight::from_parts(113_400_000, 0)
    }
    fn burn_alpha() -> Weight {
        Weight::from_parts(112_200_000, 0)
    }
    fn remove_stake_full_limit(s: u32) -> Weight {
        Weight::from_parts(395_300_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn update_symbol(s: u32) -> Weight {
        Weight::from_parts(26_880_000, 0).saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
    }
    fn commit_timelocked_weights(_b: u32, _q: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(29_900_000, 0)
    }
    fn commit_mechanism_weights() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn reveal_mechanism_weights(_n: u32, _s: u32) -> Weight {
        Weight::from_parts(1_600_000_000, 0)
    }
    fn commit_crv3_mechanism_weights(_b: u32, _q: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn commit_timelocked_mechanism_weights(_b: u32, _q: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
    }
    fn set_mechanism_weights(_n: u32) -> Weight {
        Weight::from_parts(1_500_000_000, 0)
    }
    fn root_dissolve_network() -> Weight {
        Weight::from_parts(500_000_000_000, 0)
    }
    fn claim_root(_k: u32) -> Weight {
        Weight::from_parts(117_000_000, 0)
    }
    fn set_root_claim_type(_k: u32) -> Weight {
        Weight::from_parts(16_640_000, 0)
    }
    fn register_limit() -> Weight {
        Weight::from_parts(354_200_000, 0)
    }
    fn set_tempo() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn set_activity_cutoff_factor() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn trigger_epoch() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
}
