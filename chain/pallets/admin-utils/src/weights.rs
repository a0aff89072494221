//! Weights of `pallet_admin_utils`, measured where they are spent: WASM in V8 and storage in our host, warm after a few runs.
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
    fn sudo_set_default_take() -> Weight;
    fn sudo_set_tx_rate_limit() -> Weight;
    fn sudo_set_serving_rate_limit() -> Weight;
    fn sudo_set_min_difficulty() -> Weight;
    fn sudo_set_max_difficulty() -> Weight;
    fn sudo_set_weights_version_key() -> Weight;
    fn sudo_set_weights_set_rate_limit() -> Weight;
    fn sudo_set_adjustment_interval() -> Weight;
    fn sudo_set_adjustment_alpha() -> Weight;
    fn sudo_set_immunity_period() -> Weight;
    fn sudo_set_min_allowed_weights() -> Weight;
    fn sudo_set_max_allowed_uids() -> Weight;
    fn sudo_set_kappa() -> Weight;
    fn sudo_set_rho() -> Weight;
    fn sudo_set_activity_cutoff() -> Weight;
    fn sudo_set_network_registration_allowed() -> Weight;
    fn sudo_set_network_pow_registration_allowed() -> Weight;
    fn sudo_set_target_registrations_per_interval() -> Weight;
    fn sudo_set_min_burn() -> Weight;
    fn sudo_set_max_burn() -> Weight;
    fn sudo_set_difficulty() -> Weight;
    fn sudo_set_max_allowed_validators() -> Weight;
    fn sudo_set_bonds_moving_average() -> Weight;
    fn sudo_set_max_registrations_per_block() -> Weight;
    fn sudo_set_subnet_owner_cut() -> Weight;
    fn sudo_set_network_rate_limit() -> Weight;
    fn sudo_set_tempo() -> Weight;
    fn sudo_set_network_immunity_period() -> Weight;
    fn sudo_set_network_min_lock_cost() -> Weight;
    fn sudo_set_subnet_limit() -> Weight;
    fn sudo_set_lock_reduction_interval() -> Weight;
    fn sudo_set_stake_threshold() -> Weight;
    fn sudo_set_nominator_min_required_stake() -> Weight;
    fn sudo_set_tx_delegate_take_rate_limit() -> Weight;
    fn sudo_set_min_delegate_take() -> Weight;
    fn sudo_set_commit_reveal_weights_enabled() -> Weight;
    fn sudo_set_liquid_alpha_enabled() -> Weight;
    fn sudo_set_alpha_values() -> Weight;
    fn sudo_set_commit_reveal_weights_interval() -> Weight;
    fn sudo_set_bonds_penalty() -> Weight;
    fn sudo_set_toggle_transfer() -> Weight;
    fn sudo_set_subnet_owner_hotkey() -> Weight;
    fn sudo_set_subtoken_enabled() -> Weight;
    fn sudo_set_sn_owner_hotkey() -> Weight;
    fn sudo_set_alpha_sigmoid_steepness() -> Weight;
    fn sudo_set_yuma3_enabled() -> Weight;
    fn sudo_set_bonds_reset_enabled() -> Weight;
    fn sudo_set_commit_reveal_version() -> Weight;
    fn sudo_set_owner_immune_neuron_limit() -> Weight;
    fn sudo_set_ck_burn() -> Weight;
    fn sudo_set_admin_freeze_window() -> Weight;
    fn sudo_set_owner_hparam_rate_limit() -> Weight;
    fn sudo_set_mechanism_count() -> Weight;
    fn sudo_set_mechanism_emission_split() -> Weight;
    fn sudo_trim_to_max_allowed_uids() -> Weight;
    fn sudo_set_min_allowed_uids() -> Weight;
    fn sudo_set_recycle_or_burn() -> Weight;
    fn sudo_set_min_non_immune_uids() -> Weight;
    fn sudo_set_start_call_delay() -> Weight;
    fn sudo_set_max_mechanism_count() -> Weight;
    fn sudo_set_burn_half_life() -> Weight;
    fn sudo_set_burn_increase_mult() -> Weight;
    fn sudo_set_owner_cut_enabled() -> Weight;
    fn sudo_set_min_childkey_take_per_subnet() -> Weight;
    fn sudo_set_subnet_emission_enabled() -> Weight;
    fn sudo_set_owner_cut_auto_lock_enabled() -> Weight;
    fn sudo_set_max_epochs_per_block() -> Weight;
}

/// What was measured here.
pub struct AssayWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn sudo_set_default_take() -> Weight {
        <() as WeightInfo>::sudo_set_default_take()
    }
    fn sudo_set_tx_rate_limit() -> Weight {
        <() as WeightInfo>::sudo_set_tx_rate_limit()
    }
    fn sudo_set_serving_rate_limit() -> Weight {
        <() as WeightInfo>::sudo_set_serving_rate_limit()
    }
    fn sudo_set_min_difficulty() -> Weight {
        <() as WeightInfo>::sudo_set_min_difficulty()
    }
    fn sudo_set_max_difficulty() -> Weight {
        <() as WeightInfo>::sudo_set_max_difficulty()
    }
    fn sudo_set_weights_version_key() -> Weight {
        <() as WeightInfo>::sudo_set_weights_version_key()
    }
    fn sudo_set_weights_set_rate_limit() -> Weight {
        <() as WeightInfo>::sudo_set_weights_set_rate_limit()
    }
    fn sudo_set_adjustment_interval() -> Weight {
        <() as WeightInfo>::sudo_set_adjustment_interval()
    }
    fn sudo_set_adjustment_alpha() -> Weight {
        <() as WeightInfo>::sudo_set_adjustment_alpha()
    }
    fn sudo_set_immunity_period() -> Weight {
        <() as WeightInfo>::sudo_set_immunity_period()
    }
    fn sudo_set_min_allowed_weights() -> Weight {
        <() as WeightInfo>::sudo_set_min_allowed_weights()
    }
    fn sudo_set_max_allowed_uids() -> Weight {
        <() as WeightInfo>::sudo_set_max_allowed_uids()
    }
    fn sudo_set_kappa() -> Weight {
        <() as WeightInfo>::sudo_set_kappa()
    }
    fn sudo_set_rho() -> Weight {
        <() as WeightInfo>::sudo_set_rho()
    }
    fn sudo_set_activity_cutoff() -> Weight {
        <() as WeightInfo>::sudo_set_activity_cutoff()
    }
    fn sudo_set_network_registration_allowed() -> Weight {
        <() as WeightInfo>::sudo_set_network_registration_allowed()
    }
    fn sudo_set_network_pow_registration_allowed() -> Weight {
        <() as WeightInfo>::sudo_set_network_pow_registration_allowed()
    }
    fn sudo_set_target_registrations_per_interval() -> Weight {
        <() as WeightInfo>::sudo_set_target_registrations_per_interval()
    }
    fn sudo_set_min_burn() -> Weight {
        <() as WeightInfo>::sudo_set_min_burn()
    }
    fn sudo_set_max_burn() -> Weight {
        <() as WeightInfo>::sudo_set_max_burn()
    }
    fn sudo_set_difficulty() -> Weight {
        <() as WeightInfo>::sudo_set_difficulty()
    }
    fn sudo_set_max_allowed_validators() -> Weight {
        <() as WeightInfo>::sudo_set_max_allowed_validators()
    }
    fn sudo_set_bonds_moving_average() -> Weight {
        <() as WeightInfo>::sudo_set_bonds_moving_average()
    }
    fn sudo_set_max_registrations_per_block() -> Weight {
        <() as WeightInfo>::sudo_set_max_registrations_per_block()
    }
    fn sudo_set_subnet_owner_cut() -> Weight {
        <() as WeightInfo>::sudo_set_subnet_owner_cut()
    }
    fn sudo_set_network_rate_limit() -> Weight {
        <() as WeightInfo>::sudo_set_network_rate_limit()
    }
    fn sudo_set_tempo() -> Weight {
        <() as WeightInfo>::sudo_set_tempo()
    }
    fn sudo_set_network_immunity_period() -> Weight {
        <() as WeightInfo>::sudo_set_network_immunity_period()
    }
    fn sudo_set_network_min_lock_cost() -> Weight {
        <() as WeightInfo>::sudo_set_network_min_lock_cost()
    }
    fn sudo_set_subnet_limit() -> Weight {
        <() as WeightInfo>::sudo_set_subnet_limit()
    }
    fn sudo_set_lock_reduction_interval() -> Weight {
        <() as WeightInfo>::sudo_set_lock_reduction_interval()
    }
    fn sudo_set_stake_threshold() -> Weight {
        <() as WeightInfo>::sudo_set_stake_threshold()
    }
    fn sudo_set_nominator_min_required_stake() -> Weight {
        <() as WeightInfo>::sudo_set_nominator_min_required_stake()
    }
    fn sudo_set_tx_delegate_take_rate_limit() -> Weight {
        <() as WeightInfo>::sudo_set_tx_delegate_take_rate_limit()
    }
    fn sudo_set_min_delegate_take() -> Weight {
        <() as WeightInfo>::sudo_set_min_delegate_take()
    }
    fn sudo_set_commit_reveal_weights_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_commit_reveal_weights_enabled()
    }
    fn sudo_set_liquid_alpha_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_liquid_alpha_enabled()
    }
    fn sudo_set_alpha_values() -> Weight {
        <() as WeightInfo>::sudo_set_alpha_values()
    }
    fn sudo_set_commit_reveal_weights_interval() -> Weight {
        <() as WeightInfo>::sudo_set_commit_reveal_weights_interval()
    }
    fn sudo_set_bonds_penalty() -> Weight {
        <() as WeightInfo>::sudo_set_bonds_penalty()
    }
    fn sudo_set_toggle_transfer() -> Weight {
        <() as WeightInfo>::sudo_set_toggle_transfer()
    }
    fn sudo_set_subnet_owner_hotkey() -> Weight {
        <() as WeightInfo>::sudo_set_subnet_owner_hotkey()
    }
    fn sudo_set_subtoken_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_subtoken_enabled()
    }
    fn sudo_set_sn_owner_hotkey() -> Weight {
        <() as WeightInfo>::sudo_set_sn_owner_hotkey()
    }
    fn sudo_set_alpha_sigmoid_steepness() -> Weight {
        <() as WeightInfo>::sudo_set_alpha_sigmoid_steepness()
    }
    fn sudo_set_yuma3_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_yuma3_enabled()
    }
    fn sudo_set_bonds_reset_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_bonds_reset_enabled()
    }
    fn sudo_set_commit_reveal_version() -> Weight {
        <() as WeightInfo>::sudo_set_commit_reveal_version()
    }
    fn sudo_set_owner_immune_neuron_limit() -> Weight {
        <() as WeightInfo>::sudo_set_owner_immune_neuron_limit()
    }
    fn sudo_set_ck_burn() -> Weight {
        <() as WeightInfo>::sudo_set_ck_burn()
    }
    fn sudo_set_admin_freeze_window() -> Weight {
        <() as WeightInfo>::sudo_set_admin_freeze_window()
    }
    fn sudo_set_owner_hparam_rate_limit() -> Weight {
        <() as WeightInfo>::sudo_set_owner_hparam_rate_limit()
    }
    fn sudo_set_mechanism_count() -> Weight {
        <() as WeightInfo>::sudo_set_mechanism_count()
    }
    fn sudo_set_mechanism_emission_split() -> Weight {
        <() as WeightInfo>::sudo_set_mechanism_emission_split()
    }
    fn sudo_trim_to_max_allowed_uids() -> Weight {
        <() as WeightInfo>::sudo_trim_to_max_allowed_uids()
    }
    fn sudo_set_min_allowed_uids() -> Weight {
        <() as WeightInfo>::sudo_set_min_allowed_uids()
    }
    fn sudo_set_recycle_or_burn() -> Weight {
        <() as WeightInfo>::sudo_set_recycle_or_burn()
    }
    fn sudo_set_min_non_immune_uids() -> Weight {
        <() as WeightInfo>::sudo_set_min_non_immune_uids()
    }
    fn sudo_set_start_call_delay() -> Weight {
        <() as WeightInfo>::sudo_set_start_call_delay()
    }
    fn sudo_set_max_mechanism_count() -> Weight {
        <() as WeightInfo>::sudo_set_max_mechanism_count()
    }
    fn sudo_set_burn_half_life() -> Weight {
        <() as WeightInfo>::sudo_set_burn_half_life()
    }
    fn sudo_set_burn_increase_mult() -> Weight {
        <() as WeightInfo>::sudo_set_burn_increase_mult()
    }
    fn sudo_set_owner_cut_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_owner_cut_enabled()
    }
    fn sudo_set_min_childkey_take_per_subnet() -> Weight {
        <() as WeightInfo>::sudo_set_min_childkey_take_per_subnet()
    }
    fn sudo_set_subnet_emission_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_subnet_emission_enabled()
    }
    fn sudo_set_owner_cut_auto_lock_enabled() -> Weight {
        <() as WeightInfo>::sudo_set_owner_cut_auto_lock_enabled()
    }
    fn sudo_set_max_epochs_per_block() -> Weight {
        <() as WeightInfo>::sudo_set_max_epochs_per_block()
    }
}

// For tests.
impl WeightInfo for () {
    fn sudo_set_default_take() -> Weight {
        Weight::from_parts(63_000_000, 0)
    }
    fn sudo_set_tx_rate_limit() -> Weight {
        Weight::from_parts(66_000_000, 0)
    }
    fn sudo_set_serving_rate_limit() -> Weight {
        Weight::from_parts(129_000_000, 0)
    }
    fn sudo_set_min_difficulty() -> Weight {
        Weight::from_parts(102_000_000, 0)
    }
    fn sudo_set_max_difficulty() -> Weight {
        Weight::from_parts(112_000_000, 0)
    }
    fn sudo_set_weights_version_key() -> Weight {
        Weight::from_parts(132_000_000, 0)
    }
    fn sudo_set_weights_set_rate_limit() -> Weight {
        Weight::from_parts(91_000_000, 0)
    }
    fn sudo_set_adjustment_interval() -> Weight {
        Weight::from_parts(87_000_000, 0)
    }
    fn sudo_set_adjustment_alpha() -> Weight {
        Weight::from_parts(111_000_000, 0)
    }
    fn sudo_set_immunity_period() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn sudo_set_min_allowed_weights() -> Weight {
        Weight::from_parts(130_000_000, 0)
    }
    fn sudo_set_max_allowed_uids() -> Weight {
        Weight::from_parts(130_000_000, 0)
    }
    fn sudo_set_kappa() -> Weight {
        Weight::from_parts(104_000_000, 0)
    }
    fn sudo_set_rho() -> Weight {
        Weight::from_parts(97_000_000, 0)
    }
    fn sudo_set_activity_cutoff() -> Weight {
        Weight::from_parts(100_000_000, 0)
    }
    fn sudo_set_network_registration_allowed() -> Weight {
        Weight::from_parts(87_000_000, 0)
    }
    fn sudo_set_network_pow_registration_allowed() -> Weight {
        Weight::from_parts(46_000_000, 0)
    }
    fn sudo_set_target_registrations_per_interval() -> Weight {
        Weight::from_parts(108_000_000, 0)
    }
    fn sudo_set_min_burn() -> Weight {
        Weight::from_parts(120_000_000, 0)
    }
    fn sudo_set_max_burn() -> Weight {
        Weight::from_parts(115_000_000, 0)
    }
    fn sudo_set_difficulty() -> Weight {
        Weight::from_parts(105_000_000, 0)
    }
    fn sudo_set_max_allowed_validators() -> Weight {
        Weight::from_parts(94_000_000, 0)
    }
    fn sudo_set_bonds_moving_average() -> Weight {
        Weight::from_parts(125_000_000, 0)
    }
    fn sudo_set_max_registrations_per_block() -> Weight {
        Weight::from_parts(95_000_000, 0)
    }
    fn sudo_set_subnet_owner_cut() -> Weight {
        Weight::from_parts(63_000_000, 0)
    }
    fn sudo_set_network_rate_limit() -> Weight {
        Weight::from_parts(57_000_000, 0)
    }
    fn sudo_set_tempo() -> Weight {
        Weight::from_parts(112_000_000, 0)
    }
    fn sudo_set_network_immunity_period() -> Weight {
        Weight::from_parts(66_000_000, 0)
    }
    fn sudo_set_network_min_lock_cost() -> Weight {
        Weight::from_parts(66_000_000, 0)
    }
    fn sudo_set_subnet_limit() -> Weight {
        Weight::from_parts(68_000_000, 0)
    }
    fn sudo_set_lock_reduction_interval() -> Weight {
        Weight::from_parts(60_000_000, 0)
    }
    fn sudo_set_stake_threshold() -> Weight {
        Weight::from_parts(65_000_000, 0)
    }
    fn sudo_set_nominator_min_required_stake() -> Weight {
        Weight::from_parts(44_000_000, 0)
    }
    fn sudo_set_tx_delegate_take_rate_limit() -> Weight {
        Weight::from_parts(57_000_000, 0)
    }
    fn sudo_set_min_delegate_take() -> Weight {
        Weight::from_parts(61_000_000, 0)
    }
    fn sudo_set_commit_reveal_weights_enabled() -> Weight {
        Weight::from_parts(125_000_000, 0)
    }
    fn sudo_set_liquid_alpha_enabled() -> Weight {
        Weight::from_parts(98_000_000, 0)
    }
    fn sudo_set_alpha_values() -> Weight {
        Weight::from_parts(78_000_000, 0)
    }
    fn sudo_set_commit_reveal_weights_interval() -> Weight {
        Weight::from_parts(121_000_000, 0)
    }
    fn sudo_set_bonds_penalty() -> Weight {
        Weight::from_parts(130_000_000, 0)
    }
    fn sudo_set_toggle_transfer() -> Weight {
        Weight::from_parts(131_000_000, 0)
    }
    fn sudo_set_subnet_owner_hotkey() -> Weight {
        Weight::from_parts(113_000_000, 0)
    }
    fn sudo_set_subtoken_enabled() -> Weight {
        Weight::from_parts(61_000_000, 0)
    }
    fn sudo_set_sn_owner_hotkey() -> Weight {
        Weight::from_parts(124_000_000, 0)
    }
    fn sudo_set_alpha_sigmoid_steepness() -> Weight {
        Weight::from_parts(114_000_000, 0)
    }
    fn sudo_set_yuma3_enabled() -> Weight {
        Weight::from_parts(126_000_000, 0)
    }
    fn sudo_set_bonds_reset_enabled() -> Weight {
        Weight::from_parts(119_000_000, 0)
    }
    fn sudo_set_commit_reveal_version() -> Weight {
        Weight::from_parts(63_000_000, 0)
    }
    fn sudo_set_owner_immune_neuron_limit() -> Weight {
        Weight::from_parts(81_000_000, 0)
    }
    fn sudo_set_ck_burn() -> Weight {
        Weight::from_parts(44_000_000, 0)
    }
    fn sudo_set_admin_freeze_window() -> Weight {
        Weight::from_parts(62_000_000, 0)
    }
    fn sudo_set_owner_hparam_rate_limit() -> Weight {
        Weight::from_parts(58_000_000, 0)
    }
    fn sudo_set_mechanism_count() -> Weight {
        Weight::from_parts(1_130_000_000, 0)
    }
    fn sudo_set_mechanism_emission_split() -> Weight {
        Weight::from_parts(119_000_000, 0)
    }
    fn sudo_trim_to_max_allowed_uids() -> Weight {
        Weight::from_parts(34_624_000_000, 0)
    }
    fn sudo_set_min_allowed_uids() -> Weight {
        Weight::from_parts(131_000_000, 0)
    }
    fn sudo_set_recycle_or_burn() -> Weight {
        Weight::from_parts(88_000_000, 0)
    }
    fn sudo_set_min_non_immune_uids() -> Weight {
        Weight::from_parts(94_000_000, 0)
    }
    fn sudo_set_start_call_delay() -> Weight {
        Weight::from_parts(61_000_000, 0)
    }
    fn sudo_set_max_mechanism_count() -> Weight {
        Weight::from_parts(43_000_000, 0)
    }
    fn sudo_set_burn_half_life() -> Weight {
        Weight::from_parts(111_000_000, 0)
    }
    fn sudo_set_burn_increase_mult() -> Weight {
        Weight::from_parts(109_000_000, 0)
    }
    fn sudo_set_owner_cut_enabled() -> Weight {
        Weight::from_parts(84_000_000, 0)
    }
    fn sudo_set_min_childkey_take_per_subnet() -> Weight {
        Weight::from_parts(115_000_000, 0)
    }
    fn sudo_set_subnet_emission_enabled() -> Weight {
        Weight::from_parts(87_000_000, 0)
    }
    fn sudo_set_owner_cut_auto_lock_enabled() -> Weight {
        Weight::from_parts(68_000_000, 0)
    }
    fn sudo_set_max_epochs_per_block() -> Weight {
        Weight::from_parts(61_000_000, 0)
    }
}
