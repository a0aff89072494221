//! Stake with a price limit, and all of it at once.
use frame_support::{assert_noop, assert_ok};

use crate::{limits::PRICE, mock::*, pallet::*, types::ROOT};

const STAKE: u64 = 10_000_000;

/// Subnet 1; RICH has STAKE on hot(0), and as much again that was earned.
fn with_earned_stake(body: impl FnOnce()) {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[1_000], 1), second], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, STAKE));
        Subtensor::credit_stake(&hot(0), &RICH, 1, STAKE);
        PaidToNeurons::<Test>::mutate(1, |sum| *sum += STAKE);
        SubnetAlphaOut::<Test>::mutate(1, |sum| *sum += STAKE);
        body();
    });
}

fn sponsor(amount: u64) {
    let account = Subtensor::subnet_account(1);
    assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), account, amount));
}

fn add(amount: u64, limit: u64, partial: bool) -> sp_runtime::DispatchResult {
    Subtensor::add_stake_limit(RuntimeOrigin::signed(RICH), hot(0), 1, amount, limit, partial)
}

fn remove(amount: u64, limit: u64, partial: bool) -> sp_runtime::DispatchResult {
    Subtensor::remove_stake_limit(RuntimeOrigin::signed(RICH), hot(0), 1, amount, limit, partial)
}

fn swap(amount: u64, limit: u64, partial: bool) -> sp_runtime::DispatchResult {
    Subtensor::swap_stake_limit(RuntimeOrigin::signed(RICH), hot(0), 1, 2, amount, limit, partial)
}

#[test]
fn a_limit_allows_all_or_nothing() {
    with_earned_stake(|| {
        assert_noop!(add(STAKE, PRICE - 1, false), Error::<Test>::SlippageTooHigh);
        assert_noop!(add(STAKE, PRICE - 1, true), Error::<Test>::AmountTooLow);
        assert_ok!(add(STAKE, PRICE, false));
        System::assert_last_event(Event::<Test>::StakeAdded(RICH, hot(0), STAKE, STAKE, 1, 0).into());
        assert!(Delegates::<Test>::contains_key(hot(0)), "somebody else staked on it");
        assert_noop!(remove(STAKE, PRICE + 1, false), Error::<Test>::SlippageTooHigh);
        assert_noop!(remove(STAKE, PRICE + 1, true), Error::<Test>::AmountTooLow);
        assert_ok!(remove(STAKE, PRICE, true));
        System::assert_last_event(Event::<Test>::StakeRemoved(RICH, hot(0), STAKE, STAKE, 1, 0).into());
        assert_noop!(swap(STAKE, PRICE + 1, false), Error::<Test>::SlippageTooHigh);
        assert_noop!(swap(STAKE, PRICE + 1, true), Error::<Test>::AmountTooLow);
        assert_ok!(swap(STAKE, 0, false));
        System::assert_last_event(Event::<Test>::StakeSwapped(RICH, hot(0), 1, 2, STAKE).into());
    });
}

#[test]
fn limits_are_refused_in_order() {
    with_earned_stake(|| {
        let none =
            |netuid, hotkey| Subtensor::add_stake_limit(RuntimeOrigin::signed(POOR), hotkey, netuid, 1, 0, false);
        assert_noop!(none(9, 7), Error::<Test>::SubnetNotExists);
        SubtokenEnabled::<Test>::insert(2, false);
        assert_noop!(none(2, 7), Error::<Test>::SubtokenDisabled);
        assert_noop!(none(1, 7), Error::<Test>::AmountTooLow);
        let poor =
            |hotkey, limit| Subtensor::add_stake_limit(RuntimeOrigin::signed(POOR), hotkey, 1, STAKE, limit, false);
        assert_noop!(poor(7, 0), Error::<Test>::SlippageTooHigh);
        assert_noop!(poor(7, PRICE), Error::<Test>::NotEnoughBalanceToStake);
        let unknown = Subtensor::add_stake_limit(RuntimeOrigin::signed(RICH), 7, 1, STAKE, PRICE, false);
        assert_eq!(unknown, Err(Error::<Test>::HotKeyAccountNotExists.into()));
        let stranger = |netuid, amount| {
            Subtensor::remove_stake_limit(RuntimeOrigin::signed(POOR), hot(0), netuid, amount, 2 * PRICE, false)
        };
        assert_noop!(stranger(9, 1), Error::<Test>::SubnetNotExists);
        assert_noop!(stranger(1, 1), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(stranger(1, 0), Error::<Test>::AmountTooLow);
        assert_noop!(remove(2 * STAKE + 1, 2 * PRICE, false), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(remove(1, 2 * PRICE, false), Error::<Test>::AmountTooLow);
        assert_noop!(remove(2 * STAKE, PRICE, false), Error::<Test>::InsufficientLiquidity);
        assert_noop!(swap(1, 2 * PRICE, false), Error::<Test>::SubtokenDisabled);
    });
}

#[test]
fn all_of_a_position_is_what_can_be_paid() {
    with_earned_stake(|| {
        let all = |limit| Subtensor::remove_stake_full_limit(RuntimeOrigin::signed(RICH), hot(0), 1, limit);
        assert_noop!(all(Some(PRICE + 1)), Error::<Test>::SlippageTooHigh);
        assert_ok!(all(Some(PRICE)));
        assert_eq!((Balances::free_balance(RICH), Subtensor::alpha_of(&hot(0), &RICH, 1)), (ENDOWMENT, STAKE));
        assert_noop!(all(None), Error::<Test>::InsufficientLiquidity);
        sponsor(3);
        assert_ok!(all(None));
        sponsor(STAKE);
        assert_ok!(all(None));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT + STAKE);
        assert!(StakingHotkeys::<Test>::get(RICH).is_empty());
        assert_noop!(all(None), Error::<Test>::AmountTooLow);
    });
}

#[test]
fn unstaking_all_takes_what_every_subnet_can_pay() {
    with_earned_stake(|| {
        let all = |hotkey| Subtensor::unstake_all(RuntimeOrigin::signed(RICH), hotkey);
        assert_noop!(all(9_999), Error::<Test>::HotKeyAccountNotExists);
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 2, STAKE));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), ROOT, STAKE));
        sponsor(5);
        assert_ok!(all(hot(0)));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT + 5);
        assert_eq!(Subtensor::alpha_of(&hot(0), &RICH, 1), STAKE - 5);
        assert_ok!(all(hot(0)));
        SubtokenEnabled::<Test>::insert(1, false);
        assert_ok!(all(hot(0)));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT + 5);
        SubtokenEnabled::<Test>::insert(1, true);
    });
}

#[test]
fn unstaking_all_alpha_ends_on_the_root_network() {
    with_earned_stake(|| {
        let all = || Subtensor::unstake_all_alpha(RuntimeOrigin::signed(RICH), hot(0));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 2, STAKE));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), ROOT, STAKE));
        assert_ok!(all());
        assert_eq!(Subtensor::alpha_of(&hot(0), &RICH, ROOT), 3 * STAKE);
        assert_eq!(Subtensor::alpha_of(&hot(0), &RICH, 1), STAKE);
        assert_noop!(all(), Error::<Test>::AmountTooLow);
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), hot(0), ROOT, 3 * STAKE));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
    });
}

#[test]
fn little_that_can_be_paid_may_be_taken_in_any_part() {
    with_earned_stake(|| {
        assert_ok!(remove(STAKE, 0, false));
        sponsor(1_000);
        // Somebody pays one more in before the withdrawal is in a block.
        sponsor(1);
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 1_000));
        sponsor(2_000_000);
        let small = Subtensor::remove_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 1_000);
        assert_eq!(small, Err(Error::<Test>::AmountTooLow.into()));
    });
}

#[test]
fn nobody_fills_somebody_elses_list_with_dust() {
    with_earned_stake(|| {
        let give = |amount| Subtensor::transfer_stake(RuntimeOrigin::signed(RICH), OWNER, hot(0), 1, 1, amount);
        assert_noop!(give(1_999_999), Error::<Test>::AmountTooLow);
        assert_ok!(give(2 * STAKE - 1_999_999));
        assert_ok!(give(1_999_999));
        assert!(StakingHotkeys::<Test>::get(RICH).is_empty());
        assert_eq!(StakingHotkeys::<Test>::get(OWNER), vec![hot(0)]);
        // All of a small position goes to a hotkey of one's own choice, not to somebody who has none.
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(1), 1, 2_000_000));
        assert_ok!(Subtensor::move_stake(RuntimeOrigin::signed(RICH), hot(1), hot(0), 1, 1, 2_000_000));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(OWNER), hot(0), 1, STAKE));
    });
}
