//! The epoch's clock and what an epoch stores.
use frame_support::assert_ok;

use crate::{mock::*, pallet::*};

#[test]
fn runs_every_tempo_blocks_with_a_phase_by_netuid() {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 3;
    for neuron in &mut second.neurons {
        neuron.hotkey += 10_000;
    }
    with_networks(vec![network(10, &[1_000], 1), second], || {
        // Block 0 minus netuid % tempo saturates at 0 in the genesis.
        assert_eq!(LastEpochBlock::<Test>::get(1), 0);
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(10));
        run_to(9);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 0);
        run_to(10);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
        assert_eq!(BlocksSinceLastStep::<Test>::get(1), 0);
        assert_eq!(LastMechansimStepBlock::<Test>::get(1), 10);
        run_to(49);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 4);
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(50));
        assert_eq!(Subtensor::next_epoch_start_block(2), None);
    });
}

#[test]
fn a_new_subnet_has_its_own_phase() {
    with_networks(vec![], || {
        run_to(1000);
        assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(RICH), 50));
        assert_eq!(LastEpochBlock::<Test>::get(1), 999);
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(1359));
    });
}

#[test]
fn at_most_two_epochs_run_in_a_block() {
    let networks = (1..=3)
        .map(|netuid| {
            let mut genesis = network(10, &[1_000], 1);
            genesis.netuid = netuid;
            genesis
        })
        .collect();
    with_networks(networks, || {
        run_to(10);
        let deferred = Event::<Test>::EpochDeferred { netuid: 3, from_block: 10, to_block: 11 };
        System::assert_has_event(deferred.into());
        assert_eq!(SubnetEpochIndex::<Test>::get(3), 0);
        run_to(11);
        assert_eq!(SubnetEpochIndex::<Test>::get(3), 1);
        assert_eq!(LastEpochBlock::<Test>::get(3), 11);
    });
}

/// Four subnets of tempo 1 where one epoch a block may run: each has one in four.
#[test]
fn the_longest_overdue_goes_first_so_that_nobody_starves() {
    let networks = (1..=4)
        .map(|netuid| {
            let mut genesis = network(1, &[1_000], 1);
            genesis.netuid = netuid;
            genesis
        })
        .collect();
    with_networks(networks, || {
        MaxEpochsPerBlock::<Test>::put(1);
        run_to(41);
        let had = [1, 2, 3, 4].map(SubnetEpochIndex::<Test>::get);
        assert!(had.iter().all(|epochs| (10..=11).contains(epochs)), "{had:?}");
        // Overdue: the next block is the first that can run it.
        assert!((1..=4).all(|netuid| Subtensor::next_epoch_start_block(netuid) == Some(42)));
    });
}

#[test]
fn tempo_zero_never_runs_and_a_triggered_epoch_does() {
    with_networks(vec![network(100, &[1_000], 1)], || {
        PendingEpochAt::<Test>::insert(1, 5);
        assert_eq!(Subtensor::next_epoch_start_block(1), Some(5));
        run_to(5);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
        assert_eq!(PendingEpochAt::<Test>::get(1), 0);
        Tempo::<Test>::insert(1, 0);
        run_to(300);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
        assert_eq!(Subtensor::next_epoch_start_block(1), None);
    });
}

#[test]
fn duplicate_keys_skip_the_epoch() {
    with_networks(vec![network(10, &[1_000], 1)], || {
        let right = Keys::<Test>::get(1, 1);
        Keys::<Test>::insert(1, 1, hot(0));
        run_to(10);
        System::assert_has_event(Event::<Test>::EpochSkipped { netuid: 1, block: 10 }.into());
        assert_eq!(PaidToNeurons::<Test>::get(1), 0);
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 1);
        Keys::<Test>::insert(1, 1, right);
    });
}

#[test]
fn stores_what_yuma_found() {
    with_networks(vec![network(10, &[2_000_000, 1_000_000], 2)], || {
        for (validator, weights) in [(0, vec![60_000, 20_000]), (1, vec![50_000, 30_000])] {
            let origin = RuntimeOrigin::signed(hot(validator));
            assert_ok!(Subtensor::set_weights(origin, 1, vec![2, 3], weights, 0));
        }
        run_to(10);
        // Stake 2/3 and 1/3, rows (3/4, 1/4) and (5/8, 3/8): consensus (3/4, 1/4), clipped ranks 17/24 and 1/4.
        assert_eq!(Consensus::<Test>::get(1), vec![0, 0, 49_151, 16_383]);
        assert_eq!(Incentive::<Test>::get(1), vec![0, 0, 48_438, 17_096]);
        assert_eq!(Active::<Test>::get(1), vec![true; 4]);
        assert_eq!(ValidatorPermit::<Test>::get(1), vec![true, true, false, false]);
        assert_eq!(StakeWeight::<Test>::get(1), vec![43_689, 21_844, 0, 0]);
        assert!(ValidatorTrust::<Test>::get(1)[0] > 0);
        assert_eq!(Bonds::<Test>::get(1, 0).len(), 2);
        assert!(Bonds::<Test>::get(1, 2).is_empty());
        let emission = Emission::<Test>::get(1);
        assert_eq!(emission.iter().sum::<u64>(), PaidToNeurons::<Test>::get(1));
        assert_eq!(AlphaDividendsPerSubnet::<Test>::get(1, hot(0)), emission[0]);
    });
}

#[test]
fn a_lost_permit_clears_the_bonds() {
    // Stakes that an epoch's emission does not overtake.
    with_networks(vec![network(10, &[2_000_000_000_000, 1_000_000_000_000], 1)], || {
        for validator in [0, 1] {
            assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(validator)), 1, vec![2], vec![1], 0));
        }
        run_to(10);
        assert!(!Bonds::<Test>::get(1, 1).is_empty());
        MaxAllowedValidators::<Test>::insert(1, 1);
        run_to(20);
        assert_eq!(ValidatorPermit::<Test>::get(1), vec![true, false, false]);
        assert!(Bonds::<Test>::get(1, 1).is_empty());
        assert!(!Bonds::<Test>::get(1, 0).is_empty());
    });
}

#[test]
fn an_empty_subnet_burns_its_emission() {
    with_networks(vec![network(10, &[], 0)], || {
        run_to(30);
        assert_eq!(PaidToNeurons::<Test>::get(1), 0);
        assert_eq!((PaidToOwner::<Test>::get(1), CarriedEmission::<Test>::get(1)), (0, 0));
        assert_eq!(BurnedEmission::<Test>::get(1), 30_000_000_000);
    });
}

#[test]
fn neuron_info_shows_the_epoch() {
    with_networks(vec![network(10, &[1_000_000], 1)], || {
        run_to(10);
        let neurons = Subtensor::neurons_lite(1);
        assert_eq!(neurons.len(), 2);
        assert_eq!(neurons[0].stake, vec![(cold(0), codec::Compact(TotalHotkeyAlpha::<Test>::get(hot(0), 1)))]);
        assert!(neurons[0].validator_permit);
        assert_eq!(Subtensor::neuron_lite(1, 1), neurons.get(1).cloned());
        assert_eq!(Subtensor::neuron_lite(1, 2), None);
        Weights::<Test>::insert(1, 0, vec![(1, 65_535_u16)]);
        let full = Subtensor::neuron(1, 0).unwrap();
        assert_eq!(full.weights, vec![(codec::Compact(1), codec::Compact(65_535))]);
        assert_eq!((full.hotkey, full.emission), (neurons[0].hotkey, neurons[0].emission));
        assert_eq!((Subtensor::neurons(1).len(), Subtensor::neuron(1, 2)), (2, None));
    });
}

#[test]
fn a_miner_may_reset_its_bonds_where_allowed() {
    with_networks(vec![network(10, &[1_000], 2)], || {
        Bonds::<Test>::insert(1, 0, vec![(1, 5_u16), (2, 6)]);
        Subtensor::reset_bonds(1, &hot(1));
        assert_eq!(Bonds::<Test>::get(1, 0).len(), 2);
        BondsResetOn::<Test>::insert(1, true);
        Subtensor::reset_bonds(1, &RICH);
        Subtensor::reset_bonds(1, &hot(1));
        assert_eq!(Bonds::<Test>::get(1, 0), vec![(2, 6)]);
    });
}
