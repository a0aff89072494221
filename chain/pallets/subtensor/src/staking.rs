//! Stake: TAO and alpha change one to one, without fee; what was staked comes back first (`positions.rs`).
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::pallet::*;

/// Least stake that may be added or removed (upstream's InitialMinStake).
pub const MIN_STAKE: u64 = 2_000_000;

impl<T: Config> Pallet<T> {
    /// Checks in upstream's order, then TAO becomes stake.
    pub(crate) fn do_add_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(amount >= MIN_STAKE, Error::<T>::AmountTooLow);
        Self::pay_into(netuid, &coldkey, amount, Error::<T>::NotEnoughBalanceToStake)?;
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        Self::deposit(&hotkey, &coldkey, netuid, amount);
        Self::deposit_event(Event::StakeAdded(coldkey, hotkey, amount, amount, netuid, 0));
        Ok(())
    }

    /// Checks in upstream's order, then stake becomes TAO: principal first, then earned alpha as far as the pot goes.
    pub(crate) fn do_remove_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        let held = Self::alpha_of(&hotkey, &coldkey, netuid);
        ensure!(amount <= held, Error::<T>::NotEnoughStakeToWithdraw);
        // All of a stake, and all of it that can be paid, may always be taken out, however small.
        let is_rest = amount == held || amount == Self::redeemable(&hotkey, &coldkey, netuid);
        ensure!(amount > 0 && (amount >= MIN_STAKE || is_rest), Error::<T>::AmountTooLow);
        Self::withdraw(&hotkey, &coldkey, netuid, amount)?;
        Self::deposit_event(Event::StakeRemoved(coldkey, hotkey, amount, amount, netuid, 0));
        Ok(())
    }
}
