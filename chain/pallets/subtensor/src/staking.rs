//! Stake: one share is one rao of alpha; TAO and alpha change one to one, without fee.
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::fungible::Mutate};

use crate::pallet::*;

/// Least stake that may be added or removed (upstream's InitialMinStake).
pub const MIN_STAKE: u64 = 2_000_000;

impl<T: Config> Pallet<T> {
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

    /// Checks in upstream's order, then TAO becomes stake.
    pub(crate) fn do_add_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(amount >= MIN_STAKE, Error::<T>::AmountTooLow);
        Self::burn_balance(&coldkey, amount, Error::<T>::NotEnoughBalanceToStake)?;
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        Self::credit_stake(&hotkey, &coldkey, netuid, amount);
        SubnetTAO::<T>::mutate(netuid, |tao| *tao = tao.saturating_add(amount));
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_add(amount));
        Self::deposit_event(Event::StakeAdded(coldkey, hotkey, amount, amount, netuid, 0));
        Ok(())
    }

    /// Checks in upstream's order, then stake becomes TAO. Emitted alpha has no TAO behind it: a subnet pays out at
    /// most what was staked into it, so that no TAO is minted (`docs/protocol.md`).
    pub(crate) fn do_remove_stake(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: u16,
        amount: u64,
    ) -> DispatchResult {
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        ensure!(Owner::<T>::contains_key(&hotkey), Error::<T>::HotKeyAccountNotExists);
        let held = AlphaV2::<T>::get((&hotkey, &coldkey, netuid)).mantissa;
        ensure!(u128::from(amount) <= held, Error::<T>::NotEnoughStakeToWithdraw);
        // The rest of a stake may always be taken out, however small.
        ensure!(amount > 0 && (amount >= MIN_STAKE || u128::from(amount) == held), Error::<T>::AmountTooLow);
        let backing = SubnetTAO::<T>::get(netuid);
        let left = backing.checked_sub(amount).ok_or(Error::<T>::InsufficientLiquidity)?;
        Self::debit_stake(&hotkey, &coldkey, netuid, amount)?;
        SubnetTAO::<T>::insert(netuid, left);
        TotalStake::<T>::mutate(|tao| *tao = tao.saturating_sub(amount));
        T::Currency::mint_into(&coldkey, amount)?;
        Self::deposit_event(Event::StakeRemoved(coldkey, hotkey, amount, amount, netuid, 0));
        Ok(())
    }
}
