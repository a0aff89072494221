//! Stake that moves, and takes.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

/// Two subnets with the same neurons; RICH has 10 000 000 on hot(0) of subnet 1, of which half was earned.
fn on_two_subnets(body: impl FnOnce()) {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[1_000], 1), second], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 5_000_000));
        Subtensor::credit_stake(&hot(0), &RICH, 1, 5_000_000);
        PaidToNeurons::<Test>::mutate(1, |sum| *sum += 5_000_000);
        SubnetAlphaOut::<Test>::mutate(1, |sum| *sum += 5_000_000);
        body();
    });
}

fn principal(hotkey: Account, coldkey: Account, netuid: u16) -> u64 {
    Principal::<Test>::get((hotkey, coldkey, netuid))
}

fn swap(amount: u64) -> sp_runtime::DispatchResult {
    Subtensor::swap_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 2, amount)
}

#[test]
fn principal_goes_along_to_another_hotkey() {
    on_two_subnets(|| {
        let tao = SubnetTAO::<Test>::get(1);
        assert_ok!(Subtensor::move_stake(RuntimeOrigin::signed(RICH), hot(0), hot(1), 1, 1, 7_000_000));
        System::assert_last_event(Event::<Test>::StakeMoved(RICH, hot(0), 1, hot(1), 1, 7_000_000).into());
        assert_eq!((principal(hot(0), RICH, 1), principal(hot(1), RICH, 1)), (0, 5_000_000));
        assert_eq!(Subtensor::alpha_of(&hot(0), &RICH, 1), 3_000_000);
        assert_eq!(Subtensor::alpha_of(&hot(1), &RICH, 1), 7_000_000);
        assert_eq!(SubnetTAO::<Test>::get(1), tao);
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), hot(1), 1, 5_000_000));
    });
}

#[test]
fn principal_goes_along_to_another_coldkey() {
    on_two_subnets(|| {
        let give = |amount| Subtensor::transfer_stake(RuntimeOrigin::signed(RICH), OWNER, hot(0), 1, 1, amount);
        TransferToggle::<Test>::insert(1, false);
        assert_noop!(give(10_000_000), Error::<Test>::TransferDisallowed);
        TransferToggle::<Test>::insert(1, true);
        assert_ok!(give(10_000_000));
        System::assert_last_event(Event::<Test>::StakeTransferred(RICH, OWNER, hot(0), 1, 1, 10_000_000).into());
        assert_eq!((principal(hot(0), RICH, 1), principal(hot(0), OWNER, 1)), (0, 5_000_000));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(OWNER), hot(0), 1, 5_000_000));
        assert_eq!(Balances::free_balance(OWNER), ENDOWMENT + 5_000_000);
    });
}

#[test]
fn another_subnet_gets_only_what_has_tao_behind_it() {
    on_two_subnets(|| {
        assert_noop!(swap(5_000_001), Error::<Test>::InsufficientLiquidity);
        let account = Subtensor::subnet_account(1);
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), account, 1_000_000));
        assert_ok!(swap(6_000_000));
        System::assert_last_event(Event::<Test>::StakeSwapped(RICH, hot(0), 1, 2, 6_000_000).into());
        assert_eq!((principal(hot(0), RICH, 1), principal(hot(0), RICH, 2)), (0, 6_000_000));
        assert_eq!((PaidFromPot::<Test>::get(1), Subtensor::pot(1), Subtensor::pot(2)), (1_000_000, 0, 0));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), hot(0), 2, 6_000_000));
        assert_eq!(Subtensor::alpha_of(&hot(0), &RICH, 1), 4_000_000);
    });
}

#[test]
fn moves_are_refused_in_upstreams_order() {
    on_two_subnets(|| {
        let go = |from, to, netuid, to_netuid, amount| {
            Subtensor::move_stake(RuntimeOrigin::signed(RICH), from, to, netuid, to_netuid, amount)
        };
        assert_noop!(go(hot(0), hot(0), 9, 9, 1), Error::<Test>::SameNetuid);
        assert_noop!(go(hot(0), hot(1), 1, 9, 1), Error::<Test>::SubnetNotExists);
        SubtokenEnabled::<Test>::insert(2, false);
        assert_noop!(go(hot(0), 9_999, 1, 2, 1), Error::<Test>::SubtokenDisabled);
        assert_noop!(go(hot(0), 9_999, 1, 1, 1), Error::<Test>::HotKeyAccountNotExists);
        assert_noop!(go(hot(0), hot(1), 1, 1, 10_000_001), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(go(hot(0), hot(1), 1, 1, 1_999_999), Error::<Test>::AmountTooLow);
        assert_ok!(go(hot(0), hot(1), 1, 1, 9_000_000));
        assert_ok!(go(hot(0), hot(1), 1, 1, 1_000_000));
    });
}

#[test]
fn a_take_falls_at_any_time_and_rises_seldom() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let lower = |who, take| Subtensor::decrease_take(RuntimeOrigin::signed(who), hot(0), take);
        let raise = |who, take| Subtensor::increase_take(RuntimeOrigin::signed(who), hot(0), take);
        assert_noop!(lower(RICH, 5), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(lower(cold(0), 11_796), Error::<Test>::DelegateTakeTooLow);
        assert_noop!(raise(cold(0), 11_797), Error::<Test>::DelegateTakeTooHigh);
        assert_ok!(lower(cold(0), 100));
        System::assert_last_event(Event::<Test>::TakeDecreased(cold(0), hot(0), 100).into());
        assert_ok!(raise(cold(0), 200));
        assert_noop!(raise(cold(0), 300), Error::<Test>::DelegateTxRateLimitExceeded);
        assert_noop!(raise(cold(0), 200), Error::<Test>::DelegateTakeTooLow);
        MinDelegateTake::<Test>::put(50);
        assert_noop!(lower(cold(0), 49), Error::<Test>::DelegateTakeTooLow);
        System::set_block_number(1 + 216_001);
        assert_ok!(raise(cold(0), 300));
        assert_eq!(Delegates::<Test>::get(hot(0)), 300);
    });
}
