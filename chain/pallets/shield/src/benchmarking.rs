//! Benchmarks of the calls.
#![allow(clippy::expect_used)]
use alloc::vec;

use frame_benchmarking::{account, v2::*};
use frame_support::BoundedVec;
use frame_system::RawOrigin;
use sp_runtime::traits::Hash;

use crate::{pallet::*, types::*, Authors};

fn key(byte: u8) -> ShieldEncKey {
    BoundedVec::truncate_from(vec![byte; KEY_BYTES as usize])
}

#[benchmarks]
mod calls {
    use super::*;

    /// All places hold a key, that of this author too.
    #[benchmark]
    fn announce_next_key() {
        T::Authors::appoint();
        for byte in 1..=3 {
            Pallet::<T>::announce_next_key(RawOrigin::None.into(), Some(key(byte))).expect("an author announces");
        }

        #[extrinsic_call]
        _(RawOrigin::None, Some(key(4)));

        let keys = [CurrentKey::<T>::get(), PendingKey::<T>::get(), NextKey::<T>::get()];
        assert_eq!(keys, [Some(key(2)), Some(key(3)), Some(key(4))]);
    }

    /// A carrier of `b` bytes.
    #[benchmark]
    fn submit_encrypted(b: Linear<0, 8_192>) {
        let who: T::AccountId = account("sender", 0, 0);
        let ciphertext: Carried = BoundedVec::truncate_from(vec![7; b as usize]);
        let id = T::Hashing::hash_of(&(&who, &ciphertext));

        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()), ciphertext);

        frame_system::Pallet::<T>::assert_last_event(
            <T as frame_system::Config>::RuntimeEvent::from(Event::EncryptedSubmitted { id, who }).into(),
        );
    }

    /// `b` bytes into a queue with others.
    #[benchmark]
    fn store_encrypted(b: Linear<0, 8_192>) {
        let who: T::AccountId = account("sender", 0, 0);
        let stored = |byte: u8| -> Carried { BoundedVec::truncate_from(vec![byte; b as usize]) };
        for byte in 1..=9 {
            Pallet::<T>::store_encrypted(RawOrigin::Signed(who.clone()).into(), stored(byte)).expect("the queue has room");
        }

        #[extrinsic_call]
        _(RawOrigin::Signed(who), stored(10));

        assert_eq!(PendingExtrinsics::<T>::count(), 10);
    }

    #[benchmark]
    fn set_max_pending_extrinsics_number() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MaxPendingExtrinsicsLimit::<T>::get(), 7);
    }

    #[benchmark]
    fn set_on_initialize_weight() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(OnInitializeWeight::<T>::get(), 7);
    }

    #[benchmark]
    fn set_stored_extrinsic_lifetime() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(ExtrinsicLifetime::<T>::get(), 7);
    }

    #[benchmark]
    fn set_max_extrinsic_weight() {
        #[extrinsic_call]
        _(RawOrigin::Root, 7);

        assert_eq!(MaxExtrinsicWeight::<T>::get(), 7);
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::new_test_ext(), crate::tests::Test);
}
