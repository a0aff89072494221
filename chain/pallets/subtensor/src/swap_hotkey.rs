//! A hotkey that takes another's place, on one subnet or on all: uid, stake, children and what it served.
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{pallet::*, types::*};

/// Price of a swap on all networks, in rao.
pub const SWAP_COST: u64 = 100_000_000;
/// Price of a swap on one network, in rao.
pub const SWAP_ON_SUBNET_COST: u64 = 1_000_000;
/// Blocks between two swaps of a coldkey on one network.
pub const SWAP_ON_SUBNET_BLOCKS: u64 = 7_200;

impl<T: Config> Pallet<T> {
    /// Whether a coldkey may swap one of its hotkeys for another now, here or everywhere; in upstream's order.
    fn check_swap(
        coldkey: &T::AccountId,
        old: &T::AccountId,
        new: &T::AccountId,
        netuid: Option<u16>,
    ) -> DispatchResult {
        ensure!(Owner::<T>::contains_key(old), Error::<T>::NonAssociatedColdKey);
        ensure!(Owner::<T>::get(old) == *coldkey, Error::<T>::NonAssociatedColdKey);
        let free = !Owner::<T>::contains_key(new) || Owner::<T>::get(new) == *coldkey;
        ensure!(free, Error::<T>::NonAssociatedColdKey);
        ensure!(old != new, Error::<T>::NewHotKeyIsSameWithOld);
        let (limit, last) = (TxRateLimit::<T>::get(), Self::last_swap(coldkey));
        let waited = Self::current_block().saturating_sub(last) > limit;
        ensure!(limit == 0 || last == 0 || waited, Error::<T>::HotKeySetTxRateLimitExceeded);
        let taken = match netuid {
            Some(netuid) => Uids::<T>::contains_key(netuid, new),
            None => Self::is_registered_anywhere(new),
        };
        ensure!(!taken, Error::<T>::HotKeyAlreadyRegisteredInSubNet);
        if netuid.is_none_or(|netuid| netuid == ROOT) {
            let clean = RootClaimable::<T>::get(new).is_empty() && TotalHotkeyAlpha::<T>::get(new, ROOT) == 0;
            ensure!(clean, Error::<T>::NewHotKeyNotCleanForRootSwap);
        }
        Ok(())
    }

    fn last_swap(coldkey: &T::AccountId) -> u64 {
        LastRateLimitedBlock::<T>::get(RateLimitKey::LastTxBlock(coldkey.clone()))
    }

    /// Departure: who never swapped on a network need not wait there either; upstream lets nobody before block 7201.
    fn ensure_swap_interval(coldkey: &T::AccountId, netuids: &[u16]) -> DispatchResult {
        for netuid in netuids {
            let last = LastHotkeySwapOnNetuid::<T>::get(netuid, coldkey);
            let waited = last.saturating_add(SWAP_ON_SUBNET_BLOCKS) < Self::current_block();
            ensure!(last == 0 || waited, Error::<T>::HotKeySwapOnSubnetIntervalNotPassed);
        }
        Ok(())
    }

    /// Puts `new` in the place of `old` on one network, or on all of them; then `old` is nobody's.
    pub(crate) fn do_swap_hotkey(
        coldkey: T::AccountId,
        old: T::AccountId,
        new: T::AccountId,
        netuid: Option<u16>,
    ) -> DispatchResult {
        Self::check_swap(&coldkey, &old, &new, netuid)?;
        match netuid {
            Some(netuid) => Self::swap_on_one(&coldkey, &old, &new, netuid)?,
            None => Self::swap_on_all(&coldkey, &old, &new)?,
        }
        let key = RateLimitKey::LastTxBlock(coldkey.clone());
        LastRateLimitedBlock::<T>::insert(key, Self::current_block());
        Self::deposit_event(match netuid {
            Some(netuid) => Event::HotkeySwappedOnSubnet { coldkey, old_hotkey: old, new_hotkey: new, netuid },
            None => Event::HotkeySwapped { coldkey, old_hotkey: old, new_hotkey: new },
        });
        Ok(())
    }

    fn swap_on_one(coldkey: &T::AccountId, old: &T::AccountId, new: &T::AccountId, netuid: u16) -> DispatchResult {
        // Departure: upstream does not ask whether the network exists.
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        Self::ensure_swap_interval(coldkey, &[netuid])?;
        ensure!(!Self::is_subnet_account(new), Error::<T>::CannotUseSystemAccount);
        Self::burn_balance(coldkey, SWAP_ON_SUBNET_COST, Error::<T>::NotEnoughBalanceToPaySwapHotKey)?;
        Self::associate(coldkey, new)?;
        let stakers = Self::stakers(old).remove(&netuid).unwrap_or_default();
        Self::swap_everything(old, new, netuid, stakers)?;
        LastHotkeySwapOnNetuid::<T>::insert(netuid, coldkey, Self::current_block());
        Ok(())
    }

    fn swap_on_all(coldkey: &T::AccountId, old: &T::AccountId, new: &T::AccountId) -> DispatchResult {
        let netuids = Self::networks();
        let affected = netuids
            .iter()
            .copied()
            .filter(|netuid| IsNetworkMember::<T>::get(old, netuid) || ChildKeys::<T>::contains_key(old, netuid));
        let affected: Vec<u16> = affected.collect();
        Self::ensure_swap_interval(coldkey, &affected)?;
        Self::burn_balance(coldkey, SWAP_COST, Error::<T>::NotEnoughBalanceToPaySwapHotKey)?;
        Self::associate(coldkey, new)?;
        let mut stakers = Self::stakers(old);
        for netuid in netuids {
            Self::swap_everything(old, new, netuid, stakers.remove(&netuid).unwrap_or_default())?;
        }
        for netuid in affected {
            LastHotkeySwapOnNetuid::<T>::insert(netuid, coldkey, Self::current_block());
        }
        Self::retire(coldkey, old, new);
        Ok(())
    }

    /// Nothing of `old` is left. It keeps its reference count, and so its nonce: what it once signed is never valid again.
    fn retire(coldkey: &T::AccountId, old: &T::AccountId, new: &T::AccountId) {
        Owner::<T>::remove(old);
        OwnedHotkeys::<T>::mutate(coldkey, |hotkeys| hotkeys.retain(|hotkey| hotkey != old));
        if let Ok(take) = Delegates::<T>::try_get(old) {
            Delegates::<T>::remove(old);
            Delegates::<T>::insert(new, take);
        }
        let raised = LastTxBlockDelegateTake::<T>::take(old);
        if raised > 0 {
            LastTxBlockDelegateTake::<T>::insert(new, raised);
        }
    }

    /// Coldkeys with stake on a hotkey, by subnet; looked through once, for there may be many.
    fn stakers(hotkey: &T::AccountId) -> BTreeMap<u16, BTreeSet<T::AccountId>> {
        let mut stakers: BTreeMap<u16, BTreeSet<T::AccountId>> = BTreeMap::new();
        for (coldkey, netuid) in AlphaV2::<T>::iter_key_prefix((hotkey,)) {
            stakers.entry(netuid).or_default().insert(coldkey);
        }
        stakers
    }

    fn swap_everything(
        old: &T::AccountId,
        new: &T::AccountId,
        netuid: u16,
        stakers: BTreeSet<T::AccountId>,
    ) -> DispatchResult {
        Self::swap_slot(old, new, netuid);
        if let Ok(take) = ChildkeyTake::<T>::try_get(old, netuid) {
            ChildkeyTake::<T>::remove(old, netuid);
            ChildkeyTake::<T>::insert(new, netuid, take);
        }
        Self::swap_relations(old, new, netuid)?;
        Self::swap_auto_stakers(old, new, netuid);
        if SubnetOwnerHotkey::<T>::get(netuid) == *old {
            SubnetOwnerHotkey::<T>::insert(netuid, new);
        }
        let dividends = AlphaDividendsPerSubnet::<T>::take(netuid, old);
        if dividends > 0 {
            AlphaDividendsPerSubnet::<T>::mutate(netuid, new, |sum| *sum = sum.saturating_add(dividends));
        }
        Self::swap_stakes(old, new, netuid, stakers)
    }

    /// The uid, with all that belongs to it by hotkey.
    fn swap_slot(old: &T::AccountId, new: &T::AccountId, netuid: u16) {
        let Some(uid) = Uids::<T>::take(netuid, old) else { return };
        Uids::<T>::insert(netuid, new, uid);
        Keys::<T>::insert(netuid, uid, new);
        IsNetworkMember::<T>::remove(old, netuid);
        IsNetworkMember::<T>::insert(new, netuid, true);
        if let Some(axon) = Axons::<T>::take(netuid, old) {
            Axons::<T>::insert(netuid, new, axon);
        }
        if let Some(info) = Prometheus::<T>::take(netuid, old) {
            Prometheus::<T>::insert(netuid, new, info);
        }
        if let Some(certificate) = NeuronCertificates::<T>::take(netuid, old) {
            NeuronCertificates::<T>::insert(netuid, new, certificate);
        }
        for index in Self::storage_indexes(netuid) {
            if let Some(commits) = WeightCommits::<T>::take(index, old) {
                WeightCommits::<T>::insert(index, new, commits);
            }
        }
    }

    fn swap_auto_stakers(old: &T::AccountId, new: &T::AccountId, netuid: u16) {
        let coldkeys = AutoStakeDestinationColdkeys::<T>::take(old, netuid);
        if coldkeys.is_empty() {
            return;
        }
        for coldkey in &coldkeys {
            AutoStakeDestination::<T>::insert(coldkey, netuid, new);
        }
        AutoStakeDestinationColdkeys::<T>::mutate(new, netuid, |all| all.extend(coldkeys));
    }

    /// Every position, with its principal. Where `new` has no stake yet the pool goes over as it is, shares and all; else
    /// one position after the other, the last with what roundings left.
    fn swap_stakes(
        old: &T::AccountId,
        new: &T::AccountId,
        netuid: u16,
        coldkeys: BTreeSet<T::AccountId>,
    ) -> DispatchResult {
        if TotalHotkeyAlpha::<T>::contains_key(new, netuid) {
            for coldkey in coldkeys {
                let amount = Self::alpha_of(old, &coldkey, netuid);
                let to = (new.clone(), coldkey.clone(), netuid);
                Self::move_within(&(old.clone(), coldkey, netuid), &to, amount)?;
            }
            return Ok(());
        }
        let pool = (TotalHotkeyAlpha::<T>::take(old, netuid), TotalHotkeySharesV2::<T>::take(old, netuid));
        if pool.0 > 0 {
            TotalHotkeyAlpha::<T>::insert(new, netuid, pool.0);
            TotalHotkeySharesV2::<T>::insert(new, netuid, pool.1);
        }
        let fresh = FreshStake::<T>::take(netuid, old);
        if fresh.1 > 0 {
            FreshStake::<T>::insert(netuid, new, fresh);
        }
        for coldkey in coldkeys {
            let shares = AlphaV2::<T>::take((old, &coldkey, netuid));
            AlphaV2::<T>::insert((new, &coldkey, netuid), shares);
            let principal = Principal::<T>::take((old, &coldkey, netuid));
            if principal > 0 {
                Principal::<T>::insert((new, &coldkey, netuid), principal);
            }
            Self::list_position(new, &coldkey);
            Self::unlist_without_position(old, &coldkey);
        }
        Ok(())
    }
}
