//! From approvals to a scheduled call, and what stops it.
use alloc::vec::Vec;
use frame_support::{
    ensure,
    pallet_prelude::{DispatchResult, Get},
    traits::{
        schedule::{v3::Named, HARD_DEADLINE},
        Bounded, QueryPreimage,
    },
    BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::traits::Saturating;

use crate::{after, pallet::*, task_name, types::*, Stakes};

impl<T: Config> Pallet<T> {
    /// Keys in order and a threshold that they can reach. @errors BadCouncil
    pub(crate) fn council(mut keys: Vec<T::AccountId>, threshold: u32) -> Result<CouncilOf<T>, Error<T>> {
        keys.sort();
        let count = keys.len();
        keys.dedup();
        ensure!(keys.len() == count, Error::<T>::BadCouncil);
        let keys = BoundedVec::try_from(keys).map_err(|_| Error::<T>::BadCouncil)?;
        let reachable = usize::try_from(threshold).unwrap_or(usize::MAX) <= count;
        ensure!(threshold > 0 && reachable, Error::<T>::BadCouncil);
        Ok(CouncilOf { keys, threshold })
    }

    pub(crate) fn do_set_council(keys: Vec<T::AccountId>, threshold: u32) -> DispatchResult {
        Council::<T>::put(Self::council(keys, threshold)?);
        Self::deposit_event(Event::CouncilChanged { threshold });
        Ok(())
    }

    /// The proposal as it counts now: one whose call has run, or whose approvals are too old, begins anew.
    fn current(call: &T::Hash) -> Proposal<T> {
        let now = frame_system::Pallet::<T>::block_number();
        let fresh = || Proposal { approvals: BoundedVec::new(), since: now, at: None };
        let lives = |one: &Proposal<T>| match one.at {
            Some(at) => at >= now,
            None => one.since.saturating_add(T::Lifetime::get()) >= now,
        };
        Proposals::<T>::get(call).filter(lives).unwrap_or_else(fresh)
    }

    pub(crate) fn do_approve(who: T::AccountId, call: T::Hash) -> DispatchResult {
        let council = Council::<T>::get();
        ensure!(council.keys.contains(&who), Error::<T>::NotAKey);
        let len = T::Preimages::len(&call).ok_or(Error::<T>::NoPreimage)?;
        let mut proposal = Self::current(&call);
        ensure!(proposal.at.is_none(), Error::<T>::AlreadyScheduled);
        ensure!(!proposal.approvals.contains(&who), Error::<T>::AlreadyApproved);
        proposal.approvals.try_push(who.clone()).map_err(|_| Error::<T>::BadCouncil)?;
        Self::deposit_event(Event::Approved { call, by: who });
        // Keys that were replaced since count no longer.
        let count = proposal.approvals.iter().filter(|key| council.keys.contains(key)).count();
        if count >= usize::try_from(council.threshold).unwrap_or(usize::MAX) {
            proposal.at = Some(Self::schedule(call, len)?);
        }
        Proposals::<T>::insert(call, proposal);
        Ok(())
    }

    /// Hands the call to the Scheduler, which keeps the preimage until then.
    fn schedule(call: T::Hash, len: u32) -> Result<BlockNumberFor<T>, Error<T>> {
        let _ = Objections::<T>::clear_prefix(call, u32::MAX, None);
        let bounded = Bounded::Lookup { hash: call, len };
        let root = RawOrigin::Root.into();
        T::Scheduler::schedule_named(task_name::<T>(&call), after::<T>(), None, HARD_DEADLINE, root, bounded)
            .map_err(|_| Error::<T>::SchedulingFailed)?;
        let at = frame_system::Pallet::<T>::block_number().saturating_add(T::Delay::get()).saturating_add(1_u32.into());
        Self::deposit_event(Event::Scheduled { call, at });
        Ok(at)
    }

    /// TAO of a coldkey in the positions that it named; one that is named twice counts once.
    fn weight_of(coldkey: &T::AccountId, positions: &Positions<T>) -> u64 {
        let distinct = |index: usize, place: &(T::AccountId, u16)| !positions.iter().take(index).any(|one| one == place);
        let places = positions.iter().enumerate().filter(|(index, place)| distinct(*index, place));
        places.fold(0_u64, |sum, (_, (hotkey, netuid))| {
            sum.saturating_add(T::Stakes::principal(hotkey, coldkey, *netuid))
        })
    }

    pub(crate) fn do_object(who: T::AccountId, call: T::Hash, positions: Positions<T>) -> DispatchResult {
        let at = Proposals::<T>::get(call).and_then(|one| one.at).ok_or(Error::<T>::NotScheduled)?;
        ensure!(frame_system::Pallet::<T>::block_number() < at, Error::<T>::TooLate);
        let own = Self::weight_of(&who, &positions);
        ensure!(own > 0, Error::<T>::NothingStaked);
        // All are weighed again: stake that moved on to another coldkey counts there alone.
        let mut others: Vec<(T::AccountId, u64)> = Objections::<T>::iter_prefix(call)
            .filter(|(coldkey, _)| *coldkey != who)
            .map(|(coldkey, places)| (coldkey.clone(), Self::weight_of(&coldkey, &places)))
            .collect();
        others.sort_by_key(|(_, weight)| *weight);
        if others.len() >= MAX_OBJECTIONS {
            let least = others.first().cloned().filter(|(_, weight)| *weight < own);
            let (coldkey, _) = least.ok_or(Error::<T>::TooLittleStake)?;
            Objections::<T>::remove(call, &coldkey);
            others.remove(0);
        }
        Objections::<T>::insert(call, &who, positions);
        let against = others.iter().fold(own, |sum, (_, weight)| sum.saturating_add(*weight));
        Self::deposit_event(Event::Objected { call, by: who, against });
        if against >= T::Stakes::total().div_ceil(2) {
            Self::stop(call);
        }
        Ok(())
    }

    fn stop(call: T::Hash) {
        // It may not be there any more if the Scheduler dropped it; then it does not run either.
        let _ = T::Scheduler::cancel_named(task_name::<T>(&call));
        let _ = Objections::<T>::clear_prefix(call, u32::MAX, None);
        Proposals::<T>::remove(call);
        Self::deposit_event(Event::Stopped { call });
    }
}
