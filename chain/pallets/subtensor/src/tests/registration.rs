//! Burned registration: checks, price, pruning.
use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, pallet::*, registration::*, types::*};

fn register(coldkey: Account, netuid: u16, hotkey: Account) -> sp_runtime::DispatchResult {
    Subtensor::burned_register(RuntimeOrigin::signed(coldkey), netuid, hotkey)
}

#[test]
fn refuses_in_upstreams_order() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        assert_noop!(register(POOR, 0, hot(0)), Error::<Test>::RegistrationNotPermittedOnRootSubnet);
        assert_noop!(register(POOR, 9, hot(0)), Error::<Test>::SubnetNotExists);
        NetworkRegistrationAllowed::<Test>::insert(1, false);
        assert_noop!(register(POOR, 1, hot(0)), Error::<Test>::SubNetRegistrationDisabled);
        NetworkRegistrationAllowed::<Test>::insert(1, true);
        assert_noop!(register(POOR, 1, hot(0)), Error::<Test>::HotKeyAlreadyRegisteredInSubNet);
        assert_noop!(register(POOR, 1, OWNER_HOT), Error::<Test>::NotEnoughBalanceToStake);
        assert_noop!(register(RICH, 1, OWNER_HOT), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(Subtensor::burned_register(RuntimeOrigin::none(), 1, 9), sp_runtime::DispatchError::BadOrigin);
    });
}

#[test]
fn burns_the_price_and_appends() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        run_to(5);
        let issuance = pallet_balances::TotalIssuance::<Test>::get();
        assert_ok!(register(RICH, 1, 77));
        System::assert_last_event(Event::<Test>::NeuronRegistered(1, 2, 77).into());
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issuance - 500_000);
        assert_eq!(Balances::free_balance(RICH), ENDOWMENT - 500_000);
        assert_eq!(RAORecycledForRegistration::<Test>::get(1), 500_000);
        assert_eq!((Uids::<Test>::get(1, 77), Keys::<Test>::get(1, 2)), (Some(2), 77));
        assert_eq!(LastUpdate::<Test>::get(1), vec![0, 0, 5]);
        assert_eq!(BlockAtRegistration::<Test>::get(1, 2), 5);
        assert_eq!((Owner::<Test>::get(77), OwnedHotkeys::<Test>::get(RICH)), (RICH, vec![77]));
        assert_eq!(System::sufficients(&77), 1, "the stock CheckNonce must accept the hotkey");
        assert_eq!(RegistrationsThisBlock::<Test>::get(1), 1);
        run(1);
        assert_eq!(RegistrationsThisBlock::<Test>::get(1), 0);
        assert_eq!(TotalIssuance::<Test>::get(), issuance - 500_000);
    });
}

#[test]
fn the_price_rises_and_decays_in_integers() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        Burn::<Test>::insert(1, 1_000_000_000);
        assert_ok!(register(RICH, 1, 77));
        // 1.26 as 64 fractional bits lies a hair below 1.26 or above; floor.
        assert_eq!(Burn::<Test>::get(1), multiply_u64f64(1_000_000_000, BurnIncreaseMult::<Test>::get(1)));
        assert!(Burn::<Test>::get(1).abs_diff(1_260_000_000) <= 1);
        Burn::<Test>::insert(1, 1_000_000_000);
        run(1);
        let factor = u128::from(decay_factor_q32(360));
        assert_eq!(u128::from(Burn::<Test>::get(1)), (1_000_000_000 * factor) >> 32);
        run(359);
        let half = Burn::<Test>::get(1);
        assert!((499_999_000..=500_000_000).contains(&half), "{half}");
        run(10_000);
        assert_eq!(Burn::<Test>::get(1), 500_000, "the least price");
        Burn::<Test>::insert(1, 99_000_000_000);
        assert_ok!(register(RICH, 1, 78));
        assert_eq!(Burn::<Test>::get(1), 100_000_000_000, "the highest price");
    });
}

#[test]
fn the_decay_factor_is_the_largest_that_halves() {
    assert_eq!(decay_factor_q32(0), 1 << 32);
    assert_eq!(decay_factor_q32(1), 1 << 31);
    for half_life in [2, 7, 360, 36_100] {
        let factor = decay_factor_q32(half_life) as f64 / 4_294_967_296.0;
        let exact = 0.5_f64.powf(1.0 / f64::from(half_life));
        assert!((factor - exact).abs() < 1e-6, "{half_life}: {factor} {exact}");
    }
    assert_eq!(multiply_u64f64(u64::MAX, U64F64 { bits: u128::MAX }), u64::MAX);
    assert_eq!(multiply_u64f64(10, U64F64 { bits: 3 << 63 }), 15);
}

/// A full subnet of 14 slots, all registered at block 0, at block 200.
fn full(body: impl FnOnce()) {
    with_networks(vec![network(1_000, &[1_000], 13)], || {
        MaxAllowedUids::<Test>::insert(1, 14);
        ImmunityPeriod::<Test>::insert(1, 100);
        run_to(200);
        body();
    });
}

#[test]
fn a_full_subnet_prunes_the_least_emission_then_age_then_uid() {
    full(|| {
        Emission::<Test>::insert(1, (0..14).map(|uid| if uid == 5 { 1 } else { 50 }).collect::<Vec<u64>>());
        assert_eq!(Subtensor::neuron_to_prune(1), Some(5));
        Emission::<Test>::insert(1, vec![7_u64; 14]);
        assert_eq!(Subtensor::neuron_to_prune(1), Some(0));
        BlockAtRegistration::<Test>::insert(1, 0, 9);
        assert_eq!(Subtensor::neuron_to_prune(1), Some(1));
    });
}

#[test]
fn immune_neurons_go_only_when_too_few_others_are_left() {
    full(|| {
        for uid in 0..3 {
            BlockAtRegistration::<Test>::insert(1, uid, 150 + u64::from(uid));
        }
        assert_eq!(Subtensor::neuron_to_prune(1), Some(3), "11 others are enough");
        BlockAtRegistration::<Test>::insert(1, 3, 149);
        assert_eq!(Subtensor::neuron_to_prune(1), Some(3), "10 others are not: the oldest immune one goes");
        for uid in 0..14 {
            BlockAtRegistration::<Test>::insert(1, uid, 0);
        }
        MinNonImmuneUids::<Test>::insert(1, 14);
        assert_eq!(Subtensor::neuron_to_prune(1), None);
        assert_noop!(register(RICH, 1, 77), Error::<Test>::NoNeuronIdAvailable);
    });
}

#[test]
fn the_owners_hotkey_is_never_pruned() {
    full(|| {
        SubnetOwnerHotkey::<Test>::insert(1, hot(0));
        Emission::<Test>::insert(1, (0..14_u64).collect::<Vec<_>>());
        assert_eq!(Subtensor::neuron_to_prune(1), Some(1));
        ImmuneOwnerUidsLimit::<Test>::insert(1, 2);
        OwnedHotkeys::<Test>::insert(OWNER, vec![OWNER_HOT, hot(2), hot(1)]);
        BlockAtRegistration::<Test>::insert(1, 1, 1);
        assert_eq!(Subtensor::neuron_to_prune(1), Some(1), "limit 2: the owner's oldest other hotkey is uid 2");
    });
}

#[test]
fn a_replaced_neuron_leaves_nothing_but_its_stake() {
    full(|| {
        let origin = RuntimeOrigin::signed(hot(0));
        assert_ok!(Subtensor::set_weights(origin, 1, vec![1, 2], vec![65_535, 65_535], 0));
        Weights::<Test>::insert(1, 1, vec![(0, 9_u16)]);
        Bonds::<Test>::insert(1, 1, vec![(0, 9_u16)]);
        Axons::<Test>::insert(1, hot(1), AxonInfo::default());
        Emission::<Test>::insert(1, (0..14).map(|uid| if uid == 1 { 1 } else { 50 }).collect::<Vec<u64>>());
        ValidatorPermit::<Test>::mutate(1, |permits| permits[1] = true);
        assert_ok!(register(RICH, 1, 77));
        assert_eq!((Keys::<Test>::get(1, 1), Uids::<Test>::get(1, 77)), (77, Some(1)));
        assert_eq!(Uids::<Test>::get(1, hot(1)), None);
        assert!(!IsNetworkMember::<Test>::get(hot(1), 1));
        assert!(Axons::<Test>::get(1, hot(1)).is_none());
        assert!(Weights::<Test>::get(1, 1).is_empty() && Bonds::<Test>::get(1, 1).is_empty());
        assert_eq!(Weights::<Test>::get(1, 0), vec![(1, 0), (2, 65_535)], "others' weights for the uid become 0");
        assert!(!ValidatorPermit::<Test>::get(1)[1]);
        assert_eq!(Emission::<Test>::get(1)[1], 0);
        assert_eq!((LastUpdate::<Test>::get(1)[1], BlockAtRegistration::<Test>::get(1, 1)), (200, 200));
        assert_eq!(Owner::<Test>::get(hot(1)), cold(1));
    });
}
