//! What children inherit: the stake that counts in an epoch, and whose its dividends are. Upstream's arithmetic, with 32
//! fractional bits, in integers; `src/yuma/inheritance.ts` computes the same.
use alloc::vec::Vec;

use crate::pallet::*;

/// One, with 32 fractional bits.
const ONE: u128 = 1 << 32;

/// A hotkey of which another is a child.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParentShare {
    /// The part of its stake that counts for the child, with 32 fractional bits.
    pub portion: u128,
    /// Its stake, in rao.
    pub alpha: u64,
    /// Whether it has the child's coldkey, which then takes nothing from it.
    pub same_owner: bool,
}

/// A proportion of 2^64 - 1 with 32 fractional bits, truncated.
pub fn portion_of(proportion: u64) -> u128 {
    u128::from(proportion).saturating_mul(ONE).checked_div(u128::from(u64::MAX)).unwrap_or(0)
}

fn whole(bits: u128) -> u64 {
    u64::try_from(bits >> 32).unwrap_or(u64::MAX)
}

/// Stake that counts for a hotkey in an epoch: its own without its children's parts, with its parts of its parents'.
pub fn inherited(own: u64, children: &[u128], parents: &[ParentShare]) -> u64 {
    let given = children.iter().fold(0_u128, |sum, part| sum.saturating_add(u128::from(own).saturating_mul(*part)));
    let kept = u128::from(own).saturating_mul(ONE).saturating_sub(given);
    let all = parents
        .iter()
        .fold(kept, |sum, parent| sum.saturating_add(u128::from(parent.alpha).saturating_mul(parent.portion)));
    whole(all)
}

/// Divides the dividends of a hotkey between its parents, in their order, and itself, by what each contributed; of what
/// others' hotkeys get it takes `take` of 65535. What truncation leaves, less than a rao for each, is nobody's.
pub fn divide(dividends: u64, own: u64, children: &[u128], parents: &[ParentShare], take: u16) -> (Vec<u64>, u64) {
    let left = children.iter().fold(ONE, |rest, part| rest.saturating_sub(*part));
    let self_part = u128::from(whole(u128::from(own).saturating_mul(left))).saturating_mul(ONE);
    let of_parent = |parent: &ParentShare| u128::from(parent.alpha).saturating_mul(parent.portion);
    let total = parents.iter().fold(self_part, |sum, parent| sum.saturating_add(of_parent(parent)));
    let take = u128::from(take).saturating_mul(ONE).checked_div(65_535).unwrap_or(0);
    let mut rest = u128::from(dividends).saturating_mul(ONE);
    let mut taken = 0_u128;
    let to_parents = parents.iter().map(|parent| {
        let factor = of_parent(parent).saturating_mul(ONE).checked_div(total).unwrap_or(0);
        let part = u128::from(dividends).saturating_mul(factor);
        rest = rest.saturating_sub(part);
        let kept = if parent.same_owner { 0 } else { take.saturating_mul(part) >> 32 };
        taken = taken.saturating_add(kept);
        whole(part.saturating_sub(kept))
    });
    let to_parents: Vec<u64> = to_parents.collect();
    (to_parents, whole(rest.saturating_add(taken)))
}

impl<T: Config> Pallet<T> {
    fn child_portions(hotkey: &T::AccountId, netuid: u16) -> Vec<u128> {
        ChildKeys::<T>::get(hotkey, netuid).into_iter().map(|(proportion, _)| portion_of(proportion)).collect()
    }

    fn parent_shares(
        hotkey: &T::AccountId,
        netuid: u16,
        stake_of: impl Fn(&T::AccountId) -> u64,
    ) -> (Vec<T::AccountId>, Vec<ParentShare>) {
        let parents = ParentKeys::<T>::get(hotkey, netuid);
        if parents.is_empty() {
            return Default::default();
        }
        let owner = Owner::<T>::get(hotkey);
        let shares = parents.into_iter().map(|(proportion, parent)| {
            let same_owner = Owner::<T>::get(&parent) == owner;
            let share = ParentShare { portion: portion_of(proportion), alpha: stake_of(&parent), same_owner };
            (parent, share)
        });
        shares.unzip()
    }

    fn inherited_of(hotkey: &T::AccountId, netuid: u16, stake_of: impl Fn(&T::AccountId) -> u64) -> u64 {
        let own = stake_of(hotkey);
        let (_, parents) = Self::parent_shares(hotkey, netuid, stake_of);
        inherited(own, &Self::child_portions(hotkey, netuid), &parents)
    }

    /// Stake of a hotkey with what it inherits now.
    pub fn inherited_alpha(hotkey: &T::AccountId, netuid: u16) -> u64 {
        Self::inherited_of(hotkey, netuid, |one| TotalHotkeyAlpha::<T>::get(one, netuid))
    }

    /// The same as the epoch counts it that ends the period `index`: without what is too new.
    pub(crate) fn inherited_stake(hotkey: &T::AccountId, netuid: u16, index: u64) -> u64 {
        Self::inherited_of(hotkey, netuid, |one| Self::counted_stake(one, netuid, index))
    }

    /// Whose a hotkey's dividends are: its own and its parents', by the stakes that the epoch of `period` counted.
    pub(crate) fn division_of(
        hotkey: &T::AccountId,
        netuid: u16,
        period: u64,
        dividends: u64,
    ) -> Vec<(T::AccountId, u64)> {
        let stake_of = |one: &T::AccountId| Self::counted_stake(one, netuid, period);
        let (accounts, parents) = Self::parent_shares(hotkey, netuid, stake_of);
        if parents.is_empty() {
            return alloc::vec![(hotkey.clone(), dividends)];
        }
        let take = Self::childkey_take(hotkey, netuid);
        let portions = Self::child_portions(hotkey, netuid);
        let (amounts, rest) = divide(dividends, stake_of(hotkey), &portions, &parents, take);
        let parts = accounts.into_iter().zip(amounts);
        parts.chain(core::iter::once((hotkey.clone(), rest))).collect()
    }
}
