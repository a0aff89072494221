//! Alpha that its holder gives up.
//!
//! Earned alpha goes first, which has no TAO of its own behind it; it is counted in `DestroyedAlpha`. Beyond that the
//! principal goes, and its TAO becomes pot: it pays others' earned alpha. What was issued stays issued: nothing here
//! changes `SubnetAlphaOut`, the input of the halving. Departure: upstream's recycled alpha may be issued again.
use frame_support::{
    ensure,
    pallet_prelude::{DispatchError, DispatchResult},
};

use crate::{pallet::*, types::ROOT};

impl<T: Config> Pallet<T> {
    /// Destroys up to `amount` of a position; returns how much there was.
    fn destroy_alpha(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        amount: u64,
        netuid: u16,
    ) -> Result<u64, DispatchError> {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(netuid != ROOT, Error::<T>::CannotBurnOrRecycleOnRootSubnet);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(Owner::<T>::contains_key(hotkey), Error::<T>::HotKeyAccountNotExists);
        let amount = amount.min(Self::alpha_of(hotkey, coldkey, netuid));
        let position = (hotkey.clone(), coldkey.clone(), netuid);
        let own = Self::take_earned_alpha(&position, amount)?;
        SubnetTAO::<T>::mutate(netuid, |tao| *tao = tao.saturating_sub(own));
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_sub(own));
        DestroyedAlpha::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(amount.saturating_sub(own)));
        Ok(amount)
    }

    /// Burns alpha of the coldkey.
    pub(crate) fn do_burn_alpha(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        amount: u64,
        netuid: u16,
    ) -> DispatchResult {
        let amount = Self::destroy_alpha(&coldkey, &hotkey, amount, netuid)?;
        Self::deposit_event(Event::AlphaBurned(coldkey, hotkey, amount, netuid));
        Ok(())
    }

    /// Recycles alpha of the coldkey, which burns it.
    pub(crate) fn do_recycle_alpha(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        amount: u64,
        netuid: u16,
    ) -> DispatchResult {
        let amount = Self::destroy_alpha(&coldkey, &hotkey, amount, netuid)?;
        Self::deposit_event(Event::AlphaRecycled(coldkey, hotkey, amount, netuid));
        Ok(())
    }
}
