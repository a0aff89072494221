//! Association, identities, symbols, destinations, registration with a limit, and alpha that is given up.
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, pallet::*, types::*};

#[test]
fn a_hotkey_is_associated_once() {
    with_networks(vec![], || {
        let associate = |who, hotkey| Subtensor::try_associate_hotkey(RuntimeOrigin::signed(who), hotkey);
        assert_ok!(associate(RICH, 70));
        assert_eq!((Owner::<Test>::get(70), OwnedHotkeys::<Test>::get(RICH)), (RICH, vec![70]));
        assert_eq!(System::sufficients(&70), 1);
        // As upstream: no error, and no effect.
        assert_ok!(associate(OWNER, 70));
        assert_eq!(Owner::<Test>::get(70), RICH);
        let account = Subtensor::subnet_account(3);
        assert_noop!(associate(RICH, account), Error::<Test>::CannotUseSystemAccount);
    });
}

#[test]
fn registers_up_to_a_limit_and_without_work() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let limited = |netuid, limit| Subtensor::register_limit(RuntimeOrigin::signed(RICH), netuid, 70, limit);
        assert_noop!(limited(0, 0), Error::<Test>::RegistrationNotPermittedOnRootSubnet);
        assert_noop!(limited(9, 0), Error::<Test>::SubnetNotExists);
        let price = Burn::<Test>::get(1);
        assert_noop!(limited(1, price - 1), Error::<Test>::RegistrationPriceLimitExceeded);
        assert_ok!(limited(1, price));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT - price);
        assert_noop!(limited(1, u64::MAX), Error::<Test>::HotKeyAlreadyRegisteredInSubNet);
        let next = Burn::<Test>::get(1);
        assert_ok!(Subtensor::register(RuntimeOrigin::signed(RICH), 1, 99, 98, vec![1], 71, OWNER));
        assert_eq!((Owner::<Test>::get(71), Uids::<Test>::get(1, 71)), (RICH, Some(3)));
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT - price - next);
        let again = Subtensor::register(RuntimeOrigin::signed(RICH), 1, 0, 0, vec![], 71, RICH);
        assert_eq!(again, Err(Error::<Test>::HotKeyAlreadyRegisteredInSubNet.into()));
        let account = Subtensor::subnet_account(3);
        let system = Subtensor::burned_register(RuntimeOrigin::signed(RICH), 1, account);
        assert_eq!(system, Err(Error::<Test>::CannotUseSystemAccount.into()));
    });
}

#[test]
fn a_coldkey_with_a_neuron_names_itself() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let name = |who, name: usize, image: usize| {
            let text = |length| vec![b'a'; length];
            let (name, image) = (text(name), text(image));
            Subtensor::set_identity(
                RuntimeOrigin::signed(who),
                name,
                text(1),
                text(1),
                image,
                text(1),
                text(1),
                text(1),
            )
        };
        assert_noop!(name(RICH, 1, 1), Error::<Test>::HotKeyNotRegisteredInNetwork);
        assert_noop!(name(cold(1), 257, 1), Error::<Test>::InvalidIdentity);
        assert_noop!(name(cold(1), 1, 1025), Error::<Test>::InvalidIdentity);
        assert_ok!(name(cold(1), 256, 1024));
        System::assert_last_event(Event::<Test>::ChainIdentitySet(cold(1)).into());
        assert_eq!(IdentitiesV2::<Test>::get(cold(1)).unwrap().name.len(), 256);
    });
}

#[test]
fn a_subnet_is_made_with_its_identity() {
    with_networks(vec![], || {
        let create =
            |identity| Subtensor::register_network_with_identity(RuntimeOrigin::signed(OWNER), OWNER_HOT, identity);
        let long = SubnetIdentityV3 { subnet_name: vec![0; 257], ..Default::default() };
        assert_noop!(create(Some(long)), Error::<Test>::InvalidIdentity);
        let account = Subtensor::subnet_account(1);
        let system = Subtensor::register_network(RuntimeOrigin::signed(OWNER), account);
        assert_eq!(system, Err(Error::<Test>::CannotUseSystemAccount.into()));
        let identity = SubnetIdentityV3 { subnet_name: b"one".to_vec(), ..Default::default() };
        assert_ok!(create(Some(identity.clone())));
        assert_eq!(SubnetIdentitiesV3::<Test>::get(1), Some(identity));
        System::assert_last_event(Event::<Test>::SubnetIdentitySet(1).into());
        NetworkRateLimit::<Test>::put(0);
        assert_ok!(create(None));
        assert_eq!(SubnetIdentitiesV3::<Test>::get(2), None);
    });
}

#[test]
fn a_symbol_is_of_one_subnet() {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[1_000], 1), second], || {
        assert_eq!(TokenSymbol::<Test>::get(0), "Τ".as_bytes());
        assert_eq!((TokenSymbol::<Test>::get(1), TokenSymbol::<Test>::get(2)), ("α".into(), "β".into()));
        let update = |who, netuid, symbol: &str| {
            Subtensor::update_symbol(RuntimeOrigin::signed(who), netuid, symbol.as_bytes().to_vec())
        };
        assert_noop!(update(RICH, 9, "γ"), Error::<Test>::SubnetNotExists);
        assert_noop!(update(RICH, 1, "γ"), DispatchError::BadOrigin);
        assert_noop!(update(OWNER, 1, "A"), Error::<Test>::SymbolDoesNotExist);
        assert_noop!(update(OWNER, 1, "Τ"), Error::<Test>::SymbolDoesNotExist);
        assert_noop!(update(OWNER, 1, "β"), Error::<Test>::SymbolAlreadyInUse);
        for symbol in ["t", "ת", "ⴰ", "𑀀", "ධ"] {
            assert_ok!(update(OWNER, 1, symbol));
        }
        assert_ok!(Subtensor::update_symbol(RuntimeOrigin::root(), 1, "ω".as_bytes().to_vec()));
        let event = Event::<Test>::SymbolUpdated { netuid: 1, symbol: "ω".into() };
        System::assert_last_event(event.into());
        assert_eq!(
            (Subtensor::symbol_of(24), Subtensor::symbol_of(438), Subtensor::symbol_of(439)),
            ("ω".into(), "ධ".into(), "Τ".into())
        );
        // A new subnet whose own is taken gets the first that is free.
        assert_ok!(update(OWNER, 1, "γ"));
        assert_eq!(Subtensor::free_symbol(3), "α".as_bytes());
    });
}

#[test]
fn a_miner_is_paid_where_its_coldkey_wants() {
    with_networks(vec![network(10, &[1_000_000_000_000], 2)], || {
        let to =
            |netuid, hotkey| Subtensor::set_coldkey_auto_stake_hotkey(RuntimeOrigin::signed(cold(1)), netuid, hotkey);
        assert_noop!(to(9, hot(0)), Error::<Test>::SubnetNotExists);
        assert_noop!(to(1, RICH), Error::<Test>::HotKeyNotRegisteredInSubNet);
        assert_ok!(to(1, hot(2)));
        assert_noop!(to(1, hot(2)), Error::<Test>::SameAutoStakeHotkeyAlreadySet);
        assert_ok!(to(1, hot(0)));
        let event = Event::<Test>::AutoStakeDestinationSet { coldkey: cold(1), netuid: 1, hotkey: hot(0) };
        System::assert_last_event(event.into());
        assert!(!AutoStakeDestinationColdkeys::<Test>::contains_key(hot(2), 1));
        assert_eq!(AutoStakeDestinationColdkeys::<Test>::get(hot(0), 1), vec![cold(1)]);
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![1, 2], vec![1, 1], 0));
        run_to(10);
        let earned = Emission::<Test>::get(1)[1];
        assert!(earned > 0);
        assert_eq!(Subtensor::alpha_of(&hot(1), &cold(1), 1), 0);
        assert!(Subtensor::alpha_of(&hot(0), &cold(1), 1).abs_diff(earned) <= 1);
        assert_eq!(Subtensor::alpha_of(&hot(2), &cold(2), 1), earned, "others are paid on their own");
        let (netuid, destination, hotkey, owner) = (1, hot(0), hot(1), cold(1));
        let event = Event::<Test>::AutoStakeAdded { netuid, destination, hotkey, owner, incentive: earned };
        System::assert_has_event(event.into());
    });
}

/// RICH has 5 000 000 staked and 5 000 000 earned on hot(0); who gives up 7 000 000 gives up 2 000 000 of the principal.
#[test]
fn given_up_alpha_is_counted_and_its_principal_is_pot() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 5_000_000));
        Subtensor::credit_stake(&hot(0), &RICH, 1, 5_000_000);
        PaidToNeurons::<Test>::mutate(1, |sum| *sum += 5_000_000);
        SubnetAlphaOut::<Test>::mutate(1, |sum| *sum += 5_000_000);
        let issued = SubnetAlphaOut::<Test>::get(1);
        let burn = |hotkey, amount, netuid| Subtensor::burn_alpha(RuntimeOrigin::signed(RICH), hotkey, amount, netuid);
        let recycle =
            |hotkey, amount, netuid| Subtensor::recycle_alpha(RuntimeOrigin::signed(RICH), hotkey, amount, netuid);
        assert_noop!(burn(7, 1, 9), Error::<Test>::SubnetNotExists);
        assert_noop!(recycle(7, 1, 0), Error::<Test>::CannotBurnOrRecycleOnRootSubnet);
        SubtokenEnabled::<Test>::insert(1, false);
        assert_noop!(burn(7, 1, 1), Error::<Test>::SubtokenDisabled);
        SubtokenEnabled::<Test>::insert(1, true);
        assert_noop!(recycle(7, 1, 1), Error::<Test>::HotKeyAccountNotExists);
        assert_ok!(burn(hot(0), 1_000_000, 1));
        System::assert_last_event(Event::<Test>::AlphaBurned(RICH, hot(0), 1_000_000, 1).into());
        assert_eq!(Principal::<Test>::get((hot(0), RICH, 1)), 5_000_000);
        assert_ok!(recycle(hot(0), 6_000_000, 1));
        System::assert_last_event(Event::<Test>::AlphaRecycled(RICH, hot(0), 6_000_000, 1).into());
        assert_eq!((Principal::<Test>::get((hot(0), RICH, 1)), Subtensor::pot(1)), (3_000_000, 2_000_000));
        assert_eq!((DestroyedAlpha::<Test>::get(1), SubnetAlphaOut::<Test>::get(1)), (5_000_000, issued));
        Subtensor::do_try_state().unwrap();
        assert_ok!(burn(hot(0), u64::MAX, 1));
        System::assert_last_event(Event::<Test>::AlphaBurned(RICH, hot(0), 3_000_000, 1).into());
        assert_eq!((Subtensor::pot(1), Subtensor::alpha_of(&hot(0), &RICH, 1)), (5_000_000, 0));
    });
}
