//! Children: who may have which, from when, what counts in an epoch, and who is paid.
use frame_support::{assert_noop, assert_ok};

use crate::{
    children::MAX_PARENTS,
    emission::take_of,
    inheritance::{divide, inherited, portion_of, ParentShare},
    mock::*,
    pallet::*,
};

const STAKE: u64 = 1_000_000_000_000;
const ALL: u64 = u64::MAX;

fn set(who: Account, hotkey: Account, children: &[(u64, Account)]) -> sp_runtime::DispatchResult {
    Subtensor::set_children(RuntimeOrigin::signed(who), hotkey, 1, children.to_vec())
}

/// Two validators with equal stake and two miners, on a subnet with epochs every 10 blocks and a cooldown of 2.
fn with_validators(body: impl FnOnce()) {
    with_networks(vec![network(10, &[STAKE, STAKE], 2)], || {
        PendingChildKeyCooldown::<Test>::put(2);
        body();
    });
}

#[test]
fn proportions_are_upstreams() {
    assert_eq!((portion_of(ALL), portion_of(0), portion_of(ALL / 2)), (1 << 32, 0, (1 << 31) - 1));
    let parent = |part: u64, alpha: u64| ParentShare { portion: portion_of(part), alpha, same_owner: false };
    assert_eq!(inherited(1_000, &[], &[]), 1_000);
    assert_eq!(inherited(1_000, &[portion_of(ALL)], &[]), 0);
    // Half of 2^64 - 1 is a little less than a half with 32 fractional bits.
    assert_eq!(inherited(1_000, &[portion_of(ALL / 2)], &[]), 500);
    assert_eq!(inherited(0, &[], &[parent(ALL / 2, 1_000)]), 499);
    // Equal contributions, a take of a tenth: the parent gets 45 of 100, less what truncation takes.
    let (parents, own) = divide(1_000_000, 500, &[], &[parent(ALL, 500)], 6_554);
    assert!(parents[0].abs_diff(450_000) <= 10 && own.abs_diff(550_000) <= 10, "{parents:?} {own}");
    let same = ParentShare { same_owner: true, ..parent(ALL, 500) };
    assert_eq!(divide(1_000_000, 500, &[], &[same], 6_554), (vec![500_000], 500_000));
    // Nobody contributed: the child keeps it.
    assert_eq!(divide(7, 0, &[], &[parent(ALL, 0)], 0), (vec![0], 7));
}

#[test]
fn no_division_pays_more_than_there_is() {
    let mut random = Random(5);
    for _ in 0..20_000 {
        let dividends = random.next() % 100_000_000_000_000;
        let parents: Vec<ParentShare> = (0..random.next() % 6)
            .map(|_| ParentShare {
                portion: portion_of(random.next() << 16),
                alpha: random.next() % 21_000_000_000_000_000,
                same_owner: random.next().is_multiple_of(2),
            })
            .collect();
        let children: Vec<u128> = (0..random.next() % 3).map(|_| portion_of((random.next() << 16) / 3)).collect();
        let (own, take) = (random.next() % 21_000_000_000_000_000, random.next() as u16);
        let (paid, rest) = divide(dividends, own, &children, &parents, take);
        let sum: u64 = paid.iter().sum::<u64>() + rest;
        // Each factor is truncated by less than 2^-32 of the dividends, and what that leaves is the child's.
        assert!(sum <= dividends && dividends - sum <= parents.len() as u64 + 1, "{sum} of {dividends}");
    }
}

#[test]
fn children_are_refused_in_upstreams_order() {
    with_validators(|| {
        let on = |netuid, children: &[(u64, Account)]| {
            Subtensor::set_children(RuntimeOrigin::signed(cold(0)), hot(0), netuid, children.to_vec())
        };
        assert_noop!(on(0, &[]), Error::<Test>::RegistrationNotPermittedOnRootSubnet);
        assert_noop!(on(9, &[]), Error::<Test>::SubnetNotExists);
        assert_noop!(set(RICH, hot(0), &[]), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(set(RICH, 9_999, &[]), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(on(1, &[(1, hot(0)), (1, 7), (1, 7)]), Error::<Test>::DuplicateChild);
        assert_noop!(on(1, &[(1, hot(0))]), Error::<Test>::InvalidChild);
        let six: Vec<(u64, Account)> = (0..6).map(|index| (ALL, 500 + index)).collect();
        assert_noop!(on(1, &six), Error::<Test>::TooManyChildren);
        assert_noop!(on(1, &[(ALL, 7), (1, 8)]), Error::<Test>::ProportionOverflow);
        ParentKeys::<Test>::insert(hot(0), 1, vec![(5, hot(1))]);
        ChildKeys::<Test>::insert(hot(1), 1, vec![(5, hot(0))]);
        assert_noop!(on(1, &[(1, hot(1))]), Error::<Test>::ChildParentInconsistency);
        ParentKeys::<Test>::remove(hot(0), 1);
        ChildKeys::<Test>::remove(hot(1), 1);
        let poor = set(cold(2), hot(2), &[(1, 7)]);
        assert_eq!(poor, Err(Error::<Test>::NotEnoughStakeToSetChildkeys.into()));
        StakeThreshold::<Test>::put(STAKE + 1);
        assert_noop!(on(1, &[(1, 7)]), Error::<Test>::NotEnoughStakeToSetChildkeys);
        StakeThreshold::<Test>::put(0);
        assert_ok!(on(1, &[(1, 7)]));
        assert_noop!(on(1, &[]), Error::<Test>::TxRateLimitExceeded);
        System::set_block_number(151);
        assert_ok!(on(1, &[]));
    });
}

#[test]
fn children_come_with_the_epoch_after_the_cooldown() {
    with_validators(|| {
        assert_ok!(set(cold(0), hot(0), &[(ALL / 2, hot(2)), (ALL / 4, hot(1))]));
        let list = vec![(ALL / 2, hot(2)), (ALL / 4, hot(1))];
        let event = Event::<Test>::SetChildrenScheduled(hot(0), 1, 3, list.clone());
        System::assert_last_event(event.into());
        assert_eq!(PendingChildKeys::<Test>::get(1, hot(0)), (list.clone(), 3));
        run_to(9);
        assert!(ChildKeys::<Test>::get(hot(0), 1).is_empty());
        run_to(10);
        System::assert_has_event(Event::<Test>::SetChildren(hot(0), 1, list).into());
        assert_eq!(ChildKeys::<Test>::get(hot(0), 1), vec![(ALL / 4, hot(1)), (ALL / 2, hot(2))]);
        assert_eq!(ParentKeys::<Test>::get(hot(2), 1), vec![(ALL / 2, hot(0))]);
        assert!(!PendingChildKeys::<Test>::contains_key(1, hot(0)));
        // Another list takes the place of the first.
        run_to(152);
        assert_ok!(set(cold(0), hot(0), &[(7, hot(1))]));
        run_to(160);
        assert_eq!(ParentKeys::<Test>::get(hot(1), 1), vec![(7, hot(0))]);
        assert!(!ParentKeys::<Test>::contains_key(hot(2), 1));
    });
}

#[test]
fn before_the_start_children_come_at_once() {
    with_validators(|| {
        SubtokenEnabled::<Test>::insert(1, false);
        assert_ok!(set(cold(0), hot(0), &[(9, hot(1))]));
        System::assert_last_event(Event::<Test>::SetChildren(hot(0), 1, vec![(9, hot(1))]).into());
        assert_eq!(ParentKeys::<Test>::get(hot(1), 1), vec![(9, hot(0))]);
    });
}

#[test]
fn who_takes_the_stake_out_gets_no_children() {
    with_validators(|| {
        StakeThreshold::<Test>::put(STAKE);
        assert_ok!(set(cold(0), hot(0), &[(9, hot(1))]));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(cold(0)), hot(0), 1, 2_000_000));
        assert!(!PendingChildKeys::<Test>::contains_key(1, hot(0)));
        StakeThreshold::<Test>::put(0);
        assert_ok!(set(cold(1), hot(1), &[(9, hot(0))]));
        assert_ok!(Subtensor::remove_stake(RuntimeOrigin::signed(cold(1)), hot(1), 1, STAKE));
        run_to(10);
        assert!(!PendingChildKeys::<Test>::contains_key(1, hot(1)) && ChildKeys::<Test>::get(hot(1), 1).is_empty());
    });
}

/// Strangers with little stake name a victim, more of them than it can have as parents.
#[test]
fn a_child_has_few_parents_and_keeps_those_that_give_most() {
    with_validators(|| {
        SubtokenEnabled::<Test>::insert(1, false);
        let stranger = |index: u64| Account::from(5_000 + index);
        let parents = MAX_PARENTS as u64;
        for index in 0..=parents {
            let who = stranger(index);
            Owner::<Test>::insert(who, cold(2));
            OwnedHotkeys::<Test>::append(cold(2), who);
            TotalHotkeyAlpha::<Test>::insert(who, 1, 2_000_000 + index);
        }
        let name = |index: u64, part: u64| set(cold(2), stranger(index), &[(part, hot(0)), (1, 77)]);
        for index in 1..=parents {
            assert_ok!(name(index, ALL / 2));
        }
        let parents_of = || ParentKeys::<Test>::get(hot(0), 1).len();
        assert_eq!(parents_of(), MAX_PARENTS);
        // Who gives less than all of them is refused; who gives more takes the place of the least.
        assert_noop!(name(0, ALL / 2), Error::<Test>::NotEnoughStakeToSetChildkeys);
        assert_ok!(set(cold(1), hot(1), &[(ALL / 2, hot(0))]));
        assert_eq!(parents_of(), MAX_PARENTS);
        assert!(ParentKeys::<Test>::get(hot(0), 1).iter().any(|(_, parent)| *parent == hot(1)));
        // What the least had beside it stays.
        assert_eq!(ChildKeys::<Test>::get(stranger(1), 1), vec![(1, 77)]);
        System::assert_has_event(Event::<Test>::SetChildren(stranger(1), 1, vec![(1, 77)]).into());
        // Nobody needs a place for what it has.
        System::set_block_number(200);
        assert_ok!(set(cold(1), hot(1), &[(1, hot(0))]));
        assert_eq!(parents_of(), MAX_PARENTS);
        for index in 0..=parents {
            TotalHotkeyAlpha::<Test>::remove(stranger(index), 1);
        }
    });
}

#[test]
fn a_childs_take_has_bounds_and_rises_seldom() {
    with_validators(|| {
        let take = |who, take| Subtensor::set_childkey_take(RuntimeOrigin::signed(who), hot(0), 1, take);
        assert_noop!(take(RICH, 5), Error::<Test>::NonAssociatedColdKey);
        assert_noop!(take(cold(0), 11_797), Error::<Test>::InvalidChildkeyTake);
        MinChildkeyTake::<Test>::put(4);
        MinChildkeyTakePerSubnet::<Test>::insert(1, 5);
        assert_noop!(take(cold(0), 4), Error::<Test>::InvalidChildkeyTake);
        assert_eq!(Subtensor::childkey_take(&hot(0), 1), 5);
        assert_ok!(take(cold(0), 100));
        System::assert_last_event(Event::<Test>::ChildKeyTakeSet(hot(0), 100).into());
        assert_noop!(take(cold(0), 101), Error::<Test>::TxChildkeyTakeRateLimitExceeded);
        assert_ok!(take(cold(0), 50));
        System::set_block_number(216_001);
        assert_ok!(take(cold(0), 101));
        assert_eq!(ChildkeyTake::<Test>::get(hot(0), 1), 101);
    });
}

/// hot(1) gives everything to hot(0), which alone weighs: it has all stake, and of the dividends its half and its take.
#[test]
fn parents_are_paid_what_their_stake_earned_less_the_childs_take() {
    with_validators(|| {
        assert_ok!(set(cold(1), hot(1), &[(ALL, hot(0))]));
        assert_ok!(Subtensor::set_childkey_take(RuntimeOrigin::signed(cold(0)), hot(0), 1, 6_553));
        run_to(10);
        assert_eq!(Subtensor::inherited_alpha(&hot(0), 1), 2 * STAKE);
        assert_eq!(Subtensor::inherited_alpha(&hot(1), 1), 0);
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![2], vec![1], 0));
        let (issued, burned) = (SubnetAlphaOut::<Test>::get(1), BurnedEmission::<Test>::get(1));
        run_to(20);
        assert_eq!(StakeWeight::<Test>::get(1), vec![65_535, 0, 0, 0]);
        let dividends = Emission::<Test>::get(1)[0];
        let (child, parent) =
            (AlphaDividendsPerSubnet::<Test>::get(1, hot(0)), AlphaDividendsPerSubnet::<Test>::get(1, hot(1)));
        let half = dividends / 2;
        let took = take_of(half, 6_553);
        assert!(child.abs_diff(half + took) <= 2 && parent.abs_diff(half - took) <= 2, "{dividends}: {child} {parent}");
        assert!(child + parent <= dividends && dividends - child - parent <= 2);
        assert_eq!(TotalHotkeyAlpha::<Test>::get(hot(1), 1), STAKE + parent);
        let paid = PaidToNeurons::<Test>::get(1) + PaidToOwner::<Test>::get(1) + CarriedEmission::<Test>::get(1);
        assert_eq!(SubnetAlphaOut::<Test>::get(1) - issued, paid + BurnedEmission::<Test>::get(1) - burned);
        // The parent's nominators have their part of it, by their shares.
        assert!(parent > 0 && Subtensor::alpha_of(&hot(1), &cold(1), 1) == STAKE + parent);
    });
}

#[test]
fn a_parent_needs_no_uid_and_its_last_dividends_are_forgotten() {
    with_validators(|| {
        assert_ok!(Subtensor::try_associate_hotkey(RuntimeOrigin::signed(RICH), 70));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), 70, 1, STAKE));
        assert_ok!(set(RICH, 70, &[(ALL, hot(0))]));
        run_to(10);
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![2], vec![1], 0));
        run_to(20);
        assert!(AlphaDividendsPerSubnet::<Test>::get(1, 70) > 0);
        assert!(Subtensor::alpha_of(&70, &RICH, 1) > STAKE);
        run_to(152);
        assert_ok!(set(RICH, 70, &[]));
        assert_ok!(Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![2], vec![1], 0));
        run_to(170);
        assert!(!AlphaDividendsPerSubnet::<Test>::contains_key(1, 70));
        assert!(AlphaDividendsPerSubnet::<Test>::contains_key(1, hot(0)));
    });
}

#[test]
fn a_swap_takes_parents_and_children_along() {
    with_validators(|| {
        assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(OWNER), cold(0), 10_000_000_000));
        assert_ok!(set(cold(0), hot(0), &[(9, hot(2)), (8, hot(3))]));
        assert_ok!(set(cold(1), hot(1), &[(7, hot(0))]));
        run_to(10);
        TxRateLimit::<Test>::put(0);
        assert_ok!(Subtensor::try_associate_hotkey(RuntimeOrigin::signed(RICH), 71));
        assert_ok!(Subtensor::add_stake(RuntimeOrigin::signed(RICH), 71, 1, 2_000_000));
        assert_ok!(set(RICH, 71, &[(5, hot(0))]));
        ChildkeyTake::<Test>::insert(hot(0), 1, 77);
        // A hotkey cannot take the place of its own parent.
        let child = Subtensor::swap_hotkey(RuntimeOrigin::signed(cold(0)), hot(0), hot(2), Some(1));
        assert_eq!(child, Err(Error::<Test>::NonAssociatedColdKey.into()));
        assert_ok!(Subtensor::swap_hotkey(RuntimeOrigin::signed(cold(0)), hot(0), 70, Some(1)));
        assert_eq!(ChildKeys::<Test>::get(70, 1), vec![(9, hot(2)), (8, hot(3))]);
        assert_eq!(
            (ParentKeys::<Test>::get(hot(2), 1), ParentKeys::<Test>::get(70, 1)),
            (vec![(9, 70)], vec![(7, hot(1))])
        );
        assert_eq!(PendingChildKeys::<Test>::get(1, 71).0, vec![(5, 70)]);
        assert_eq!(Subtensor::childkey_take(&70, 1), 77);
        assert!(!ChildKeys::<Test>::contains_key(hot(0), 1) && !ParentKeys::<Test>::contains_key(hot(0), 1));
        run_to(20);
        assert_eq!(ParentKeys::<Test>::get(70, 1), vec![(7, hot(1)), (5, 71)]);
        // Nor can two hotkeys of one coldkey, one the other's child, become one.
        Owner::<Test>::insert(hot(2), cold(0));
        OwnedHotkeys::<Test>::mutate(cold(0), |all| all.push(hot(2)));
        Uids::<Test>::remove(1, hot(2));
        System::set_block_number(7_300);
        let related = Subtensor::swap_hotkey(RuntimeOrigin::signed(cold(0)), 70, hot(2), Some(1));
        assert_eq!(related, Err(Error::<Test>::InvalidChild.into()));
        Uids::<Test>::insert(1, hot(2), 2);
    });
}

/// Numbers drawn by `test/unit/yuma/inheritance.test.ts` too (SplitMix64); both languages find the same.
#[test]
fn a_thousand_families_are_the_same_in_typescript() {
    let mut state = 11_u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |value: u64| digest = (digest ^ value).wrapping_mul(0x0100_0000_01b3);
    for _ in 0..1_000 {
        let own = next() % 21_000_000_000_000_000;
        let children: Vec<u128> = (0..next() % 4).map(|_| portion_of(next() / 4)).collect();
        let parents: Vec<ParentShare> = (0..next() % 6)
            .map(|_| ParentShare {
                portion: portion_of(next()),
                alpha: next() % 21_000_000_000_000_000,
                same_owner: next().is_multiple_of(2),
            })
            .collect();
        let take = (next() % 11_797) as u16;
        let dividends = next() % 100_000_000_000_000;
        add(inherited(own, &children, &parents));
        let (paid, rest) = divide(dividends, own, &children, &parents, take);
        paid.into_iter().for_each(&mut add);
        add(rest);
    }
    assert_eq!(digest, 3_289_724_659_836_194_343);
}
