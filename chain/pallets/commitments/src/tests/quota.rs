//! Bytes an epoch.

use super::mock::*;
use crate::{Data, Error, MaxSpace, UsageTracker, UsedSpaceOf};
use frame_support::{assert_noop, assert_ok};

fn used(who: u64, netuid: u16) -> u64 {
    UsedSpaceOf::<Test>::get(netuid, who).map_or(0, |usage| usage.used_space)
}

#[test]
fn small_calls_are_charged_a_hundred_bytes() {
    run(|| {
        for fields in [&[][..], &[Data::None], &[Data::ResetBondsFlag], &[raw(100)], &[raw(36), Data::Sha256([0; 32])]]
        {
            let before = used(1, 4);
            assert_ok!(commit(1, 4, fields));
            assert_eq!(used(1, 4) - before, 100);
        }
        assert_eq!(UsedSpaceOf::<Test>::get(4, 1), Some(UsageTracker { last_epoch: 11, used_space: 500 }));
    });
}

#[test]
fn larger_calls_are_charged_their_bytes() {
    run(|| {
        assert_ok!(commit(1, 4, &[raw(101)]));
        assert_eq!(used(1, 4), 101);
        assert_ok!(commit(1, 4, &[raw(128), big(512), Data::Keccak256([0; 32])]));
        assert_eq!(used(1, 4), 101 + 128 + 512 + 32);
    });
}

#[test]
fn thirty_one_calls_an_epoch() {
    run(|| {
        for _ in 0..31 {
            assert_ok!(commit(1, 4, &[raw(8), raw(1), Data::BlakeTwo256([0; 32])]));
        }
        assert_noop!(commit(1, 4, &[]), Error::<Test>::SpaceLimitExceeded);
        // Other hotkeys and subnets have their own quota.
        assert_ok!(commit(2, 4, &[]));
        assert_ok!(commit(1, 5, &[]));
        next_epoch();
        assert_ok!(commit(1, 4, &[]));
        assert_eq!(used(1, 4), 100);
    });
}

#[test]
fn six_full_big_fields_an_epoch() {
    run(|| {
        for _ in 0..6 {
            assert_ok!(commit(1, 4, &[big(512)]));
        }
        assert_noop!(commit(1, 4, &[]), Error::<Test>::SpaceLimitExceeded);
    });
}

#[test]
fn the_limit_itself_is_allowed() {
    run(|| {
        MaxSpace::<Test>::put(201);
        assert_ok!(commit(1, 4, &[]));
        assert_noop!(commit(1, 4, &[raw(102)]), Error::<Test>::SpaceLimitExceeded);
        assert_ok!(commit(1, 4, &[raw(101)]));
    });
}

#[test]
fn a_refused_call_resets_nothing() {
    run(|| {
        assert_ok!(commit(1, 4, &[]));
        MaxSpace::<Test>::put(100);
        assert_noop!(commit(1, 4, &[Data::ResetBondsFlag]), Error::<Test>::SpaceLimitExceeded);
        assert!(resets().is_empty());
    });
}
