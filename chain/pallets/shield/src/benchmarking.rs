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

    impl_benchmark_test_suite!(Pallet, crate::tests::new_test_ext(), crate::tests::Test);
}
