//! Every setter with a value that differs from what is there, and how it is read back.
use pallet_subtensor::{types::*, *};

use super::mock::*;
use crate::{Call, Event};

/// A call and whether its value is there.
pub type Change = (Call<Test>, fn() -> bool);

/// What owners may set, in an order in which each is allowed.
pub fn of_owners() -> Vec<Change> {
    let netuid = 1;
    vec![
        (Call::sudo_set_serving_rate_limit { netuid, serving_rate_limit: 7 }, || ServingRateLimit::<Test>::get(1) == 7),
        (Call::sudo_set_max_difficulty { netuid, max_difficulty: 7 }, || MaxDifficulty::<Test>::get(1) == 7),
        (Call::sudo_set_weights_version_key { netuid, weights_version_key: 7 }, || {
            WeightsVersionKey::<Test>::get(1) == 7
        }),
        (Call::sudo_set_adjustment_alpha { netuid, adjustment_alpha: 7 }, || AdjustmentAlpha::<Test>::get(1) == 7),
        (Call::sudo_set_immunity_period { netuid, immunity_period: 7 }, || ImmunityPeriod::<Test>::get(1) == 7),
        (Call::sudo_set_min_allowed_weights { netuid, min_allowed_weights: 7 }, || {
            MinAllowedWeights::<Test>::get(1) == 7
        }),
        (Call::sudo_set_max_allowed_uids { netuid, max_allowed_uids: 128 }, || MaxAllowedUids::<Test>::get(1) == 128),
        (Call::sudo_set_rho { netuid, rho: 7 }, || Rho::<Test>::get(1) == 7),
        (Call::sudo_set_activity_cutoff { netuid, activity_cutoff: 400 }, || ActivityCutoff::<Test>::get(1) == 400),
        (Call::sudo_set_min_burn { netuid, min_burn: 7 }, || MinBurn::<Test>::get(1) == 7),
        (Call::sudo_set_max_burn { netuid, max_burn: 200_000_000 }, || MaxBurn::<Test>::get(1) == 200_000_000),
        (Call::sudo_set_bonds_moving_average { netuid, bonds_moving_average: 7 }, || {
            BondsMovingAverage::<Test>::get(1) == 7
        }),
        (Call::sudo_set_commit_reveal_weights_enabled { netuid, enabled: true }, || {
            CommitRevealWeightsEnabled::<Test>::get(1)
        }),
        (Call::sudo_set_liquid_alpha_enabled { netuid, enabled: true }, || LiquidAlphaOn::<Test>::get(1)),
        (Call::sudo_set_alpha_values { netuid, alpha_low: 2_000, alpha_high: 3_000 }, || {
            AlphaValues::<Test>::get(1) == (2_000, 3_000)
        }),
        (Call::sudo_set_commit_reveal_weights_interval { netuid, interval: 7 }, || {
            RevealPeriodEpochs::<Test>::get(1) == 7
        }),
        (Call::sudo_set_bonds_penalty { netuid, bonds_penalty: 7 }, || BondsPenalty::<Test>::get(1) == 7),
        (Call::sudo_set_toggle_transfer { netuid, toggle: false }, || !TransferToggle::<Test>::get(1)),
        (Call::sudo_set_alpha_sigmoid_steepness { netuid, steepness: 7 }, || {
            AlphaSigmoidSteepness::<Test>::get(1) == 7
        }),
        (Call::sudo_set_yuma3_enabled { netuid, enabled: false }, || !Yuma3On::<Test>::get(1)),
        (Call::sudo_set_bonds_reset_enabled { netuid, enabled: true }, || BondsResetOn::<Test>::get(1)),
        (Call::sudo_set_owner_immune_neuron_limit { netuid, immune_neurons: 7 }, || {
            ImmuneOwnerUidsLimit::<Test>::get(1) == 7
        }),
        (Call::sudo_set_mechanism_count { netuid, mechanism_count: 2 }, || {
            MechanismCountCurrent::<Test>::get(1) == 2 && LastUpdate::<Test>::get(4097).len() == 4
        }),
        (Call::sudo_set_mechanism_emission_split { netuid, maybe_split: Some(vec![65_000, 535]) }, || {
            MechanismEmissionSplit::<Test>::get(1) == Some(vec![65_000, 535])
        }),
        (Call::sudo_trim_to_max_allowed_uids { netuid, max_n: 64 }, || MaxAllowedUids::<Test>::get(1) == 64),
        (Call::sudo_set_recycle_or_burn { netuid, recycle_or_burn: RecycleOrBurnEnum::Recycle }, || {
            RecycleOrBurn::<Test>::get(1) == RecycleOrBurnEnum::Recycle
        }),
        (Call::sudo_set_burn_half_life { netuid, burn_half_life: 7 }, || BurnHalfLife::<Test>::get(1) == 7),
        (Call::sudo_set_burn_increase_mult { netuid, burn_increase_mult: U64F64 { bits: 2 << 64 } }, || {
            BurnIncreaseMult::<Test>::get(1).bits == 2 << 64
        }),
        (Call::sudo_set_min_childkey_take_per_subnet { netuid, take: 7 }, || {
            MinChildkeyTakePerSubnet::<Test>::get(1) == 7
        }),
    ]
}

/// What owners may set as often as they like.
pub fn of_owners_any_time() -> Vec<Change> {
    let netuid = 1;
    vec![
        (Call::sudo_set_owner_cut_enabled { netuid, enabled: false }, || !OwnerCutEnabled::<Test>::get(1)),
        (Call::sudo_set_owner_cut_auto_lock_enabled { netuid, enabled: true }, || {
            OwnerCutAutoLockEnabled::<Test>::get(1)
        }),
    ]
}

/// What only Root sets, and not near an epoch.
pub fn of_root_unfrozen() -> Vec<Change> {
    let netuid = 1;
    vec![
        (Call::sudo_set_min_difficulty { netuid, min_difficulty: 7 }, || MinDifficulty::<Test>::get(1) == 7),
        (Call::sudo_set_target_registrations_per_interval { netuid, target_registrations_per_interval: 7 }, || {
            TargetRegistrationsPerInterval::<Test>::get(1) == 7
        }),
        (Call::sudo_set_difficulty { netuid, difficulty: 7 }, || Difficulty::<Test>::get(1) == 7),
        (Call::sudo_set_max_allowed_validators { netuid, max_allowed_validators: 7 }, || {
            MaxAllowedValidators::<Test>::get(1) == 7
        }),
        (Call::sudo_set_max_registrations_per_block { netuid, max_registrations_per_block: 7 }, || {
            MaxRegistrationsPerBlock::<Test>::get(1) == 7
        }),
        (Call::sudo_set_subtoken_enabled { netuid, subtoken_enabled: false }, || !SubtokenEnabled::<Test>::get(1)),
        (Call::sudo_set_min_allowed_uids { netuid, min_allowed_uids: 3 }, || MinAllowedUids::<Test>::get(1) == 3),
        (Call::sudo_set_tempo { netuid, tempo: 20 }, || {
            Tempo::<Test>::get(1) == 20 && LastEpochBlock::<Test>::get(1) == System::block_number()
        }),
    ]
}

/// What only Root sets, at any time.
pub fn of_root() -> Vec<Change> {
    let netuid = 1;
    vec![
        (Call::sudo_set_weights_set_rate_limit { netuid, weights_set_rate_limit: 7 }, || {
            WeightsSetRateLimit::<Test>::get(1) == 7
        }),
        (Call::sudo_set_adjustment_interval { netuid, adjustment_interval: 7 }, || {
            AdjustmentInterval::<Test>::get(1) == 7
        }),
        (Call::sudo_set_kappa { netuid, kappa: 7 }, || Kappa::<Test>::get(1) == 7),
        (Call::sudo_set_network_registration_allowed { netuid, registration_allowed: false }, || {
            !NetworkRegistrationAllowed::<Test>::get(1)
        }),
        (Call::sudo_set_min_non_immune_uids { netuid, min: 7 }, || MinNonImmuneUids::<Test>::get(1) == 7),
        (Call::sudo_set_subnet_emission_enabled { netuid, enabled: false }, || !SubnetEmissionEnabled::<Test>::get(1)),
    ]
}

/// What only Root sets for the whole chain.
pub fn of_the_chain() -> Vec<Change> {
    vec![
        (Call::sudo_set_default_take { default_take: 7 }, || MaxDelegateTake::<Test>::get() == 7),
        (Call::sudo_set_tx_rate_limit { tx_rate_limit: 7 }, || TxRateLimit::<Test>::get() == 7),
        (Call::sudo_set_subnet_owner_cut { subnet_owner_cut: 7 }, || SubnetOwnerCut::<Test>::get() == 7),
        (Call::sudo_set_network_rate_limit { rate_limit: 7 }, || NetworkRateLimit::<Test>::get() == 7),
        (Call::sudo_set_network_immunity_period { immunity_period: 7 }, || NetworkImmunityPeriod::<Test>::get() == 7),
        (Call::sudo_set_network_min_lock_cost { lock_cost: 7 }, || NetworkMinLockCost::<Test>::get() == 7),
        (Call::sudo_set_subnet_limit { max_subnets: 7 }, || SubnetLimit::<Test>::get() == 7),
        (Call::sudo_set_lock_reduction_interval { interval: 7 }, || NetworkLockReductionInterval::<Test>::get() == 7),
        (Call::sudo_set_stake_threshold { min_stake: 7 }, || StakeThreshold::<Test>::get() == 7),
        (Call::sudo_set_nominator_min_required_stake { min_stake: 7 }, || {
            NominatorMinRequiredStake::<Test>::get() == 7
        }),
        (Call::sudo_set_tx_delegate_take_rate_limit { tx_rate_limit: 7 }, || {
            TxDelegateTakeRateLimit::<Test>::get() == 7
        }),
        (Call::sudo_set_min_delegate_take { take: 7 }, || MinDelegateTake::<Test>::get() == 7),
        (Call::sudo_set_commit_reveal_version { version: 7 }, || CommitRevealWeightsVersion::<Test>::get() == 7),
        (Call::sudo_set_ck_burn { burn: 7 }, || CKBurn::<Test>::get() == 7),
        (Call::sudo_set_admin_freeze_window { window: 7 }, || AdminFreezeWindow::<Test>::get() == 7),
        (Call::sudo_set_owner_hparam_rate_limit { epochs: 7 }, || OwnerHyperparamRateLimit::<Test>::get() == 7),
        (Call::sudo_set_start_call_delay { delay: 7 }, || StartCallDelay::<Test>::get() == 7),
        (Call::sudo_set_max_mechanism_count { max_mechanism_count: 7 }, || MaxMechanismCount::<Test>::get() == 7),
        (Call::sudo_set_max_epochs_per_block { max_epochs_per_block: 7 }, || MaxEpochsPerBlock::<Test>::get() == 7),
    ]
}

#[test]
fn every_value_is_set_and_read_back() {
    run(|| {
        for (call, is_set) in of_owners().into_iter().chain(of_owners_any_time()) {
            assert!(!is_set(), "{call:?} was set before");
            send(owner(), call.clone()).unwrap_or_else(|refused| panic!("{call:?}: {refused:?}"));
            assert!(is_set(), "{call:?} is not read back");
        }
    });
    run(|| {
        let all = of_owners().into_iter().chain(of_owners_any_time()).chain(of_root());
        for (call, is_set) in all.chain(of_the_chain()).chain(of_root_unfrozen()) {
            send(root(), call.clone()).unwrap_or_else(|refused| panic!("{call:?}: {refused:?}"));
            assert!(is_set(), "{call:?} is not read back");
        }
    });
}

#[test]
fn clients_hear_of_it() {
    run(|| {
        send(owner(), Call::sudo_set_immunity_period { netuid: 1, immunity_period: 7 }).unwrap();
        System::assert_last_event(pallet_subtensor::Event::<Test>::ImmunityPeriodSet(1, 7).into());
        send(owner(), Call::sudo_set_yuma3_enabled { netuid: 1, enabled: false }).unwrap();
        System::assert_last_event(Event::<Test>::Yuma3EnableToggled { netuid: 1, enabled: false }.into());
        send(root(), Call::sudo_set_max_epochs_per_block { max_epochs_per_block: 3 }).unwrap();
        System::assert_last_event(pallet_subtensor::Event::<Test>::MaxEpochsPerBlockSet(3).into());
    });
}

#[test]
fn without_its_cut_the_owner_leaves_all_to_the_others() {
    run(|| {
        let had = PendingOwnerCut::<Test>::get(1);
        assert!(had > 0);
        send(owner(), Call::sudo_set_owner_cut_enabled { netuid: 1, enabled: false }).unwrap();
        run_to(5);
        assert_eq!(PendingOwnerCut::<Test>::get(1), had);
        let others = PendingServerEmission::<Test>::get(1) + PendingValidatorEmission::<Test>::get(1);
        assert_eq!(others + had, SubnetAlphaOut::<Test>::get(1));
    });
}
