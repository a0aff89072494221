//! The queue of stored bytes: filled by calls, emptied by the next block.
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::{Saturating, Zero};

use crate::{pallet::*, types::*};

impl<T: Config> Pallet<T> {
    /// Puts bytes at the end of the queue.
    pub(crate) fn do_store(who: T::AccountId, encrypted_call: Carried) -> DispatchResult {
        let room = PendingExtrinsics::<T>::count() < MaxPendingExtrinsicsLimit::<T>::get();
        ensure!(room, Error::<T>::TooManyPendingExtrinsics);
        let index = NextPendingExtrinsicIndex::<T>::get();
        let submitted_at = frame_system::Pallet::<T>::block_number();
        PendingExtrinsics::<T>::insert(index, PendingExtrinsic { who: who.clone(), encrypted_call, submitted_at });
        NextPendingExtrinsicIndex::<T>::put(index.wrapping_add(1));
        Self::deposit_event(Event::ExtrinsicStored { index, who });
        Ok(())
    }

    /// Takes every entry out, in the order in which they came, and says what became of it: none is a call, since nothing
    /// here opens what it is encrypted to.
    pub(crate) fn empty_queue(now: BlockNumberFor<T>) -> Weight {
        let (next, count) = (NextPendingExtrinsicIndex::<T>::get(), PendingExtrinsics::<T>::count());
        let lifetime: BlockNumberFor<T> = ExtrinsicLifetime::<T>::get().into();
        for place in 0..count {
            let index = next.wrapping_sub(count).wrapping_add(place);
            let Some(entry) = PendingExtrinsics::<T>::take(index) else { continue };
            let age = now.saturating_sub(entry.submitted_at);
            let is_late = !age.is_zero() && age > lifetime;
            Self::deposit_event(if is_late {
                Event::ExtrinsicExpired { index }
            } else {
                Event::ExtrinsicDecodeFailed { index }
            });
        }
        let each = T::DbWeight::get().reads_writes(1, 2);
        T::DbWeight::get().reads(2).saturating_add(each.saturating_mul(count.into()))
    }
}
