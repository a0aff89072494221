//! A hotkey that takes another's place.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*, swap_hotkey::*, types::*};

const NEW: Account = 70;
const STAKE: u64 = 1_000_000_000_000;

/// Two subnets with hot(0) as validator of both; cold(0) can pay for a swap, RICH nominates on subnet 1.
fn with_nominated_validator(body: impl FnOnce()) {
    let mut second = network(10, &[STAKE], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[STAKE], 1), second], || {
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), cold(0), 10_000_000_000));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 3 * STAKE));
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![1], vec![1], 0));
        run_to(11);
        body();
    });
}

fn swap(who: Account, old: Account, new: Account, netuid: Option<u16>) -> sp_runtime::DispatchResult {
    Subtensor::swap_hotkey(RuntimeOrigin::signed(who), old, new, netuid)
}

#[test]
fn on_all_networks_everything_goes_over_to_the_rao() {
    with_nominated_validator(|| {
        let before = |hotkey| [cold(0), RICH].map(|who| Subtensor::alpha_of(&hotkey, &who, 1));
        let (held, total) = (before(hot(0)), TotalHotkeyAlpha::<Test>::get(hot(0), 1));
        let (balance, issuance) = (Balances::free_balance(cold(0)), Balances::total_issuance());
        Delegates::<Test>::insert(hot(0), 5);
        assert_ok!(Subtensor::serve_axon(RuntimeOrigin::signed(hot(0)), 1, 1, 9, 9, 4, 4, 0, 0));
        assert_ok!(Subtensor::serve_prometheus(RuntimeOrigin::signed(hot(0)), 1, 1, 9, 9, 4));
        WeightCommits::<Test>::insert(1, hot(0), vec![(System::parent_hash(), 0, 0, 0)]);
        assert_ok!(Subtensor::set_coldkey_auto_stake_hotkey(RuntimeOrigin::signed(cold(1)), 1, hot(0)));
        SubnetOwnerHotkey::<Test>::insert(2, hot(0));
        assert_ok!(swap(cold(0), hot(0), NEW, None));
        let event = Event::<Test>::HotkeySwapped { coldkey: cold(0), old_hotkey: hot(0), new_hotkey: NEW };
        System::assert_last_event(event.into());
        assert_eq!((before(NEW), TotalHotkeyAlpha::<Test>::get(NEW, 1)), (held, total));
        assert_eq!(before(hot(0)), [0, 0]);
        assert_eq!(Balances::free_balance(cold(0)), balance - SWAP_COST);
        assert_eq!(Balances::total_issuance(), issuance - SWAP_COST);
        for netuid in [1, 2] {
            assert_eq!((Uids::<Test>::get(netuid, NEW), Uids::<Test>::get(netuid, hot(0))), (Some(0), None));
            assert_eq!(Keys::<Test>::get(netuid, 0), NEW);
        }
        assert!(Axons::<Test>::contains_key(1, NEW) && !Axons::<Test>::contains_key(1, hot(0)));
        assert!(Prometheus::<Test>::contains_key(1, NEW) && WeightCommits::<Test>::contains_key(1, NEW));
        assert_eq!(AutoStakeDestination::<Test>::get(cold(1), 1), Some(NEW));
        assert_eq!((SubnetOwnerHotkey::<Test>::get(2), Delegates::<Test>::get(NEW)), (NEW, 5));
        assert_eq!((Owner::<Test>::contains_key(hot(0)), OwnedHotkeys::<Test>::get(cold(0))), (false, vec![NEW]));
        assert!(AlphaDividendsPerSubnet::<Test>::get(1, NEW) > 0);
        WeightCommits::<Test>::remove(1, NEW);
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), NEW, 1, 3 * STAKE));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
        // What the old hotkey signed stays used: it is nobody's, but keeps its account.
        assert_eq!(System::sufficients(&hot(0)), 1);
        assert_ok!(Subtensor::try_associate_hotkey(RuntimeOrigin::signed(RICH), hot(0)));
        assert_eq!(System::sufficients(&hot(0)), 1);
    });
}

#[test]
fn on_one_network_the_rest_stays() {
    with_nominated_validator(|| {
        let held = Subtensor::alpha_of(&hot(0), &RICH, 1);
        let balance = Balances::free_balance(cold(0));
        assert_ok!(swap(cold(0), hot(0), NEW, Some(1)));
        let (coldkey, old_hotkey, new_hotkey) = (cold(0), hot(0), NEW);
        let event = Event::<Test>::HotkeySwappedOnSubnet { coldkey, old_hotkey, new_hotkey, netuid: 1 };
        System::assert_last_event(event.into());
        assert_eq!(Balances::free_balance(cold(0)), balance - SWAP_ON_SUBNET_COST);
        assert_eq!((Uids::<Test>::get(1, NEW), Uids::<Test>::get(2, hot(0))), (Some(0), Some(0)));
        assert_eq!(Subtensor::alpha_of(&NEW, &RICH, 1), held);
        assert_eq!(Subtensor::alpha_of(&hot(0), &cold(0), 2), STAKE);
        assert_eq!(OwnedHotkeys::<Test>::get(cold(0)), vec![hot(0), NEW]);
        assert_eq!(StakingHotkeys::<Test>::get(cold(0)), vec![hot(0), NEW]);
        run_to(20);
        assert!(Subtensor::alpha_of(&NEW, &RICH, 1) > held, "it validates on");
    });
}

#[test]
fn stake_that_the_new_hotkey_had_is_added() {
    with_nominated_validator(|| {
        assert_ok!(Subtensor::try_associate_hotkey(RuntimeOrigin::signed(cold(0)), NEW));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(OWNER), NEW, 1, 7_777_777));
        let (old, total) = (Subtensor::alpha_of(&hot(0), &RICH, 1), TotalHotkeyAlpha::<Test>::get(hot(0), 1));
        assert_ok!(swap(cold(0), hot(0), NEW, Some(1)));
        assert_eq!(TotalHotkeyAlpha::<Test>::get(NEW, 1), total + 7_777_777);
        assert!(Subtensor::alpha_of(&NEW, &RICH, 1).abs_diff(old) <= 1);
        assert_eq!(Principal::<Test>::get((NEW, RICH, 1)), 3 * STAKE);
        assert_eq!(Subtensor::alpha_of(&NEW, &OWNER, 1), 7_777_777);
    });
}

#[test]
fn swaps_are_refused_in_upstreams_order() {
    with_nominated_validator(|| {
        assert_noop!(swap(RICH, hot(0), NEW, None), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(swap(RICH, NEW, 71, None), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(swap(cold(0), hot(0), hot(1), None), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(swap(cold(0), hot(0), hot(0), None), Error::<Test>::NewHotKeyIsSameWithOld);
        let account = Subtensor::subnet_account(1);
        assert_noop!(swap(cold(0), hot(0), account, Some(1)), Error::<Test>::CannotUseSystemAccount);
        assert_noop!(swap(cold(0), hot(0), account, None), Error::<Test>::CannotUseSystemAccount);
        assert_noop!(swap(cold(0), hot(0), NEW, Some(9)), Error::<Test>::SubnetNotExists);
        assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(cold(0)), 2, NEW));
        assert_noop!(swap(cold(0), hot(0), NEW, Some(2)), Error::<Test>::HotKeyAlreadyRegisteredInSubNet);
        assert_noop!(swap(cold(0), hot(0), NEW, None), Error::<Test>::HotKeyAlreadyRegisteredInSubNet);
        assert_ok!(Subtensor::try_associate_hotkey(RuntimeOrigin::signed(cold(0)), 71));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), 71, ROOT, 2_000_000));
        assert_noop!(swap(cold(0), hot(0), 71, None), Error::<Test>::NewHotKeyNotCleanForRootSwap);
        assert_noop!(swap(cold(0), hot(0), 71, Some(ROOT)), Error::<Test>::NewHotKeyNotCleanForRootSwap);
        assert_ok!(swap(cold(0), hot(0), NEW, Some(1)));
        assert_noop!(swap(cold(0), hot(0), 72, Some(2)), Error::<Test>::HotKeySetTxRateLimitExceeded);
        TxRateLimit::<Test>::put(0);
        assert_noop!(swap(cold(0), NEW, 72, Some(1)), Error::<Test>::HotKeySwapOnSubnetIntervalNotPassed);
        assert_noop!(swap(cold(0), NEW, 72, None), Error::<Test>::HotKeySwapOnSubnetIntervalNotPassed);
        System::set_block_number(12 + SWAP_ON_SUBNET_BLOCKS);
        let left = Balances::free_balance(cold(0));
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(cold(0)), OWNER, left - 1_000));
        assert_noop!(swap(cold(0), NEW, 72, Some(1)), Error::<Test>::NotEnoughBalanceToPaySwapHotKey);
        assert_noop!(swap(cold(0), NEW, 72, None), Error::<Test>::NotEnoughBalanceToPaySwapHotKey);
    });
}
