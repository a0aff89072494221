//! Stake.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

fn add(coldkey: u64, hotkey: u64, netuid: u16, amount: u64) -> sp_runtime::DispatchResult {
    Subtensor::add_stake(RuntimeOrigin::signed(coldkey), hotkey, netuid, amount)
}

fn remove(coldkey: u64, hotkey: u64, netuid: u16, amount: u64) -> sp_runtime::DispatchResult {
    Subtensor::remove_stake(RuntimeOrigin::signed(coldkey), hotkey, netuid, amount)
}

#[test]
fn tao_becomes_stake_and_back() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let issuance = TotalIssuance::<Test>::get();
        assert_ok!(add(RICH, hot(1), 1, 5_000_000));
        System::assert_last_event(Event::<Test>::StakeAdded(RICH, hot(1), 5_000_000, 5_000_000, 1, 0).into());
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(1), 1), 5_000_000);
        assert_eq!(AlphaV2::<Test>::get((hot(1), RICH, 1)).mantissa, 5_000_000);
        assert_eq!((TotalStake::<Test>::get(), SubnetTAO::<Test>::get(1)), (5_000_000, 5_000_000));
        assert_eq!(StakingHotkeys::<Test>::get(RICH), vec![hot(1)]);
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT - 5_000_000);
        run(1);
        assert_eq!(TotalIssuance::<Test>::get(), issuance, "staked TAO is still issued");
        assert_ok!(remove(RICH, hot(1), 1, 4_000_000));
        assert_ok!(remove(RICH, hot(1), 1, 1_000_000));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
        assert!(!AlphaV2::<Test>::contains_key((hot(1), RICH, 1)));
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
fn removing_is_refused_beyond_what_is_held_or_backed() {
    with_networks(vec![network(10, &[9_000_000], 1)], || {
        assert_noop!(remove(cold(0), hot(0), 2, 1), Error::<Test>::SubnetNotExists);
        assert_noop!(remove(cold(0), 9_999, 1, 1), Error::<Test>::HotKeyAccountNotExists);
        assert_noop!(remove(cold(0), hot(0), 1, 9_000_001), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(remove(RICH, hot(0), 1, 2_000_000), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_noop!(remove(cold(0), hot(0), 1, 1), Error::<Test>::AmountTooLow);
        assert_noop!(remove(cold(0), hot(0), 1, 2_000_000), Error::<Test>::InsufficientLiquidity);
        assert_ok!(add(RICH, hot(0), 1, 3_000_000));
        assert_ok!(remove(cold(0), hot(0), 1, 2_000_000));
        assert_noop!(remove(RICH, hot(0), 1, 3_000_000), Error::<Test>::InsufficientLiquidity);
        SubtokenEnabled::<Test>::insert(1, false);
        assert_noop!(remove(cold(0), hot(0), 1, 2_000_000), Error::<Test>::SubtokenDisabled);
    });
}
