//! Who may commit, what is stored, what is announced.

use super::mock::*;
use crate::{
    CommitmentOf, Data, Error, Event, LastBondsReset, LastCommitment, MaxSpace, Registration, TimelockedIndex,
};
use alloc::{boxed::Box, vec, vec::Vec};
use frame_support::dispatch::{DispatchClass, GetDispatchInfo, Pays};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError;

fn events() -> Vec<Event<Test>> {
    let events = System::events().into_iter().filter_map(|record| match record.event {
        RuntimeEvent::Commitments(event) => Some(event),
        RuntimeEvent::System(_) => None,
    });
    events.collect()
}

#[test]
fn a_call_fills_the_slot() {
    run(|| {
        let fields = [raw(8), Data::BlakeTwo256([3; 32])];
        assert_ok!(commit(1, 4, &fields));
        let slot = CommitmentOf::<Test>::get(4, 1);
        assert_eq!(slot, Some(Registration { deposit: 0, block: 5, info: info(&fields) }));
        assert_eq!(LastCommitment::<Test>::get(4, 1), Some(5));
        assert_eq!(events(), [Event::Commitment { netuid: 4, who: 1 }]);
    });
}

#[test]
fn the_next_call_overwrites_it() {
    run(|| {
        assert_ok!(commit(1, 4, &[raw(8)]));
        System::set_block_number(9);
        assert_ok!(commit(1, 4, &[Data::Sha256([1; 32])]));
        let slot = CommitmentOf::<Test>::get(4, 1).unwrap();
        assert_eq!((slot.block, slot.info), (9, info(&[Data::Sha256([1; 32])])));
        assert_eq!(CommitmentOf::<Test>::iter().count(), 1);
    });
}

#[test]
fn subnets_and_hotkeys_have_slots_of_their_own() {
    run(|| {
        assert_ok!(commit(1, 4, &[raw(1)]));
        assert_ok!(commit(1, 5, &[raw(2)]));
        assert_ok!(commit(2, 4, &[raw(3)]));
        assert_eq!(CommitmentOf::<Test>::iter().count(), 3);
        assert_eq!(CommitmentOf::<Test>::get(4, 1).unwrap().info, info(&[raw(1)]));
    });
}

#[test]
fn only_registered_hotkeys_commit() {
    run(|| {
        assert_noop!(commit(3, 4, &[]), Error::<Test>::AccountNotAllowedCommit);
        assert_noop!(commit(1, 100, &[]), Error::<Test>::AccountNotAllowedCommit);
        let unsigned = Commitments::set_commitment(RuntimeOrigin::none(), 4, Box::new(info(&[])));
        assert_noop!(unsigned, DispatchError::BadOrigin);
    });
}

#[test]
fn it_costs_nothing() {
    run(|| {
        let call = crate::Call::<Test>::set_commitment { netuid: 4, info: Box::new(info(&[])) };
        let dispatch = call.get_dispatch_info();
        assert_eq!((dispatch.pays_fee, dispatch.class), (Pays::No, DispatchClass::Normal));
    });
}

#[test]
fn a_timelocked_field_is_announced_and_indexed_until_overwritten() {
    run(|| {
        assert_ok!(commit(1, 4, &[raw(1), timelocked(77), timelocked(88)]));
        assert_eq!(events(), [Event::TimelockCommitment { netuid: 4, who: 1, reveal_round: 77 }]);
        assert_eq!(TimelockedIndex::<Test>::get().into_iter().collect::<Vec<_>>(), vec![(4, 1)]);
        Commitments::check_state().unwrap();
        assert_ok!(commit(1, 4, &[raw(1)]));
        assert!(TimelockedIndex::<Test>::get().is_empty());
    });
}

#[test]
fn a_flag_asks_for_a_reset_of_bonds_once() {
    run(|| {
        assert_ok!(commit(1, 4, &[Data::ResetBondsFlag, Data::ResetBondsFlag]));
        assert_ok!(commit(1, 4, &[Data::None]));
        assert_eq!(resets(), [(4, 1)]);
        assert_eq!(LastBondsReset::<Test>::get(4, 1), Some(5));
    });
}

#[test]
fn root_alone_sets_the_space() {
    run(|| {
        assert_eq!(MaxSpace::<Test>::get(), 3100);
        assert_noop!(Commitments::set_max_space(RuntimeOrigin::signed(1), 1), DispatchError::BadOrigin);
        assert_ok!(Commitments::set_max_space(RuntimeOrigin::root(), 1));
        assert_eq!(MaxSpace::<Test>::get(), 1);
    });
}

#[test]
fn the_invariants_notice_damage() {
    let broken = |damage: fn()| {
        run(|| {
            assert_ok!(commit(1, 4, &[raw(8)]));
            let root = frame_support::storage::with_transaction(|| {
                damage();
                let found = Commitments::check_state();
                sp_runtime::TransactionOutcome::Rollback(Ok::<_, DispatchError>(found))
            });
            assert!(root.unwrap().is_err());
        });
    };
    broken(|| LastCommitment::<Test>::insert(4, 1, 4));
    broken(|| LastCommitment::<Test>::insert(4, 2, 5));
    broken(|| crate::UsedSpaceOf::<Test>::remove(4, 1));
    broken(|| crate::UsedSpaceOf::<Test>::insert(5, 1, crate::UsageTracker::default()));
    broken(|| TimelockedIndex::<Test>::put(alloc::collections::BTreeSet::from([(4, 1)])));
    broken(|| crate::RevealedCommitments::<Test>::insert(4, 1, vec![(vec![0u8], 0)]));
    broken(|| System::set_block_number(4));
    broken(|| CommitmentOf::<Test>::mutate(4, 1, |slot| slot.as_mut().unwrap().deposit = 1));
}

#[test]
fn who_lost_its_uid_or_its_subnet_is_forgotten() {
    run(|| {
        let timelocked = || Data::TimelockEncrypted { encrypted: vec![1, 2, 3].try_into().unwrap(), reveal_round: 9 };
        assert_ok!(commit(1, 4, &[timelocked()]));
        assert_ok!(commit(2, 4, &[raw(1), Data::ResetBondsFlag]));
        assert_ok!(commit(1, 5, &[timelocked()]));
        Commitments::forget(4, &1);
        assert!(CommitmentOf::<Test>::get(4, 1).is_none() && LastCommitment::<Test>::get(4, 1).is_none());
        assert_eq!(TimelockedIndex::<Test>::get().into_iter().collect::<Vec<_>>(), [(5, 1)]);
        assert!(CommitmentOf::<Test>::get(4, 2).is_some());
        Commitments::check_state().unwrap();
        Commitments::forget_subnet(4);
        assert!(CommitmentOf::<Test>::get(4, 2).is_none() && LastBondsReset::<Test>::get(4, 2).is_none());
        assert!(CommitmentOf::<Test>::get(5, 1).is_some());
        Commitments::check_state().unwrap();
        Commitments::forget_subnet(5);
        assert!(TimelockedIndex::<Test>::get().is_empty());
        Commitments::check_state().unwrap();
    });
}
