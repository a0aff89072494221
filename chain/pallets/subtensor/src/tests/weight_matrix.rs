//! Accepting weights.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

fn set(hotkey: Account, netuid: u16, uids: &[u16], weights: &[u16], key: u64) -> sp_runtime::DispatchResult {
    let origin = RuntimeOrigin::signed(hotkey);
    Subtensor::set_mechanism_weights(origin, netuid, 0, uids.to_vec(), weights.to_vec(), key)
}

#[test]
fn stores_upscaled_weights_with_zeros() {
    with_networks(vec![network(100, &[1_000], 3)], || {
        run_to(6);
        assert_ok!(set(hot(0), 1, &[1, 2, 3], &[5, 10, 0], 0));
        System::assert_last_event(Event::<Test>::WeightsSet(1, 0).into());
        assert_eq!(Weights::<Test>::get(1, 0), vec![(1, 32_768), (2, 65_535), (3, 0)]);
        assert_eq!(LastUpdate::<Test>::get(1), vec![6, 0, 0, 0]);
        assert_ok!(set(hot(0), 1, &[1, 2], &[0, 0], 0));
        assert_eq!(Weights::<Test>::get(1, 0), vec![(1, 0), (2, 0)]);
    });
}

#[test]
fn refuses_in_upstreams_order() {
    with_networks(vec![network(100, &[1_000], 3)], || {
        StakeThreshold::<Test>::put(500);
        WeightsVersionKey::<Test>::insert(1, 7);
        MinAllowedWeights::<Test>::insert(1, 2);
        CommitRevealWeightsEnabled::<Test>::insert(0, false);
        CommitRevealWeightsEnabled::<Test>::insert(9, false);
        assert_noop!(set(RICH, 0, &[1], &[1, 2], 0), Error::<Test>::CanNotSetRootNetworkWeights);
        assert_noop!(set(RICH, 9, &[1], &[1, 2], 0), Error::<Test>::WeightVecNotEqualSize);
        assert_noop!(set(RICH, 9, &[1], &[1], 0), Error::<Test>::MechanismDoesNotExist);
        let origin = RuntimeOrigin::signed(RICH);
        let second = Subtensor::set_mechanism_weights(origin, 1, 1, vec![1], vec![1], 0);
        assert_noop!(second, Error::<Test>::MechanismDoesNotExist);
        assert_noop!(set(RICH, 1, &[9; 5], &[1; 5], 0), Error::<Test>::UidsLengthExceedUidsInSubNet);
        assert_noop!(set(RICH, 1, &[9], &[1], 0), Error::<Test>::HotKeyNotRegisteredInSubNet);
        assert_noop!(set(hot(1), 1, &[9], &[1], 0), Error::<Test>::NotEnoughStakeToSetWeights);
        assert_noop!(set(hot(0), 1, &[9], &[1], 6), Error::<Test>::IncorrectWeightVersionKey);
        WeightsSetRateLimit::<Test>::insert(1, 100);
        LastUpdate::<Test>::insert(1, vec![1, 0, 0, 0]);
        assert_noop!(set(hot(0), 1, &[9], &[1], 7), Error::<Test>::SettingWeightsTooFast);
        WeightsSetRateLimit::<Test>::insert(1, 0);
        ValidatorPermit::<Test>::insert(1, vec![false; 4]);
        assert_noop!(set(hot(0), 1, &[9], &[1], 7), Error::<Test>::NeuronNoValidatorPermit);
        ValidatorPermit::<Test>::insert(1, vec![true; 4]);
        assert_noop!(set(hot(0), 1, &[9, 9], &[1, 1], 7), Error::<Test>::DuplicateUids);
        assert_noop!(set(hot(0), 1, &[4], &[1], 7), Error::<Test>::UidVecContainInvalidOne);
        assert_noop!(set(hot(0), 1, &[3], &[1], 7), Error::<Test>::WeightVecLengthIsLow);
        assert_ok!(set(hot(0), 1, &[3, 2], &[1, 1], 7));
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        assert_noop!(set(hot(0), 1, &[3, 2], &[1, 1], 7), Error::<Test>::CommitRevealEnabled);
    });
}

#[test]
fn a_lone_self_weight_needs_no_permit() {
    with_networks(vec![network(100, &[1_000], 3)], || {
        MinAllowedWeights::<Test>::insert(1, 4);
        assert_ok!(set(hot(2), 1, &[2], &[1], 0));
        assert_noop!(set(hot(2), 1, &[3], &[1], 0), Error::<Test>::NeuronNoValidatorPermit);
    });
}

#[test]
fn the_owner_needs_neither_stake_nor_permit() {
    with_networks(vec![network(100, &[1_000], 3)], || {
        StakeThreshold::<Test>::put(500);
        SubnetOwnerHotkey::<Test>::insert(1, hot(3));
        assert_ok!(set(hot(3), 1, &[1, 2], &[1, 1], 0));
    });
}

#[test]
fn registration_starts_the_rate_limit() {
    with_networks(vec![network(1_000, &[1_000], 1)], || {
        WeightsSetRateLimit::<Test>::insert(1, 100);
        assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(RICH), 1, 77));
        run_to(100);
        assert_noop!(set(77, 1, &[2], &[1], 0), Error::<Test>::SettingWeightsTooFast);
        run_to(101);
        assert_ok!(set(77, 1, &[2], &[1], 0));
    });
}
