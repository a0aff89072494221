//! Who gets to Root, when, and what stops it.
#![allow(clippy::arithmetic_side_effects)]
use frame_support::{assert_noop, assert_ok, traits::StorePreimage};
use sp_core::H256;
use sp_runtime::traits::BadOrigin;

use crate::{mock::*, pallet::*, types::*};

const STRANGER: Account = 9;

fn signed(who: Account) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// Publishes a call that only Root may make; returns its hash.
fn published(value: u8) -> H256 {
    let call = RuntimeCall::System(frame_system::Call::set_storage { items: vec![(vec![7], vec![value])] });
    let bytes = codec::Encode::encode(&call);
    Preimage::note(bytes.into()).unwrap()
}

fn stored() -> Option<u8> {
    frame_support::storage::unhashed::get_raw(&[7]).and_then(|bytes| bytes.first().copied())
}

fn places(list: &[(Account, u16)]) -> Positions<Test> {
    list.to_vec().try_into().unwrap()
}

/// Two keys approve in block 1.
fn scheduled(value: u8) -> H256 {
    let call = published(value);
    assert_ok!(Governance::approve(signed(1), call));
    assert_ok!(Governance::approve(signed(2), call));
    call
}

#[test]
fn k_of_n_keys_run_a_call_as_root_after_the_delay_and_not_before() {
    with_council(&KEYS, 2, || {
        let call = published(5);
        assert_ok!(Governance::approve(signed(3), call));
        assert_eq!(Proposals::<Test>::get(call).unwrap().at, None, "one is not enough");
        run_to(10);
        assert_ok!(Governance::approve(signed(1), call));
        let at = Proposals::<Test>::get(call).unwrap().at.unwrap();
        assert!(at >= 10 + DELAY);
        run_to(at - 1);
        assert_eq!(stored(), None);
        run_to(at);
        assert_eq!(stored(), Some(5));
        // The same call again needs new approvals and a new delay.
        run_to(at + 1);
        assert_ok!(Governance::approve(signed(1), published(5)));
        assert_eq!(Proposals::<Test>::get(call).unwrap().at, None);
    });
}

#[test]
fn strangers_and_unpublished_calls_are_refused() {
    with_council(&KEYS, 2, || {
        let call = published(1);
        assert_noop!(Governance::approve(signed(STRANGER), call), Error::<Test>::NotAKey);
        assert_noop!(Governance::approve(signed(1), H256::repeat_byte(1)), Error::<Test>::NoPreimage);
        assert_ok!(Governance::approve(signed(1), call));
        assert_noop!(Governance::approve(signed(1), call), Error::<Test>::AlreadyApproved);
        assert_ok!(Governance::approve(signed(2), call));
        assert_noop!(Governance::approve(signed(3), call), Error::<Test>::AlreadyScheduled);
        assert_noop!(Governance::set_council(signed(1), vec![1], 1), BadOrigin);
    });
}

#[test]
fn approvals_that_were_not_enough_lapse() {
    with_council(&KEYS, 2, || {
        let call = published(1);
        assert_ok!(Governance::approve(signed(1), call));
        run_to(1 + LIFETIME + 1);
        assert_ok!(Governance::approve(signed(2), call));
        assert_eq!(Proposals::<Test>::get(call).unwrap().approvals.to_vec(), vec![2]);
    });
}

#[test]
fn without_keys_nobody_ever_has_root() {
    with_council(&[], 0, || {
        let call = published(1);
        for who in [0, 1, STRANGER] {
            assert_noop!(Governance::approve(signed(who), call), Error::<Test>::NotAKey);
        }
    });
}

#[test]
fn half_of_the_stake_stops_a_call_and_less_does_not() {
    with_council(&KEYS, 2, || {
        stake(100, 10, 1, 300);
        stake(100, 11, 2, 199);
        stake(101, 12, 1, 501);
        let call = scheduled(8);
        assert_noop!(Governance::object(signed(STRANGER), call, places(&[(100, 1)])), Error::<Test>::NothingStaked);
        assert_ok!(Governance::object(signed(10), call, places(&[(100, 1), (100, 1)])));
        assert_ok!(Governance::object(signed(11), call, places(&[(100, 2)])));
        assert!(Proposals::<Test>::get(call).is_some(), "499 of 1,000, a place that is named twice counts once");
        stake(100, 10, 1, 301);
        stake(101, 12, 1, 500);
        assert_ok!(Governance::object(signed(11), call, places(&[(100, 2)])));
        assert!(Proposals::<Test>::get(call).is_none());
        assert_eq!(Objections::<Test>::iter_prefix(call).count(), 0);
        run_to(100);
        assert_eq!(stored(), None, "it never ran");
    });
}

#[test]
fn stake_that_moves_on_objects_once() {
    with_council(&KEYS, 2, || {
        stake(100, 10, 1, 300);
        stake(101, 12, 1, 700);
        let call = scheduled(8);
        assert_ok!(Governance::object(signed(10), call, places(&[(100, 1)])));
        stake(100, 10, 1, 0);
        stake(100, 11, 1, 300);
        assert_ok!(Governance::object(signed(11), call, places(&[(100, 1)])));
        assert!(Proposals::<Test>::get(call).is_some(), "300 of 1,000, not 600");
    });
}

#[test]
fn objections_are_bounded_and_the_largest_stay() {
    with_council(&KEYS, 2, || {
        stake(1, 1, 1, 1_000_000);
        let call = scheduled(8);
        for coldkey in 0..MAX_OBJECTIONS as u64 {
            stake(100, 1_000 + coldkey, 1, 10 + coldkey);
            assert_ok!(Governance::object(signed(1_000 + coldkey), call, places(&[(100, 1)])));
        }
        stake(100, 50, 1, 10);
        assert_noop!(Governance::object(signed(50), call, places(&[(100, 1)])), Error::<Test>::TooLittleStake);
        stake(100, 50, 1, 600_000);
        stake(1, 1, 1, 600_000);
        assert_ok!(Governance::object(signed(50), call, places(&[(100, 1)])));
        assert!(Proposals::<Test>::get(call).is_none(), "dust keeps nobody out");
    });
}

#[test]
fn nothing_can_be_stopped_before_it_is_scheduled_or_after_it_ran() {
    with_council(&KEYS, 1, || {
        stake(100, 10, 1, 300);
        let call = published(2);
        let object = || Governance::object(signed(10), call, places(&[(100, 1)]));
        assert_noop!(object(), Error::<Test>::NotScheduled);
        assert_ok!(Governance::approve(signed(1), call));
        let at = Proposals::<Test>::get(call).unwrap().at.unwrap();
        run_to(at);
        assert_eq!(stored(), Some(2));
        assert_noop!(object(), Error::<Test>::TooLate);
    });
}

#[test]
fn a_proposal_changes_the_keys_and_old_keys_count_no_longer() {
    with_council(&KEYS, 2, || {
        let change = RuntimeCall::Governance(Call::set_council { keys: vec![4, 5], threshold: 2 });
        let change = Preimage::note(codec::Encode::encode(&change).into()).unwrap();
        let other = published(3);
        assert_ok!(Governance::approve(signed(1), other));
        assert_ok!(Governance::approve(signed(1), change));
        assert_ok!(Governance::approve(signed(2), change));
        run_to(Proposals::<Test>::get(change).unwrap().at.unwrap());
        assert_eq!(Council::<Test>::get().keys.to_vec(), vec![4, 5]);
        assert_noop!(Governance::approve(signed(2), other), Error::<Test>::NotAKey);
        assert_ok!(Governance::approve(signed(4), other));
        assert_eq!(Proposals::<Test>::get(other).unwrap().at, None, "the first key has gone");
        assert_ok!(Governance::approve(signed(5), other));
        assert!(Proposals::<Test>::get(other).unwrap().at.is_some());
    });
}

#[test]
fn a_council_has_distinct_keys_and_a_threshold_in_reach() {
    with_council(&KEYS, 2, || {
        let many: Vec<Account> = (0..33).collect();
        for (keys, threshold) in [(vec![], 0), (vec![1, 2], 0), (vec![1, 2], 3), (vec![1, 1], 1), (many, 1)] {
            let set = Governance::set_council(RuntimeOrigin::root(), keys, threshold);
            assert_eq!(set, Err(Error::<Test>::BadCouncil.into()));
        }
    });
}
