//! Weights of `pallet_subtensor`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
//!
//! Declared is twice the measured median, for slower machines and for noise. Storage is in it: it lies in memory, so a read
//! or a write costs what it took, hashing the state root included, and no database weight comes on top.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
//! Machine: AMD EPYC; Node 24.21.0, V8 13.6.233.17-node.53; 5 values a component, 12 runs each.
#![allow(missing_docs)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// What is declared.
pub trait WeightInfo {
    fn set_weights(n: u32) -> Weight;
    fn set_mechanism_weights(n: u32) -> Weight;
    fn batch_set_weights(b: u32) -> Weight;
    fn commit_weights() -> Weight;
    fn commit_mechanism_weights() -> Weight;
    fn batch_commit_weights(b: u32) -> Weight;
    fn reveal_weights(n: u32, s: u32) -> Weight;
    fn reveal_mechanism_weights(n: u32, s: u32) -> Weight;
    fn batch_reveal_weights(b: u32, s: u32) -> Weight;
    fn commit_timelocked_weights(b: u32, q: u32) -> Weight;
    fn commit_crv3_mechanism_weights(b: u32, q: u32) -> Weight;
    fn commit_timelocked_mechanism_weights(b: u32, q: u32) -> Weight;
    fn serve_axon() -> Weight;
    fn serve_axon_tls(c: u32) -> Weight;
    fn serve_prometheus() -> Weight;
    fn register() -> Weight;
    fn burned_register() -> Weight;
    fn register_limit() -> Weight;
    fn root_register() -> Weight;
    fn add_stake() -> Weight;
    fn add_stake_limit() -> Weight;
    fn remove_stake(s: u32) -> Weight;
    fn remove_stake_limit(s: u32) -> Weight;
    fn remove_stake_full_limit(s: u32) -> Weight;
    fn unstake_all(s: u32) -> Weight;
    fn unstake_all_alpha(s: u32) -> Weight;
    fn recycle_alpha() -> Weight;
    fn burn_alpha() -> Weight;
    fn move_stake() -> Weight;
    fn transfer_stake() -> Weight;
    fn swap_stake() -> Weight;
    fn swap_stake_limit() -> Weight;
    fn set_children(c: u32, s: u32) -> Weight;
    fn set_childkey_take() -> Weight;
    fn decrease_take() -> Weight;
    fn increase_take() -> Weight;
    fn swap_hotkey(s: u32) -> Weight;
    fn swap_hotkey_on_subnet() -> Weight;
    fn try_associate_hotkey() -> Weight;
    fn set_coldkey_auto_stake_hotkey() -> Weight;
    fn set_identity(b: u32) -> Weight;
    fn claim_root(k: u32) -> Weight;
    fn set_root_claim_type(k: u32) -> Weight;
    fn register_network(s: u32) -> Weight;
    fn register_network_with_identity(s: u32, b: u32) -> Weight;
    fn dissolve_network() -> Weight;
    fn root_dissolve_network() -> Weight;
    fn start_call() -> Weight;
    fn set_subnet_identity(b: u32) -> Weight;
    fn update_symbol(s: u32) -> Weight;
    fn set_tempo() -> Weight;
    fn set_activity_cutoff_factor() -> Weight;
    fn trigger_epoch() -> Weight;
}

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn set_weights(n: u32) -> Weight {
        <() as WeightInfo>::set_weights(n)
    }
    fn set_mechanism_weights(n: u32) -> Weight {
        <() as WeightInfo>::set_mechanism_weights(n)
    }
    fn batch_set_weights(b: u32) -> Weight {
        <() as WeightInfo>::batch_set_weights(b)
    }
    fn commit_weights() -> Weight {
        <() as WeightInfo>::commit_weights()
    }
    fn commit_mechanism_weights() -> Weight {
        <() as WeightInfo>::commit_mechanism_weights()
    }
    fn batch_commit_weights(b: u32) -> Weight {
        <() as WeightInfo>::batch_commit_weights(b)
    }
    fn reveal_weights(n: u32, s: u32) -> Weight {
        <() as WeightInfo>::reveal_weights(n, s)
    }
    fn reveal_mechanism_weights(n: u32, s: u32) -> Weight {
        <() as WeightInfo>::reveal_mechanism_weights(n, s)
    }
    fn batch_reveal_weights(b: u32, s: u32) -> Weight {
        <() as WeightInfo>::batch_reveal_weights(b, s)
    }
    fn commit_timelocked_weights(b: u32, q: u32) -> Weight {
        <() as WeightInfo>::commit_timelocked_weights(b, q)
    }
    fn commit_crv3_mechanism_weights(b: u32, q: u32) -> Weight {
        <() as WeightInfo>::commit_crv3_mechanism_weights(b, q)
    }
    fn commit_timelocked_mechanism_weights(b: u32, q: u32) -> Weight {
        <() as WeightInfo>::commit_timelocked_mechanism_weights(b, q)
    }
    fn serve_axon() -> Weight {
        <() as WeightInfo>::serve_axon()
    }
    fn serve_axon_tls(c: u32) -> Weight {
        <() as WeightInfo>::serve_axon_tls(c)
    }
    fn serve_prometheus() -> Weight {
        <() as WeightInfo>::serve_prometheus()
    }
    fn register() -> Weight {
        <() as WeightInfo>::register()
    }
    fn burned_register() -> Weight {
        <() as WeightInfo>::burned_register()
    }
    fn register_limit() -> Weight {
        <() as WeightInfo>::register_limit()
    }
    fn root_register() -> Weight {
        <() as WeightInfo>::root_register()
    }
    fn add_stake() -> Weight {
        <() as WeightInfo>::add_stake()
    }
    fn add_stake_limit() -> Weight {
        <() as WeightInfo>::add_stake_limit()
    }
    fn remove_stake(s: u32) -> Weight {
        <() as WeightInfo>::remove_stake(s)
    }
    fn remove_stake_limit(s: u32) -> Weight {
        <() as WeightInfo>::remove_stake_limit(s)
    }
    fn remove_stake_full_limit(s: u32) -> Weight {
        <() as WeightInfo>::remove_stake_full_limit(s)
    }
    fn unstake_all(s: u32) -> Weight {
        <() as WeightInfo>::unstake_all(s)
    }
    fn unstake_all_alpha(s: u32) -> Weight {
        <() as WeightInfo>::unstake_all_alpha(s)
    }
    fn recycle_alpha() -> Weight {
        <() as WeightInfo>::recycle_alpha()
    }
    fn burn_alpha() -> Weight {
        <() as WeightInfo>::burn_alpha()
    }
    fn move_stake() -> Weight {
        <() as WeightInfo>::move_stake()
    }
    fn transfer_stake() -> Weight {
        <() as WeightInfo>::transfer_stake()
    }
    fn swap_stake() -> Weight {
        <() as WeightInfo>::swap_stake()
    }
    fn swap_stake_limit() -> Weight {
        <() as WeightInfo>::swap_stake_limit()
    }
    fn set_children(c: u32, s: u32) -> Weight {
        <() as WeightInfo>::set_children(c, s)
    }
    fn set_childkey_take() -> Weight {
        <() as WeightInfo>::set_childkey_take()
    }
    fn decrease_take() -> Weight {
        <() as WeightInfo>::decrease_take()
    }
    fn increase_take() -> Weight {
        <() as WeightInfo>::increase_take()
    }
    fn swap_hotkey(s: u32) -> Weight {
        <() as WeightInfo>::swap_hotkey(s)
    }
    fn swap_hotkey_on_subnet() -> Weight {
        <() as WeightInfo>::swap_hotkey_on_subnet()
    }
    fn try_associate_hotkey() -> Weight {
        <() as WeightInfo>::try_associate_hotkey()
    }
    fn set_coldkey_auto_stake_hotkey() -> Weight {
        <() as WeightInfo>::set_coldkey_auto_stake_hotkey()
    }
    fn set_identity(b: u32) -> Weight {
        <() as WeightInfo>::set_identity(b)
    }
    fn claim_root(k: u32) -> Weight {
        <() as WeightInfo>::claim_root(k)
    }
    fn set_root_claim_type(k: u32) -> Weight {
        <() as WeightInfo>::set_root_claim_type(k)
    }
    fn register_network(s: u32) -> Weight {
        <() as WeightInfo>::register_network(s)
    }
    fn register_network_with_identity(s: u32, b: u32) -> Weight {
        <() as WeightInfo>::register_network_with_identity(s, b)
    }
    fn dissolve_network() -> Weight {
        <() as WeightInfo>::dissolve_network()
    }
    fn root_dissolve_network() -> Weight {
        <() as WeightInfo>::root_dissolve_network()
    }
    fn start_call() -> Weight {
        <() as WeightInfo>::start_call()
    }
    fn set_subnet_identity(b: u32) -> Weight {
        <() as WeightInfo>::set_subnet_identity(b)
    }
    fn update_symbol(s: u32) -> Weight {
        <() as WeightInfo>::update_symbol(s)
    }
    fn set_tempo() -> Weight {
        <() as WeightInfo>::set_tempo()
    }
    fn set_activity_cutoff_factor() -> Weight {
        <() as WeightInfo>::set_activity_cutoff_factor()
    }
    fn trigger_epoch() -> Weight {
        <() as WeightInfo>::trigger_epoch()
    }
}

// For tests.
impl WeightInfo for () {
    fn set_weights(_n: u32) -> Weight {
        Weight::from_parts(1_986_000_000, 0)
    }
    fn set_mechanism_weights(_n: u32) -> Weight {
        Weight::from_parts(1_345_000_000, 0)
    }
    fn batch_set_weights(b: u32) -> Weight {
        Weight::from_parts(2_021_000_000, 0)
            .saturating_add(Weight::from_parts(683_224_644, 0).saturating_mul(b.into()))
    }
    fn commit_weights() -> Weight {
        Weight::from_parts(640_000_000, 0)
    }
    fn commit_mechanism_weights() -> Weight {
        Weight::from_parts(580_000_000, 0)
    }
    fn batch_commit_weights(b: u32) -> Weight {
        Weight::from_parts(732_000_000, 0)
            .saturating_add(Weight::from_parts(241_420_466, 0).saturating_mul(b.into()))
    }
    fn reveal_weights(_n: u32, s: u32) -> Weight {
        Weight::from_parts(1_431_000_000, 0)
            .saturating_add(Weight::from_parts(570_046, 0).saturating_mul(s.into()))
    }
    fn reveal_mechanism_weights(_n: u32, s: u32) -> Weight {
        Weight::from_parts(1_489_000_000, 0)
            .saturating_add(Weight::from_parts(232_244, 0).saturating_mul(s.into()))
    }
    fn batch_reveal_weights(b: u32, _s: u32) -> Weight {
        Weight::from_parts(2_281_000_000, 0)
            .saturating_add(Weight::from_parts(596_405_506, 0).saturating_mul(b.into()))
    }
    fn commit_timelocked_weights(b: u32, q: u32) -> Weight {
        Weight::from_parts(1_329_000_000, 0)
            .saturating_add(Weight::from_parts(174_635, 0).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(18_975_505, 0).saturating_mul(q.into()))
    }
    fn commit_crv3_mechanism_weights(b: u32, q: u32) -> Weight {
        Weight::from_parts(1_021_000_000, 0)
            .saturating_add(Weight::from_parts(12_093, 0).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(24_793_634, 0).saturating_mul(q.into()))
    }
    fn commit_timelocked_mechanism_weights(_b: u32, q: u32) -> Weight {
        Weight::from_parts(1_567_000_000, 0)
            .saturating_add(Weight::from_parts(24_246_289, 0).saturating_mul(q.into()))
    }
    fn serve_axon() -> Weight {
        Weight::from_parts(638_000_000, 0)
    }
    fn serve_axon_tls(_c: u32) -> Weight {
        Weight::from_parts(882_000_000, 0)
    }
    fn serve_prometheus() -> Weight {
        Weight::from_parts(534_000_000, 0)
    }
    fn register() -> Weight {
        Weight::from_parts(11_062_000_000, 0)
    }
    fn burned_register() -> Weight {
        Weight::from_parts(10_979_000_000, 0)
    }
    fn register_limit() -> Weight {
        Weight::from_parts(11_653_000_000, 0)
    }
    fn root_register() -> Weight {
        Weight::from_parts(2_072_000_000, 0)
    }
    fn add_stake() -> Weight {
        Weight::from_parts(893_000_000, 0)
    }
    fn add_stake_limit() -> Weight {
        Weight::from_parts(953_000_000, 0)
    }
    fn remove_stake(s: u32) -> Weight {
        Weight::from_parts(1_088_000_000, 0)
            .saturating_add(Weight::from_parts(11_678_172, 0).saturating_mul(s.into()))
    }
    fn remove_stake_limit(s: u32) -> Weight {
        Weight::from_parts(1_850_000_000, 0)
            .saturating_add(Weight::from_parts(11_857_044, 0).saturating_mul(s.into()))
    }
    fn remove_stake_full_limit(s: u32) -> Weight {
        Weight::from_parts(2_086_000_000, 0)
            .saturating_add(Weight::from_parts(9_223_900, 0).saturating_mul(s.into()))
    }
    fn unstake_all(s: u32) -> Weight {
        Weight::from_parts(18_556_000_000, 0)
            .saturating_add(Weight::from_parts(1_109_784_356, 0).saturating_mul(s.into()))
    }
    fn unstake_all_alpha(s: u32) -> Weight {
        Weight::from_parts(32_094_000_000, 0)
            .saturating_add(Weight::from_parts(1_294_061_554, 0).saturating_mul(s.into()))
    }
    fn recycle_alpha() -> Weight {
        Weight::from_parts(846_000_000, 0)
    }
    fn burn_alpha() -> Weight {
        Weight::from_parts(899_000_000, 0)
    }
    fn move_stake() -> Weight {
        Weight::from_parts(1_215_000_000, 0)
    }
    fn transfer_stake() -> Weight {
        Weight::from_parts(1_761_000_000, 0)
    }
    fn swap_stake() -> Weight {
        Weight::from_parts(1_140_000_000, 0)
    }
    fn swap_stake_limit() -> Weight {
        Weight::from_parts(1_155_000_000, 0)
    }
    fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(724_000_000, 0)
            .saturating_add(Weight::from_parts(191_546_534, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(11_513_846, 0).saturating_mul(s.into()))
    }
    fn set_childkey_take() -> Weight {
        Weight::from_parts(409_000_000, 0)
    }
    fn decrease_take() -> Weight {
        Weight::from_parts(501_000_000, 0)
    }
    fn increase_take() -> Weight {
        Weight::from_parts(365_000_000, 0)
    }
    fn swap_hotkey(s: u32) -> Weight {
        Weight::from_parts(119_891_000_000, 0)
            .saturating_add(Weight::from_parts(4_958_365_107, 0).saturating_mul(s.into()))
    }
    fn swap_hotkey_on_subnet() -> Weight {
        Weight::from_parts(23_436_000_000, 0)
    }
    fn try_associate_hotkey() -> Weight {
        Weight::from_parts(228_000_000, 0)
    }
    fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(476_000_000, 0)
    }
    fn set_identity(_b: u32) -> Weight {
        Weight::from_parts(589_000_000, 0)
    }
    fn claim_root(_k: u32) -> Weight {
        Weight::from_parts(87_000_000, 0)
    }
    fn set_root_claim_type(k: u32) -> Weight {
        Weight::from_parts(96_000_000, 0)
            .saturating_add(Weight::from_parts(132_838, 0).saturating_mul(k.into()))
    }
    fn register_network(s: u32) -> Weight {
        Weight::from_parts(2_470_000_000, 0)
            .saturating_add(Weight::from_parts(132_727_074, 0).saturating_mul(s.into()))
    }
    fn register_network_with_identity(s: u32, _b: u32) -> Weight {
        Weight::from_parts(1_390_000_000, 0)
            .saturating_add(Weight::from_parts(149_980_861, 0).saturating_mul(s.into()))
    }
    fn dissolve_network() -> Weight {
        Weight::from_parts(122_498_000_000, 0)
    }
    fn root_dissolve_network() -> Weight {
        Weight::from_parts(124_537_000_000, 0)
    }
    fn start_call() -> Weight {
        Weight::from_parts(139_000_000, 0)
    }
    fn set_subnet_identity(b: u32) -> Weight {
        Weight::from_parts(167_000_000, 0)
            .saturating_add(Weight::from_parts(1_922, 0).saturating_mul(b.into()))
    }
    fn update_symbol(s: u32) -> Weight {
        Weight::from_parts(438_000_000, 0)
            .saturating_add(Weight::from_parts(4_057_654, 0).saturating_mul(s.into()))
    }
    fn set_tempo() -> Weight {
        Weight::from_parts(108_000_000, 0)
    }
    fn set_activity_cutoff_factor() -> Weight {
        Weight::from_parts(88_000_000, 0)
    }
    fn trigger_epoch() -> Weight {
        Weight::from_parts(88_000_000, 0)
    }
}
