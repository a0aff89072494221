//! Benchmarks of the calls: all keys there can be, everybody objecting who can, a block that others have filled.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used)]
use alloc::{borrow::Cow, vec, vec::Vec};

use codec::Encode;
use frame_benchmarking::{account, v2::*};
use frame_support::{
    traits::{schedule::HARD_DEADLINE, Bounded, StorePreimage},
    BoundedVec,
};
use frame_system::RawOrigin;

use crate::{pallet::*, types::*, Stakes};

const KEYS: u32 = 32;
const POSITIONS: u32 = 16;
const OBJECTIONS: u32 = MAX_OBJECTIONS as u32;

fn keys<T: Config>(count: u32) -> Vec<T::AccountId> {
    (0..count).map(|index| account("key", index, 0)).collect()
}

/// A published call, and a council of all keys that there can be, all of whom have to approve.
fn published<T: Config>() -> T::Hash
where
    T::Preimages: StorePreimage,
{
    frame_system::Pallet::<T>::set_block_number(1_u32.into());
    Pallet::<T>::do_set_council(keys::<T>(KEYS), KEYS).expect("these are distinct keys");
    let call: <T as Config>::RuntimeCall = frame_system::Call::<T>::remark { remark: vec![7; 128] }.into();
    T::Preimages::note(Cow::Owned(call.encode())).expect("it is short")
}

/// Approved by all keys but the last.
fn almost_approved<T: Config>(call: T::Hash) -> T::AccountId {
    let mut keys = keys::<T>(KEYS);
    let last = keys.pop().expect("there are keys");
    for key in keys {
        Pallet::<T>::do_approve(key, call).expect("a key approves once");
    }
    last
}

/// Others' calls for the block in which ours will run; one place is left.
fn fill_block<T: Config>(call: T::Hash) {
    use frame_support::traits::schedule::v3::Named;
    let name_of = |index: u32| sp_io::hashing::blake2_256(&index.encode());
    let schedule = |index: u32| {
        let bounded = Bounded::Lookup { hash: call, len: 130 };
        let root = RawOrigin::Root.into();
        T::Scheduler::schedule_named(name_of(index), crate::after::<T>(), None, HARD_DEADLINE, root, bounded).is_ok()
    };
    let placed = (0..1_000).take_while(|index| schedule(*index)).count() as u32;
    T::Scheduler::cancel_named(name_of(placed - 1)).expect("it was placed there");
}

/// Positions of a coldkey, in each of which it has a rao.
fn positions<T: Config>(coldkey: &T::AccountId, count: u32) -> Positions<T> {
    let position = |index: u32| {
        let hotkey: T::AccountId = account("hotkey", index, 0);
        T::Stakes::give(&hotkey, coldkey, 1, 1);
        (hotkey, 1)
    };
    BoundedVec::truncate_from((0..count).map(position).collect())
}

#[benchmarks(where T::Preimages: StorePreimage)]
mod calls {
    use super::*;

    /// The last of 32 approvals.
    #[benchmark]
    fn approve() {
        let call = published::<T>();
        fill_block::<T>(call);
        let last = almost_approved::<T>(call);

        #[extrinsic_call]
        _(RawOrigin::Signed(last), call);

        assert!(Proposals::<T>::get(call).is_some_and(|one| one.at.is_some()));
    }

    /// With `p` positions, in the place of the least of 128 others; it is what stops the call.
    #[benchmark]
    fn object(p: Linear<1, 16>) {
        let call = published::<T>();
        let last = almost_approved::<T>(call);
        fill_block::<T>(call);
        Pallet::<T>::do_approve(last, call).expect("it is the last one");
        for index in 0..OBJECTIONS {
            let coldkey: T::AccountId = account("objector", index, 0);
            let places = positions::<T>(&coldkey, POSITIONS);
            Objections::<T>::insert(call, coldkey, places);
        }
        let who: T::AccountId = account("last_objector", 0, 0);
        let places = positions::<T>(&who, p);
        T::Stakes::give(&account("hotkey", 0, 0), &who, 1, 1_000_000_000);

        #[extrinsic_call]
        _(RawOrigin::Signed(who), call, places);

        assert!(!Proposals::<T>::contains_key(call));
        assert!(Objections::<T>::iter_prefix(call).next().is_none());
    }

    /// `k` keys.
    #[benchmark]
    fn set_council(k: Linear<1, 32>) {
        #[extrinsic_call]
        _(RawOrigin::Root, keys::<T>(k), k);

        assert_eq!(Council::<T>::get().keys.len(), k as usize);
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
