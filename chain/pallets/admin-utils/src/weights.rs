//! What the calls of AdminUtils are declared to cost, in picoseconds.
//!
//! Written by `npm run chain:benchmark`: change the benchmarks, not this file.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use core::marker::PhantomData;

use frame_support::weights::Weight;

/// One function a call, with the components that its cost grows by.
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

/// As measured on the embedded engine.
pub struct AssayWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for AssayWeight<T> {
    fn sudo_set_default_take() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_tx_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_serving_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_difficulty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_difficulty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_weights_version_key() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_weights_set_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_adjustment_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_adjustment_alpha() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_immunity_period() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_allowed_weights() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_allowed_uids() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_kappa() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_rho() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_activity_cutoff() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_registration_allowed() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_pow_registration_allowed() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_target_registrations_per_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_difficulty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_allowed_validators() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_bonds_moving_average() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_registrations_per_block() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_owner_cut() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_tempo() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_immunity_period() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_min_lock_cost() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_lock_reduction_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_stake_threshold() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_nominator_min_required_stake() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_tx_delegate_take_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_delegate_take() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_commit_reveal_weights_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_liquid_alpha_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_alpha_values() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_commit_reveal_weights_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_bonds_penalty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_toggle_transfer() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_owner_hotkey() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subtoken_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_sn_owner_hotkey() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_alpha_sigmoid_steepness() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_yuma3_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_bonds_reset_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_commit_reveal_version() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_immune_neuron_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_ck_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_admin_freeze_window() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_hparam_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_mechanism_count() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_mechanism_emission_split() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_trim_to_max_allowed_uids() -> Weight {
        Weight::from_parts(50_000_000_000, 0)
    }
    fn sudo_set_min_allowed_uids() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_recycle_or_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_non_immune_uids() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_start_call_delay() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_mechanism_count() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_burn_half_life() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_burn_increase_mult() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_cut_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_childkey_take_per_subnet() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_emission_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_cut_auto_lock_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_epochs_per_block() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
}

impl WeightInfo for () {
    fn sudo_set_default_take() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_tx_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_serving_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_difficulty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_difficulty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_weights_version_key() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_weights_set_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_adjustment_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_adjustment_alpha() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_immunity_period() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_allowed_weights() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_allowed_uids() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_kappa() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_rho() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_activity_cutoff() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_registration_allowed() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_pow_registration_allowed() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_target_registrations_per_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_difficulty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_allowed_validators() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_bonds_moving_average() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_registrations_per_block() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_owner_cut() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_tempo() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_immunity_period() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_network_min_lock_cost() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_lock_reduction_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_stake_threshold() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_nominator_min_required_stake() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_tx_delegate_take_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_delegate_take() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_commit_reveal_weights_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_liquid_alpha_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_alpha_values() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_commit_reveal_weights_interval() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_bonds_penalty() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_toggle_transfer() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_owner_hotkey() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subtoken_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_sn_owner_hotkey() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_alpha_sigmoid_steepness() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_yuma3_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_bonds_reset_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_commit_reveal_version() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_immune_neuron_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_ck_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_admin_freeze_window() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_hparam_rate_limit() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_mechanism_count() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_mechanism_emission_split() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_trim_to_max_allowed_uids() -> Weight {
        Weight::from_parts(50_000_000_000, 0)
    }
    fn sudo_set_min_allowed_uids() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_recycle_or_burn() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_non_immune_uids() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_start_call_delay() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_mechanism_count() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_burn_half_life() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_burn_increase_mult() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_cut_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_min_childkey_take_per_subnet() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_subnet_emission_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_owner_cut_auto_lock_enabled() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
    fn sudo_set_max_epochs_per_block() -> Weight {
        Weight::from_parts(33_010_000, 0)
    }
}
