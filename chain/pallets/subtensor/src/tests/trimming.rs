//! Fewer slots for a subnet that is full.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

/// Six neurons out of immunity with these emissions; uid 0 weighs all, everybody has a bond of its own uid.
fn with_six(emission: [u64; 6], body: impl FnOnce()) {
    with_networks(vec![network(1_000, &[1_000_000], 5)], || {
        ImmunityPeriod::<Test>::insert(1, 0);
        MinAllowedUids::<Test>::insert(1, 2);
        Emission::<Test>::insert(1, emission.to_vec());
        Weights::<Test>::insert(1, 0, (1..6).map(|uid| (uid, 10 * uid)).collect::<Vec<_>>());
        for uid in 0..6 {
            Bonds::<Test>::insert(1, uid, vec![(uid, uid)]);
        }
        body();
    });
}

#[test]
fn the_lowest_earners_leave_and_the_others_move_up() {
    with_six([50, 5, 40, 5, 30, 60], || {
        assert_ok!(Subtensor::do_trim(1, 4));
        assert_eq!((SubnetworkN::<Test>::get(1), MaxAllowedUids::<Test>::get(1)), (4, 4));
        let hotkeys: Vec<_> = (0..4).map(|uid| Keys::<Test>::get(1, uid)).collect();
        assert_eq!(hotkeys, [hot(0), hot(2), hot(4), hot(5)]);
        assert_eq!(Emission::<Test>::get(1), [50, 40, 30, 60]);
        assert_eq!(Weights::<Test>::get(1, 0), [(1, 20), (2, 40), (3, 50)]);
        assert_eq!((Bonds::<Test>::get(1, 3), Bonds::<Test>::get(1, 4)), (vec![(3, 5)], vec![]));
        assert!(!Subtensor::is_registered(1, &hot(1)) && !Subtensor::is_registered(1, &hot(3)));
        assert_eq!(Subtensor::alpha_of(&hot(0), &cold(0), 1), 1_000_000);
        Subtensor::do_try_state().unwrap();
        run_to(1_000);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
    });
}

#[test]
fn of_equals_the_highest_uid_leaves_and_the_owner_stays() {
    with_six([0; 6], || {
        SubnetOwnerHotkey::<Test>::insert(1, hot(5));
        assert_ok!(Subtensor::do_trim(1, 3));
        let hotkeys: Vec<_> = (0..3).map(|uid| Keys::<Test>::get(1, uid)).collect();
        assert_eq!(hotkeys, [hot(0), hot(1), hot(5)]);
    });
}

#[test]
fn refuses_what_cannot_be() {
    with_six([0; 6], || {
        assert_noop!(Subtensor::do_trim(2, 4), Error::<Test>::SubnetNotExists);
        assert_noop!(Subtensor::do_trim(1, 1), Error::<Test>::InvalidValue);
        assert_noop!(Subtensor::do_trim(1, 257), Error::<Test>::InvalidValue);
        ImmunityPeriod::<Test>::insert(1, 5_000);
        assert_noop!(Subtensor::do_trim(1, 5), Error::<Test>::TrimmingWouldExceedMaxImmunePercentage);
        assert_ok!(Subtensor::do_trim(1, 6));
        assert_eq!(SubnetworkN::<Test>::get(1), 6);
    });
}
