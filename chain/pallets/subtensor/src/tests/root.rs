//! The root network: registrations, stake and claims.
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*, types::*};

fn register(coldkey: Account, hotkey: Account) -> sp_runtime::DispatchResult {
    Subtensor::root_register(RuntimeOrigin::signed(coldkey), hotkey)
}

#[test]
fn exists_from_the_genesis_on_and_emits_nothing() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert!(NetworksAdded::<Test>::get(ROOT));
        assert_eq!(
            (TotalNetworks::<Test>::get(), Subtensor::networks(), Subtensor::subnets()),
            (2, vec![0, 1], vec![1])
        );
        assert_eq!(
            (Tempo::<Test>::get(ROOT), MaxAllowedUids::<Test>::get(ROOT), Burn::<Test>::get(ROOT) > 0),
            (100, 64, true)
        );
        assert_ok!(register(RICH, 77));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), 77, ROOT, 5_000_000));
        run_to(350);
        assert_eq!((SubnetAlphaOut::<Test>::get(ROOT), Subtensor::alpha_of(&77, &RICH, ROOT)), (0, 5_000_000));
        assert_eq!((SubnetEpochIndex::<Test>::get(ROOT), LastEpochBlock::<Test>::get(ROOT)), (3, 300));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), 77, ROOT, 5_000_000));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
    });
}

#[test]
fn takes_three_hotkeys_between_two_epochs_one_a_block() {
    with_networks(vec![], || {
        assert_ok!(register(RICH, 70));
        System::assert_last_event(Event::<Test>::NeuronRegistered(ROOT, 0, 70).into());
        assert_eq!((Uids::<Test>::get(ROOT, 70), Owner::<Test>::get(70)), (Some(0), RICH));
        assert!(Delegates::<Test>::contains_key(70));
        assert_noop!(register(RICH, 71), Error::<Test>::TooManyRegistrationsThisBlock);
        run(1);
        assert_noop!(register(RICH, 70), Error::<Test>::HotKeyAlreadyRegisteredInSubNet);
        assert_ok!(register(RICH, 71));
        run(1);
        let account = Subtensor::subnet_account(ROOT);
        assert_noop!(register(RICH, account), Error::<Test>::CannotUseSystemAccount);
        assert_ok!(register(RICH, 72));
        run(1);
        assert_noop!(register(RICH, 73), Error::<Test>::TooManyRegistrationsThisInterval);
        run_to(100);
        assert_ok!(register(RICH, 73));
        NetworksAdded::<Test>::insert(ROOT, false);
        assert_noop!(register(RICH, 74), Error::<Test>::RootNetworkDoesNotExist);
        NetworksAdded::<Test>::insert(ROOT, true);
    });
}

#[test]
fn when_full_the_least_stake_gives_way() {
    with_networks(vec![], || {
        MaxAllowedUids::<Test>::insert(ROOT, 2);
        MaxRegistrationsPerBlock::<Test>::insert(ROOT, 9);
        TargetRegistrationsPerInterval::<Test>::insert(ROOT, 9);
        for (hotkey, stake) in [(70, 5_000_000), (71, 4_000_000)] {
            assert_ok!(register(RICH, hotkey));
            assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hotkey, ROOT, stake));
        }
        let late = register(RICH, 72);
        assert_eq!(late, Err(Error::<Test>::StakeTooLowForRoot.into()));
        assert_ok!(Subtensor::try_associate_hotkey(RuntimeOrigin::signed(RICH), 72));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), 72, ROOT, 4_000_001));
        assert_ok!(register(RICH, 72));
        assert_eq!((Uids::<Test>::get(ROOT, 71), Uids::<Test>::get(ROOT, 72)), (None, Some(1)));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), 71, ROOT, 4_000_000));
    });
}

#[test]
fn a_claim_pays_nothing_and_is_refused_for_none_or_too_many() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let claim = |count: u16| Subtensor::claim_root(RuntimeOrigin::signed(RICH), (1..=count).collect());
        assert_noop!(claim(0), Error::<Test>::InvalidSubnetNumber);
        assert_noop!(claim(6), Error::<Test>::InvalidSubnetNumber);
        assert_ok!(claim(5));
        assert_ok!(claim(1));
        System::assert_last_event(Event::<Test>::RootClaimed { coldkey: RICH }.into());
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT);
        assert_eq!((NumStakingColdkeys::<Test>::get(), StakingColdkeysByIndex::<Test>::get(0)), (1, Some(RICH)));
        assert_eq!(RootClaimable::<Test>::get(hot(0)), BTreeMap::new());
    });
}

#[test]
fn a_claim_type_is_kept() {
    with_networks(vec![], || {
        let set = |kind| Subtensor::set_root_claim_type(RuntimeOrigin::signed(RICH), kind);
        let keep = |subnets: BTreeSet<u16>| RootClaimTypeEnum::KeepSubnets { subnets };
        assert_noop!(set(keep(BTreeSet::new())), Error::<Test>::InvalidSubnetNumber);
        assert_noop!(set(keep((0..129).collect())), Error::<Test>::InvalidSubnetNumber);
        let kind = keep([1].into());
        assert_ok!(set(kind.clone()));
        let event = Event::<Test>::RootClaimTypeSet { coldkey: RICH, root_claim_type: kind.clone() };
        System::assert_last_event(event.into());
        assert_eq!(RootClaimType::<Test>::get(RICH), kind);
        assert_ok!(set(RootClaimTypeEnum::Keep));
    });
}
