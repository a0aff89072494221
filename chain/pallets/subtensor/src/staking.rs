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

    /// Whether a coldkey may take this much stake out, whatever there is to pay it with; in upstream's order.
    pub(crate) fn check_remove_stake(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(Owner::<T>::contains_key(hotkey), Error::<T>::HotKeyAccountNotExists);
        let held = Self::alpha_of(hotkey, coldkey, netuid);
        ensure!(amount <= held, Error::<T>::NotEnoughStakeToWithdraw);
        // All of a stake may always be taken out, and all that can be paid of it, however small. Where that is little, any
        // part of it may: what others pay into the pot meanwhile must not make a withdrawal fail.
        let payable = Self::redeemable(hotkey, coldkey, netuid);
        let is_rest = amount == held || amount == payable || payable < MIN_STAKE;
        ensure!(amount > 0 && (amount >= MIN_STAKE || is_rest), Error::<T>::AmountTooLow);
        Ok(())
    }

    /// Stake becomes TAO: principal first, then earned alpha as far as the pot goes.
    pub(crate) fn do_remove_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        Self::unstake(&coldkey, &hotkey, netuid, amount)?;
        Self::forget_pending_children_below_threshold(&hotkey);
        Ok(())
    }

    /// The same without a look at pending children, which whoever unstakes on many subnets has once, at the end.
    pub(crate) fn unstake(coldkey: &T::AccountId, hotkey: &T::AccountId, netuid: u16, amount: u64) -> DispatchResult {
        Self::check_remove_stake(coldkey, hotkey, netuid, amount)?;
        Self::withdraw(hotkey, coldkey, netuid, amount)?;
        Self::deposit_event(Event::StakeRemoved(coldkey.clone(), hotkey.clone(), amount, amount, netuid, 0));
        Ok(())
    }
}
