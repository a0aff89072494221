//! What values are refused, by whom.
use frame_support::assert_noop;
use pallet_subtensor::{types::U64F64, Error as Refusal, *};

use super::mock::*;
use crate::{Call, Error};

#[test]
fn slots() {
    run(|| {
        let slots = |max_allowed_uids| Call::sudo_set_max_allowed_uids { netuid: 1, max_allowed_uids };
        assert_noop!(send(owner(), slots(63)), Error::<Test>::MaxAllowedUidsLessThanMinAllowedUids);
        assert_noop!(send(owner(), slots(257)), Error::<Test>::MaxAllowedUidsGreaterThanDefaultMaxAllowedUids);
        MinAllowedUids::<Test>::insert(1, 1);
        assert_noop!(send(owner(), slots(3)), Error::<Test>::MaxAllowedUIdsLessThanCurrentUIds);
        MechanismCountCurrent::<Test>::insert(1, 2);
        assert_noop!(send(owner(), slots(129)), Refusal::<Test>::TooManyUIDsPerMechanism);
        let least = |min_allowed_uids| Call::sudo_set_min_allowed_uids { netuid: 1, min_allowed_uids };
        assert_noop!(send(root(), least(256)), Error::<Test>::MinAllowedUidsGreaterThanMaxAllowedUids);
        assert_noop!(send(root(), least(4)), Error::<Test>::MinAllowedUidsGreaterThanCurrentUids);
        let validators = Call::sudo_set_max_allowed_validators { netuid: 1, max_allowed_validators: 257 };
        assert_noop!(send(root(), validators), Error::<Test>::MaxValidatorsLargerThanMaxUIds);
        for immune_neurons in [0, 11] {
            let call = Call::sudo_set_owner_immune_neuron_limit { netuid: 1, immune_neurons };
            assert_noop!(send(owner(), call), Refusal::<Test>::InvalidValue);
        }
        let cutoff = Call::sudo_set_activity_cutoff { netuid: 1, activity_cutoff: 359 };
        assert_noop!(send(owner(), cutoff), Refusal::<Test>::ActivityCutoffTooLow);
    });
}

#[test]
fn prices() {
    run(|| {
        let least = |min_burn| Call::sudo_set_min_burn { netuid: 1, min_burn };
        let most = |max_burn| Call::sudo_set_max_burn { netuid: 1, max_burn };
        assert_noop!(send(owner(), least(1_000_000_000)), Error::<Test>::ValueNotInBounds);
        assert_noop!(send(owner(), most(100_000_000)), Error::<Test>::ValueNotInBounds);
        MaxBurn::<Test>::insert(1, 5_000);
        assert_noop!(send(root(), least(5_000)), Error::<Test>::ValueNotInBounds);
        MinBurn::<Test>::insert(1, 200_000_000);
        assert_noop!(send(root(), most(200_000_000)), Error::<Test>::ValueNotInBounds);
        for burn_half_life in [0, 36_101] {
            let call = Call::sudo_set_burn_half_life { netuid: 1, burn_half_life };
            assert_noop!(send(owner(), call), Error::<Test>::InvalidValue);
        }
        for bits in [(1 << 64) - 1, (3 << 64) + 1] {
            let call = Call::sudo_set_burn_increase_mult { netuid: 1, burn_increase_mult: U64F64 { bits } };
            assert_noop!(send(owner(), call), Error::<Test>::InvalidValue);
        }
    });
}

#[test]
fn bonds() {
    run(|| {
        let average = |bonds_moving_average| Call::sudo_set_bonds_moving_average { netuid: 1, bonds_moving_average };
        assert_noop!(send(owner(), average(975_001)), Error::<Test>::BondsMovingAverageMaxReached);
        send(root(), average(975_001)).unwrap();
        let steep = |steepness| Call::sudo_set_alpha_sigmoid_steepness { netuid: 1, steepness };
        assert_noop!(send(owner(), steep(-1)), Error::<Test>::NegativeSigmoidSteepness);
        send(root(), steep(-1)).unwrap();
        let alpha = |alpha_low, alpha_high| Call::sudo_set_alpha_values { netuid: 1, alpha_low, alpha_high };
        assert_noop!(send(owner(), alpha(2_000, 3_000)), Refusal::<Test>::LiquidAlphaDisabled);
        LiquidAlphaOn::<Test>::insert(1, true);
        assert_noop!(send(owner(), alpha(1_638, 1_637)), Refusal::<Test>::AlphaHighTooLow);
        assert_noop!(send(owner(), alpha(1_637, 3_000)), Refusal::<Test>::AlphaLowOutOfRange);
        assert_noop!(send(owner(), alpha(3_001, 3_000)), Refusal::<Test>::AlphaLowOutOfRange);
        send(owner(), alpha(1_638, 1_638)).unwrap();
    });
}

#[test]
fn weights_and_mechanisms() {
    run(|| {
        let reveal = |interval| Call::sudo_set_commit_reveal_weights_interval { netuid: 1, interval };
        assert_noop!(send(owner(), reveal(101)), Refusal::<Test>::RevealPeriodTooLarge);
        assert_noop!(send(owner(), reveal(0)), Refusal::<Test>::RevealPeriodTooSmall);
        let take = Call::sudo_set_min_childkey_take_per_subnet { netuid: 1, take: 11_797 };
        assert_noop!(send(owner(), take), Error::<Test>::InvalidValue);
        let count = |mechanism_count| Call::sudo_set_mechanism_count { netuid: 1, mechanism_count };
        assert_noop!(send(owner(), count(0)), Refusal::<Test>::InvalidValue);
        assert_noop!(send(owner(), count(3)), Refusal::<Test>::InvalidValue);
        assert_noop!(send(owner(), count(2)), Refusal::<Test>::TooManyUIDsPerMechanism);
        let split =
            |shares: &[u16]| Call::sudo_set_mechanism_emission_split { netuid: 1, maybe_split: Some(shares.to_vec()) };
        for shares in [&[][..], &[65_535, 0], &[65_534]] {
            assert_noop!(send(owner(), split(shares)), Refusal::<Test>::InvalidValue);
        }
        for most in [0, 17] {
            let call = Call::sudo_set_max_mechanism_count { max_mechanism_count: most };
            assert_noop!(send(root(), call), Refusal::<Test>::InvalidValue);
        }
        let epochs = Call::sudo_set_max_epochs_per_block { max_epochs_per_block: 0 };
        assert_noop!(send(root(), epochs), Error::<Test>::ValueNotInBounds);
    });
}

#[test]
fn fewer_mechanisms_forget_what_the_others_hold() {
    run(|| {
        MaxAllowedUids::<Test>::insert(1, 128);
        let count = |mechanism_count| Call::sudo_set_mechanism_count { netuid: 1, mechanism_count };
        send(root(), count(2)).unwrap();
        Weights::<Test>::insert(4097, 0, vec![(1, 1_u16)]);
        MechanismEmissionSplit::<Test>::insert(1, vec![65_535_u16]);
        send(root(), count(1)).unwrap();
        assert_eq!(Weights::<Test>::iter_prefix(4097).count(), 0);
        assert!(!LastUpdate::<Test>::contains_key(4097) && !MechanismEmissionSplit::<Test>::contains_key(1));
    });
}
