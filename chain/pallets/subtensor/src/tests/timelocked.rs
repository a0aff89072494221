//! Timelocked commits: the chain opens them when the beacon's pulse has come.
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

use crate::{mock::*, pallet::*, timelocked::MOST_OPENED};

const ROUND: u64 = 50;

/// What the fake beacon opens to these weights of `hotkey`.
fn sealed(hotkey: Account, uids: &[u16], values: &[u16]) -> crate::Ciphertext {
    let payload = (hotkey.encode(), uids, values, 0_u64).encode();
    [vec![1], payload].concat().try_into().unwrap()
}

fn commit_as(who: Account, ciphertext: crate::Ciphertext, round: u64, version: u16) -> DispatchResult {
    Subtensor::commit_timelocked_weights(RuntimeOrigin::signed(who), 1, ciphertext, round, version)
}

fn commit(who: Account) -> DispatchResult {
    commit_as(who, sealed(who, &[2, 3], &[1, 3]), ROUND, 4)
}

/// Epochs every ten blocks, two validators, two miners, commit-reveal on, a beacon.
fn with_beacon(body: impl FnOnce()) {
    with_networks(vec![network(10, &[2_000_000, 1_000_000], 2)], || {
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        Pulses::set(Some(vec![40]));
        body();
        Pulses::set(None);
    });
}

fn waiting() -> Vec<(u64, usize)> {
    let mut queues: Vec<_> =
        TimelockedWeightCommits::<Test>::iter_prefix(1).map(|(epoch, queue)| (epoch, queue.len())).collect();
    queues.sort_unstable();
    queues
}

#[test]
fn opens_with_the_pulse_in_the_epoch_of_reveal_and_pays() {
    with_beacon(|| {
        run_to(5);
        assert_ok!(commit(hot(0)));
        let hash = sp_io::hashing::blake2_256(&sealed(hot(0), &[2, 3], &[1, 3])).into();
        System::assert_last_event(Event::<Test>::TimelockedWeightsCommitted(hot(0), 1, hash, ROUND).into());
        assert_eq!(TimelockedWeightCommits::<Test>::get(1, 0)[0].1, 5);
        assert_eq!(LastUpdate::<Test>::get(1)[0], 5);
        run_to(12);
        assert_eq!(waiting(), vec![(0, 1)]);
        Pulses::set(Some(vec![40, ROUND]));
        run_to(13);
        System::assert_has_event(Event::<Test>::WeightsSet(1, 0).into());
        System::assert_has_event(Event::<Test>::TimelockedWeightsRevealed(1, hot(0)).into());
        assert_eq!((waiting(), LastUpdate::<Test>::get(1)[0]), (vec![], 5));
        run_to(20);
        let emission = Emission::<Test>::get(1);
        assert!(emission[2] > 0 && emission[3] > emission[2], "{emission:?}");
    });
}

#[test]
fn opens_before_the_epoch_of_its_block() {
    with_beacon(|| {
        run_to(5);
        assert_ok!(commit(hot(0)));
        Pulses::set(Some(vec![ROUND]));
        // Committed in epoch 0: not to be revealed in it, but by the epoch that block 10 begins.
        run_to(9);
        assert_eq!(waiting(), vec![(0, 1)]);
        run_to(10);
        assert!(Emission::<Test>::get(1)[3] > 0);
    });
}

#[test]
fn expires_when_no_pulse_comes() {
    with_beacon(|| {
        run_to(5);
        assert_ok!(commit(hot(0)));
        run_to(19);
        assert_eq!(waiting(), vec![(0, 1)]);
        Pulses::set(Some(vec![]));
        run_to(20);
        assert_eq!(waiting(), vec![]);
        Pulses::set(Some(vec![ROUND]));
        run_to(30);
        assert!(Weights::<Test>::get(1, 0).is_empty());
    });
}

#[test]
fn a_few_open_in_a_block_and_subnets_take_turns() {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[2_000_000, 1_000_000], 2), second], || {
        Pulses::set(Some(vec![40]));
        for netuid in [1, 2] {
            CommitRevealWeightsEnabled::<Test>::insert(netuid, true);
        }
        run_to(5);
        for _ in 0..6 {
            assert_ok!(commit(hot(0)));
        }
        let ciphertext = sealed(hot(0), &[1], &[1]);
        assert_ok!(Subtensor::commit_timelocked_weights(RuntimeOrigin::signed(hot(0)), 2, ciphertext, ROUND, 4));
        run_to(12);
        Pulses::set(Some(vec![ROUND]));
        // An odd block begins with subnet 2.
        run_to(13);
        assert_eq!(Weights::<Test>::get(2, 0), vec![(1, 65_535)]);
        assert_eq!(waiting(), vec![(0, 6 + 1 - MOST_OPENED as usize)]);
        run_to(14);
        assert_eq!(waiting(), vec![]);
        Pulses::set(None);
    });
}

#[test]
fn neurons_without_a_permit_keep_nobody_waiting() {
    with_beacon(|| {
        run_to(5);
        for miner in [2, 3] {
            for _ in 0..10 {
                assert_ok!(commit(hot(miner)));
            }
        }
        assert_ok!(commit(hot(0)));
        Pulses::set(Some(vec![ROUND]));
        run_to(10);
        assert_eq!(waiting(), vec![]);
        assert!(!Weights::<Test>::get(1, 0).is_empty() && Weights::<Test>::get(1, 2).is_empty());
        // The owner's hotkey needs none.
        SubnetOwnerHotkey::<Test>::insert(1, hot(3));
        assert_ok!(commit_as(hot(3), sealed(hot(3), &[2], &[1]), ROUND, 4));
        run_to(20);
        assert_eq!(Weights::<Test>::get(1, 3), vec![(2, 65_535)]);
    });
}

#[test]
fn what_cannot_be_set_is_dropped() {
    with_beacon(|| {
        run_to(5);
        let foreign = sealed(hot(1), &[2], &[1]);
        let unreadable: crate::Ciphertext = vec![7].try_into().unwrap();
        let without_hotkey: crate::Ciphertext =
            [vec![1], (vec![2_u16], vec![1_u16], 0_u64).encode()].concat().try_into().unwrap();
        for ciphertext in [foreign, unreadable, without_hotkey, sealed(hot(0), &[9], &[1])] {
            assert_ok!(commit_as(hot(0), ciphertext, ROUND, 4));
        }
        Pulses::set(Some(vec![ROUND]));
        run_to(10);
        assert_eq!(waiting(), vec![]);
        assert!(Weights::<Test>::get(1, 0).is_empty());
    });
}

#[test]
fn refuses_in_order() {
    with_beacon(|| {
        let origin = || RuntimeOrigin::signed(hot(0));
        let sealed = || sealed(hot(0), &[2], &[1]);
        CommitRevealWeightsEnabled::<Test>::insert(1, false);
        let elsewhere = Subtensor::commit_timelocked_mechanism_weights(origin(), 1, 1, sealed(), ROUND, 3);
        assert_noop!(elsewhere, Error::<Test>::MechanismDoesNotExist);
        assert_noop!(commit_as(RICH, sealed(), 1, 3), Error::<Test>::CommitRevealDisabled);
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        assert_noop!(commit_as(RICH, sealed(), 1, 3), Error::<Test>::IncorrectCommitRevealVersion);
        assert_noop!(commit_as(RICH, sealed(), 39, 4), Error::<Test>::InvalidRevealRound);
        assert_noop!(commit_as(RICH, sealed(), ROUND, 4), Error::<Test>::HotKeyNotRegisteredInSubNet);
        run_to(3);
        WeightsSetRateLimit::<Test>::insert(1, 2);
        assert_ok!(Subtensor::commit_crv3_mechanism_weights(origin(), 1, 0, sealed(), ROUND));
        assert_noop!(commit(hot(0)), Error::<Test>::CommittingWeightsTooFast);
        WeightsSetRateLimit::<Test>::insert(1, 0);
        for _ in 1..10 {
            assert_ok!(commit(hot(0)));
        }
        assert_noop!(commit(hot(0)), Error::<Test>::TooManyUnrevealedCommits);
        assert_ok!(commit(hot(1)));
        // Without a beacon, whatever the round.
        Pulses::set(None);
        assert_noop!(commit(hot(1)), Error::<Test>::InvalidRevealRound);
    });
}

#[test]
fn an_open_ciphertext_masks_like_a_salted_commit() {
    with_beacon(|| {
        run_to(6);
        assert_ok!(commit(hot(0)));
        run_to(7);
        assert_ok!(commit(hot(0)));
        assert_eq!(Subtensor::earliest_commits(1, 1), vec![Some(6), None, None, None]);
        run_to(15);
        assert_eq!(Subtensor::earliest_commits(1, 1)[0], Some(6));
        run_to(20);
        assert_eq!(Subtensor::earliest_commits(1, 1)[0], None);
    });
}
