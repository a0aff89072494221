//! Several mechanisms of a subnet: weights, incentives and a part of the emission each.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

const SECOND: u16 = 4097;

fn set(validator: u16, mecid: u8, uids: &[u16], weights: &[u16]) {
    let origin = RuntimeOrigin::signed(hot(validator));
    assert_ok!(Subtensor::set_mechanism_weights(origin, 1, mecid, uids.to_vec(), weights.to_vec(), 0));
}

/// Two validators, two miners, an epoch every ten blocks, two mechanisms of at most 128 uids.
fn with_mechanisms(body: impl FnOnce()) {
    with_networks(vec![network(10, &[2_000_000, 1_000_000], 2)], || {
        MaxAllowedUids::<Test>::insert(1, 128);
        assert_ok!(Subtensor::do_set_mechanism_count(1, 2));
        body();
    });
}

#[test]
fn splits_sum_to_the_amount() {
    with_mechanisms(|| {
        assert_eq!(Subtensor::split_among_mechanisms(1, 101), vec![51, 50]);
        assert_ok!(Subtensor::do_set_emission_split(1, Some(vec![20_000, 45_535])));
        assert_eq!(Subtensor::split_among_mechanisms(1, 65_535), vec![20_000, 45_535]);
        assert_eq!(Subtensor::split_among_mechanisms(1, 100), vec![31, 69]);
        assert_eq!(
            Subtensor::split_among_mechanisms(1, u64::MAX).iter().map(|part| u128::from(*part)).sum::<u128>(),
            u64::MAX.into()
        );
        assert_ok!(Subtensor::do_set_emission_split(1, Some(vec![65_535])));
        assert_eq!(Subtensor::split_among_mechanisms(1, 7), vec![7, 0]);
    });
}

#[test]
fn each_mechanism_pays_its_part_by_its_own_weights() {
    with_mechanisms(|| {
        assert_ok!(Subtensor::do_set_emission_split(1, Some(vec![13_107, 52_428])));
        for validator in [0, 1] {
            set(validator, 0, &[2], &[1]);
            set(validator, 1, &[3], &[1]);
        }
        System::assert_last_event(Event::<Test>::WeightsSet(SECOND, 1).into());
        assert_eq!(Weights::<Test>::get(SECOND, 0), vec![(3, 65_535)]);
        run_to(10);
        assert_eq!(Incentive::<Test>::get(1), vec![0, 0, 65_535, 0]);
        assert_eq!(Incentive::<Test>::get(SECOND), vec![0, 0, 0, 65_535]);
        let emission = Emission::<Test>::get(1);
        // A fifth and four fifths of 41 % of ten blocks.
        assert_eq!((emission[2], emission[3]), (820_004_578, 3_280_018_312));
        assert_eq!(emission.iter().sum::<u64>(), PaidToNeurons::<Test>::get(1));
        assert_eq!(BurnedEmission::<Test>::get(1), 0);
        assert_eq!(Bonds::<Test>::get(SECOND, 0).len(), 1);
        // Shares of a fifth and four fifths, truncated each.
        assert_eq!(Consensus::<Test>::get(1), vec![0, 0, 13_106, 52_427]);
        assert_eq!(ValidatorPermit::<Test>::get(1), vec![true, true, false, false]);
    });
}

#[test]
fn a_mechanism_without_incentives_burns_its_part() {
    with_mechanisms(|| {
        set(0, 1, &[3], &[1]);
        run_to(10);
        let emission = Emission::<Test>::get(1);
        assert!(emission[3] > 0 && emission[2] == 0, "{emission:?}");
        let (paid, burned) =
            (PaidToNeurons::<Test>::get(1) + PaidToOwner::<Test>::get(1), BurnedEmission::<Test>::get(1));
        // Half of each pool, to the rao that a split leaves.
        assert!(paid.abs_diff(5_000_000_000) < 5 && burned.abs_diff(5_000_000_000) < 5, "{paid} {burned}");
        assert!(MinerBurned::<Test>::get(1).bits < 1 << 32);
    });
}

#[test]
fn rate_limits_and_commits_count_by_mechanism() {
    with_mechanisms(|| {
        WeightsSetRateLimit::<Test>::insert(1, 5);
        run_to(3);
        set(0, 0, &[2], &[1]);
        set(0, 1, &[2], &[1]);
        let again = Subtensor::set_mechanism_weights(RuntimeOrigin::signed(hot(0)), 1, 1, vec![2], vec![1], 0);
        assert_noop!(again, Error::<Test>::SettingWeightsTooFast);
        assert_eq!(LastUpdate::<Test>::get(SECOND), vec![3, 0, 0, 0]);
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        run_to(8);
        let hash = Subtensor::commit_hash(&hot(0), SECOND, (&[3], &[1], &[4], 0));
        let origin = || RuntimeOrigin::signed(hot(0));
        assert_ok!(Subtensor::commit_mechanism_weights(origin(), 1, 1, hash));
        assert_eq!(LastUpdate::<Test>::get(1)[0], 3);
        run_to(10);
        let wrong = Subtensor::reveal_mechanism_weights(origin(), 1, 0, vec![3], vec![1], vec![4], 0);
        assert_noop!(wrong, Error::<Test>::NoWeightsCommitFound);
        assert_ok!(Subtensor::reveal_mechanism_weights(origin(), 1, 1, vec![3], vec![1], vec![4], 0));
        System::assert_last_event(Event::<Test>::WeightsRevealed(hot(0), SECOND, hash).into());
    });
}

#[test]
fn neurons_come_and_go_in_every_mechanism() {
    with_mechanisms(|| {
        set(0, 1, &[2, 3], &[1, 1]);
        assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(RICH), 1, 77));
        assert_eq!(LastUpdate::<Test>::get(SECOND), vec![1, 0, 0, 0, 1]);
        Subtensor::replace_neuron(1, 3, &78);
        assert_eq!(Weights::<Test>::get(SECOND, 0), vec![(2, 65_535), (3, 0)]);
        BondsResetOn::<Test>::insert(1, true);
        Bonds::<Test>::insert(SECOND, 0, vec![(2, 5_u16), (4, 6)]);
        Subtensor::reset_bonds(1, &hot(2));
        assert_eq!(Bonds::<Test>::get(SECOND, 0), vec![(4, 6)]);
    });
}

#[test]
fn counts_and_splits_have_bounds() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let (count, split) = (Subtensor::do_set_mechanism_count, Subtensor::do_set_emission_split);
        assert_noop!(count(9, 1), Error::<Test>::MechanismDoesNotExist);
        assert_noop!(count(1, 0), Error::<Test>::InvalidValue);
        assert_noop!(count(1, 3), Error::<Test>::InvalidValue);
        assert_noop!(count(1, 2), Error::<Test>::TooManyUIDsPerMechanism);
        MaxAllowedUids::<Test>::insert(1, 8);
        MaxMechanismCount::<Test>::put(20);
        assert_noop!(count(1, 17), Error::<Test>::InvalidValue);
        assert_ok!(count(1, 2));
        assert_noop!(split(9, None), Error::<Test>::MechanismDoesNotExist);
        assert_noop!(split(1, Some(vec![])), Error::<Test>::InvalidValue);
        assert_noop!(split(1, Some(vec![1, 2])), Error::<Test>::InvalidValue);
        assert_noop!(split(1, Some(vec![65_535, 0, 0])), Error::<Test>::InvalidValue);
        assert_ok!(split(1, Some(vec![5, 65_530])));
        set(0, 1, &[1], &[1]);
        assert_ok!(count(1, 1));
        assert!(Weights::<Test>::get(SECOND, 0).is_empty() && LastUpdate::<Test>::get(SECOND).is_empty());
        assert_eq!(MechanismEmissionSplit::<Test>::get(1), None);
        assert_ok!(split(1, None));
    });
}
