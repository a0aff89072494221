//! Parameters of consensus and bonds.
use frame_support::{ensure, pallet_prelude::DispatchResult};
use pallet_subtensor::{
    AlphaSigmoidSteepness, AlphaValues, BondsMovingAverage, BondsPenalty, BondsResetOn, Error as Refusal,
    Event as Said, Kappa, LiquidAlphaOn, Rho, Yuma3On,
};

use crate::{guards::Setter, pallet::*};

/// Highest moving average that an owner may set, of a million.
const OWNERS_MOST_AVERAGE: u64 = 975_000;
/// Least bound of liquid alpha, of 65535.
const LEAST_ALPHA: u16 = 1_638;

impl<T: Config> Pallet<T> {
    /// Moving average of bonds.
    pub(crate) fn set_bonds_moving_average(setter: Setter, netuid: u16, average: u64) -> DispatchResult {
        let is_bound = setter == Setter::Owner;
        ensure!(!is_bound || average <= OWNERS_MOST_AVERAGE, Error::<T>::BondsMovingAverageMaxReached);
        BondsMovingAverage::<T>::insert(netuid, average);
        Self::tell(Said::BondsMovingAverageSet(netuid, average))
    }

    /// Steepness of liquid alpha, in percent.
    pub(crate) fn set_steepness(setter: Setter, netuid: u16, steepness: i16) -> DispatchResult {
        ensure!(setter == Setter::Root || steepness >= 0, Error::<T>::NegativeSigmoidSteepness);
        AlphaSigmoidSteepness::<T>::insert(netuid, steepness);
        Self::tell(Said::AlphaSigmoidSteepnessSet(netuid, steepness))
    }

    /// Bounds of liquid alpha, which must be on.
    pub(crate) fn set_alpha_values(netuid: u16, low: u16, high: u16) -> DispatchResult {
        ensure!(LiquidAlphaOn::<T>::get(netuid), Refusal::<T>::LiquidAlphaDisabled);
        ensure!(high >= LEAST_ALPHA, Refusal::<T>::AlphaHighTooLow);
        ensure!((LEAST_ALPHA..=high).contains(&low), Refusal::<T>::AlphaLowOutOfRange);
        AlphaValues::<T>::insert(netuid, (low, high));
        Ok(())
    }

    /// Whether bonds move at a rate of their own.
    pub(crate) fn set_liquid_alpha(netuid: u16, enabled: bool) -> DispatchResult {
        LiquidAlphaOn::<T>::insert(netuid, enabled);
        Ok(())
    }

    /// Yuma3 instead of Yuma2.
    pub(crate) fn set_yuma3(netuid: u16, enabled: bool) -> DispatchResult {
        Yuma3On::<T>::insert(netuid, enabled);
        Self::deposit_event(Event::Yuma3EnableToggled { netuid, enabled });
        Ok(())
    }

    /// Whether a miner's commitment may reset its bonds.
    pub(crate) fn set_bonds_reset(netuid: u16, enabled: bool) -> DispatchResult {
        BondsResetOn::<T>::insert(netuid, enabled);
        Self::tell(Said::BondsResetOnSet(netuid, enabled))?;
        Self::deposit_event(Event::BondsResetToggled { netuid, enabled });
        Ok(())
    }

    /// Stored for clients: without effect, as upstream.
    pub(crate) fn set_rho(netuid: u16, rho: u16) -> DispatchResult {
        Rho::<T>::insert(netuid, rho);
        Ok(())
    }

    /// Penalty of weights above consensus.
    pub(crate) fn set_bonds_penalty(netuid: u16, penalty: u16) -> DispatchResult {
        BondsPenalty::<T>::insert(netuid, penalty);
        Self::tell(Said::BondsPenaltySet(netuid, penalty))
    }

    /// Majority of the consensus.
    pub(crate) fn set_kappa(netuid: u16, kappa: u16) -> DispatchResult {
        Kappa::<T>::insert(netuid, kappa);
        Self::tell(Said::KappaSet(netuid, kappa))
    }
}
