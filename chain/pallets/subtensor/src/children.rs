//! Children: hotkeys that validate with parts of another's stake, and their take.
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{
    ensure,
    pallet_prelude::{DispatchError, DispatchResult},
};

use crate::{pallet::*, staking::MIN_STAKE, types::*};

/// Most children of a hotkey on one subnet.
pub const MAX_CHILDREN: usize = 5;
/// Ours. Most parents of a hotkey on one subnet: anybody may name it as a child, and every epoch reads all who did. In place
/// of one more the one goes that gives it least.
pub const MAX_PARENTS: usize = 32;
/// Blocks between two `set_children` of a hotkey on a subnet.
const SET_CHILDREN_BLOCKS: u64 = 150;
/// Upstream's numbers in `TransactionKeyLastBlock`.
const SET_CHILDREN: u16 = 0;
const SET_CHILDKEY_TAKE: u16 = 1;

/// Children or parents, each with a proportion of 2^64 - 1.
type Edges<T> = Vec<(u64, <T as frame_system::Config>::AccountId)>;

impl<T: Config> Pallet<T> {
    /// Whether a hotkey's last call of a kind on a subnet lies far enough back.
    fn waited(hotkey: &T::AccountId, netuid: u16, kind: u16, blocks: u64) -> bool {
        let last = TransactionKeyLastBlock::<T>::get((hotkey, netuid, kind));
        last == 0 || Self::current_block().saturating_sub(last) >= blocks
    }

    fn owns(coldkey: &T::AccountId, hotkey: &T::AccountId) -> bool {
        Owner::<T>::contains_key(hotkey) && Owner::<T>::get(hotkey) == *coldkey
    }

    /// Alpha of a hotkey on all networks.
    pub fn total_stake_of(hotkey: &T::AccountId) -> u64 {
        TotalHotkeyAlpha::<T>::iter_prefix_values(hotkey).fold(0, |sum, alpha| sum.saturating_add(alpha))
    }

    /// Whether a hotkey could have these children now; in upstream's order.
    fn check_children(hotkey: &T::AccountId, netuid: u16, children: &Edges<T>) -> Result<(), Error<T>> {
        let distinct: BTreeSet<&T::AccountId> = children.iter().map(|(_, child)| child).collect();
        ensure!(distinct.len() == children.len(), Error::<T>::DuplicateChild);
        ensure!(!distinct.contains(hotkey), Error::<T>::InvalidChild);
        ensure!(children.len() <= MAX_CHILDREN, Error::<T>::TooManyChildren);
        let total = children.iter().fold(0_u128, |sum, (part, _)| sum.saturating_add(u128::from(*part)));
        ensure!(total <= u128::from(u64::MAX), Error::<T>::ProportionOverflow);
        let parents = ParentKeys::<T>::get(hotkey, netuid);
        let separate = parents.iter().all(|(_, parent)| !distinct.contains(parent));
        ensure!(separate, Error::<T>::ChildParentInconsistency);
        let wanted = children.iter().all(|(part, child)| Self::has_room(child, netuid, (*part, hotkey)));
        ensure!(wanted, Error::<T>::NotEnoughStakeToSetChildkeys);
        Ok(())
    }

    /// What a parent gives a child: a part of its stake on the subnet.
    fn gift(parent: &T::AccountId, netuid: u16, part: u64) -> u128 {
        u128::from(TotalHotkeyAlpha::<T>::get(parent, netuid)).saturating_mul(u128::from(part))
    }

    /// Of parents the one that gives least, with what it gives.
    fn least_parent(parents: &Edges<T>, netuid: u16) -> Option<(u128, T::AccountId)> {
        parents.iter().map(|(part, parent)| (Self::gift(parent, netuid, *part), parent.clone())).min()
    }

    /// Whether a child has few parents, or one that gives less than this one would.
    fn has_room(child: &T::AccountId, netuid: u16, (part, parent): (u64, &T::AccountId)) -> bool {
        let mut others = ParentKeys::<T>::get(child, netuid);
        others.retain(|(_, other)| other != parent);
        let gives_more = || {
            let least = Self::least_parent(&others, netuid);
            least.is_none_or(|(gift, _)| gift < Self::gift(parent, netuid, part))
        };
        others.len() < MAX_PARENTS || gives_more()
    }

    /// Takes the parents that give least from a child, until there is room for one more.
    fn make_room(child: &T::AccountId, netuid: u16, parents: &mut Edges<T>) {
        while parents.len() >= MAX_PARENTS {
            let Some((_, least)) = Self::least_parent(parents, netuid) else { return };
            parents.retain(|(_, parent)| *parent != least);
            let mut children = ChildKeys::<T>::get(&least, netuid);
            children.retain(|(_, other)| other != child);
            Self::store_children(&least, netuid, children.clone());
            Self::deposit_event(Event::SetChildren(least, netuid, children));
        }
    }

    /// Whether a hotkey has stake enough for children. Departure: at least MIN_STAKE even where the threshold is 0, since
    /// every parent costs every epoch of the subnet a little.
    fn may_have_children(hotkey: &T::AccountId, netuid: u16, children: &Edges<T>) -> bool {
        let enough = || Self::total_stake_of(hotkey) >= StakeThreshold::<T>::get().max(MIN_STAKE);
        children.is_empty() || SubnetOwnerHotkey::<T>::get(netuid) == *hotkey || enough()
    }

    /// Names a hotkey's children on a subnet, to be so from the first epoch after the cooldown; at once before the subnet
    /// starts.
    pub(crate) fn do_set_children(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        children: Edges<T>,
    ) -> DispatchResult {
        let waited = Self::waited(&hotkey, netuid, SET_CHILDREN, SET_CHILDREN_BLOCKS);
        ensure!(waited, Error::<T>::TxRateLimitExceeded);
        ensure!(netuid != ROOT, Error::<T>::RegistrationNotPermittedOnRootSubnet);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(Self::owns(&coldkey, &hotkey), Error::<T>::NonAssociatedColdKey);
        Self::check_children(&hotkey, netuid, &children)?;
        let staked = Self::may_have_children(&hotkey, netuid, &children);
        ensure!(staked, Error::<T>::NotEnoughStakeToSetChildkeys);
        let block = Self::current_block();
        TransactionKeyLastBlock::<T>::insert((&hotkey, netuid, SET_CHILDREN), block);
        if !SubtokenEnabled::<T>::get(netuid) {
            Self::apply_children(&hotkey, netuid, children);
            return Ok(());
        }
        let after = block.saturating_add(PendingChildKeyCooldown::<T>::get());
        PendingChildKeys::<T>::insert(netuid, &hotkey, (children.clone(), after));
        Self::deposit_event(Event::SetChildrenScheduled(hotkey, netuid, after, children));
        Ok(())
    }

    /// After the epochs of a block: children whose time has come, on subnets that had one.
    pub(crate) fn apply_due_children(subnets: &[u16], block: u64) -> u32 {
        let mut count = 0_u32;
        for &netuid in subnets.iter().filter(|netuid| LastEpochBlock::<T>::get(netuid) == block) {
            let started = SubtokenEnabled::<T>::get(netuid);
            let due = PendingChildKeys::<T>::iter_prefix(netuid)
                .filter(|(_, (_, after))| *after < block || !started)
                .map(|(hotkey, (children, _))| (hotkey, children));
            let due: Vec<(T::AccountId, Edges<T>)> = due.collect();
            for (hotkey, children) in due {
                PendingChildKeys::<T>::remove(netuid, &hotkey);
                Self::apply_children(&hotkey, netuid, children);
                count = count.saturating_add(1);
            }
        }
        count
    }

    /// Gives a hotkey these children, if it may still have them.
    fn apply_children(hotkey: &T::AccountId, netuid: u16, children: Edges<T>) {
        let possible = Self::check_children(hotkey, netuid, &children).is_ok();
        if possible && Self::may_have_children(hotkey, netuid, &children) {
            Self::link_children(hotkey, netuid, &children);
            Self::deposit_event(Event::SetChildren(hotkey.clone(), netuid, children));
        }
    }

    fn store_children(parent: &T::AccountId, netuid: u16, children: Edges<T>) {
        if children.is_empty() {
            ChildKeys::<T>::remove(parent, netuid);
        } else {
            ChildKeys::<T>::insert(parent, netuid, children);
        }
    }

    fn store_parents(child: &T::AccountId, netuid: u16, parents: Edges<T>) {
        if parents.is_empty() {
            ParentKeys::<T>::remove(child, netuid);
        } else {
            ParentKeys::<T>::insert(child, netuid, parents);
        }
    }

    /// Makes these, in the order of accounts, the children of a hotkey, in both directions.
    fn link_children(parent: &T::AccountId, netuid: u16, children: &Edges<T>) {
        for (_, former) in ChildKeys::<T>::get(parent, netuid) {
            let mut parents = ParentKeys::<T>::get(&former, netuid);
            parents.retain(|(_, other)| other != parent);
            Self::store_parents(&former, netuid, parents);
        }
        let sorted: BTreeMap<&T::AccountId, u64> = children.iter().map(|(part, child)| (child, *part)).collect();
        for (child, part) in &sorted {
            let mut parents = ParentKeys::<T>::get(child, netuid);
            Self::make_room(child, netuid, &mut parents);
            parents.push((*part, parent.clone()));
            Self::store_parents(child, netuid, parents);
        }
        let sorted = sorted.into_iter().map(|(child, part)| (part, child.clone()));
        Self::store_children(parent, netuid, sorted.collect());
    }

    /// Gives a hotkey's parents and children, and those that it will have, to another. What the other had is given up.
    pub(crate) fn swap_relations(old: &T::AccountId, new: &T::AccountId, netuid: u16) -> DispatchResult {
        let (children, parents) = (ChildKeys::<T>::get(old, netuid), ParentKeys::<T>::get(old, netuid));
        let related = children.iter().chain(&parents).any(|(_, other)| other == new);
        ensure!(!related, Error::<T>::InvalidChild);
        if !children.is_empty() {
            Self::link_children(old, netuid, &Vec::new());
            Self::link_children(new, netuid, &children);
        }
        for (_, parent) in &parents {
            let renamed = ChildKeys::<T>::get(parent, netuid).into_iter().filter(|(_, child)| child != new);
            let renamed = renamed.map(|(part, child)| (part, if child == *old { new.clone() } else { child }));
            Self::link_children(parent, netuid, &renamed.collect());
        }
        Self::check_children(new, netuid, &ChildKeys::<T>::get(new, netuid)).map_err(DispatchError::from)?;
        if let Ok(pending) = PendingChildKeys::<T>::try_get(netuid, old) {
            PendingChildKeys::<T>::remove(netuid, old);
            PendingChildKeys::<T>::insert(netuid, new, pending);
        }
        Self::rename_pending_child(old, new, netuid);
        Ok(())
    }

    fn rename_pending_child(old: &T::AccountId, new: &T::AccountId, netuid: u16) {
        let pending: Vec<_> = PendingChildKeys::<T>::iter_prefix(netuid).collect();
        for (parent, (mut children, after)) in pending {
            if let Some(entry) = children.iter_mut().find(|(_, child)| child == old) {
                entry.1 = new.clone();
                PendingChildKeys::<T>::insert(netuid, parent, (children, after));
            }
        }
    }

    /// Whoever takes out so much stake that it may have no children gets none that it was waiting for.
    pub(crate) fn forget_pending_children_below_threshold(hotkey: &T::AccountId) {
        let threshold = StakeThreshold::<T>::get();
        if threshold > 0 && Self::total_stake_of(hotkey) < threshold {
            for netuid in Self::subnets() {
                PendingChildKeys::<T>::remove(netuid, hotkey);
            }
        }
    }

    fn least_childkey_take(netuid: u16) -> u16 {
        MinChildkeyTake::<T>::get().max(MinChildkeyTakePerSubnet::<T>::get(netuid))
    }

    /// Take of a child, of 65535.
    pub fn childkey_take(hotkey: &T::AccountId, netuid: u16) -> u16 {
        ChildkeyTake::<T>::get(hotkey, netuid).max(Self::least_childkey_take(netuid))
    }

    /// Sets what a child keeps of its parents' dividends; upwards once in `TxChildkeyTakeRateLimit` blocks.
    pub(crate) fn do_set_childkey_take(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        take: u16,
    ) -> DispatchResult {
        ensure!(Self::owns(&coldkey, &hotkey), Error::<T>::NonAssociatedColdKey);
        let bounds = Self::least_childkey_take(netuid)..=MaxChildkeyTake::<T>::get();
        ensure!(bounds.contains(&take), Error::<T>::InvalidChildkeyTake);
        let rises = take > Self::childkey_take(&hotkey, netuid);
        let waited = Self::waited(&hotkey, netuid, SET_CHILDKEY_TAKE, TxChildkeyTakeRateLimit::<T>::get());
        ensure!(!rises || waited, Error::<T>::TxChildkeyTakeRateLimitExceeded);
        TransactionKeyLastBlock::<T>::insert((&hotkey, netuid, SET_CHILDKEY_TAKE), Self::current_block());
        ChildkeyTake::<T>::insert(&hotkey, netuid, take);
        Self::deposit_event(Event::ChildKeyTakeSet(hotkey, take));
        Ok(())
    }
}
