//! Benchmarks of the calls: slots as large as the quota allows, many timelocked ones besides.
#![allow(clippy::arithmetic_side_effects, clippy::expect_used)]
use alloc::{boxed::Box, collections::BTreeSet, vec, vec::Vec};

use frame_benchmarking::{account, v2::*};
use frame_support::BoundedVec;
use frame_system::RawOrigin;

use crate::{pallet::*, CommitmentInfo, Data, SubnetInfo};

const NETUID: u16 = 1;

/// A registered hotkey that has a slot already; so many timelocked slots of others.
fn committer<T: Config>(timelocked: u32) -> T::AccountId {
    let who: T::AccountId = account("committer", 0, 0);
    T::Subnets::register(NETUID, &who);
    Pallet::<T>::set_commitment(RawOrigin::Signed(who.clone()).into(), NETUID, info::<T>(Vec::new()))
        .expect("a registered hotkey may commit");
    let others = (0..timelocked).map(|index| (NETUID, account("other", index, 0)));
    TimelockedIndex::<T>::put(others.collect::<BTreeSet<(u16, T::AccountId)>>());
    who
}

/// Timelocked fields of so many bytes in all.
fn timelocked(bytes: u32) -> Vec<Data> {
    let sizes = [0, 1_024, 2_048].map(|before: u32| bytes.saturating_sub(before).min(1_024));
    let field = |size: u32| Data::TimelockEncrypted {
        encrypted: BoundedVec::truncate_from(vec![7; size as usize]),
        reveal_round: 1,
    };
    sizes.into_iter().map(field).collect()
}

fn info<T: Config>(fields: Vec<Data>) -> Box<CommitmentInfo<T::MaxFields>> {
    Box::new(CommitmentInfo { fields: BoundedVec::truncate_from(fields) })
}

fn assert_stored<T: Config>(who: &T::AccountId, info: &CommitmentInfo<T::MaxFields>, timelocked: u32) {
    assert!(CommitmentOf::<T>::get(NETUID, who).is_some_and(|slot| slot.info == *info));
    assert_eq!(TimelockedIndex::<T>::get().len(), timelocked as usize + 1);
}

#[benchmarks]
mod calls {
    use super::*;

    /// `b` bytes in timelocked fields; `t` timelocked slots of others.
    #[benchmark]
    fn set_commitment(b: Linear<0, 2_976>, t: Linear<0, 1_024>) {
        let who = committer::<T>(t);
        let info = info::<T>(timelocked(b));

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), NETUID, info.clone());

        assert_stored::<T>(&who, &info, t);
    }

    /// As `set_commitment`, with a field that drops all bonds in the signer.
    #[benchmark]
    fn set_commitment_resetting(b: Linear<0, 2_048>, t: Linear<0, 1_024>) {
        let who = committer::<T>(t);
        let mut fields = timelocked(b);
        fields[2] = Data::ResetBondsFlag;
        let info = info::<T>(fields);

        #[extrinsic_call]
        set_commitment(RawOrigin::Signed(who.clone()), NETUID, info.clone());

        assert_stored::<T>(&who, &info, t);
        assert!(LastBondsReset::<T>::contains_key(NETUID, &who));
    }

    #[benchmark]
    fn set_max_space() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MaxSpace::<T>::get(), 7);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::mock::new_test_ext(), crate::tests::mock::Test);
}
