//! The root network, netuid 0: it has neurons and stake, and emits nothing.
//!
//! Clients register on it, stake on it and claim its dividends. There are none: no emission goes to stake of the root
//! network, which counts in no consensus either, so a claim pays nothing and says that it was made.
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::fungible::{Inspect, Mutate},
};

use crate::{pallet::*, types::*};

/// Most subnets of one claim.
const MAX_SUBNET_CLAIMS: usize = 5;

impl<T: Config> Pallet<T> {
    /// The root network of the genesis, with upstream's values.
    pub(crate) fn build_root() {
        NetworksAdded::<T>::insert(ROOT, true);
        TotalNetworks::<T>::mutate(|total| *total = total.saturating_add(1));
        SubnetworkN::<T>::insert(ROOT, 0);
        MaxAllowedUids::<T>::insert(ROOT, 64);
        MaxAllowedValidators::<T>::insert(ROOT, 64);
        MinAllowedWeights::<T>::insert(ROOT, 0);
        Tempo::<T>::insert(ROOT, 100);
        NetworkRegistrationAllowed::<T>::insert(ROOT, true);
        TargetRegistrationsPerInterval::<T>::insert(ROOT, 1);
        TokenSymbol::<T>::insert(ROOT, Self::symbol_of(ROOT));
        SubtokenEnabled::<T>::insert(ROOT, true);
        let opened = T::Currency::mint_into(&Self::subnet_account(ROOT), T::Currency::minimum_balance());
        assert!(opened.is_ok(), "genesis: the account of the root network cannot be opened");
    }

    /// The root network's clock goes on, without an epoch: its registrations and its neurons' quotas are counted by it.
    pub(crate) fn step_root(block: u64) {
        if Self::should_run_epoch(ROOT, block) {
            RegistrationsThisInterval::<T>::remove(ROOT);
            Self::step_clock(ROOT, block);
        }
    }

    /// Registers a hotkey on the root network, for no more than the fee; where it is full, instead of whoever has least
    /// stake there.
    pub(crate) fn do_root_register(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(ROOT), Error::<T>::RootNetworkDoesNotExist);
        let this_block = RegistrationsThisBlock::<T>::get(ROOT);
        ensure!(this_block < MaxRegistrationsPerBlock::<T>::get(ROOT), Error::<T>::TooManyRegistrationsThisBlock);
        let most = TargetRegistrationsPerInterval::<T>::get(ROOT).saturating_mul(3);
        ensure!(RegistrationsThisInterval::<T>::get(ROOT) < most, Error::<T>::TooManyRegistrationsThisInterval);
        ensure!(!Uids::<T>::contains_key(ROOT, &hotkey), Error::<T>::HotKeyAlreadyRegisteredInSubNet);
        Self::associate(&coldkey, &hotkey)?;
        let uid = Self::root_uid_for(&hotkey)?;
        Self::become_delegate(&hotkey);
        RegistrationsThisInterval::<T>::mutate(ROOT, |count| *count = count.saturating_add(1));
        RegistrationsThisBlock::<T>::mutate(ROOT, |count| *count = count.saturating_add(1));
        Self::deposit_event(Event::NeuronRegistered(ROOT, uid, hotkey));
        Ok(())
    }

    /// Gives a uid of the root network to a hotkey.
    fn root_uid_for(hotkey: &T::AccountId) -> Result<u16, Error<T>> {
        let n = SubnetworkN::<T>::get(ROOT);
        if n < MaxAllowedUids::<T>::get(ROOT) {
            return Ok(Self::append_neuron(ROOT, hotkey));
        }
        let staked = |uid: u16| TotalHotkeyAlpha::<T>::get(Keys::<T>::get(ROOT, uid), ROOT);
        let least = (0..n).map(|uid| (staked(uid), uid)).min().ok_or(Error::<T>::StakeTooLowForRoot)?;
        ensure!(least.0 < TotalHotkeyAlpha::<T>::get(hotkey, ROOT), Error::<T>::StakeTooLowForRoot);
        Self::replace_neuron(ROOT, least.1, hotkey);
        Ok(least.1)
    }

    /// Claims root dividends of some subnets: there are none.
    pub(crate) fn do_claim_root(coldkey: T::AccountId, subnets: &BTreeSet<u16>) -> DispatchResult {
        ensure!((1..=MAX_SUBNET_CLAIMS).contains(&subnets.len()), Error::<T>::InvalidSubnetNumber);
        Self::count_claimant(&coldkey);
        Self::deposit_event(Event::RootClaimed { coldkey });
        Ok(())
    }

    /// Says what should become of a coldkey's root dividends.
    pub(crate) fn do_set_root_claim_type(coldkey: T::AccountId, kind: RootClaimTypeEnum) -> DispatchResult {
        if let RootClaimTypeEnum::KeepSubnets { subnets } = &kind {
            // Departure: a list longer than there can be subnets is refused too; upstream stores any.
            let most = usize::from(SubnetLimit::<T>::get());
            ensure!((1..=most).contains(&subnets.len()), Error::<T>::InvalidSubnetNumber);
        }
        Self::count_claimant(&coldkey);
        RootClaimType::<T>::insert(&coldkey, &kind);
        Self::deposit_event(Event::RootClaimTypeSet { coldkey, root_claim_type: kind });
        Ok(())
    }

    fn count_claimant(coldkey: &T::AccountId) {
        if !StakingColdkeys::<T>::contains_key(coldkey) {
            let count = NumStakingColdkeys::<T>::get();
            StakingColdkeysByIndex::<T>::insert(count, coldkey);
            StakingColdkeys::<T>::insert(coldkey, count);
            NumStakingColdkeys::<T>::put(count.saturating_add(1));
        }
    }

    /// Lists a hotkey among those with a take, at the default one if it has none.
    pub(crate) fn become_delegate(hotkey: &T::AccountId) {
        if !Delegates::<T>::contains_key(hotkey) {
            Delegates::<T>::insert(hotkey, Delegates::<T>::get(hotkey));
        }
    }

    /// All networks in ascending order, the root network among them.
    pub fn networks() -> Vec<u16> {
        let mut netuids = Self::subnets();
        if NetworksAdded::<T>::get(ROOT) {
            netuids.insert(0, ROOT);
        }
        netuids
    }
}
