//! Benchmarks of the calls, in their order. Owners' setters are called by the owner, who is asked for more than Root.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
use alloc::vec;

use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use pallet_subtensor::{benchmarking::support::*, types::*, *};

use crate::pallet::{Call, Config, Error, Pallet};

type Subtensor<T> = pallet_subtensor::Pallet<T>;

/// Makes a subnet and names its owner.
fn owner_of_subnet<T: Config>() -> RawOrigin<T::AccountId> {
    subnet::<T>(NETUID, FEW);
    RawOrigin::Signed(owner::<T>())
}

#[benchmarks]
mod calls {
    use super::*;

    #[benchmark]
    fn sudo_set_default_take() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MaxDelegateTake::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_tx_rate_limit() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(TxRateLimit::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_serving_rate_limit() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(ServingRateLimit::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_min_difficulty() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(MinDifficulty::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_max_difficulty() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(MaxDifficulty::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_weights_version_key() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(WeightsVersionKey::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_weights_set_rate_limit() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(WeightsSetRateLimit::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_adjustment_interval() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(AdjustmentInterval::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_adjustment_alpha() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(AdjustmentAlpha::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_immunity_period() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(ImmunityPeriod::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_min_allowed_weights() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(MinAllowedWeights::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_max_allowed_uids() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 128);

        assert_eq!(MaxAllowedUids::<T>::get(NETUID), 128);
    }

    #[benchmark]
    fn sudo_set_kappa() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(Kappa::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_rho() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(Rho::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_activity_cutoff() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 400);

        assert_eq!(ActivityCutoff::<T>::get(NETUID), 400);
    }

    #[benchmark]
    fn sudo_set_network_registration_allowed() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, false);

        assert!(!NetworkRegistrationAllowed::<T>::get(NETUID));
    }

    /// Is always refused.
    #[benchmark]
    fn sudo_set_network_pow_registration_allowed() {
        let origin = owner_of_subnet::<T>().into();
        let answer;

        #[block]
        {
            answer = Pallet::<T>::sudo_set_network_pow_registration_allowed(origin, NETUID, true);
        }

        assert_eq!(answer, Err(Error::<T>::POWRegistrationDisabled.into()));
    }

    #[benchmark]
    fn sudo_set_target_registrations_per_interval() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(TargetRegistrationsPerInterval::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_min_burn() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(MinBurn::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_max_burn() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 200_000_000);

        assert_eq!(MaxBurn::<T>::get(NETUID), 200_000_000);
    }

    #[benchmark]
    fn sudo_set_difficulty() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(Difficulty::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_max_allowed_validators() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(MaxAllowedValidators::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_bonds_moving_average() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(BondsMovingAverage::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_max_registrations_per_block() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(MaxRegistrationsPerBlock::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_subnet_owner_cut() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(SubnetOwnerCut::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_network_rate_limit() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(NetworkRateLimit::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_tempo() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 20);

        assert_eq!(Tempo::<T>::get(NETUID), 20);
        assert_eq!(LastEpochBlock::<T>::get(NETUID), u64::from(NOW));
    }

    #[benchmark]
    fn sudo_set_network_immunity_period() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(NetworkImmunityPeriod::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_network_min_lock_cost() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(NetworkMinLockCost::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_subnet_limit() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(SubnetLimit::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_lock_reduction_interval() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(NetworkLockReductionInterval::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_stake_threshold() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(StakeThreshold::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_nominator_min_required_stake() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(NominatorMinRequiredStake::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_tx_delegate_take_rate_limit() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(TxDelegateTakeRateLimit::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_min_delegate_take() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MinDelegateTake::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_commit_reveal_weights_enabled() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, true);

        assert!(CommitRevealWeightsEnabled::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_liquid_alpha_enabled() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, true);

        assert!(LiquidAlphaOn::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_alpha_values() {
        let origin = owner_of_subnet::<T>();
        LiquidAlphaOn::<T>::insert(NETUID, true);

        #[extrinsic_call]
        _(origin, NETUID, 2_000, 3_000);

        assert_eq!(AlphaValues::<T>::get(NETUID), (2_000, 3_000));
    }

    #[benchmark]
    fn sudo_set_commit_reveal_weights_interval() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(RevealPeriodEpochs::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_bonds_penalty() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(BondsPenalty::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_toggle_transfer() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, false);

        assert!(!TransferToggle::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_subnet_owner_hotkey() {
        let (origin, hotkey) = (owner_of_subnet::<T>(), named::<T>("new_hotkey", 0));

        #[extrinsic_call]
        _(origin, NETUID, hotkey.clone());

        assert_eq!(SubnetOwnerHotkey::<T>::get(NETUID), hotkey);
    }

    #[benchmark]
    fn sudo_set_subtoken_enabled() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, false);

        assert!(!SubtokenEnabled::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_sn_owner_hotkey() {
        let (origin, hotkey) = (owner_of_subnet::<T>(), named::<T>("new_hotkey", 0));

        #[extrinsic_call]
        _(origin, NETUID, hotkey.clone());

        assert_eq!(SubnetOwnerHotkey::<T>::get(NETUID), hotkey);
    }

    #[benchmark]
    fn sudo_set_alpha_sigmoid_steepness() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(AlphaSigmoidSteepness::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_yuma3_enabled() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, false);

        assert!(!Yuma3On::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_bonds_reset_enabled() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, true);

        assert!(BondsResetOn::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_commit_reveal_version() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(CommitRevealWeightsVersion::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_owner_immune_neuron_limit() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(ImmuneOwnerUidsLimit::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_ck_burn() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(CKBurn::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_admin_freeze_window() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(AdminFreezeWindow::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_owner_hparam_rate_limit() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(OwnerHyperparamRateLimit::<T>::get(), 7);
    }

    /// One of two full mechanisms ends.
    #[benchmark]
    fn sudo_set_mechanism_count() {
        two_mechanisms::<T>(NETUID);
        let index = Subtensor::<T>::storage_index(NETUID, 1);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner::<T>()), NETUID, 1);

        assert_eq!(MechanismCountCurrent::<T>::get(NETUID), 1);
        assert!(Weights::<T>::iter_prefix(index).next().is_none());
    }

    /// Among as many mechanisms as there may be.
    #[benchmark]
    fn sudo_set_mechanism_emission_split() {
        let origin = owner_of_subnet::<T>();
        MechanismCountCurrent::<T>::insert(NETUID, 16);
        let mut split = vec![4_095; 16];
        split[0] += 15;

        #[extrinsic_call]
        _(origin, NETUID, Some(split.clone()));

        assert_eq!(MechanismEmissionSplit::<T>::get(NETUID), Some(split));
    }

    /// From 256 neurons with all weights and bonds: one leaves, all others move.
    #[benchmark]
    fn sudo_trim_to_max_allowed_uids() {
        full_subnet::<T>(NETUID);
        // The first one, so that no other stays where it is.
        Emission::<T>::mutate(NETUID, |earned| earned.iter_mut().skip(1).for_each(|amount| *amount = 7));

        #[extrinsic_call]
        _(RawOrigin::Signed(owner::<T>()), NETUID, UIDS - 1);

        assert_eq!(SubnetworkN::<T>::get(NETUID), UIDS - 1);
        assert_eq!(Uids::<T>::get(NETUID, hotkey::<T>(1)), Some(0));
    }

    #[benchmark]
    fn sudo_set_min_allowed_uids() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 3);

        assert_eq!(MinAllowedUids::<T>::get(NETUID), 3);
    }

    #[benchmark]
    fn sudo_set_recycle_or_burn() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, RecycleOrBurnEnum::Recycle);

        assert_eq!(RecycleOrBurn::<T>::get(NETUID), RecycleOrBurnEnum::Recycle);
    }

    #[benchmark]
    fn sudo_set_min_non_immune_uids() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, 7);

        assert_eq!(MinNonImmuneUids::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_start_call_delay() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(StartCallDelay::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_max_mechanism_count() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MaxMechanismCount::<T>::get(), 7);
    }

    #[benchmark]
    fn sudo_set_burn_half_life() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(BurnHalfLife::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_burn_increase_mult() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, U64F64 { bits: 2 << 64 });

        assert_eq!(BurnIncreaseMult::<T>::get(NETUID).bits, 2 << 64);
    }

    #[benchmark]
    fn sudo_set_owner_cut_enabled() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, false);

        assert!(!OwnerCutEnabled::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_min_childkey_take_per_subnet() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, 7);

        assert_eq!(MinChildkeyTakePerSubnet::<T>::get(NETUID), 7);
    }

    #[benchmark]
    fn sudo_set_subnet_emission_enabled() {
        let _ = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(RawOrigin::Root, NETUID, false);

        assert!(!SubnetEmissionEnabled::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_owner_cut_auto_lock_enabled() {
        let origin = owner_of_subnet::<T>();

        #[extrinsic_call]
        _(origin, NETUID, true);

        assert!(OwnerCutAutoLockEnabled::<T>::get(NETUID));
    }

    #[benchmark]
    fn sudo_set_max_epochs_per_block() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MaxEpochsPerBlock::<T>::get(), 7);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::new_test_ext(), crate::tests::mock::Test);
}
