//! Parameters about registration and its price.
use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_subtensor::{
    types::U64F64, AdjustmentAlpha, AdjustmentInterval, BurnHalfLife, BurnIncreaseMult, Difficulty, Event as Said,
    MaxBurn, MaxDifficulty, MaxRegistrationsPerBlock, MinBurn, MinDifficulty, NetworkRegistrationAllowed,
    TargetRegistrationsPerInterval,
};

use crate::pallet::*;

/// The least price an owner sets lies below this, in rao.
const MIN_BURN_BELOW: u64 = 1_000_000_000;
/// The highest price an owner sets lies above this, in rao.
const MAX_BURN_ABOVE: u64 = 100_000_000;
/// Most blocks in which a price halves.
const MAX_HALF_LIFE: u16 = 36_100;

impl<T: Config> Pallet<T> {
    /// Lower bound of the price: below one TAO and the upper bound.
    pub(crate) fn set_min_burn(netuid: u16, rao: u64) -> DispatchResult {
        ensure!(rao < MIN_BURN_BELOW, Error::<T>::ValueNotInBounds);
        ensure!(rao < MaxBurn::<T>::get(netuid), Error::<T>::ValueNotInBounds);
        MinBurn::<T>::insert(netuid, rao);
        Self::tell(Said::MinBurnSet(netuid, rao))
    }

    /// Upper bound of the price: above 0.1 TAO and the lower bound.
    pub(crate) fn set_max_burn(netuid: u16, rao: u64) -> DispatchResult {
        ensure!(rao > MAX_BURN_ABOVE, Error::<T>::ValueNotInBounds);
        ensure!(rao > MinBurn::<T>::get(netuid), Error::<T>::ValueNotInBounds);
        MaxBurn::<T>::insert(netuid, rao);
        Self::tell(Said::MaxBurnSet(netuid, rao))
    }

    /// Blocks in which the price halves.
    pub(crate) fn set_burn_half_life(netuid: u16, burn_half_life: u16) -> DispatchResult {
        ensure!((1..=MAX_HALF_LIFE).contains(&burn_half_life), Error::<T>::InvalidValue);
        BurnHalfLife::<T>::insert(netuid, burn_half_life);
        Self::deposit_event(Event::BurnHalfLifeSet { netuid, burn_half_life });
        Ok(())
    }

    /// Factor of the price for each registration: 1 to 3.
    pub(crate) fn set_burn_increase_mult(netuid: u16, burn_increase_mult: U64F64) -> DispatchResult {
        let one = 1_u128 << 64;
        ensure!((one..=3_u128 << 64).contains(&burn_increase_mult.bits), Error::<T>::InvalidValue);
        BurnIncreaseMult::<T>::insert(netuid, burn_increase_mult);
        Self::deposit_event(Event::BurnIncreaseMultSet { netuid, burn_increase_mult });
        Ok(())
    }

    /// Whether neurons may register.
    pub(crate) fn set_registration_allowed(netuid: u16, allowed: bool) -> DispatchResult {
        NetworkRegistrationAllowed::<T>::insert(netuid, allowed);
        Self::tell(Said::RegistrationAllowed(netuid, allowed))
    }

    /// Stored for clients.
    pub(crate) fn set_min_difficulty(netuid: u16, difficulty: u64) -> DispatchResult {
        MinDifficulty::<T>::insert(netuid, difficulty);
        Self::tell(Said::MinDifficultySet(netuid, difficulty))
    }

    /// Stored for clients.
    pub(crate) fn set_max_difficulty(netuid: u16, difficulty: u64) -> DispatchResult {
        MaxDifficulty::<T>::insert(netuid, difficulty);
        Self::tell(Said::MaxDifficultySet(netuid, difficulty))
    }

    /// Stored for clients.
    pub(crate) fn set_difficulty(netuid: u16, difficulty: u64) -> DispatchResult {
        Difficulty::<T>::insert(netuid, difficulty);
        Self::tell(Said::DifficultySet(netuid, difficulty))
    }

    /// Stored for clients.
    pub(crate) fn set_adjustment_interval(netuid: u16, blocks: u16) -> DispatchResult {
        AdjustmentInterval::<T>::insert(netuid, blocks);
        Self::tell(Said::AdjustmentIntervalSet(netuid, blocks))
    }

    /// Stored for clients.
    pub(crate) fn set_adjustment_alpha(netuid: u16, alpha: u64) -> DispatchResult {
        AdjustmentAlpha::<T>::insert(netuid, alpha);
        Self::tell(Said::AdjustmentAlphaSet(netuid, alpha))
    }

    /// Stored for clients: registrations are counted and not refused.
    pub(crate) fn set_target_registrations(netuid: u16, registrations: u16) -> DispatchResult {
        TargetRegistrationsPerInterval::<T>::insert(netuid, registrations);
        Self::tell(Said::RegistrationPerIntervalSet(netuid, registrations))
    }

    /// Stored for clients: registrations are counted and not refused.
    pub(crate) fn set_max_registrations_per_block(netuid: u16, registrations: u16) -> DispatchResult {
        MaxRegistrationsPerBlock::<T>::insert(netuid, registrations);
        Self::tell(Said::MaxRegistrationsPerBlockSet(netuid, registrations))
    }
}
