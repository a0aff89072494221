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
    fn set_weights(n: u32) -> Weight {
        Weight::from_parts(961_000_000, 0)
            .saturating_add(Weight::from_parts(46_172, 0).saturating_mul(n.into()))
    }
    fn set_mechanism_weights(n: u32) -> Weight {
        Weight::from_parts(798_000_000, 0)
            .saturating_add(Weight::from_parts(344_964, 0).saturating_mul(n.into()))
    }
    fn batch_set_weights(b: u32) -> Weight {
        Weight::from_parts(981_000_000, 0)
            .saturating_add(Weight::from_parts(532_766_316, 0).saturating_mul(b.into()))
    }
    fn commit_weights() -> Weight {
        Weight::from_parts(463_000_000, 0)
    }
    fn commit_mechanism_weights() -> Weight {
        Weight::from_parts(306_000_000, 0)
    }
    fn batch_commit_weights(b: u32) -> Weight {
        Weight::from_parts(308_000_000, 0)
            .saturating_add(Weight::from_parts(274_901_494, 0).saturating_mul(b.into()))
    }
    fn reveal_weights(n: u32, _s: u32) -> Weight {
        Weight::from_parts(1_119_000_000, 0)
            .saturating_add(Weight::from_parts(113_864, 0).saturating_mul(n.into()))
    }
    fn reveal_mechanism_weights(n: u32, s: u32) -> Weight {
        Weight::from_parts(1_092_000_000, 0)
            .saturating_add(Weight::from_parts(2_866_025, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(122_559, 0).saturating_mul(s.into()))
    }
    fn batch_reveal_weights(b: u32, s: u32) -> Weight {
        Weight::from_parts(2_122_000_000, 0)
            .saturating_add(Weight::from_parts(211_584_592, 0).saturating_mul(b.into()))
            .saturating_add(Weight::from_parts(9_490, 0).saturating_mul(s.into()))
    }
    fn commit_timelocked_weights(_b: u32, q: u32) -> Weight {
        Weight::from_parts(2_881_000_000, 0)
            .saturating_add(Weight::from_parts(27_072_399, 0).saturating_mul(q.into()))
    }
    fn commit_crv3_mechanism_weights(_b: u32, q: u32) -> Weight {
        Weight::from_parts(1_546_000_000, 0)
            .saturating_add(Weight::from_parts(16_843_393, 0).saturating_mul(q.into()))
    }
    fn commit_timelocked_mechanism_weights(_b: u32, q: u32) -> Weight {
        Weight::from_parts(2_550_000_000, 0)
            .saturating_add(Weight::from_parts(16_762_887, 0).saturating_mul(q.into()))
    }
    fn serve_axon() -> Weight {
        Weight::from_parts(628_000_000, 0)
    }
    fn serve_axon_tls(_c: u32) -> Weight {
        Weight::from_parts(760_000_000, 0)
    }
    fn serve_prometheus() -> Weight {
        Weight::from_parts(567_000_000, 0)
    }
    fn register() -> Weight {
        Weight::from_parts(9_324_000_000, 0)
    }
    fn burned_register() -> Weight {
        Weight::from_parts(14_144_000_000, 0)
    }
    fn register_limit() -> Weight {
        Weight::from_parts(9_042_000_000, 0)
    }
    fn root_register() -> Weight {
        Weight::from_parts(1_756_000_000, 0)
    }
    fn add_stake() -> Weight {
        Weight::from_parts(797_000_000, 0)
    }
    fn add_stake_limit() -> Weight {
        Weight::from_parts(801_000_000, 0)
    }
    fn remove_stake(s: u32) -> Weight {
        Weight::from_parts(969_000_000, 0)
            .saturating_add(Weight::from_parts(9_159_845, 0).saturating_mul(s.into()))
    }
    fn remove_stake_limit(s: u32) -> Weight {
        Weight::from_parts(1_239_000_000, 0)
            .saturating_add(Weight::from_parts(16_960_308, 0).saturating_mul(s.into()))
    }
    fn remove_stake_full_limit(s: u32) -> Weight {
        Weight::from_parts(1_548_000_000, 0)
            .saturating_add(Weight::from_parts(14_983_004, 0).saturating_mul(s.into()))
    }
    fn unstake_all(s: u32) -> Weight {
        Weight::from_parts(10_402_000_000, 0)
            .saturating_add(Weight::from_parts(181_266_356, 0).saturating_mul(s.into()))
    }
    fn unstake_all_alpha(s: u32) -> Weight {
        Weight::from_parts(2_762_000_000, 0)
            .saturating_add(Weight::from_parts(198_361_789, 0).saturating_mul(s.into()))
    }
    fn recycle_alpha() -> Weight {
        Weight::from_parts(745_000_000, 0)
    }
    fn burn_alpha() -> Weight {
        Weight::from_parts(773_000_000, 0)
    }
    fn move_stake() -> Weight {
        Weight::from_parts(1_226_000_000, 0)
    }
    fn transfer_stake() -> Weight {
        Weight::from_parts(1_182_000_000, 0)
    }
    fn swap_stake() -> Weight {
        Weight::from_parts(1_104_000_000, 0)
    }
    fn swap_stake_limit() -> Weight {
        Weight::from_parts(1_024_000_000, 0)
    }
    fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(6_328_000_000, 0)
            .saturating_add(Weight::from_parts(5_049_647_080, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(2_235_409, 0).saturating_mul(s.into()))
    }
    fn set_childkey_take() -> Weight {
        Weight::from_parts(349_000_000, 0)
    }
    fn decrease_take() -> Weight {
        Weight::from_parts(305_000_000, 0)
    }
    fn increase_take() -> Weight {
        Weight::from_parts(306_000_000, 0)
    }
    fn swap_hotkey(s: u32) -> Weight {
        Weight::from_parts(13_892_000_000, 0)
            .saturating_add(Weight::from_parts(2_522_574_078, 0).saturating_mul(s.into()))
    }
    fn swap_hotkey_on_subnet() -> Weight {
        Weight::from_parts(30_554_000_000, 0)
    }
    fn try_associate_hotkey() -> Weight {
        Weight::from_parts(367_000_000, 0)
    }
    fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(514_000_000, 0)
    }
    fn set_identity(b: u32) -> Weight {
        Weight::from_parts(504_000_000, 0)
            .saturating_add(Weight::from_parts(63_861, 0).saturating_mul(b.into()))
    }
    fn claim_root(k: u32) -> Weight {
        Weight::from_parts(89_000_000, 0)
            .saturating_add(Weight::from_parts(701_400, 0).saturating_mul(k.into()))
    }
    fn set_root_claim_type(k: u32) -> Weight {
        Weight::from_parts(106_000_000, 0)
            .saturating_add(Weight::from_parts(168_897, 0).saturating_mul(k.into()))
    }
    fn register_network(s: u32) -> Weight {
        Weight::from_parts(1_972_000_000, 0)
            .saturating_add(Weight::from_parts(5_710_338, 0).saturating_mul(s.into()))
    }
    fn register_network_with_identity(s: u32, b: u32) -> Weight {
        Weight::from_parts(558_000_000, 0)
            .saturating_add(Weight::from_parts(14_040_642, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(115_417, 0).saturating_mul(b.into()))
    }
    fn dissolve_network() -> Weight {
        Weight::from_parts(94_382_000_000, 0)
    }
    fn root_dissolve_network() -> Weight {
        Weight::from_parts(95_424_000_000, 0)
    }
    fn start_call() -> Weight {
        Weight::from_parts(67_000_000, 0)
    }
    fn set_subnet_identity(b: u32) -> Weight {
        Weight::from_parts(68_000_000, 0)
            .saturating_add(Weight::from_parts(7_181, 0).saturating_mul(b.into()))
    }
    fn update_symbol(s: u32) -> Weight {
        Weight::from_parts(93_000_000, 0)
            .saturating_add(Weight::from_parts(7_085_464, 0).saturating_mul(s.into()))
    }
    fn set_tempo() -> Weight {
        Weight::from_parts(156_000_000, 0)
    }
    fn set_activity_cutoff_factor() -> Weight {
        Weight::from_parts(147_000_000, 0)
    }
    fn trigger_epoch() -> Weight {
        Weight::from_parts(130_000_000, 0)
    }
}
