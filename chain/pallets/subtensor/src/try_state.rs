//! What must always hold. Run by `try_state` and after every test.
#![cfg(any(test, feature = "try-runtime"))]
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungible::Inspect};
use sp_runtime::TryRuntimeError;

use crate::{
    children::{MAX_CHILDREN, MAX_PARENTS},
    commits::MOST_OPEN_COMMITS,
    pallet::*,
    types::MECHANISM_STRIDE,
};

impl<T: Config> Pallet<T> {
    /// Checks ledger, stake and slots of every subnet.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let subnets = Self::networks();
        ensure!(subnets.len() == usize::from(TotalNetworks::<T>::get()), "TotalNetworks differs from NetworksAdded");
        for &netuid in &subnets {
            Self::check_ledger(netuid)?;
            Self::check_stake(netuid)?;
            Self::check_money(netuid)?;
            Self::check_slots(netuid)?;
            Self::check_fresh(netuid)?;
        }
        Self::check_commits()?;
        let staked = subnets.iter().fold(0_u64, |sum, netuid| sum.saturating_add(SubnetTAO::<T>::get(netuid)));
        ensure!(staked == TotalStake::<T>::get(), "TotalStake differs from the sum of SubnetTAO");
        let is_known = |netuid: u16| NetworksAdded::<T>::get(netuid);
        let orphaned = Principal::<T>::iter_keys().any(|(_, _, netuid)| !is_known(netuid))
            || AlphaV2::<T>::iter_keys().any(|(_, _, netuid)| !is_known(netuid))
            || TotalHotkeyAlpha::<T>::iter_keys().any(|(_, netuid)| !is_known(netuid));
        ensure!(!orphaned, "there is stake of a subnet that does not exist");
        Self::check_lists()?;
        Self::check_children_and_parents()
    }

    /// `StakingHotkeys` lists exactly the hotkeys on which a coldkey has a position; owners' lists and hotkeys agree.
    fn check_lists() -> Result<(), TryRuntimeError> {
        let mut positions = BTreeSet::new();
        for ((hotkey, coldkey, _), _) in AlphaV2::<T>::iter() {
            ensure!(Owner::<T>::contains_key(&hotkey), "there is stake on a hotkey that nobody owns");
            positions.insert((coldkey, hotkey));
        }
        let mut listed = 0;
        for (coldkey, hotkeys) in StakingHotkeys::<T>::iter() {
            ensure!(!hotkeys.is_empty(), "an empty list of staking hotkeys is stored");
            let all = hotkeys.iter().all(|hotkey| positions.contains(&(coldkey.clone(), hotkey.clone())));
            ensure!(all, "a coldkey lists a hotkey without stake");
            listed = hotkeys.len().saturating_add(listed);
        }
        ensure!(listed == positions.len(), "a coldkey does not list a hotkey on which it has stake");
        for (hotkey, coldkey) in Owner::<T>::iter() {
            ensure!(OwnedHotkeys::<T>::get(&coldkey).contains(&hotkey), "an owner does not list its hotkey");
        }
        for (coldkey, netuid, hotkey) in AutoStakeDestination::<T>::iter() {
            let known = AutoStakeDestinationColdkeys::<T>::get(&hotkey, netuid).contains(&coldkey);
            ensure!(known && Owner::<T>::contains_key(&hotkey), "a destination does not know its coldkey");
        }
        Ok(())
    }

    /// Children and parents are two directions of the same; nobody has too many, or is its own.
    fn check_children_and_parents() -> Result<(), TryRuntimeError> {
        let mut edges = 0_usize;
        for (parent, netuid, children) in ChildKeys::<T>::iter() {
            ensure!((1..=MAX_CHILDREN).contains(&children.len()), "a hotkey has no, or too many children");
            let total = children.iter().fold(0_u128, |sum, (part, _)| sum.saturating_add(u128::from(*part)));
            ensure!(total <= u128::from(u64::MAX), "children have more than the whole");
            for (part, child) in children {
                ensure!(child != parent, "a hotkey is its own child");
                let known = ParentKeys::<T>::get(&child, netuid).contains(&(part, parent.clone()));
                ensure!(known, "a child does not know its parent");
                edges = edges.saturating_add(1);
            }
        }
        let few = ParentKeys::<T>::iter_values().all(|parents| parents.len() <= MAX_PARENTS);
        ensure!(few, "a hotkey has too many parents");
        let known = ParentKeys::<T>::iter_values().fold(0_usize, |sum, parents| sum.saturating_add(parents.len()));
        ensure!(edges == known, "a parent does not know its child");
        Ok(())
    }

    /// issued = paid to uids + owner + burned + carried + pending, exact to 1 rao.
    fn check_ledger(netuid: u16) -> Result<(), TryRuntimeError> {
        let parts = [
            PaidToNeurons::<T>::get(netuid),
            PaidToOwner::<T>::get(netuid),
            BurnedEmission::<T>::get(netuid),
            CarriedEmission::<T>::get(netuid),
            PendingServerEmission::<T>::get(netuid),
            PendingValidatorEmission::<T>::get(netuid),
            PendingOwnerCut::<T>::get(netuid),
        ];
        let sum = parts.iter().fold(0_u128, |sum, part| sum.saturating_add(u128::from(*part)));
        ensure!(sum == u128::from(SubnetAlphaOut::<T>::get(netuid)), "issued alpha is not accounted for");
        Ok(())
    }

    /// Shares of coldkeys sum to those of the hotkey, what they are worth to no more than its alpha; all alpha came from
    /// a known source.
    fn check_stake(netuid: u16) -> Result<(), TryRuntimeError> {
        let mut sums: BTreeMap<T::AccountId, (u128, u128)> = BTreeMap::new();
        for ((hotkey, coldkey, subnet), own) in AlphaV2::<T>::iter() {
            if subnet == netuid {
                let units = Self::pool(&hotkey, netuid).units(own);
                let worth = u128::from(Self::alpha_of(&hotkey, &coldkey, netuid));
                let sum = sums.entry(hotkey).or_default();
                *sum = (sum.0.saturating_add(units), sum.1.saturating_add(worth));
            }
        }
        let mut total = 0_u128;
        for (hotkey, subnet, alpha) in TotalHotkeyAlpha::<T>::iter() {
            if subnet == netuid {
                let alpha = u128::from(alpha);
                let (units, worth) = sums.remove(&hotkey).unwrap_or_default();
                let pooled = TotalHotkeySharesV2::<T>::get(&hotkey, netuid).mantissa;
                ensure!(units == pooled && pooled > 0, "coldkeys' shares differ from the hotkey's");
                ensure!(worth <= alpha, "shares are worth more than the hotkey's alpha");
                total = total.saturating_add(alpha);
            }
        }
        ensure!(sums.is_empty(), "there are shares of a hotkey without alpha");
        let sources = [SubnetTAO::<T>::get(netuid), PaidToNeurons::<T>::get(netuid), PaidToOwner::<T>::get(netuid)];
        let known = sources.iter().fold(0_u128, |sum, part| sum.saturating_add(u128::from(*part)));
        let redeemed = u128::from(PaidFromPot::<T>::get(netuid));
        let gone = redeemed.saturating_add(u128::from(DestroyedAlpha::<T>::get(netuid)));
        ensure!(total.saturating_add(gone) == known, "stake differs from principals + payouts - redeemed - destroyed");
        Ok(())
    }

    /// The subnet's account covers its deposit and every principal; no position is below its principal.
    fn check_money(netuid: u16) -> Result<(), TryRuntimeError> {
        let mut principals = 0_u128;
        for ((hotkey, coldkey, subnet), principal) in Principal::<T>::iter() {
            if subnet == netuid {
                ensure!(principal > 0, "an empty principal is stored");
                ensure!(Self::alpha_of(&hotkey, &coldkey, netuid) >= principal, "a position is below its principal");
                principals = principals.saturating_add(u128::from(principal));
            }
        }
        ensure!(principals == u128::from(SubnetTAO::<T>::get(netuid)), "principals differ from SubnetTAO");
        let held = u128::from(T::Currency::balance(&Self::subnet_account(netuid)));
        let owed = principals.saturating_add(u128::from(T::Currency::minimum_balance()));
        ensure!(held >= owed, "the subnet's account does not cover its principals");
        let pot = u128::from(Self::pot(netuid));
        ensure!(held == owed.saturating_add(pot), "the subnet's account is not deposit + principals + pot");
        Ok(())
    }

    /// No hotkey has more alpha that is new than alpha.
    fn check_fresh(netuid: u16) -> Result<(), TryRuntimeError> {
        for (hotkey, (_, stored)) in FreshStake::<T>::iter_prefix(netuid) {
            ensure!(stored > 0, "an empty fresh stake is stored");
            let fresh = Self::fresh_stake(&hotkey, netuid);
            ensure!(fresh <= TotalHotkeyAlpha::<T>::get(&hotkey, netuid), "more stake is fresh than there is");
        }
        Ok(())
    }

    /// Nobody has an empty list of commits, or more than may wait; salted ones are those of neurons.
    fn check_commits() -> Result<(), TryRuntimeError> {
        for (index, who, commits) in WeightCommits::<T>::iter() {
            let netuid = index.checked_rem(MECHANISM_STRIDE).unwrap_or(index);
            ensure!(Uids::<T>::contains_key(netuid, &who), "a hotkey without a uid has commits");
            ensure!((1..=MOST_OPEN_COMMITS).contains(&commits.len()), "commits are none or too many");
        }
        Ok(())
    }

    /// Keys and Uids are inverse, every vector has one entry a neuron.
    fn check_slots(netuid: u16) -> Result<(), TryRuntimeError> {
        let n = SubnetworkN::<T>::get(netuid);
        for uid in 0..n {
            let hotkey = Keys::<T>::get(netuid, uid);
            ensure!(Uids::<T>::get(netuid, &hotkey) == Some(uid), "Keys and Uids differ");
            ensure!(IsNetworkMember::<T>::get(&hotkey, netuid), "a neuron is not a member");
        }
        let lengths = [
            Active::<T>::get(netuid).len(),
            Consensus::<T>::get(netuid).len(),
            Dividends::<T>::get(netuid).len(),
            Emission::<T>::get(netuid).len(),
            ValidatorTrust::<T>::get(netuid).len(),
            ValidatorPermit::<T>::get(netuid).len(),
            StakeWeight::<T>::get(netuid).len(),
            Uids::<T>::iter_prefix(netuid).count(),
        ];
        let by_mechanism = Self::storage_indexes(netuid)
            .flat_map(|index| [Incentive::<T>::get(index).len(), LastUpdate::<T>::get(index).len()]);
        let mut lengths = lengths.into_iter().chain(by_mechanism);
        ensure!(lengths.all(|length| length == usize::from(n)), "a vector has not one entry a neuron");
        Ok(())
    }
}
