//! Stake with a limit on the price, and all of a stake at once.
//!
//! One alpha is always one TAO. So a limit never moves an amount: it allows all of it, or it allows nothing, which is
//! `SlippageTooHigh`, or `AmountTooLow` for whoever would be content with a part.
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{pallet::*, staking::MIN_STAKE, types::ROOT};

/// The price of an alpha, in rao.
pub const PRICE: u64 = 1_000_000_000;

/// How much of `amount` a limit allows at this price: all or nothing.
fn allowed(amount: u64, within: bool) -> u64 {
    if within {
        amount
    } else {
        0
    }
}

impl<T: Config> Pallet<T> {
    /// Stakes if an alpha may cost `limit`.
    pub(crate) fn do_add_stake_limit(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
        (limit, allow_partial): (u64, bool),
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(amount >= MIN_STAKE, Error::<T>::AmountTooLow);
        let possible = allowed(amount, limit >= PRICE);
        ensure!(allow_partial || amount == possible, Error::<T>::SlippageTooHigh);
        if Owner::<T>::contains_key(&hotkey) && Owner::<T>::get(&hotkey) != coldkey {
            Self::become_delegate(&hotkey);
        }
        Self::do_add_stake(coldkey, hotkey, netuid, possible)
    }

    /// Takes stake out if an alpha gives at least `limit`.
    pub(crate) fn do_remove_stake_limit(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
        (limit, allow_partial): (u64, bool),
    ) -> DispatchResult {
        Self::check_remove_stake(&coldkey, &hotkey, netuid, amount)?;
        let possible = allowed(amount, limit <= PRICE);
        ensure!(allow_partial || amount == possible, Error::<T>::SlippageTooHigh);
        Self::do_remove_stake(coldkey, hotkey, netuid, possible)
    }

    /// Takes out all of a position. Departure: all that can be paid now, where some of it was earned and the pot is short.
    pub(crate) fn do_remove_stake_full_limit(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        limit: Option<u64>,
    ) -> DispatchResult {
        let amount = match Self::redeemable(&hotkey, &coldkey, netuid) {
            0 => Self::alpha_of(&hotkey, &coldkey, netuid),
            payable => payable,
        };
        Self::do_remove_stake_limit(coldkey, hotkey, netuid, amount, (limit.unwrap_or(0), false))
    }

    /// Moves stake to another subnet if an alpha there costs at most `1 / limit` alpha of the former.
    pub(crate) fn do_swap_stake_limit(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        (netuid, to_netuid): (u16, u16),
        amount: u64,
        (limit, allow_partial): (u64, bool),
    ) -> DispatchResult {
        let from = (hotkey.clone(), coldkey.clone(), netuid);
        let to = (hotkey.clone(), coldkey.clone(), to_netuid);
        Self::check_transition(&from, &to, amount)?;
        let possible = allowed(amount, limit <= PRICE);
        ensure!(allow_partial || amount == possible, Error::<T>::SlippageTooHigh);
        Self::do_swap_stake(coldkey, hotkey, (netuid, to_netuid), possible)
    }

    /// What a coldkey could be paid now of its stake on a hotkey, by netuid; closed subnets are left out.
    fn payable(coldkey: &T::AccountId, hotkey: &T::AccountId) -> impl Iterator<Item = (u16, u64)> {
        let (coldkey, hotkey) = (coldkey.clone(), hotkey.clone());
        core::iter::once(ROOT)
            .chain(Self::subnets())
            .filter(|netuid| SubtokenEnabled::<T>::get(netuid))
            .map(move |netuid| (netuid, Self::redeemable(&hotkey, &coldkey, netuid)))
            .filter(|(_, amount)| *amount > 0)
    }

    /// Takes out, on every subnet, all that can be paid now of a coldkey's stake on a hotkey.
    pub(crate) fn do_unstake_all(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        for (netuid, amount) in Self::payable(&coldkey, &hotkey) {
            Self::unstake(&coldkey, &hotkey, netuid, amount)?;
        }
        Self::forget_pending_children_below_threshold(&hotkey);
        Ok(())
    }

    /// The same, but what comes out is staked on the hotkey's root network, together.
    pub(crate) fn do_unstake_all_alpha(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        let mut total = 0_u64;
        for (netuid, amount) in Self::payable(&coldkey, &hotkey).filter(|(netuid, _)| *netuid != ROOT) {
            Self::unstake(&coldkey, &hotkey, netuid, amount)?;
            total = total.saturating_add(amount);
        }
        Self::forget_pending_children_below_threshold(&hotkey);
        Self::do_add_stake(coldkey, hotkey, ROOT, total)
    }
}
