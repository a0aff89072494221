//! Eve tries to withdraw the TAO that Ferdie staked.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*};

const EVE: Account = OWNER;
const EVE_HOT: Account = 50;
/// Another coldkey of Eve's, so that its miner is not recognised as the owner's.
const MASK: Account = 5;
const MASK_HOT: Account = 51;
const FERDIE: Account = RICH;
const STAKE: u64 = 500_000_000_000;

/// Eve's subnet, started, with short epochs.
fn on_eves_subnet(body: impl FnOnce()) {
    let genesis = crate::GenesisConfig::<Test> {
        default_tempo: Some(100),
        default_weights_set_rate_limit: Some(0),
        ..Default::default()
    };
    with_genesis(genesis, || {
        assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(EVE), EVE_HOT));
        assert_ok!(Subtensor::start_call(RuntimeOrigin::signed(EVE), 1));
        body();
    });
}

fn add(coldkey: Account, hotkey: Account, amount: u64) {
    assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(coldkey), hotkey, 1, amount));
}

fn remove(coldkey: Account, hotkey: Account, amount: u64) -> sp_runtime::DispatchResult {
    Subtensor::remove_stake(RuntimeOrigin::signed(coldkey), hotkey, 1, amount)
}

/// Ferdie gets back what Ferdie staked, to the rao.
fn ferdie_is_whole() {
    assert_ok!(remove(FERDIE, EVE_HOT, STAKE));
    assert_eq!(Balances::free_balance(FERDIE), ENDOWMENT);
}

#[test]
fn without_weights_she_has_nothing_to_withdraw() {
    on_eves_subnet(|| {
        run(1_100);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 1_100_000_000_000);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(EVE_HOT, 1), 0);
        add(FERDIE, EVE_HOT, STAKE);
        assert_noop!(remove(EVE, EVE_HOT, STAKE), Error::<Test>::NotEnoughStakeToWithdraw);
        run(200);
        assert_noop!(remove(EVE, EVE_HOT, STAKE), Error::<Test>::NotEnoughStakeToWithdraw);
        ferdie_is_whole();
    });
}

#[test]
fn with_weights_for_herself_she_earns_alpha_that_is_not_his_tao() {
    on_eves_subnet(|| {
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(EVE), MASK, 10_000_000_000));
        assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(MASK), 1, MASK_HOT));
        add(EVE, EVE_HOT, 2_000_000);
        run(100);
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(EVE_HOT), 1, vec![1], vec![65_535], 0));
        run(1_100);
        let (hers, masks) = (Subtensor::alpha_of(&EVE_HOT, &EVE, 1), Subtensor::alpha_of(&MASK_HOT, &MASK, 1));
        assert!(hers > STAKE && masks > STAKE / 2, "{hers} {masks}");
        add(FERDIE, EVE_HOT, STAKE);
        assert_noop!(remove(EVE, EVE_HOT, STAKE), Error::<Test>::InsufficientLiquidity);
        assert_noop!(remove(EVE, EVE_HOT, 2_000_001), Error::<Test>::InsufficientLiquidity);
        assert_noop!(remove(MASK, MASK_HOT, 2_000_000), Error::<Test>::InsufficientLiquidity);
        assert_ok!(remove(EVE, EVE_HOT, 2_000_000));
        assert_noop!(remove(EVE, EVE_HOT, 2_000_000), Error::<Test>::InsufficientLiquidity);
        ferdie_is_whole();
    });
}

#[test]
fn a_pot_pays_her_and_leaves_him_his() {
    on_eves_subnet(|| {
        add(EVE, EVE_HOT, 2_000_000);
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(EVE), MASK, 10_000_000_000));
        assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(MASK), 1, MASK_HOT));
        run(100);
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(EVE_HOT), 1, vec![1], vec![65_535], 0));
        run(1_100);
        add(FERDIE, EVE_HOT, STAKE);
        let account = Subtensor::subnet_account(1);
        assert_ok!(Balances::transfer_keep_alive(RuntimeOrigin::signed(EVE), account, 7_000_000));
        assert_noop!(remove(EVE, EVE_HOT, 9_000_001), Error::<Test>::InsufficientLiquidity);
        assert_ok!(remove(EVE, EVE_HOT, 9_000_000));
        assert_eq!(Subtensor::pot(1), 0);
        ferdie_is_whole();
    });
}

/// Genesis alpha was the second way to his TAO: it is principal now, and all that it withdraws is its own.
#[test]
fn genesis_stake_withdraws_its_own_tao_alone() {
    with_networks(vec![network(10, &[STAKE], 1)], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(FERDIE), hot(0), 1, STAKE));
        assert_ok!(remove(cold(0), hot(0), STAKE));
        assert_noop!(remove(cold(0), hot(0), STAKE), Error::<Test>::NotEnoughStakeToWithdraw);
        assert_ok!(remove(FERDIE, hot(0), STAKE));
        assert_eq!(Balances::free_balance(FERDIE), ENDOWMENT);
    });
}
