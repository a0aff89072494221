//! Hotkeys and who owns them: association, where their owner's emission is staked, identities.
use frame_support::{ensure, pallet_prelude::DispatchResult};

use crate::{pallet::*, types::*};

impl<T: Config> Pallet<T> {
    /// Makes `coldkey` the owner of a hotkey that has none; accounts of subnets cannot be hotkeys.
    pub(crate) fn associate(coldkey: &T::AccountId, hotkey: &T::AccountId) -> DispatchResult {
        ensure!(!Self::is_subnet_account(hotkey), Error::<T>::CannotUseSystemAccount);
        Self::create_account_if_absent(coldkey, hotkey);
        Ok(())
    }

    /// Stakes what a coldkey's miners of a subnet will earn on one hotkey.
    pub(crate) fn do_set_auto_stake(coldkey: T::AccountId, netuid: u16, hotkey: T::AccountId) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(Uids::<T>::contains_key(netuid, &hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        let former = AutoStakeDestination::<T>::get(&coldkey, netuid);
        ensure!(former.as_ref() != Some(&hotkey), Error::<T>::SameAutoStakeHotkeyAlreadySet);
        if let Some(former) = former {
            Self::with_auto_stakers(&former, netuid, |coldkeys| coldkeys.retain(|other| *other != coldkey));
        }
        AutoStakeDestination::<T>::insert(&coldkey, netuid, &hotkey);
        Self::with_auto_stakers(&hotkey, netuid, |coldkeys| coldkeys.push(coldkey.clone()));
        Self::deposit_event(Event::AutoStakeDestinationSet { coldkey, netuid, hotkey });
        Ok(())
    }

    /// Changes the list of who stakes on a hotkey by itself; an empty list is not kept.
    fn with_auto_stakers(hotkey: &T::AccountId, netuid: u16, change: impl FnOnce(&mut alloc::vec::Vec<T::AccountId>)) {
        AutoStakeDestinationColdkeys::<T>::mutate_exists(hotkey, netuid, |stored| {
            let mut coldkeys = stored.take().unwrap_or_default();
            change(&mut coldkeys);
            *stored = (!coldkeys.is_empty()).then_some(coldkeys);
        });
    }

    /// Names the coldkey; one of its hotkeys is registered somewhere.
    pub(crate) fn do_set_identity(coldkey: T::AccountId, identity: ChainIdentityV2) -> DispatchResult {
        let registered = OwnedHotkeys::<T>::get(&coldkey).iter().any(Self::is_registered_anywhere);
        ensure!(registered, Error::<T>::HotKeyNotRegisteredInNetwork);
        ensure!(identity.is_valid(), Error::<T>::InvalidIdentity);
        IdentitiesV2::<T>::insert(&coldkey, identity);
        Self::deposit_event(Event::ChainIdentitySet(coldkey));
        Ok(())
    }

    /// Whether a hotkey has a uid on any network, the root network too.
    pub fn is_registered_anywhere(hotkey: &T::AccountId) -> bool {
        IsNetworkMember::<T>::iter_prefix_values(hotkey).any(|member| member)
    }
}
