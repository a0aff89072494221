//! Positions: the alpha of a coldkey on a hotkey, how much of it is principal, and the account that holds their TAO.
//!
//! The account of a subnet holds one existential deposit, so that nothing can reap it; the principals, which are the
//! TAO that was staked and belong to whoever staked it; and the pot, which is all above that. Anybody may transfer to
//! the account: that is how earned alpha gets TAO behind it.
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Get},
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Preservation},
    },
};
use sp_runtime::traits::AccountIdConversion;

use crate::pallet::*;

impl<T: Config> Pallet<T> {
    /// Account that holds a subnet's TAO, derived as upstream's: nobody has a key to it.
    pub fn subnet_account(netuid: u16) -> T::AccountId {
        T::SubtensorPalletId::get().into_sub_account_truncating(netuid)
    }

    /// The account of a subnet that exists.
    pub fn existing_subnet_account(netuid: u16) -> Option<T::AccountId> {
        NetworksAdded::<T>::get(netuid).then(|| Self::subnet_account(netuid))
    }

    /// TAO that pays earned alpha: what the account holds above its deposit and the principals.
    pub fn pot(netuid: u16) -> u64 {
        let account = Self::subnet_account(netuid);
        let held = T::Currency::reducible_balance(&account, Preservation::Preserve, Fortitude::Polite);
        held.saturating_sub(SubnetTAO::<T>::get(netuid))
    }

    /// Alpha of a coldkey on a hotkey.
    pub fn alpha_of(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16) -> u64 {
        u64::try_from(AlphaV2::<T>::get((hotkey, coldkey, netuid)).mantissa).unwrap_or(u64::MAX)
    }

    /// Alpha of a position that unstaking would pay now: its principal, and earned alpha as far as the pot goes.
    pub fn redeemable(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16) -> u64 {
        let principal = Principal::<T>::get((hotkey, coldkey, netuid));
        let earned = Self::alpha_of(hotkey, coldkey, netuid).saturating_sub(principal);
        principal.saturating_add(earned.min(Self::pot(netuid)))
    }

    /// Moves TAO of `who` to the subnet's account, where nothing owns it yet.
    pub(crate) fn pay_into(netuid: u16, who: &T::AccountId, amount: u64, short: Error<T>) -> DispatchResult {
        let free = T::Currency::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
        ensure!(free >= amount, short);
        let moved = T::Currency::transfer(who, &Self::subnet_account(netuid), amount, Preservation::Preserve);
        ensure!(moved.is_ok(), Error::<T>::BalanceWithdrawalError);
        Ok(())
    }

    /// Adds a principal to a position, whose TAO is in the subnet's account already.
    pub(crate) fn deposit(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) {
        if amount == 0 {
            return;
        }
        Self::credit_stake(hotkey, coldkey, netuid, amount);
        Principal::<T>::mutate((hotkey, coldkey, netuid), |own| *own = own.saturating_add(amount));
        SubnetTAO::<T>::mutate(netuid, |tao| *tao = tao.saturating_add(amount));
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_add(amount));
    }

    /// Takes alpha from a position and pays its coldkey: the principal first, then earned alpha from the pot.
    pub(crate) fn withdraw(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) -> DispatchResult {
        ensure!(amount <= Self::redeemable(hotkey, coldkey, netuid), Error::<T>::InsufficientLiquidity);
        let position = (hotkey, coldkey, netuid);
        let had = Principal::<T>::get(position);
        let own = had.min(amount);
        let earned = amount.saturating_sub(own);
        Self::debit_stake(hotkey, coldkey, netuid, amount)?;
        if own == had {
            Principal::<T>::remove(position);
        } else {
            Principal::<T>::insert(position, had.saturating_sub(own));
        }
        SubnetTAO::<T>::mutate(netuid, |tao| *tao = tao.saturating_sub(own));
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_sub(own));
        PaidFromPot::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(earned));
        T::Currency::transfer(&Self::subnet_account(netuid), coldkey, amount, Preservation::Preserve)?;
        Ok(())
    }

    /// Adds alpha to a coldkey's stake on a hotkey.
    pub(crate) fn credit_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) {
        if amount == 0 {
            return;
        }
        let shares = u128::from(amount);
        TotalHotkeyAlpha::<T>::mutate(hotkey, netuid, |alpha| *alpha = alpha.saturating_add(amount));
        TotalHotkeySharesV2::<T>::mutate(hotkey, netuid, |sum| sum.mantissa = sum.mantissa.saturating_add(shares));
        AlphaV2::<T>::mutate((hotkey, coldkey, netuid), |own| own.mantissa = own.mantissa.saturating_add(shares));
        StakingHotkeys::<T>::mutate(coldkey, |hotkeys| {
            if !hotkeys.contains(hotkey) {
                hotkeys.push(hotkey.clone());
            }
        });
    }

    /// Takes alpha from a coldkey's stake on a hotkey; entries that reach zero are removed.
    fn debit_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) -> DispatchResult {
        let shares = u128::from(amount);
        let own = AlphaV2::<T>::get((hotkey, coldkey, netuid));
        let left = own.mantissa.checked_sub(shares).ok_or(Error::<T>::NotEnoughStakeToWithdraw)?;
        if left == 0 {
            AlphaV2::<T>::remove((hotkey, coldkey, netuid));
        } else {
            AlphaV2::<T>::mutate((hotkey, coldkey, netuid), |entry| entry.mantissa = left);
        }
        TotalHotkeyAlpha::<T>::mutate(hotkey, netuid, |alpha| *alpha = alpha.saturating_sub(amount));
        TotalHotkeySharesV2::<T>::mutate(hotkey, netuid, |sum| sum.mantissa = sum.mantissa.saturating_sub(shares));
        Ok(())
    }
}
