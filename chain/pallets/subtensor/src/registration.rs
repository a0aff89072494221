//! Burned registration and its price.
use frame_support::{
    ensure,
    pallet_prelude::DispatchResult,
    traits::{
        fungible::{Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
    },
};

use crate::{pallet::*, types::*};

const ONE_Q32: u64 = 1 << 32;
const HALF_Q32: u64 = 1 << 31;

/// `floor(value * factor)` for a factor with 32 fractional bits.
fn multiply_q32(value: u64, factor: u64) -> u64 {
    let product = u128::from(value).saturating_mul(u128::from(factor)) >> 32;
    u64::try_from(product).unwrap_or(u64::MAX)
}

/// `base^exponent` by squaring, floored after each multiplication.
fn power_q32(base: u64, exponent: u16) -> u64 {
    let mut result = ONE_Q32;
    let mut square = base;
    let mut rest = exponent;
    while rest > 0 {
        if rest & 1 == 1 {
            result = multiply_q32(result, square);
        }
        square = multiply_q32(square, square);
        rest >>= 1;
    }
    result
}

/// The largest factor that halves a price within `half_life` blocks (as upstream).
pub(crate) fn decay_factor_q32(half_life: u16) -> u64 {
    if half_life == 0 {
        return ONE_Q32;
    }
    let (mut low, mut high) = (0_u64, ONE_Q32);
    while low.saturating_add(1) < high {
        let middle = low.saturating_add(high) >> 1;
        if power_q32(middle, half_life) > HALF_Q32 {
            high = middle;
        } else {
            low = middle;
        }
    }
    low
}

/// `floor(value * factor)` for a factor with 64 fractional bits, saturating.
pub(crate) fn multiply_u64f64(value: u64, factor: U64F64) -> u64 {
    let wide = u128::from(value);
    let whole = wide.saturating_mul(factor.bits >> 64);
    let fraction = wide.saturating_mul(factor.bits & u128::from(u64::MAX)) >> 64;
    u64::try_from(whole.saturating_add(fraction)).unwrap_or(u64::MAX)
}

impl<T: Config> Pallet<T> {
    /// Takes TAO out of existence.
    pub(crate) fn burn_balance(who: &T::AccountId, amount: u64, short: Error<T>) -> DispatchResult {
        let free = T::Currency::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
        ensure!(free >= amount, short);
        let taken = T::Currency::burn_from(who, amount, Preservation::Preserve, Precision::Exact, Fortitude::Polite);
        ensure!(taken.is_ok_and(|burned| burned == amount), Error::<T>::BalanceWithdrawalError);
        Ok(())
    }

    /// Makes `coldkey` the owner of a new hotkey.
    /// Departure: the hotkey gets a reference count here, since the stock CheckNonce refuses signers without one
    /// (upstream ships a CheckNonce of its own); hotkeys need no balance, their calls are free.
    pub(crate) fn create_account_if_absent(coldkey: &T::AccountId, hotkey: &T::AccountId) {
        if Owner::<T>::contains_key(hotkey) {
            return;
        }
        Owner::<T>::insert(hotkey, coldkey);
        OwnedHotkeys::<T>::mutate(coldkey, |hotkeys| {
            if !hotkeys.contains(hotkey) {
                hotkeys.push(hotkey.clone());
            }
        });
        // One is enough, and a hotkey that another took the place of still has it.
        if frame_system::Pallet::<T>::sufficients(hotkey) == 0 {
            frame_system::Pallet::<T>::inc_sufficients(hotkey);
        }
    }

    /// Registers `hotkey`; checks in upstream's order.
    pub(crate) fn do_burned_register(coldkey: T::AccountId, netuid: u16, hotkey: T::AccountId) -> DispatchResult {
        ensure!(netuid != ROOT, Error::<T>::RegistrationNotPermittedOnRootSubnet);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(NetworkRegistrationAllowed::<T>::get(netuid), Error::<T>::SubNetRegistrationDisabled);
        ensure!(!Uids::<T>::contains_key(netuid, &hotkey), Error::<T>::HotKeyAlreadyRegisteredInSubNet);
        let price = Burn::<T>::get(netuid);
        let free = T::Currency::reducible_balance(&coldkey, Preservation::Preserve, Fortitude::Polite);
        ensure!(free >= price, Error::<T>::NotEnoughBalanceToStake);
        Self::associate(&coldkey, &hotkey)?;
        ensure!(Owner::<T>::get(&hotkey) == coldkey, Error::<T>::NonAssociatedColdKey);
        let uid = Self::register_neuron(netuid, &hotkey)?;
        Self::burn_balance(&coldkey, price, Error::<T>::NotEnoughBalanceToStake)?;
        RAORecycledForRegistration::<T>::mutate(netuid, |total| *total = total.saturating_add(price));
        Self::raise_burn_price(netuid);
        count_registration::<T>(netuid);
        Self::deposit_event(Event::NeuronRegistered(netuid, uid, hotkey));
        Ok(())
    }

    /// Registers `hotkey` if the price is at most `limit`.
    pub(crate) fn do_register_limit(
        coldkey: T::AccountId,
        netuid: u16,
        hotkey: T::AccountId,
        limit: u64,
    ) -> DispatchResult {
        ensure!(netuid != ROOT, Error::<T>::RegistrationNotPermittedOnRootSubnet);
        ensure!(NetworksAdded::<T>::get(netuid), Error::<T>::SubnetNotExists);
        ensure!(Burn::<T>::get(netuid) <= limit, Error::<T>::RegistrationPriceLimitExceeded);
        Self::do_burned_register(coldkey, netuid, hotkey)
    }

    fn raise_burn_price(netuid: u16) {
        let raised = multiply_u64f64(Burn::<T>::get(netuid), BurnIncreaseMult::<T>::get(netuid));
        Burn::<T>::insert(netuid, Self::bounded_price(netuid, raised));
    }

    pub(crate) fn bounded_price(netuid: u16, price: u64) -> u64 {
        price.min(MaxBurn::<T>::get(netuid)).max(MinBurn::<T>::get(netuid))
    }

    /// One block's decay of every subnet's price, floored to an integer; the per-block counters start again.
    pub(crate) fn decay_burn_prices(subnets: &[u16]) {
        for &netuid in subnets {
            RegistrationsThisBlock::<T>::remove(netuid);
            let price = Burn::<T>::get(netuid);
            if price <= MinBurn::<T>::get(netuid) {
                continue;
            }
            let factor = decay_factor_q32(BurnHalfLife::<T>::get(netuid));
            Burn::<T>::insert(netuid, Self::bounded_price(netuid, multiply_q32(price, factor)));
        }
    }
}

/// Counters that clients display; they refuse nothing (upstream keeps them so too).
fn count_registration<T: Config>(netuid: u16) {
    RegistrationsThisBlock::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
    RegistrationsThisInterval::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
    BurnRegistrationsThisInterval::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
}
