//! Positions: the alpha of a coldkey on a hotkey, how much of it is principal, and the account that holds their TAO.
//!
//! The account of a subnet holds one existential deposit, so that nothing can reap it; the principals, which are the
//! TAO that was staked and belong to whoever staked it; and the pot, which is all above that. Anybody may transfer to
//! the account: that is how earned alpha gets TAO behind it.
use frame_support::{
    ensure,
    pallet_prelude::{DispatchError, DispatchResult, Get},
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Preservation},
    },
};
use sp_runtime::traits::AccountIdConversion;

use crate::{moves::Position, pallet::*, shares::Pool};

impl<T: Config> Pallet<T> {
    /// Account that holds a subnet's TAO, derived as upstream's: nobody has a key to it.
    pub fn subnet_account(netuid: u16) -> T::AccountId {
        T::SubtensorPalletId::get().into_sub_account_truncating(netuid)
    }

    /// Whether an account is one that holds a subnet's TAO.
    pub fn is_subnet_account(account: &T::AccountId) -> bool {
        frame_support::PalletId::try_from_sub_account::<u16>(account)
            .is_some_and(|(id, _)| id == T::SubtensorPalletId::get())
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

    /// Alpha of a coldkey on a hotkey: what its shares are worth, and never less than its principal. Others' roundings
    /// (10^-15 rao each) could otherwise show a rao less.
    pub fn alpha_of(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16) -> u64 {
        let position = (hotkey, coldkey, netuid);
        let worth = Self::pool(hotkey, netuid).value(AlphaV2::<T>::get(position));
        worth.max(Principal::<T>::get(position))
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
        Self::add_fresh(hotkey, netuid, amount);
        Principal::<T>::mutate((hotkey, coldkey, netuid), |own| *own = own.saturating_add(amount));
        SubnetTAO::<T>::mutate(netuid, |tao| *tao = tao.saturating_add(amount));
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_add(amount));
    }

    /// Takes alpha from a position, its principal first; returns how much of it was principal.
    pub(crate) fn take_alpha(position: &Position<T>, amount: u64) -> Result<u64, DispatchError> {
        Self::take_parts(position, amount, Principal::<T>::get(position).min(amount))
    }

    /// Takes alpha from a position, its principal last; returns how much of it was principal.
    pub(crate) fn take_earned_alpha(position: &Position<T>, amount: u64) -> Result<u64, DispatchError> {
        let (hotkey, coldkey, netuid) = position;
        let earned = Self::alpha_of(hotkey, coldkey, *netuid).saturating_sub(Principal::<T>::get(position));
        Self::take_parts(position, amount, amount.saturating_sub(earned))
    }

    fn take_parts((hotkey, coldkey, netuid): &Position<T>, amount: u64, own: u64) -> Result<u64, DispatchError> {
        let position = (hotkey, coldkey, *netuid);
        let had = Principal::<T>::get(position);
        Self::debit_stake(hotkey, coldkey, *netuid, amount)?;
        if own == had {
            Principal::<T>::remove(position);
        } else {
            Principal::<T>::insert(position, had.saturating_sub(own));
        }
        Ok(own)
    }

    /// Counts TAO that is about to leave the subnet's account: a principal, and what the pot pays for earned alpha.
    pub(crate) fn forget_principal(netuid: u16, own: u64, earned: u64) {
        SubnetTAO::<T>::mutate(netuid, |tao| *tao = tao.saturating_sub(own));
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_sub(own));
        PaidFromPot::<T>::mutate(netuid, |sum| *sum = sum.saturating_add(earned));
    }

    /// Takes alpha from a position and pays its coldkey: the principal first, then earned alpha from the pot.
    pub(crate) fn withdraw(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) -> DispatchResult {
        ensure!(amount <= Self::redeemable(hotkey, coldkey, netuid), Error::<T>::InsufficientLiquidity);
        let own = Self::take_alpha(&(hotkey.clone(), coldkey.clone(), netuid), amount)?;
        Self::forget_principal(netuid, own, amount.saturating_sub(own));
        T::Currency::transfer(&Self::subnet_account(netuid), coldkey, amount, Preservation::Preserve)?;
        Ok(())
    }

    /// All shares of a hotkey and its alpha.
    pub(crate) fn pool(hotkey: &T::AccountId, netuid: u16) -> Pool {
        let (alpha, shares) =
            (TotalHotkeyAlpha::<T>::get(hotkey, netuid), TotalHotkeySharesV2::<T>::get(hotkey, netuid));
        Pool { alpha, shares }
    }

    /// Writes what changed; what is empty is removed.
    fn store_pool(hotkey: &T::AccountId, netuid: u16, pool: Pool) {
        if pool.alpha == 0 {
            TotalHotkeyAlpha::<T>::remove(hotkey, netuid);
        } else {
            TotalHotkeyAlpha::<T>::insert(hotkey, netuid, pool.alpha);
        }
        if pool.shares.mantissa == 0 {
            TotalHotkeySharesV2::<T>::remove(hotkey, netuid);
        } else {
            TotalHotkeySharesV2::<T>::insert(hotkey, netuid, pool.shares);
        }
    }

    /// Adds alpha to a coldkey's stake on a hotkey.
    pub(crate) fn credit_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) {
        if amount > 0 {
            Self::credit_in(Self::pool(hotkey, netuid), (hotkey, coldkey, netuid), amount);
        }
    }

    /// The same where the hotkey's pool has been read; stores it.
    fn credit_in(mut pool: Pool, position: (&T::AccountId, &T::AccountId, u16), amount: u64) {
        let (hotkey, coldkey, netuid) = position;
        let had = AlphaV2::<T>::get(position);
        AlphaV2::<T>::insert(position, pool.stake(had, amount));
        Self::store_pool(hotkey, netuid, pool);
        // Who has a position is on the list already; the list may be long.
        if had.mantissa == 0 {
            Self::list_position(hotkey, coldkey);
        }
    }

    /// Lists a hotkey among those on which a coldkey has stake.
    pub(crate) fn list_position(hotkey: &T::AccountId, coldkey: &T::AccountId) {
        StakingHotkeys::<T>::mutate(coldkey, |hotkeys| {
            if !hotkeys.contains(hotkey) {
                hotkeys.push(hotkey.clone());
            }
        });
    }

    /// Takes a hotkey off a coldkey's list once it has no stake there on any subnet.
    pub(crate) fn unlist_without_position(hotkey: &T::AccountId, coldkey: &T::AccountId) {
        if AlphaV2::<T>::iter_prefix((hotkey, coldkey)).next().is_some() {
            return;
        }
        StakingHotkeys::<T>::mutate_exists(coldkey, |stored| {
            let mut hotkeys = stored.take().unwrap_or_default();
            hotkeys.retain(|other| other != hotkey);
            *stored = (!hotkeys.is_empty()).then_some(hotkeys);
        });
    }

    /// Adds alpha to all who staked on a hotkey, by their shares, or to its own coldkey if nobody did; then `take` to that
    /// coldkey.
    pub(crate) fn credit_dividends(hotkey: &T::AccountId, netuid: u16, amount: u64, take: u64) {
        let mut pool = Self::pool(hotkey, netuid);
        if pool.alpha == 0 {
            let owner = Owner::<T>::get(hotkey);
            Self::credit_stake(hotkey, &owner, netuid, amount);
            return Self::credit_stake(hotkey, &owner, netuid, take);
        }
        pool.alpha = pool.alpha.saturating_add(amount);
        if take > 0 {
            Self::credit_in(pool, (hotkey, &Owner::<T>::get(hotkey), netuid), take);
        } else if amount > 0 {
            Self::store_pool(hotkey, netuid, pool);
        }
    }

    /// Takes alpha from a coldkey's stake on a hotkey; entries that reach zero are removed.
    fn debit_stake(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: u16, amount: u64) -> DispatchResult {
        let worth = Self::alpha_of(hotkey, coldkey, netuid);
        ensure!(amount <= worth, Error::<T>::NotEnoughStakeToWithdraw);
        let mut pool = Self::pool(hotkey, netuid);
        let left = pool.unstake(AlphaV2::<T>::get((hotkey, coldkey, netuid)), worth, amount);
        if left.mantissa == 0 {
            AlphaV2::<T>::remove((hotkey, coldkey, netuid));
            Self::unlist_without_position(hotkey, coldkey);
        } else {
            AlphaV2::<T>::insert((hotkey, coldkey, netuid), left);
        }
        Self::store_pool(hotkey, netuid, pool);
        Self::take_fresh(hotkey, netuid, amount);
        Ok(())
    }
}
