//! The halving curve, the split, the ledger.
use frame_support::assert_ok;

use crate::{
    emission::{alpha_per_block, split, MAX_ALPHA},
    mock::*,
    pallet::*,
    types::*,
};

/// (issued, emission, owner, miners, validators), from the project's emission vectors.
const VECTORS: [(u64, u64, u64, u64, u64); 11] = [
    (0, 1_000_000_000, 179_995_422, 410_002_289, 410_002_289),
    (1, 1_000_000_000, 179_995_422, 410_002_289, 410_002_289),
    (1_000_000_000, 1_000_000_000, 179_995_422, 410_002_289, 410_002_289),
    (10_499_999_999_999_999, 1_000_000_000, 179_995_422, 410_002_289, 410_002_289),
    (10_500_000_000_000_000, 500_000_000, 89_997_711, 205_001_144, 205_001_145),
    (15_750_000_000_000_000, 250_000_000, 44_998_855, 102_500_572, 102_500_573),
    (18_374_999_999_999_999, 250_000_000, 44_998_855, 102_500_572, 102_500_573),
    (18_375_000_000_000_000, 125_000_000, 22_499_427, 51_250_286, 51_250_287),
    (20_999_999_000_000_000, 59, 10, 24, 25),
    (20_999_999_999_999_999, 0, 0, 0, 0),
    (21_000_000_000_000_000, 0, 0, 0, 0),
];

#[test]
fn follows_the_vectors() {
    for (issued, total, owner, miners, validators) in VECTORS {
        let emission = split(alpha_per_block(issued), 11_796);
        let found = (emission.total, emission.owner, emission.miners, emission.validators);
        assert_eq!(found, (total, owner, miners, validators), "issued {issued}");
    }
}

#[test]
fn halvings_follow_their_definition() {
    let mut random = Random(7);
    for _ in 0..2000 {
        let issued = random.next() % MAX_ALPHA;
        // The largest h with issued >= MAX - (MAX >> h), searched from above.
        let halvings = (0..64_u32).rev().find(|h| issued >= MAX_ALPHA - (MAX_ALPHA >> h)).unwrap();
        assert_eq!(alpha_per_block(issued), 1_000_000_000_u64 >> halvings.min(63), "issued {issued}");
    }
}

#[test]
fn halves_across_a_boundary() {
    with_networks(vec![network(5, &[1_000], 1)], || {
        let before = 10_500_000_000_000_000 - 1_500_000_000;
        // Account for the issuance of a past that this test skips.
        SubnetAlphaOut::<Test>::insert(1, before);
        BurnedEmission::<Test>::insert(1, before);
        for slot in [PendingOwnerCut::<Test>::remove, PendingServerEmission::<Test>::remove] {
            slot(1);
        }
        PendingValidatorEmission::<Test>::remove(1);
        run(2);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), before + 2_000_000_000);
        run(1);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), before + 2_500_000_000);
        assert_eq!(SubnetAlphaOutEmission::<Test>::get(1), 500_000_000);
    });
}

#[test]
fn a_subnet_emits_only_once_started() {
    with_networks(vec![], || {
        assert_ok!(Subtensor::register_network(RuntimeOrigin::signed(RICH), 50));
        run(3);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 0);
        assert_ok!(Subtensor::start_call(RuntimeOrigin::signed(RICH), 1));
        run(2);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 2_000_000_000);
        SubnetEmissionEnabled::<Test>::insert(1, false);
        run(2);
        assert_eq!(SubnetAlphaOut::<Test>::get(1), 2_000_000_000);
    });
}

#[test]
fn pays_miners_validators_and_owner() {
    with_networks(vec![network(10, &[1_000_000, 1_000_000], 2)], || {
        for validator in [0, 1] {
            let origin = RuntimeOrigin::signed(hot(validator));
            assert_ok!(Subtensor::set_weights(origin, 1, vec![2, 3], vec![65_535, 65_535], 0));
        }
        // Registration block 0 and weights of block 1 count; the first epoch is at 1 + 10 - 1 % 10 = 10 or before.
        run_to(10);
        let blocks = SubnetAlphaOut::<Test>::get(1) / 1_000_000_000;
        assert_eq!(PaidToOwner::<Test>::get(1) + PendingOwnerCut::<Test>::get(1), 179_995_422 * blocks);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(OWNER_HOT, 1), PaidToOwner::<Test>::get(1));
        assert_eq!(Subtensor::alpha_of(&OWNER_HOT, &OWNER, 1), PaidToOwner::<Test>::get(1));
        let miner = TotalHotkeyAlpha::<Test>::get(hot(2), 1);
        assert_eq!(miner, TotalHotkeyAlpha::<Test>::get(hot(3), 1));
        assert!(miner > 0);
        assert!(TotalHotkeyAlpha::<Test>::get(hot(0), 1) > 1_000_000);
        assert_eq!(BurnedEmission::<Test>::get(1), 0);
    });
}

#[test]
fn an_epoch_without_incentives_pays_nobody() {
    with_networks(vec![network(10, &[3_000, 1_000], 2)], || {
        run_to(34);
        assert_eq!(Incentive::<Test>::get(1), vec![0; 4]);
        assert_eq!((PaidToNeurons::<Test>::get(1), PaidToOwner::<Test>::get(1)), (0, 0));
        let alpha = [hot(0), hot(1), hot(2), OWNER_HOT].map(|hotkey| TotalHotkeyAlpha::<Test>::get(hotkey, 1));
        assert_eq!(alpha, [3_000, 1_000, 0, 0], "what was staked and no more");
        assert_eq!(CarriedEmission::<Test>::get(1), 0);
        assert_eq!(BurnedEmission::<Test>::get(1), 30_000_000_000, "three epochs of ten blocks, to the rao");
        assert_eq!(MinerBurned::<Test>::get(1), U96F32 { bits: 1 << 32 });
        assert_eq!(Emission::<Test>::get(1), vec![0; 4]);
    });
}

#[test]
fn what_idle_epochs_burned_is_not_paid_later() {
    with_networks(vec![network(10, &[1_000_000], 1)], || {
        run_to(25);
        assert_eq!(BurnedEmission::<Test>::get(1), 20_000_000_000);
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![1], vec![1], 0));
        run_to(30);
        let paid = PaidToNeurons::<Test>::get(1) + PaidToOwner::<Test>::get(1) + CarriedEmission::<Test>::get(1);
        assert_eq!(paid, 10_000_000_000, "one epoch's emission");
        assert_eq!(PaidToOwner::<Test>::get(1), 1_799_954_220);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(1), 1), 4_100_022_890);
        assert_eq!(BurnedEmission::<Test>::get(1), 20_000_000_000);
        assert_eq!(MinerBurned::<Test>::get(1).bits, 0);
        // The weights still count in the next epochs, and when they no longer do, burning goes on.
        Weights::<Test>::remove(1, 0);
        run_to(40);
        assert_eq!(BurnedEmission::<Test>::get(1), 30_000_000_000);
    });
}

#[test]
fn miner_emission_of_the_owners_hotkeys_is_burned() {
    let mut genesis = network(10, &[1_000_000], 2);
    genesis.neurons[1].coldkey = OWNER;
    with_networks(vec![genesis], || {
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![1, 2], vec![3, 1], 0));
        run_to(25);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(1), 1), 0);
        let (burned, kept) = (BurnedEmission::<Test>::get(1), TotalHotkeyAlpha::<Test>::get(hot(2), 1));
        assert!(kept > 0);
        assert!(burned.abs_diff(3 * kept) * 10_000 < burned, "3 : 1 up to u16 weights: {burned} {kept}");
        let share = MinerBurned::<Test>::get(1).bits;
        assert!(share > (74 << 32) / 100 && share < (76 << 32) / 100);
    });
}

#[test]
fn the_ledger_is_exact_over_many_epochs() {
    let stakes: Vec<u64> = (1..=6).map(|index| index * 777_777_777).collect();
    with_networks(vec![network(7, &stakes, 19)], || {
        let mut random = Random(42);
        for epoch in 0..80 {
            for validator in 0..6 {
                let uids: Vec<u16> =
                    (0..25).filter(|uid| *uid != validator && !random.next().is_multiple_of(3)).collect();
                let weights = uids.iter().map(|_| (random.next() % 65_536) as u16).collect();
                let origin = RuntimeOrigin::signed(hot(validator));
                assert_ok!(Subtensor::set_weights(origin, 1, uids, weights, 0));
            }
            let hotkey = hot((random.next() % 25) as u16);
            assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), hotkey, 1, 2_000_000 + random.next() % 1_000));
            if epoch % 3 == 2 {
                assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(cold(0)), hot(0), 1, 2_000_000));
            }
            if epoch % 10 == 9 {
                Yuma3On::<Test>::insert(1, epoch % 20 == 9);
                Burn::<Test>::insert(1, 500_000);
                assert_ok!(Subtensor::burned_register(RuntimeOrigin::signed(RICH), 1, 5_000 + epoch));
            }
            run(7);
            Subtensor::do_try_state().unwrap();
        }
        assert_eq!(SubnetEpochIndex::<Test>::get(1), 80);
        assert!(CarriedEmission::<Test>::get(1) < 200, "dust only: {}", CarriedEmission::<Test>::get(1));
    });
}
