//! Creation, start, identity, genesis.
use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

use crate::{mock::*, pallet::*, types::*};

fn create(coldkey: Account, hotkey: Account) -> sp_runtime::DispatchResult {
    Subtensor::register_network(RuntimeOrigin::signed(coldkey), hotkey)
}

#[test]
fn creates_a_subnet_with_its_owner_as_uid_0() {
    with_networks(vec![], || {
        run_to(5);
        assert_ok!(create(RICH, 50));
        System::assert_last_event(Event::<Test>::NetworkAdded(1, 0).into());
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT - 1_000_000_000_000);
        let held = Balances::free_balance(Subtensor::subnet_account(1));
        assert_eq!((held, Subtensor::pot(1)), (EXISTENTIAL_DEPOSIT, 0), "the rest of the price is burned");
        assert_eq!((SubnetOwner::<Test>::get(1), SubnetOwnerHotkey::<Test>::get(1)), (RICH, 50));
        assert_eq!((TotalNetworks::<Test>::get(), SubnetworkN::<Test>::get(1)), (2, 1), "the root network is one");
        assert_eq!(Subtensor::owner_uid(1), Some(0));
        assert_eq!((Tempo::<Test>::get(1), Burn::<Test>::get(1)), (360, 1_000_000_000));
        assert_eq!((MinAllowedWeights::<Test>::get(1), MaxAllowedValidators::<Test>::get(1)), (1, 64));
        assert_eq!((ImmunityPeriod::<Test>::get(1), WeightsSetRateLimit::<Test>::get(1)), (5_000, 100));
        assert!(Yuma3On::<Test>::get(1) && !CommitRevealWeightsEnabled::<Test>::get(1));
        assert!(!SubtokenEnabled::<Test>::get(1));
    });
}

#[test]
fn creation_is_limited_and_grows_dearer() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_noop!(create(RICH, hot(0)), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(create(POOR, 50), Error::<Test>::CannotAffordLockCost);
        assert_ok!(create(RICH, 50));
        assert_noop!(create(RICH, 51), Error::<Test>::NetworkTxRateLimitExceeded);
        assert_eq!(Subtensor::network_lock_cost(), 2_000_000_000_000);
        System::set_block_number(7_201);
        assert_eq!(Subtensor::network_lock_cost(), 2_000_000_000_000 - 7_200 * (1_000_000_000_000 / 100_800));
        assert_ok!(create(RICH, 51));
        assert!(NetworksAdded::<Test>::get(3), "the lowest free number");
        SubnetLimit::<Test>::put(3);
        System::set_block_number(20_000);
        assert_noop!(create(RICH, 52), Error::<Test>::SubnetLimitReached);
        NetworkRegistrationStartBlock::<Test>::put(30_000);
        assert_noop!(create(RICH, 52), Error::<Test>::SubNetRegistrationDisabled);
    });
}

#[test]
fn only_the_owner_starts_a_subnet_and_once() {
    with_networks(vec![], || {
        let start = |who, netuid| Subtensor::start_call(RuntimeOrigin::signed(who), netuid);
        assert_noop!(start(RICH, 1), Error::<Test>::SubnetNotExists);
        assert_ok!(create(RICH, 50));
        assert_noop!(start(OWNER, 1), DispatchError::BadOrigin);
        StartCallDelay::<Test>::put(3);
        assert_noop!(start(RICH, 1), Error::<Test>::NeedWaitingMoreBlocksToStarCall);
        run(3);
        assert_ok!(start(RICH, 1));
        System::assert_last_event(Event::<Test>::FirstEmissionBlockNumberSet(1, 5).into());
        assert!(SubtokenEnabled::<Test>::get(1));
        assert_noop!(start(RICH, 1), Error::<Test>::FirstEmissionBlockNumberAlreadySet);
    });
}

#[test]
fn the_owner_names_its_subnet() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let name = |who, netuid, name: Vec<u8>| {
            let origin = RuntimeOrigin::signed(who);
            Subtensor::set_subnet_identity(
                origin,
                netuid,
                name,
                vec![],
                vec![],
                vec![],
                vec![],
                vec![],
                vec![],
                b"run-2".to_vec(),
            )
        };
        assert_eq!(SubnetIdentitiesV3::<Test>::get(1).unwrap().additional, b"run".to_vec());
        assert_noop!(name(RICH, 1, vec![]), Error::<Test>::NotSubnetOwner);
        assert_noop!(name(0, 2, vec![]), Error::<Test>::NotSubnetOwner);
        assert_noop!(name(OWNER, 1, vec![b'a'; 257]), Error::<Test>::InvalidIdentity);
        assert_ok!(name(OWNER, 1, b"assay".to_vec()));
        System::assert_last_event(Event::<Test>::SubnetIdentitySet(1).into());
        let identity = SubnetIdentitiesV3::<Test>::get(1).unwrap();
        assert_eq!((identity.subnet_name, identity.additional), (b"assay".to_vec(), b"run-2".to_vec()));
    });
}

#[test]
fn a_genesis_subnet_is_ready() {
    with_networks(vec![network(12, &[5_000, 7_000], 2)], || {
        assert_eq!(ValidatorPermit::<Test>::get(1), vec![true, true, false, false]);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(1), 1), 7_000);
        assert_eq!((SubnetTAO::<Test>::get(1), AdminFreezeWindow::<Test>::get()), (12_000, 0));
        assert_eq!(Principal::<Test>::get((hot(1), cold(1), 1)), 7_000);
        assert_eq!(Balances::free_balance(cold(1)), LEFT_TO_STAKERS, "stake comes out of the balance");
        assert!(!CommitRevealWeightsEnabled::<Test>::get(1) && Yuma3On::<Test>::get(1));
        assert_eq!((WeightsSetRateLimit::<Test>::get(1), ServingRateLimit::<Test>::get(1)), (0, 0));
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 1_000_000_000, "emission begins with block 1");
    });
}

#[test]
#[should_panic(expected = "does not cover its stake")]
fn genesis_stake_needs_a_balance() {
    with_networks(vec![network(12, &[5_000], 0)], || {
        let mut poor = network(12, &[5_000], 0);
        (poor.netuid, poor.neurons[0].coldkey) = (2, POOR);
        Subtensor::build_network(&poor);
    });
}

#[test]
fn the_genesis_reads_camel_case_json() {
    let json = r#"{"allowLoopbackAxon":true,"networks":[{"netuid":1,"ownerColdkey":1,"ownerHotkey":2,"tempo":12,
        "neurons":[{"hotkey":100,"coldkey":1000,"stake":5,"validatorPermit":true}],"additional":""}]}"#;
    let genesis: crate::GenesisConfig<Test> = serde_json::from_str(json).unwrap();
    assert!(genesis.allow_loopback_axon);
    assert_eq!(genesis.networks[0].neurons[0].stake, 5);
    assert!(serde_json::from_str::<crate::GenesisConfig<Test>>(&json.replace("tempo", "temp")).is_err());
}

#[test]
fn default_values_are_upstreams() {
    with_networks(vec![], || {
        assert_eq!(BurnIncreaseMult::<Test>::get(9), U64F64 { bits: 0x1_428f_5c28_f5c2_9000 });
        assert_eq!(AlphaValues::<Test>::get(9), (45_875, 58_982));
        assert_eq!(TokenSymbol::<Test>::get(9), "𝜏".as_bytes().to_vec());
        assert_eq!(RateLimitKey::<Account>::NetworkLastRegistered.encode(), vec![2]);
        assert_eq!(Subtensor::activity_cutoff(9), 5_000);
    });
}
