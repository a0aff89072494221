//! The epoch's clock: when it is due, how many run in a block and which, what the clock becomes.
use alloc::{collections::BTreeSet, vec::Vec};

use crate::{pallet::*, tempo::MAX_TEMPO};

impl<T: Config> Pallet<T> {
    /// Whether the subnet's epoch is due in `block`.
    pub fn should_run_epoch(netuid: u16, block: u64) -> bool {
        let tempo = u64::from(Tempo::<T>::get(netuid));
        if tempo == 0 {
            return false;
        }
        let pending = PendingEpochAt::<T>::get(netuid);
        if pending != 0 && block >= pending {
            return true;
        }
        BlocksSinceLastStep::<T>::get(netuid) > u64::from(MAX_TEMPO)
            || block.saturating_sub(LastEpochBlock::<T>::get(netuid)) >= tempo
    }

    /// Block in which a subnet's epoch is due by tempo or trigger; a deferred one's lies in the past.
    fn due_at(netuid: u16) -> u64 {
        let regular = LastEpochBlock::<T>::get(netuid).saturating_add(u64::from(Tempo::<T>::get(netuid)));
        let pending = PendingEpochAt::<T>::get(netuid);
        if pending == 0 {
            regular
        } else {
            regular.min(pending)
        }
    }

    /// Blocks until the next epoch by tempo alone, 0 if it is overdue; no end for tempo 0.
    pub fn blocks_until_regular_epoch(netuid: u16) -> u64 {
        let tempo = u64::from(Tempo::<T>::get(netuid));
        if tempo == 0 {
            return u64::MAX;
        }
        LastEpochBlock::<T>::get(netuid).saturating_add(tempo).saturating_sub(Self::current_block())
    }

    /// Block in which the next epoch starts, if nothing defers it; None for tempo 0 or no subnet. Never a block that has
    /// begun: where this block deferred an epoch, or set one going, the next block is the first that can run it.
    pub fn next_epoch_start_block(netuid: u16) -> Option<u64> {
        if Tempo::<T>::get(netuid) == 0 || !NetworksAdded::<T>::get(netuid) {
            return None;
        }
        Some(Self::due_at(netuid).max(Self::current_block().saturating_add(1)))
    }

    /// Due subnets: the longest overdue first, of equals the lowest netuid. Departure: upstream goes by netuid alone,
    /// so that where more are due than may run, the last have none.
    fn due_subnets(subnets: &[u16], block: u64) -> Vec<u16> {
        let due = subnets.iter().filter(|netuid| Self::should_run_epoch(**netuid, block));
        let mut due: Vec<(u64, u16)> = due.map(|netuid| (Self::due_at(*netuid), *netuid)).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, netuid)| netuid).collect()
    }

    /// Runs the epochs that are due, at most `MaxEpochsPerBlock`; the rest stays due for the next block.
    pub(crate) fn run_due_epochs(subnets: &[u16]) {
        let block = Self::current_block();
        for netuid in subnets {
            BlocksSinceLastStep::<T>::mutate(netuid, |passed| *passed = passed.saturating_add(1));
        }
        let mut left = MaxEpochsPerBlock::<T>::get();
        for netuid in Self::due_subnets(subnets, block) {
            if left == 0 {
                let to_block = block.saturating_add(1);
                Self::deposit_event(Event::EpochDeferred { netuid, from_block: block, to_block });
                continue;
            }
            left = left.saturating_sub(1);
            Self::step_clock(netuid, block);
            let hotkeys = Self::hotkeys_of(netuid);
            if has_duplicates(&hotkeys) {
                Self::deposit_event(Event::EpochSkipped { netuid, block });
                continue;
            }
            Self::run_epoch(netuid, &hotkeys, block);
            LastMechansimStepBlock::<T>::insert(netuid, block);
        }
    }

    pub(crate) fn step_clock(netuid: u16, block: u64) {
        LastEpochBlock::<T>::insert(netuid, block);
        BlocksSinceLastStep::<T>::insert(netuid, 0);
        PendingEpochAt::<T>::remove(netuid);
        SubnetEpochIndex::<T>::mutate(netuid, |index| *index = index.saturating_add(1));
    }
}

fn has_duplicates<Item: Ord>(items: &[Item]) -> bool {
    let mut seen = BTreeSet::new();
    items.iter().any(|item| !seen.insert(item))
}
