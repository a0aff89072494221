//! The owner's calls about time: tempo, activity cutoff, an epoch at once.
use frame_support::{ensure, pallet_prelude::DispatchResult};
use frame_system::pallet_prelude::OriginFor;

use crate::{owner::LimitedAct, pallet::*, types::Hyperparameter};

/// Least tempo that an owner may set, in blocks.
pub const MIN_TEMPO: u16 = 360;
/// Highest tempo that an owner may set, in blocks; after as many an epoch is due whatever the clock says.
pub const MAX_TEMPO: u16 = 50_400;
/// Least activity cutoff, in thousandths of a tempo.
pub const MIN_ACTIVITY_CUTOFF_FACTOR_MILLI: u32 = 1_000;
/// Highest activity cutoff, in thousandths of a tempo.
pub const MAX_ACTIVITY_CUTOFF_FACTOR_MILLI: u32 = 50_000;

impl<T: Config> Pallet<T> {
    /// Sets the tempo and lets the cycle begin now.
    pub fn restart_with_tempo(netuid: u16, tempo: u16) {
        Tempo::<T>::insert(netuid, tempo);
        LastEpochBlock::<T>::insert(netuid, Self::current_block());
        Self::deposit_event(Event::TempoSet(netuid, tempo));
    }

    /// Sets the tempo as the owner; checks in upstream's order.
    pub(crate) fn do_set_tempo(origin: OriginFor<T>, netuid: u16, tempo: u16) -> DispatchResult {
        let who = Self::ensure_owner(origin, netuid)?;
        ensure!((MIN_TEMPO..=MAX_TEMPO).contains(&tempo), Error::<T>::TempoOutOfBounds);
        Self::ensure_not_frozen(netuid)?;
        Self::check_limit(LimitedAct::Tempo, &who, netuid)?;
        Self::restart_with_tempo(netuid, tempo);
        Self::record_act(LimitedAct::Tempo, &who, netuid);
        Ok(())
    }

    /// Sets the activity cutoff; freeze and rate limit bind the owner, not Root.
    pub(crate) fn do_set_activity_cutoff_factor(
        origin: OriginFor<T>,
        netuid: u16,
        factor_milli: u32,
    ) -> DispatchResult {
        let owner = Self::ensure_owner_or_root(origin, netuid)?;
        let bounds = MIN_ACTIVITY_CUTOFF_FACTOR_MILLI..=MAX_ACTIVITY_CUTOFF_FACTOR_MILLI;
        ensure!(bounds.contains(&factor_milli), Error::<T>::ActivityCutoffFactorMilliOutOfBounds);
        if let Some(who) = owner {
            let act = LimitedAct::Parameter(Hyperparameter::ActivityCutoffFactorMilli);
            Self::ensure_not_frozen(netuid)?;
            Self::check_limit(act, &who, netuid)?;
            Self::record_act(act, &who, netuid);
        }
        ActivityCutoffFactorMilli::<T>::insert(netuid, factor_milli);
        Self::deposit_event(Event::ActivityCutoffFactorMilliSet { netuid, factor_milli });
        Ok(())
    }

    /// Lets an epoch run `AdminFreezeWindow` blocks from now; until then the parameters are frozen.
    pub(crate) fn do_trigger_epoch(origin: OriginFor<T>, netuid: u16) -> DispatchResult {
        let who = Self::ensure_owner(origin, netuid)?;
        let is_hidden = CommitRevealWeightsEnabled::<T>::get(netuid);
        ensure!(!is_hidden, Error::<T>::DynamicTempoBlockedByCommitReveal);
        ensure!(PendingEpochAt::<T>::get(netuid) == 0, Error::<T>::EpochTriggerAlreadyPending);
        let window = u64::from(AdminFreezeWindow::<T>::get());
        let is_near = Self::blocks_until_regular_epoch(netuid) < window;
        ensure!(!is_near, Error::<T>::AutoEpochAlreadyImminent);
        let act = LimitedAct::Parameter(Hyperparameter::TriggerEpoch);
        Self::check_limit(act, &who, netuid)?;
        let fires_at = Self::current_block().saturating_add(window);
        PendingEpochAt::<T>::insert(netuid, fires_at);
        Self::record_act(act, &who, netuid);
        Self::deposit_event(Event::EpochTriggered { netuid, by: who, fires_at });
        Ok(())
    }
}
