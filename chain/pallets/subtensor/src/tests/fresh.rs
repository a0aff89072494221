//! Stake counts in an epoch as far as it has lain on its hotkey since the one before.
use frame_support::assert_ok;

use crate::{mock::*, pallet::*};

const TEMPO: u16 = 5;
const STAKE: u64 = 1_000_000_000;

fn origin(who: Account) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// What the last epoch counted of each uid's stake, of 65535.
fn counted() -> Vec<u16> {
    StakeWeight::<Test>::get(1)
}

fn fresh(uid: u16) -> u64 {
    Subtensor::fresh_stake(&hot(uid), 1)
}

/// Two validators of one stake each, and a miner whose hotkey the rich man stakes on.
fn with_two(body: impl FnOnce()) {
    with_networks(vec![network(TEMPO, &[STAKE, STAKE], 1)], body);
}

fn to_next_epoch() {
    let next = Subtensor::next_epoch_start_block(1).unwrap();
    run_to(next);
}

#[test]
fn stake_of_the_genesis_counts_at_once() {
    with_two(|| {
        assert_eq!(fresh(0), 0);
        to_next_epoch();
        assert_eq!(counted(), [32_767, 32_767, 0]);
    });
}

#[test]
fn stake_of_one_block_takes_part_in_no_epoch() {
    with_two(|| {
        let next = Subtensor::next_epoch_start_block(1).unwrap();
        run_to(next - 1);
        assert_ok!(Subtensor::add_stake(origin(RICH), hot(2), 1, 2 * STAKE));
        assert_eq!(fresh(2), 2 * STAKE);
        run_to(next);
        assert_eq!(counted(), [32_767, 32_767, 0], "it came in the last block");
        assert!(!ValidatorPermit::<Test>::get(1)[2]);
        assert_eq!(fresh(2), 0, "another period began");
        // Taken out after the epoch and put back before the next: it never counts.
        assert_ok!(Subtensor::remove_stake(origin(RICH), hot(2), 1, 2 * STAKE));
        run_to(next + u64::from(TEMPO) - 1);
        assert_ok!(Subtensor::add_stake(origin(RICH), hot(2), 1, 2 * STAKE));
        run(1);
        assert_eq!(counted()[2], 0);
        // What stays until the next one counts.
        to_next_epoch();
        assert_eq!(counted()[2], 32_767);
        assert!(ValidatorPermit::<Test>::get(1)[2]);
    });
}

#[test]
fn what_leaves_is_the_newest() {
    with_two(|| {
        assert_ok!(Subtensor::add_stake(origin(RICH), hot(0), 1, STAKE));
        assert_ok!(Subtensor::remove_stake(origin(RICH), hot(0), 1, STAKE / 2));
        assert_eq!(fresh(0), STAKE / 2);
        assert_ok!(Subtensor::remove_stake(origin(RICH), hot(0), 1, STAKE / 2));
        assert!(!FreshStake::<Test>::contains_key(1, hot(0)));
        to_next_epoch();
        assert_eq!(counted(), [32_767, 32_767, 0], "as if it had not been there");
        // Old stake that goes makes room that new stake does not fill.
        assert_ok!(Subtensor::remove_stake(origin(cold(0)), hot(0), 1, STAKE));
        assert_ok!(Subtensor::add_stake(origin(RICH), hot(0), 1, STAKE));
        assert_eq!(fresh(0), STAKE);
    });
}

#[test]
fn moving_makes_new_and_giving_does_not() {
    with_two(|| {
        assert_ok!(Subtensor::move_stake(origin(cold(0)), hot(0), hot(2), 1, 1, STAKE / 2));
        assert_eq!((fresh(0), fresh(2)), (0, STAKE / 2));
        // To another coldkey on the same hotkey: neither newer nor older.
        assert_ok!(Subtensor::transfer_stake(origin(cold(0)), RICH, hot(0), 1, 1, STAKE / 2));
        assert_eq!(fresh(0), 0);
        assert_ok!(Subtensor::transfer_stake(origin(cold(0)), RICH, hot(2), 1, 1, STAKE / 2));
        assert_eq!(fresh(2), STAKE / 2, "given away in full, it is still new");
        to_next_epoch();
        assert_eq!(counted(), [21_844, 43_689, 0]);
    });
}

#[test]
fn pay_counts_at_once() {
    with_two(|| {
        assert_ok!(Subtensor::set_weights(origin(hot(0)), 1, vec![2], vec![65_535], 0));
        assert_ok!(Subtensor::set_weights(origin(hot(1)), 1, vec![2], vec![65_535], 0));
        to_next_epoch();
        assert!(TotalHotkeyAlpha::<Test>::get(hot(2), 1) > 0);
        assert_eq!(fresh(2), 0);
        to_next_epoch();
        assert!(counted()[2] > 0);
    });
}
