//! Answers of the runtime APIs equal storage after stake, weights and an epoch.
use codec::Compact;
use frame_support::assert_ok;

use crate::{
    mock::*,
    pallet::*,
    runtime_api::{
        hyperparams::HyperparamValue,
        stake::{StakeAvailability, StakeInfo},
    },
    types::{SubnetIdentityV3, I32F32, ROOT, U64F64},
};

const TAO: u64 = 1_000_000_000;

/// A subnet after an epoch in which both validators weighed both miners, with a nominator on the first validator.
fn with_epoch(body: impl FnOnce()) {
    with_networks(vec![network(10, &[4 * TAO, TAO], 2)], || {
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(0), 1, 6 * TAO));
        for uid in [0, 1] {
            let weights = (vec![2, 3], vec![3, 1]);
            assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(uid)), 1, weights.0, weights.1, 0));
        }
        assert_ok!(Subtensor::serve_axon(RuntimeOrigin::signed(hot(2)), 1, 7, 0x0808_0808, 8091, 4, 4, 0, 0));
        run_to(11);
        assert!(Emission::<Test>::get(1).iter().all(|alpha| *alpha > 0), "every neuron earned");
        body();
    });
}

fn plain<V>(list: Vec<Compact<V>>) -> Vec<V> {
    list.into_iter().map(|Compact(value)| value).collect()
}

#[test]
fn a_metagraph_is_storage_in_columns() {
    with_epoch(|| {
        let graph = Subtensor::mechagraph(1, 0).unwrap();
        assert_eq!(graph.hotkeys, vec![hot(0), hot(1), hot(2), hot(3)]);
        assert_eq!(graph.coldkeys, vec![cold(0), cold(1), cold(2), cold(3)]);
        assert_eq!((graph.owner_coldkey, graph.owner_hotkey), (OWNER, OWNER_HOT));
        assert_eq!((graph.block.0, graph.last_step.0, graph.blocks_since_last_step.0), (11, 10, 1));
        assert_eq!((graph.tempo.0, graph.num_uids.0, graph.max_uids.0), (10, 4, 256));
        assert_eq!(graph.axons[2], Axons::<Test>::get(1, hot(2)).unwrap());
        assert_eq!(graph.axons[0], Default::default(), "who does not serve has an empty axon");
        assert_eq!(plain(graph.incentives), Incentive::<Test>::get(1));
        assert_eq!(plain(graph.dividends), Dividends::<Test>::get(1));
        assert_eq!(plain(graph.consensus), Consensus::<Test>::get(1));
        assert_eq!(plain(graph.emission), Emission::<Test>::get(1));
        assert_eq!(plain(graph.last_update), LastUpdate::<Test>::get(1));
        assert_eq!(graph.validator_permit, ValidatorPermit::<Test>::get(1));
        assert_eq!(graph.active, Active::<Test>::get(1));
        let stakes: Vec<u64> = (0..4).map(|uid| TotalHotkeyAlpha::<Test>::get(hot(uid), 1)).collect();
        assert_eq!((plain(graph.alpha_stake), plain(graph.total_stake)), (stakes.clone(), stakes));
        assert_eq!(plain(graph.tao_stake), vec![0; 4]);
        let dividends = AlphaDividendsPerSubnet::<Test>::get(1, hot(0));
        assert_eq!(graph.alpha_dividends_per_hotkey[0], (hot(0), Compact(dividends)));
        assert!(dividends > 0);
        assert_eq!(graph.pending_alpha_emission.0, PendingServerEmission::<Test>::get(1) * 2, "one block of 41 + 41");
        assert_eq!((graph.burn.0, graph.activity_cutoff.0), (Burn::<Test>::get(1), Subtensor::activity_cutoff(1)));
        assert_eq!(Subtensor::mechagraph(1, 1), None, "one mechanism");
        assert_eq!(Subtensor::mechagraph(2, 0), None, "no such subnet");
    });
}

#[test]
fn mechanisms_have_incentives_and_updates_of_their_own() {
    with_epoch(|| {
        MechanismCountCurrent::<Test>::insert(1, 2);
        Incentive::<Test>::insert(4097, vec![0, 0, 1, 2]);
        LastUpdate::<Test>::insert(4097, vec![5, 6, 7, 8]);
        let second = Subtensor::mechagraph(1, 1).unwrap();
        assert_eq!((plain(second.incentives), plain(second.last_update)), (vec![0, 0, 1, 2], vec![5, 6, 7, 8]));
        let all = Subtensor::mechagraphs();
        let netuids: Vec<u16> = all.iter().flatten().map(|graph| graph.netuid.0).collect();
        assert_eq!(netuids, vec![ROOT, 1, 1]);
        assert_eq!(Subtensor::metagraphs().len(), 2);
        MechanismCountCurrent::<Test>::insert(1, 1);
    });
}

#[test]
fn parts_of_a_metagraph_are_those_asked_for() {
    with_epoch(|| {
        let commitments = |netuid: u16| vec![(hot(2), vec![netuid as u8, 9])];
        let parts = Subtensor::selective_mechagraph(1, 0, &[0, 52, 60, 72, 73, 74], commitments).unwrap();
        let whole = Subtensor::mechagraph(1, 0).unwrap();
        assert_eq!(parts.netuid, Compact(1));
        assert_eq!((parts.hotkeys, parts.emission), (Some(whole.hotkeys), Some(whole.emission)));
        assert_eq!((parts.name, parts.identity, parts.coldkeys), (None, None, None));
        assert_eq!(parts.commitments, Some(vec![(hot(2), vec![Compact(1), Compact(9)])]));
        assert_eq!(plain(parts.validators.unwrap()).last(), Some(&0), "the largest stake last");
        let nothing = Subtensor::selective_mechagraph(1, 0, &[], |_| panic!("not asked for")).unwrap();
        assert_eq!((nothing.validators, nothing.commitments, nothing.alpha_stake), (None, None, None));
        assert_eq!(Subtensor::selective_mechagraph(2, 0, &[0], |_| vec![]), None);
    });
}

#[test]
fn dynamic_info_lists_the_root_network_first() {
    with_epoch(|| {
        let identity = SubnetIdentityV3 { subnet_name: b"assay".to_vec(), ..Default::default() };
        SubnetIdentitiesV3::<Test>::insert(1, identity.clone());
        let all = Subtensor::dynamic_infos();
        let names: Vec<Vec<u8>> = all.iter().flatten().map(|info| plain(info.subnet_name.clone())).collect();
        assert_eq!(names, vec![b"root".to_vec(), b"assay".to_vec()]);
        let info = Subtensor::dynamic_info(1).unwrap();
        assert_eq!(info.subnet_identity, Some(identity));
        assert_eq!(plain(info.token_symbol), TokenSymbol::<Test>::get(1));
        assert_eq!((info.tao_in.0, info.alpha_in.0), (SubnetTAO::<Test>::get(1), 0));
        assert_eq!(info.tao_in.0, 11 * TAO, "the principals");
        assert_eq!(info.alpha_out.0, SubnetAlphaOut::<Test>::get(1));
        assert_eq!(info.alpha_out_emission.0, SubnetAlphaOutEmission::<Test>::get(1));
        assert_eq!((info.last_step.0, info.blocks_since_last_step.0), (10, 1));
        assert_eq!(Subtensor::dynamic_info(2), None);
    });
}

#[test]
fn the_older_forms_of_a_subnet_agree() {
    with_epoch(|| {
        let (older, newer) = (Subtensor::subnet_info(1).unwrap(), Subtensor::subnet_info_v2(1).unwrap());
        assert_eq!((older.owner, newer.owner), (OWNER, OWNER));
        assert_eq!((older.burn, older.tempo, older.subnetwork_n), (newer.burn, newer.tempo, newer.subnetwork_n));
        assert_eq!((newer.burn.0, newer.subnetwork_n.0), (Burn::<Test>::get(1), 4));
        assert_eq!(newer.blocks_since_last_step.0, BlocksSinceLastStep::<Test>::get(1));
        assert_eq!((Subtensor::subnet_infos().len(), Subtensor::subnet_infos_v2().len()), (2, 2));
        assert_eq!((Subtensor::subnet_info(9), Subtensor::subnet_info_v2(9)), (None, None));
        assert_eq!(Subtensor::subnet_to_prune(), None);
    });
}

#[test]
fn a_subnets_state_has_the_emission_of_its_hotkeys_everywhere() {
    with_epoch(|| {
        let state = Subtensor::subnet_state(1).unwrap();
        assert_eq!(state.hotkeys.len(), 4);
        assert_eq!(plain(state.emission.clone()), Emission::<Test>::get(1));
        assert_eq!(state.emission_history, vec![vec![Compact(0); 4], state.emission]);
        assert_eq!(Subtensor::subnet_state(5), None);
        let root = Subtensor::subnet_state(ROOT).unwrap();
        assert_eq!((root.hotkeys, root.total_stake), (vec![], vec![]));
    });
}

#[test]
fn hyperparameters_are_the_same_in_all_forms() {
    with_epoch(|| {
        Kappa::<Test>::insert(1, 12);
        BurnIncreaseMult::<Test>::insert(1, U64F64 { bits: 2 << 64 });
        AlphaSigmoidSteepness::<Test>::insert(1, -5);
        LiquidAlphaOn::<Test>::insert(1, true);
        let (first, second) = (Subtensor::hyperparams(1).unwrap(), Subtensor::hyperparams_v2(1).unwrap());
        assert_eq!((first.kappa, second.kappa), (Compact(12), Compact(12)));
        assert_eq!(second.alpha_sigmoid_steepness, I32F32 { bits: -5 << 32 });
        assert_eq!((second.alpha_low, second.alpha_high), (Compact(45_875), Compact(58_982)));
        assert_eq!((second.yuma_version, second.subnet_is_active), (Compact(3), true));
        let third = Subtensor::hyperparams_v3(1).unwrap();
        let names: alloc::collections::BTreeSet<_> = third.iter().map(|entry| entry.name.clone()).collect();
        assert_eq!((names.len(), third.len()), (35, 35), "no name twice");
        let value = |name: &str| {
            third.iter().find(|entry| entry.name == name.as_bytes()).map(|entry| entry.value.clone()).unwrap()
        };
        assert_eq!(value("kappa"), HyperparamValue::U16(Compact(12)));
        assert_eq!(value("tempo"), HyperparamValue::U16(Compact(10)));
        assert_eq!(value("burn_increase_mult"), HyperparamValue::U64F64(U64F64 { bits: 2 << 64 }));
        assert_eq!(value("min_burn"), HyperparamValue::TaoBalance(Compact(500_000)));
        assert_eq!(value("activity_cutoff_factor"), HyperparamValue::U32(Compact(13_889)));
        assert_eq!(value("activity_cutoff"), HyperparamValue::U64(Compact(138)));
        assert_eq!(value("liquid_alpha_enabled"), HyperparamValue::Bool(true));
        assert_eq!(value("commit_reveal_period"), HyperparamValue::U64(Compact(1)));
        assert_eq!(value("collateral_lock_share"), HyperparamValue::U16(Compact(0)));
        assert_eq!(Subtensor::hyperparams_v3(2), None);
    });
}

#[test]
fn stake_infos_are_the_positions() {
    with_epoch(|| {
        let own = Subtensor::stake_infos(&RICH);
        let expected = StakeInfo {
            hotkey: hot(0),
            coldkey: RICH,
            netuid: Compact(1),
            stake: Compact(Subtensor::alpha_of(&hot(0), &RICH, 1)),
            locked: Compact(0),
            emission: Compact(AlphaDividendsPerSubnet::<Test>::get(1, hot(0))),
            tao_emission: Compact(0),
            drain: Compact(0),
            is_registered: true,
        };
        assert_eq!(own, vec![expected.clone()]);
        assert!(expected.stake.0 > 6 * TAO, "with dividends");
        assert_eq!(Subtensor::stake_info(hot(0), RICH, 1), expected);
        assert_eq!(Subtensor::stake_info(hot(3), RICH, 1).stake, Compact(0), "an empty position has an answer too");
        assert_eq!(Subtensor::stake_infos_of(vec![RICH, POOR]), vec![(RICH, own), (POOR, vec![])]);
    });
}

#[test]
fn what_is_available_is_principal_and_what_the_pot_pays() {
    with_epoch(|| {
        // A second position, so that two hotkeys share the pot.
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hot(1), 1, 2 * TAO));
        run_to(21);
        let of = |netuids| Subtensor::stake_availabilities(vec![RICH, POOR], netuids);
        let total = Subtensor::alpha_of(&hot(0), &RICH, 1) + Subtensor::alpha_of(&hot(1), &RICH, 1);
        let earned = total - 8 * TAO;
        assert!(earned > 1000);
        let row = |available| StakeAvailability { total: Compact(total), locked: Compact(0), available };
        assert_eq!(of(None)[&RICH][&1], row(Compact(8 * TAO)), "the pot is empty");
        let account = Subtensor::subnet_account(1);
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), account, 1000));
        assert_eq!(of(None)[&RICH][&1], row(Compact(8 * TAO + 1000)), "once, not for each hotkey");
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), account, earned));
        assert_eq!(of(Some(vec![1, 1]))[&RICH][&1], row(Compact(total)));
        assert_eq!((of(None)[&RICH].len(), of(None)[&POOR].len()), (1, 0), "subnets without stake are left out");
        assert!(of(Some(vec![]))[&RICH].is_empty());
        assert!(of(Some(vec![1, 2, 3]))[&RICH].is_empty(), "more than there are (as upstream)");
        assert!(of(Some(vec![7]))[&RICH].is_empty());
    });
}

#[test]
fn a_delegate_names_those_who_staked() {
    with_epoch(|| {
        let delegate = Subtensor::delegate(hot(0)).unwrap();
        let alpha = |coldkey: &Account| Compact(Subtensor::alpha_of(&hot(0), coldkey, 1));
        let expected = vec![(RICH, vec![(Compact(1), alpha(&RICH))]), (cold(0), vec![(Compact(1), alpha(&cold(0)))])];
        assert_eq!(delegate.nominators, expected);
        assert_eq!((delegate.owner_ss58, delegate.take), (cold(0), Compact(11_796)));
        assert_eq!((delegate.registrations, delegate.validator_permits), (vec![Compact(1)], vec![Compact(1)]));
        let daily = Emission::<Test>::get(1)[0] * 720;
        assert_eq!((delegate.total_daily_return, delegate.return_per_1000), (Compact(daily), Compact(0)));
        let delegated = Subtensor::delegated(&RICH);
        assert_eq!(delegated.len(), 1);
        assert_eq!((delegated[0].0.delegate_ss58, delegated[0].1), (hot(0), (Compact(1), alpha(&RICH))));
        assert!(delegated[0].0.nominators.is_empty());
        assert_eq!(Subtensor::delegates().len(), 5, "all have stake, and so has the hotkey of the owner's cut");
        assert_eq!(Subtensor::delegate(OWNER_HOT + 90), None);
        assert_eq!(Subtensor::delegated(&POOR), vec![]);
    });
}

#[test]
fn one_alpha_is_one_tao() {
    with_epoch(|| {
        let prices: Vec<(u16, u64)> =
            Subtensor::alpha_prices().into_iter().map(|entry| (entry.netuid, entry.price)).collect();
        assert_eq!(prices, vec![(ROOT, TAO), (1, TAO)]);
        let swap = Subtensor::simulated_swap(77);
        assert_eq!((swap.tao_amount, swap.alpha_amount, swap.tao_fee, swap.alpha_slippage), (77, 77, 0, 0));
    });
}
