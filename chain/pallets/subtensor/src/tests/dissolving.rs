//! The end of a subnet, and who comes after it.
use alloc::collections::BTreeSet;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError::BadOrigin;

use crate::{mock::*, pallet::*};

const STAKE: u64 = 5_000_000_000;

fn rich() -> RuntimeOrigin {
    RuntimeOrigin::signed(RICH)
}

fn found(owner: Account, hotkey: Account) -> sp_runtime::DispatchResult {
    Subtensor::register_network(RuntimeOrigin::signed(owner), hotkey)
}

fn with_chain(body: impl FnOnce()) {
    let genesis = crate::GenesisConfig::<Test> {
        default_tempo: Some(20),
        default_weights_set_rate_limit: Some(0),
        network_rate_limit: Some(0),
        network_min_lock_cost: Some(1_000_000_000),
        network_immunity_period: Some(100),
        admin_freeze_window: Some(0),
        ..Default::default()
    };
    with_genesis(genesis, body);
}

/// Subnet 1 with all that a subnet has: neurons, axons, weights, bonds, stake, pay, a pot, limits, an identity.
fn live_a_life() {
    assert_ok!(found(OWNER, 50));
    assert_ok!(Subtensor::start_call(RuntimeOrigin::signed(OWNER), 1));
    for hotkey in [60, 61, 62] {
        assert_ok!(Subtensor::burned_register(rich(), 1, hotkey));
    }
    assert_ok!(Subtensor::add_stake(rich(), 60, 1, STAKE));
    assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(OWNER), 60, 1, STAKE));
    assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(OWNER), 50, 1, STAKE));
    assert_ok!(Subtensor::serve_axon(RuntimeOrigin::signed(60), 1, 1, 0x0808_0808, 80, 4, 4, 0, 0));
    run(40);
    assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(60), 1, vec![2, 3], vec![3, 1], 0));
    assert_ok!(Balances::transfer_keep_alive(rich(), Subtensor::subnet_account(1), 1_000_000));
    run(30);
    assert!(PaidToNeurons::<Test>::get(1) > 0 && PendingServerEmission::<Test>::get(1) > 0);
    assert_ok!(Subtensor::set_activity_cutoff_factor(RuntimeOrigin::signed(OWNER), 1, 2_000));
    Subtensor::do_set_owner_hotkey(RuntimeOrigin::signed(OWNER), 1, 50).unwrap();
    Subtensor::record_act(crate::owner::LimitedAct::Tempo, &OWNER, 1);
    let mut identity = vec![vec![]; 8];
    identity[7] = b"run".to_vec();
    let [a, b, c, d, e, f, g, h] = identity.try_into().unwrap();
    assert_ok!(Subtensor::set_subnet_identity(RuntimeOrigin::signed(OWNER), 1, a, b, c, d, e, f, g, h));
}

fn keys() -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let mut key = sp_io::hashing::twox_128(b"Subtensor").to_vec();
    let prefix = key.clone();
    while let Some(next) = sp_io::storage::next_key(&key).filter(|next| next.starts_with(&prefix)) {
        found.insert(next.clone());
        key = next;
    }
    found
}

#[test]
fn everybody_gets_the_principal_and_the_rest_is_burned() {
    with_chain(|| {
        live_a_life();
        let had = [RICH, OWNER].map(Balances::free_balance);
        let issued = Balances::total_issuance();
        let pot = Subtensor::pot(1);
        assert_eq!(pot, 1_000_000);
        assert_ok!(Subtensor::root_dissolve_network(RuntimeOrigin::root(), 1));
        System::assert_last_event(Event::<Test>::NetworkRemoved(1).into());
        assert_eq!([RICH, OWNER].map(Balances::free_balance), [had[0] + STAKE, had[1] + 2 * STAKE]);
        assert_eq!(Balances::free_balance(Subtensor::subnet_account(1)), 0);
        assert_eq!(Balances::total_issuance(), issued - pot - EXISTENTIAL_DEPOSIT);
        assert_eq!((TotalStake::<Test>::get(), TotalNetworks::<Test>::get()), (0, 1));
        assert_eq!(Subtensor::next_epoch_start_block(1), None);
        run(30);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 0);
    });
}

#[test]
fn nothing_of_a_dissolved_subnet_remains() {
    with_chain(|| {
        let before = keys();
        live_a_life();
        assert_ok!(Subtensor::dissolve_network(RuntimeOrigin::root(), OWNER, 1));
        // What is known of accounts, prices and the number itself stays.
        let kept: Vec<Vec<u8>> = [
            LastRateLimitedBlock::<Test>::hashed_key_for(crate::types::RateLimitKey::NetworkLastRegistered),
            NetworkLastLockCost::<Test>::hashed_key().to_vec(),
            RegisteredSubnetCounter::<Test>::hashed_key_for(1),
            TotalNetworks::<Test>::hashed_key().to_vec(),
            TotalStake::<Test>::hashed_key().to_vec(),
        ]
        .into();
        let of_accounts = ["Owner", "OwnedHotkeys", "StakingHotkeys"];
        let of_accounts = of_accounts.map(|item| frame_support::storage::storage_prefix(b"Subtensor", item.as_bytes()));
        let left: Vec<_> = keys()
            .into_iter()
            .filter(|key| !before.contains(key) && !kept.contains(key))
            .filter(|key| !of_accounts.iter().any(|prefix| key.starts_with(prefix)))
            .map(hex)
            .collect();
        assert!(left.is_empty(), "left: {left:?}");
    });
}

fn hex(key: Vec<u8>) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_number_is_the_next_owners_and_nothing_binds_it() {
    with_chain(|| {
        live_a_life();
        assert_ok!(Subtensor::root_dissolve_network(RuntimeOrigin::root(), 1));
        assert_ok!(found(RICH, 70));
        assert_eq!((SubnetOwner::<Test>::get(1), SubnetworkN::<Test>::get(1)), (RICH, 1));
        assert_eq!((RegisteredSubnetCounter::<Test>::get(1), Subtensor::pot(1)), (2, 0));
        assert_eq!(ActivityCutoffFactorMilli::<Test>::get(1), 13_889);
        assert!(Axons::<Test>::get(1, 60).is_none() && SubnetIdentitiesV3::<Test>::get(1).is_none());
        assert!(!Subtensor::is_registered(1, &60));
        assert_ok!(Subtensor::start_call(rich(), 1));
        assert_ok!(Subtensor::set_activity_cutoff_factor(rich(), 1, 3_000));
        assert_ok!(Subtensor::burned_register(rich(), 1, 60));
        assert_ok!(Subtensor::add_stake(rich(), 60, 1, STAKE));
        run(40);
        assert_eq!(Subtensor::alpha_of(&60, &RICH, 1), STAKE);
    });
}

#[test]
fn only_root_dissolves_and_only_what_is_there() {
    with_chain(|| {
        live_a_life();
        assert_noop!(Subtensor::dissolve_network(RuntimeOrigin::signed(OWNER), OWNER, 1), BadOrigin);
        assert_noop!(Subtensor::root_dissolve_network(RuntimeOrigin::signed(OWNER), 1), BadOrigin);
        assert_noop!(Subtensor::root_dissolve_network(RuntimeOrigin::root(), 0), Error::<Test>::SubnetNotExists);
        assert_noop!(Subtensor::root_dissolve_network(RuntimeOrigin::root(), 2), Error::<Test>::SubnetNotExists);
    });
}

#[test]
fn a_principal_that_no_account_can_hold_does_not_stop_the_others() {
    with_chain(|| {
        live_a_life();
        // A coldkey with 300 rao of principal and no account any more.
        assert_ok!(Subtensor::transfer_stake(rich(), POOR, 60, 1, 1, 4_000_000));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(POOR), 60, 1, 4_000_000 - 300));
        let dust = Principal::<Test>::get((60, POOR, 1));
        assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(POOR), RICH, false));
        assert!(dust < EXISTENTIAL_DEPOSIT && Balances::free_balance(POOR) == 0, "{dust}");
        let had = Balances::free_balance(OWNER);
        assert_ok!(Subtensor::root_dissolve_network(RuntimeOrigin::root(), 1));
        assert_eq!(Balances::free_balance(OWNER), had + 2 * STAKE);
        assert_eq!(Balances::free_balance(POOR), 0);
    });
}

#[test]
fn at_the_limit_the_least_staked_subnet_out_of_immunity_gives_way() {
    with_chain(|| {
        SubnetLimit::<Test>::put(3);
        live_a_life();
        assert_ok!(found(OWNER, 51));
        assert_ok!(found(OWNER, 52));
        assert_eq!(Subtensor::subnet_to_prune(), None);
        assert_noop!(found(RICH, 70), Error::<Test>::SubnetLimitReached);
        run_to(171);
        // 1 is out of immunity, and the oldest; 2 and 3 have nobody's stake.
        assert_eq!(Subtensor::subnet_to_prune(), Some(2));
        assert_noop!(found(POOR, 71), Error::<Test>::CannotAffordLockCost);
        assert_eq!(TotalNetworks::<Test>::get(), 4);
        assert_ok!(found(RICH, 70));
        System::assert_has_event(Event::<Test>::NetworkRemoved(2).into());
        System::assert_has_event(Event::<Test>::NetworkAdded(2, 0).into());
        assert_eq!((SubnetOwner::<Test>::get(2), TotalNetworks::<Test>::get()), (RICH, 4));
        assert_eq!(Subtensor::subnet_to_prune(), Some(3));
        // At the limit the next one is declared to cost what dissolving does, too.
        let dissolving = <() as crate::weights::WeightInfo>::dissolve_network();
        let at_the_limit = Subtensor::founding_weight(None);
        SubnetLimit::<Test>::put(4);
        assert_eq!(at_the_limit, Subtensor::founding_weight(None) + dissolving);
    });
}
