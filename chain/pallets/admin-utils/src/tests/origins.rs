//! Who may set what, when, and how often.
use frame_support::assert_noop;
use pallet_subtensor::{Error as Refusal, *};
use sp_runtime::DispatchError::BadOrigin;

use super::{mock::*, values::*};
use crate::{Call, Error};

fn all_of_subnets() -> impl Iterator<Item = Change> {
    of_owners().into_iter().chain(of_owners_any_time()).chain(of_root_unfrozen()).chain(of_root())
}

#[test]
fn a_stranger_sets_nothing_and_an_owner_only_its_own() {
    run(|| {
        for (call, _) in all_of_subnets().chain(of_the_chain()) {
            assert_noop!(send(stranger(), call.clone()), BadOrigin);
            assert_noop!(send(RuntimeOrigin::none(), call), BadOrigin);
        }
        for (call, _) in of_root_unfrozen().into_iter().chain(of_root()).chain(of_the_chain()) {
            assert_noop!(send(owner(), call), BadOrigin);
        }
        let elsewhere = Call::sudo_set_rho { netuid: 2, rho: 1 };
        assert_noop!(send(owner(), elsewhere.clone()), BadOrigin);
        assert_noop!(send(root(), elsewhere), Error::<Test>::SubnetDoesNotExist);
    });
}

#[test]
fn an_owner_changes_a_parameter_once_in_two_tempos_and_root_at_will() {
    run(|| {
        for (call, _) in of_owners() {
            send(owner(), call.clone()).unwrap();
            assert_noop!(send(owner(), call), Refusal::<Test>::TxRateLimitExceeded);
        }
        for (call, _) in of_owners_any_time() {
            send(owner(), call.clone()).unwrap();
            send(owner(), call).unwrap();
        }
        let rho = |rho| Call::sudo_set_rho { netuid: 1, rho };
        run_to(2 * TEMPO);
        assert_noop!(send(owner(), rho(3)), Refusal::<Test>::TxRateLimitExceeded);
        send(root(), rho(4)).unwrap();
        run_to(2 * TEMPO + 1);
        send(owner(), rho(5)).unwrap();
        let key = |weights_version_key| Call::sudo_set_weights_version_key { netuid: 1, weights_version_key };
        run_to(5 * TEMPO);
        assert_noop!(send(owner(), key(3)), Refusal::<Test>::TxRateLimitExceeded);
        run_to(5 * TEMPO + 1);
        send(owner(), key(3)).unwrap();
        OwnerHyperparamRateLimit::<Test>::put(0);
        send(owner(), rho(6)).unwrap();
        send(owner(), rho(7)).unwrap();
    });
}

#[test]
fn near_an_epoch_parameters_are_frozen() {
    run(|| {
        let frozen = || Refusal::<Test>::AdminActionProhibitedDuringWeightsWindow;
        run_to(90);
        send(owner(), Call::sudo_set_serving_rate_limit { netuid: 1, serving_rate_limit: 1 }).unwrap();
        run_to(91);
        for (call, _) in of_owners().into_iter().skip(1).chain(of_owners_any_time()) {
            assert_noop!(send(owner(), call.clone()), frozen());
            assert_noop!(send(root(), call), frozen());
        }
        for (call, _) in of_root_unfrozen() {
            assert_noop!(send(root(), call), frozen());
        }
        // The rate limit is looked at first, as upstream does.
        let again = Call::sudo_set_serving_rate_limit { netuid: 1, serving_rate_limit: 1 };
        assert_noop!(send(owner(), again), Refusal::<Test>::TxRateLimitExceeded);
        for (call, _) in of_root() {
            send(root(), call).unwrap();
        }
        run_to(100);
        send(owner(), Call::sudo_set_rho { netuid: 1, rho: 1 }).unwrap();
    });
}

#[test]
fn a_triggered_epoch_freezes_at_once() {
    run(|| {
        Subtensor::trigger_epoch(owner(), 1).unwrap();
        let call = Call::sudo_set_rho { netuid: 1, rho: 1 };
        assert_noop!(send(owner(), call.clone()), Refusal::<Test>::AdminActionProhibitedDuringWeightsWindow);
        run_to(11);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
        send(owner(), call).unwrap();
    });
}

#[test]
fn the_owners_hotkey_changes_once_in_a_week_and_is_nobody_elses() {
    run(|| {
        let set = |hotkey| Call::sudo_set_subnet_owner_hotkey { netuid: 1, hotkey };
        let same = |hotkey| Call::sudo_set_sn_owner_hotkey { netuid: 1, hotkey };
        assert_noop!(send(stranger(), set(50)), BadOrigin);
        assert_noop!(send(root(), Call::sudo_set_sn_owner_hotkey { netuid: 2, hotkey: 50 }), {
            Refusal::<Test>::SubnetNotExists
        });
        let system = Subtensor::subnet_account(1);
        assert_noop!(send(owner(), set(system)), Refusal::<Test>::CannotUseSystemAccount);
        assert_noop!(send(owner(), set(MINER)), Refusal::<Test>::NonAssociatedColdKey);
        send(owner(), same(50)).unwrap();
        assert_eq!(SubnetOwnerHotkey::<Test>::get(1), 50);
        assert_noop!(send(owner(), set(51)), Refusal::<Test>::TxRateLimitExceeded);
        assert_noop!(send(root(), set(51)), Refusal::<Test>::TxRateLimitExceeded);
        System::set_block_number(50_401);
        send(owner(), set(51)).unwrap();
        System::assert_last_event(pallet_subtensor::Event::<Test>::SubnetOwnerHotkeySet(1, 51).into());
    });
}

#[test]
fn proof_of_work_stays_off() {
    run(|| {
        let call = Call::sudo_set_network_pow_registration_allowed { netuid: 1, registration_allowed: true };
        assert_noop!(send(root(), call), Error::<Test>::POWRegistrationDisabled);
    });
}
