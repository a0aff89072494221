//! A subnet made by extrinsics alone, from its registration to a payout and back to TAO.
use frame_support::{assert_err, assert_noop, assert_ok};

use crate::{mock::*, pallet::*, types::*};

const VALIDATOR: Account = 70;
const MINERS: [Account; 2] = [60, 61];
const STAKE: u64 = 1_000_000_000_000;

/// Creates subnet 1 of OWNER with hotkey 50; RICH registers the validator and the miners and stakes.
fn found_subnet() {
    assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(OWNER), 50));
    assert_err!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), 50, 1, STAKE), Error::<Test>::SubtokenDisabled);
    assert_ok!(Subtensor::start_call(RuntimeOrigin::signed(OWNER), 1));
    for hotkey in [VALIDATOR, MINERS[0], MINERS[1]] {
        assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(RICH), 1, hotkey));
    }
    assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), VALIDATOR, 1, STAKE));
}

fn set_weights() -> sp_runtime::DispatchResult {
    Subtensor::set_weights(RuntimeOrigin::signed(VALIDATOR), 1, vec![2, 3], vec![65_535, 21_845], 0)
}

/// From a founded subnet to a payout of its miners; returns the block of the paying epoch.
fn runs_until_it_pays() -> u64 {
    let next_epoch = || Subtensor::next_epoch_start_block(1).unwrap();
    run(1);
    assert!(!ValidatorPermit::<Test>::get(1)[1], "a permit needs an epoch");
    run_to(next_epoch());
    assert_eq!(ValidatorPermit::<Test>::get(1), vec![true, false, false, false], "the stake came in this period");
    run_to(next_epoch());
    assert_eq!(ValidatorPermit::<Test>::get(1), vec![true, true, false, false], "the owner's, and by stake");
    run(WeightsSetRateLimit::<Test>::get(1));
    assert_ok!(set_weights());
    run_to(next_epoch());
    let earned = MINERS.map(|hotkey| TotalHotkeyAlpha::<Test>::get(hotkey, 1));
    assert!(earned[0].abs_diff(3 * earned[1]) * 1_000 < earned[0], "3 : 1 as weighted: {earned:?}");
    let incentive = Incentive::<Test>::get(1);
    assert_eq!((incentive[0], incentive[1]), (0, 0));
    assert!(incentive[2] > 49_000 && incentive[3] > 16_000);
    assert!(Dividends::<Test>::get(1)[1] > 65_000);
    assert!(TotalHotkeyAlpha::<Test>::get(50, 1) >= PaidToOwner::<Test>::get(1));
    Subtensor::do_try_state().unwrap();
    System::block_number()
}

#[test]
fn pays_with_upstreams_defaults() {
    with_networks(vec![], || {
        run_to(5);
        found_subnet();
        assert_noop!(set_weights(), Error::<Test>::SettingWeightsTooFast);
        run(100);
        assert_noop!(set_weights(), Error::<Test>::NeuronNoValidatorPermit);
        assert_eq!(runs_until_it_pays(), 4 + 3 * 360);
        let had = Balances::free_balance(RICH);
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(RICH), VALIDATOR, 1, STAKE));
        assert_eq!(Balances::free_balance(RICH), had + STAKE);
    });
}

/// Nobody's hotkey earns before there are weights, so the least stake counts at once, however old the subnet is.
#[test]
fn a_validator_with_the_least_stake_counts_from_its_second_epoch_on() {
    let genesis = crate::GenesisConfig::<Test> {
        default_tempo: Some(12),
        default_weights_set_rate_limit: Some(0),
        ..Default::default()
    };
    with_genesis(genesis, || {
        assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(OWNER), 50));
        assert_ok!(Subtensor::start_call(RuntimeOrigin::signed(OWNER), 1));
        run(300);
        for hotkey in [VALIDATOR, MINERS[0], MINERS[1]] {
            assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(RICH), 1, hotkey));
        }
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), VALIDATOR, 1, 2_000_000));
        run(24);
        assert!(ValidatorPermit::<Test>::get(1)[1]);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(50, 1), 0, "no weights, no owner's cut");
        assert_ok!(set_weights());
        run(12);
        assert!(Incentive::<Test>::get(1)[2] > 49_000, "{:?}", Incentive::<Test>::get(1));
        assert!(TotalHotkeyAlpha::<Test>::get(MINERS[0], 1) > 0);
        for _ in 0..20 {
            assert_ok!(set_weights());
            run(12);
        }
        assert!(Incentive::<Test>::get(1)[2] > 49_000, "nor is it outweighed by the owner's cut later");
    });
}

#[test]
fn the_genesis_names_what_new_subnets_begin_with() {
    let genesis = crate::GenesisConfig::<Test> {
        default_tempo: Some(12),
        default_immunity_period: Some(90),
        default_burn: Some(1),
        default_weights_set_rate_limit: Some(0),
        default_serving_rate_limit: Some(3),
        network_rate_limit: Some(0),
        network_min_lock_cost: Some(7_000_000),
        start_call_delay: Some(0),
        ..Default::default()
    };
    with_genesis(genesis, || {
        let had = Balances::free_balance(OWNER);
        found_subnet();
        assert_eq!(Balances::free_balance(OWNER), had - 7_000_000);
        assert_eq!((Tempo::<Test>::get(1), ImmunityPeriod::<Test>::get(1)), (12, 90));
        assert_eq!((WeightsSetRateLimit::<Test>::get(1), ServingRateLimit::<Test>::get(1)), (0, 3));
        assert_eq!(BlockAtRegistration::<Test>::get(1, 0), 1);
        assert!(RAORecycledForRegistration::<Test>::get(1) >= 3 * 500_000, "the price is never below the least");
        assert!(runs_until_it_pays() <= 1 + 4 * 12);
        assert_eq!(Subtensor::network_lock_cost(), 14_000_000 - 69 * (System::block_number() - 1));
        assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(OWNER), 51));
        assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(OWNER), 52));
    });
}

#[test]
fn without_names_the_genesis_leaves_upstreams_defaults() {
    with_networks(vec![], || {
        assert!(!SubnetDefaults::<Test>::exists() && !NetworkRateLimit::<Test>::exists());
        assert_eq!(SubnetDefaults::<Test>::get(), SubnetParameters::default());
        assert_eq!(NetworkMinLockCost::<Test>::get(), 1_000_000_000_000);
    });
}

#[test]
#[should_panic(expected = "would never pay")]
fn a_default_tempo_of_0_is_refused() {
    with_genesis(crate::GenesisConfig { default_tempo: Some(0), ..Default::default() }, || {});
}
