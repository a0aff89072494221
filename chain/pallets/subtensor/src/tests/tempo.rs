//! The owner's calls about time.
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError::BadOrigin;

use crate::{mock::*, pallet::*};

fn owner() -> RuntimeOrigin {
    RuntimeOrigin::signed(OWNER)
}

/// Runs `body` in block 1 with a subnet of tempo 400 and upstream's freeze window.
fn with_window(body: impl FnOnce()) {
    with_networks(vec![network(400, &[1_000], 1)], || {
        AdminFreezeWindow::<Test>::put(10);
        body();
    });
}

#[test]
fn set_tempo_lets_the_cycle_begin_now() {
    with_window(|| {
        run_to(50);
        assert_ok!(Subtensor::set_tempo(owner(), 1, 360));
        System::assert_last_event(Event::<Test>::TempoSet(1, 360).into());
        assert_eq!((Tempo::<Test>::get(1), LastEpochBlock::<Test>::get(1)), (360, 50));
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(410));
        run_to(409);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 0);
        run_to(410);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
    });
}

#[test]
fn set_tempo_refuses_in_upstreams_order() {
    with_window(|| {
        let set = |origin, tempo| Subtensor::set_tempo(origin, 1, tempo);
        assert_noop!(set(RuntimeOrigin::signed(RICH), 1), BadOrigin);
        assert_noop!(set(RuntimeOrigin::root(), 360), BadOrigin);
        run_to(391);
        assert_noop!(set(owner(), 359), Error::<Test>::TempoOutOfBounds);
        assert_noop!(set(owner(), 50_401), Error::<Test>::TempoOutOfBounds);
        assert_noop!(set(owner(), 360), Error::<Test>::AdminActionProhibitedDuringWeightsWindow);
        run_to(400);
        assert_ok!(set(owner(), 1_000));
        run_to(759);
        assert_noop!(set(owner(), 360), Error::<Test>::TxRateLimitExceeded);
        run_to(760);
        assert_ok!(set(owner(), 50_400));
    });
}

#[test]
fn the_activity_cutoff_is_bounded_and_root_is_not_held_up() {
    with_window(|| {
        let set = |origin, factor| Subtensor::set_activity_cutoff_factor(origin, 1, factor);
        assert_noop!(set(RuntimeOrigin::signed(RICH), 1_000), BadOrigin);
        run_to(391);
        assert_noop!(set(owner(), 999), Error::<Test>::ActivityCutoffFactorMilliOutOfBounds);
        assert_noop!(set(RuntimeOrigin::root(), 50_001), Error::<Test>::ActivityCutoffFactorMilliOutOfBounds);
        assert_noop!(set(owner(), 1_000), Error::<Test>::AdminActionProhibitedDuringWeightsWindow);
        assert_ok!(set(RuntimeOrigin::root(), 2_000));
        run_to(400);
        assert_ok!(set(owner(), 3_000));
        assert_eq!(Subtensor::activity_cutoff(1), 1_200);
        assert_noop!(set(owner(), 4_000), Error::<Test>::TxRateLimitExceeded);
        assert_ok!(set(RuntimeOrigin::root(), 4_000));
        let factor_milli = 4_000;
        System::assert_last_event(Event::<Test>::ActivityCutoffFactorMilliSet { netuid: 1, factor_milli }.into());
    });
}

#[test]
fn a_triggered_epoch_runs_after_the_freeze_and_the_next_a_tempo_later() {
    with_window(|| {
        run_to(50);
        assert_ok!(Subtensor::trigger_epoch(owner(), 1));
        System::assert_last_event(Event::<Test>::EpochTriggered { netuid: 1, by: OWNER, fires_at: 60 }.into());
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(60));
        assert!(Subtensor::is_frozen(1));
        run_to(59);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 0);
        run_to(60);
        assert_eq!((SubnetEpochIndex::<Test>::get(1), PendingEpochAt::<Test>::get(1)), (1, 0));
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(460));
        assert!(!Subtensor::is_frozen(1));
    });
}

#[test]
fn trigger_epoch_refuses_in_upstreams_order() {
    with_window(|| {
        let trigger = || Subtensor::trigger_epoch(owner(), 1);
        assert_noop!(Subtensor::trigger_epoch(RuntimeOrigin::signed(RICH), 1), BadOrigin);
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        assert_noop!(trigger(), Error::<Test>::DynamicTempoBlockedByCommitReveal);
        CommitRevealWeightsEnabled::<Test>::insert(1, false);
        PendingEpochAt::<Test>::insert(1, 300);
        assert_noop!(trigger(), Error::<Test>::EpochTriggerAlreadyPending);
        PendingEpochAt::<Test>::remove(1);
        run_to(391);
        assert_noop!(trigger(), Error::<Test>::AutoEpochAlreadyImminent);
        run_to(400);
        assert_ok!(trigger());
        run_to(410);
        assert_noop!(trigger(), Error::<Test>::TxRateLimitExceeded);
        run_to(1_200);
        assert_ok!(trigger());
    });
}

#[test]
fn without_a_freeze_window_a_triggered_epoch_is_the_next_blocks() {
    with_networks(vec![network(400, &[1_000], 1)], || {
        run_to(50);
        assert_ok!(Subtensor::trigger_epoch(owner(), 1));
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(51));
        run_to(51);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
    });
}
