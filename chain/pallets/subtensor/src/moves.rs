//! Stake that changes its hotkey, its coldkey or its subnet. Its principal goes along.
use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{fungible::Mutate, tokens::Preservation},
};

use crate::{pallet::*, staking::MIN_STAKE};

/// Where stake lies: hotkey, coldkey, netuid.
pub(crate) type Position<T> = (<T as frame_system::Config>::AccountId, <T as frame_system::Config>::AccountId, u16);

impl<T: Config> Pallet<T> {
    /// Whether `amount` of alpha may move between two positions; in upstream's order.
    pub(crate) fn check_transition(from: &Position<T>, to: &Position<T>, amount: u64) -> DispatchResult {
        let ((hotkey, coldkey, netuid), (to_hotkey, _, to_netuid)) = (from, to);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(SubtokenEnabled::<T>::get(to_netuid), Error::<T>::SubtokenDisabled);
        ensure!(from != to, Error::<T>::SameNetuid);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(NetworksAdded::<T>::get(to_netuid), Error::<T>::SubnetNotExists);
        ensure!(Owner::<T>::contains_key(hotkey), Error::<T>::HotKeyAccountNotExists);
        ensure!(Owner::<T>::contains_key(to_hotkey), Error::<T>::HotKeyAccountNotExists);
        let held = Self::alpha_of(hotkey, coldkey, *netuid);
        ensure!(amount <= held, Error::<T>::NotEnoughStakeToWithdraw);
        // Departure: a position of somebody else's is opened by MIN_STAKE or more, since its list of hotkeys grows.
        let opens = from.1 != to.1 && !AlphaV2::<T>::contains_key((to_hotkey, &to.1, *to_netuid));
        let is_rest = amount == held && !opens;
        ensure!(amount > 0 && (amount >= MIN_STAKE || is_rest), Error::<T>::AmountTooLow);
        Ok(())
    }

    /// Moves `amount` of alpha between two positions.
    fn transition(from: &Position<T>, to: &Position<T>, amount: u64) -> DispatchResult {
        Self::check_transition(from, to, amount)?;
        if from.2 == to.2 {
            Self::move_within(from, to, amount)
        } else {
            Self::move_across(from, to, amount)
        }
    }

    /// Principal goes first, so what is left behind was earned. On the same hotkey nothing becomes newer or older.
    pub(crate) fn move_within(from: &Position<T>, to: &Position<T>, amount: u64) -> DispatchResult {
        let fresh = Self::fresh_stake(&from.0, from.2);
        let own = Self::take_alpha(from, amount)?;
        Self::credit_stake(&to.0, &to.1, to.2, amount);
        if from.0 == to.0 {
            Self::set_fresh(&to.0, to.2, fresh);
        } else {
            Self::add_fresh(&to.0, to.2, amount);
        }
        if own > 0 {
            Principal::<T>::mutate(to, |principal| *principal = principal.saturating_add(own));
        }
        Ok(())
    }

    /// To another subnet goes what unstaking would pay, and all of it is principal there.
    fn move_across(from: &Position<T>, to: &Position<T>, amount: u64) -> DispatchResult {
        ensure!(amount <= Self::redeemable(&from.0, &from.1, from.2), Error::<T>::InsufficientLiquidity);
        let own = Self::take_alpha(from, amount)?;
        Self::forget_principal(from.2, own, amount.saturating_sub(own));
        let (source, target) = (Self::subnet_account(from.2), Self::subnet_account(to.2));
        T::Currency::transfer(&source, &target, amount, Preservation::Preserve)?;
        Self::deposit(&to.0, &to.1, to.2, amount);
        Self::deposit_event(Event::StakeRemoved(from.1.clone(), from.0.clone(), amount, amount, from.2, 0));
        Self::deposit_event(Event::StakeAdded(to.1.clone(), to.0.clone(), amount, amount, to.2, 0));
        Ok(())
    }

    /// Moves stake of a coldkey to another hotkey, and to another subnet if that is named.
    pub(crate) fn do_move_stake(
        coldkey: T::AccountId,
        (hotkey, netuid): (T::AccountId, u16),
        (to_hotkey, to_netuid): (T::AccountId, u16),
        amount: u64,
    ) -> DispatchResult {
        let from = (hotkey.clone(), coldkey.clone(), netuid);
        Self::transition(&from, &(to_hotkey.clone(), coldkey.clone(), to_netuid), amount)?;
        Self::deposit_event(Event::StakeMoved(coldkey, hotkey, netuid, to_hotkey, to_netuid, amount));
        Ok(())
    }

    /// Gives stake on a hotkey to another coldkey, principal and all.
    pub(crate) fn do_transfer_stake(
        (coldkey, to_coldkey): (T::AccountId, T::AccountId),
        hotkey: T::AccountId,
        (netuid, to_netuid): (u16, u16),
        amount: u64,
    ) -> DispatchResult {
        let from = (hotkey.clone(), coldkey.clone(), netuid);
        Self::transition(&from, &(hotkey.clone(), to_coldkey.clone(), to_netuid), amount)?;
        let allowed = TransferToggle::<T>::get(netuid) && TransferToggle::<T>::get(to_netuid);
        ensure!(allowed, Error::<T>::TransferDisallowed);
        Self::deposit_event(Event::StakeTransferred(coldkey, to_coldkey, hotkey, netuid, to_netuid, amount));
        Ok(())
    }

    /// Moves stake on a hotkey to another subnet.
    pub(crate) fn do_swap_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        (netuid, to_netuid): (u16, u16),
        amount: u64,
    ) -> DispatchResult {
        let from = (hotkey.clone(), coldkey.clone(), netuid);
        Self::transition(&from, &(hotkey.clone(), coldkey.clone(), to_netuid), amount)?;
        Self::deposit_event(Event::StakeSwapped(coldkey, hotkey, netuid, to_netuid, amount));
        Ok(())
    }
}
