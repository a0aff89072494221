//! Stake: principal, pot, and what unstaking pays.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

fn add(coldkey: Account, hotkey: Account, netuid: u16, amount: u64) -> sp_runtime::DispatchResult {
    Subtensor::add_stake(RuntimeOrigin::signed(coldkey), hotkey, netuid, amount)
}

fn remove(coldkey: Account, hotkey: Account, netuid: u16, amount: u64) -> sp_runtime::DispatchResult {
    Subtensor::remove_stake(RuntimeOrigin::signed(coldkey), hotkey, netuid, amount)
}

/// Earned alpha of a position, as an epoch would pay it.
fn earn(coldkey: Account, hotkey: Account, amount: u64) {
    Subtensor::credit_stake(&hotkey, &coldkey, 1, amount);
    // Accounted for as if an epoch had paid it.
    PaidToNeurons::<Test>::mutate(1, |sum| *sum += amount);
    SubnetAlphaOut::<Test>::mutate(1, |sum| *sum += amount);
}

fn sponsor(amount: u64) {
    let account = Subtensor::subnet_account(1);
    assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(RICH), account, amount));
}

fn principal(coldkey: Account, hotkey: Account) -> u64 {
    Principal::<Test>::get((hotkey, coldkey, 1))
}

#[test]
fn tao_becomes_stake_and_back() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let (issuance, account) = (TotalIssuance::<Test>::get(), Subtensor::subnet_account(1));
        assert_ok!(add(RICH, hot(1), 1, 5_000_000));
        System::assert_last_event(Event::<Test>::StakeAdded(RICH, hot(1), 5_000_000, 5_000_000, 1, 0).into());
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(1), 1), 5_000_000);
        assert_eq!(Subtensor::alpha_of(&hot(1), &RICH, 1), 5_000_000);
        assert_eq!((TotalStake::<Test>::get(), SubnetTAO::<Test>::get(1)), (5_001_000, 5_001_000));
        assert_eq!(StakingHotkeys::<Test>::get(RICH), vec![hot(1)]);
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT - 5_000_000);
        assert_eq!(Balances::free_balance(account), 5_001_000 + EXISTENTIAL_DEPOSIT, "moved, not burned");
        run(1);
        assert_eq!(TotalIssuance::<Test>::get(), issuance, "staked TAO is still issued");
        assert_ok!(remove(RICH, hot(1), 1, 4_000_000));
        assert_ok!(remove(RICH, hot(1), 1, 1_000_000));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
        assert!(!AlphaV2::<Test>::contains_key((hot(1), RICH, 1)));
        assert!(!Principal::<Test>::contains_key((hot(1), RICH, 1)));
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 2_000_000_000, "stake is not emission");
    });
}

#[test]
fn adding_is_refused_in_upstreams_order() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_noop!(add(POOR, 9_999, 2, 1), Error::<Test>::SubnetNotExists);
        SubtokenEnabled::<Test>::insert(1, false);
        assert_noop!(add(POOR, 9_999, 1, 1), Error::<Test>::SubtokenDisabled);
        SubtokenEnabled::<Test>::insert(1, true);
        assert_noop!(add(POOR, 9_999, 1, 1_999_999), Error::<Test>::AmountTooLow);
        assert_noop!(add(POOR, 9_999, 1, 2_000_000), Error::<Test>::NotEnoughBalanceToStake);
        assert_noop!(add(RICH, 9_999, 1, 2_000_000), Error::<Test>::HotKeyAccountNotExists);
    });
}

#[test]
fn removing_is_refused_beyond_what_is_held() {
    with_networks(vec![network(10, &[9_000_000], 1)], || {
        assert_noop!(remove(cold(0), hot(0), 2, 1), Error::<Test>::SubnetNotExists);
        assert_noop!(remove(cold(0), 9_999, 1, 1), Error::<Test>::HotKeyAccountNotExists);
        assert_noop!(remove(cold(0), hot(0), 1, 9_000_001), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(remove(RICH, hot(0), 1, 2_000_000), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(remove(cold(0), hot(0), 1, 1), Error::<Test>::AmountTooLow);
        assert_noop!(remove(cold(0), hot(0), 1, 0), Error::<Test>::AmountTooLow);
        SubtokenEnabled::<Test>::insert(1, false);
        assert_noop!(remove(cold(0), hot(0), 1, 2_000_000), Error::<Test>::SubtokenDisabled);
        SubtokenEnabled::<Test>::insert(1, true);
        assert_ok!(remove(cold(0), hot(0), 1, 9_000_000));
        assert_eq!(Balances::free_balance(cold(0)), 9_000_000 + LEFT_TO_STAKERS, "genesis stake is principal");
    });
}

#[test]
fn principal_is_paid_first_and_earned_alpha_from_the_pot() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_ok!(add(RICH, hot(0), 1, 5_000_000));
        earn(RICH, hot(0), 10_000_000);
        assert_eq!(Subtensor::redeemable(&hot(0), &RICH, 1), 5_000_000, "nothing is behind what was earned");
        assert_noop!(remove(RICH, hot(0), 1, 5_000_001), Error::<Test>::InsufficientLiquidity);
        assert_ok!(remove(RICH, hot(0), 1, 3_000_000));
        assert_eq!((principal(RICH, hot(0)), Subtensor::pot(1)), (2_000_000, 0));
        sponsor(3_000_000);
        assert_eq!((Subtensor::pot(1), Subtensor::redeemable(&hot(0), &RICH, 1)), (3_000_000, 5_000_000));
        assert_ok!(remove(RICH, hot(0), 1, 4_000_000));
        assert_eq!((principal(RICH, hot(0)), Subtensor::pot(1)), (0, 1_000_000));
        assert_eq!(PaidFromPot::<Test>::get(1), 2_000_000);
        assert_ok!(remove(RICH, hot(0), 1, 1_000_000));
        assert_eq!((Subtensor::pot(1), Subtensor::alpha_of(&hot(0), &RICH, 1)), (0, 7_000_000));
        assert_noop!(remove(RICH, hot(0), 1, 7_000_000), Error::<Test>::InsufficientLiquidity);
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT, "3 of the sponsor's came back, as the same person's");
        assert_eq!(SubnetTAO::<Test>::get(1), 1_000, "the other's principal");
    });
}

#[test]
fn a_small_principal_is_never_locked_in_by_what_was_earned() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_ok!(add(RICH, hot(0), 1, 3_000_000));
        earn(RICH, hot(0), 9_000_000);
        assert_ok!(remove(RICH, hot(0), 1, 2_000_000));
        // Less than MIN_STAKE could be paid, so any part of it may be.
        assert_ok!(remove(RICH, hot(0), 1, 999_999));
        assert_ok!(remove(RICH, hot(0), 1, 1));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
    });
}

#[test]
fn the_least_rests_never_reap_the_subnets_account() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_ok!(remove(cold(0), hot(0), 1, 1_000));
        assert_ok!(add(RICH, hot(1), 1, 2_000_001));
        assert_ok!(remove(RICH, hot(1), 1, 2_000_000));
        assert_eq!(Balances::free_balance(Subtensor::subnet_account(1)), EXISTENTIAL_DEPOSIT + 1);
        Subtensor::do_try_state().unwrap();
        assert_ok!(remove(RICH, hot(1), 1, 1));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
    });
}

#[test]
fn the_pot_pays_each_subnet_by_itself() {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[1_000], 1), second], || {
        assert_ne!(Subtensor::subnet_account(1), Subtensor::subnet_account(2));
        assert_ok!(add(RICH, hot(0), 2, 5_000_000));
        earn(RICH, hot(0), 5_000_000);
        assert_noop!(remove(RICH, hot(0), 1, 5_000_000), Error::<Test>::InsufficientLiquidity);
        assert_ok!(remove(RICH, hot(0), 2, 5_000_000));
    });
}
