//! The take of a hotkey: what its own coldkey gets of its dividends before those who staked on it.
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::pallet::*;

impl<T: Config> Pallet<T> {
    fn ensure_owns(coldkey: &T::AccountId, hotkey: &T::AccountId) -> DispatchResult {
        ensure!(Owner::<T>::contains_key(hotkey), Error::<T>::HotKeyAccountNotExists);
        ensure!(Owner::<T>::get(hotkey) == *coldkey, Error::<T>::NonAssociatedColdKey);
        Ok(())
    }

    /// Lowers a take, at any time.
    pub(crate) fn do_decrease_take(coldkey: T::AccountId, hotkey: T::AccountId, take: u16) -> DispatchResult {
        Self::ensure_owns(&coldkey, &hotkey)?;
        ensure!(take < Delegates::<T>::get(&hotkey), Error::<T>::DelegateTakeTooLow);
        ensure!(take >= MinDelegateTake::<T>::get(), Error::<T>::DelegateTakeTooLow);
        Delegates::<T>::insert(&hotkey, take);
        Self::deposit_event(Event::TakeDecreased(coldkey, hotkey, take));
        Ok(())
    }

    /// Raises a take, once in `TxDelegateTakeRateLimit` blocks.
    pub(crate) fn do_increase_take(coldkey: T::AccountId, hotkey: T::AccountId, take: u16) -> DispatchResult {
        Self::ensure_owns(&coldkey, &hotkey)?;
        ensure!(take > Delegates::<T>::get(&hotkey), Error::<T>::DelegateTakeTooLow);
        ensure!(take <= MaxDelegateTake::<T>::get(), Error::<T>::DelegateTakeTooHigh);
        let (block, last) = (Self::current_block(), LastTxBlockDelegateTake::<T>::get(&hotkey));
        let limit = TxDelegateTakeRateLimit::<T>::get();
        let waited = block.saturating_sub(last) > limit;
        ensure!(limit == 0 || last == 0 || waited, Error::<T>::DelegateTxRateLimitExceeded);
        LastTxBlockDelegateTake::<T>::insert(&hotkey, block);
        Delegates::<T>::insert(&hotkey, take);
        Self::deposit_event(Event::TakeIncreased(coldkey, hotkey, take));
        Ok(())
    }
}
