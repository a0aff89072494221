//! The epoch's clock: when it is due, how many run in a block, what the clock becomes (as upstream).
use alloc::collections::BTreeSet;

use crate::pallet::*;

/// Blocks after which an epoch is due whatever the clock says (upstream's limit).
const MAX_BLOCKS_SINCE_LAST_STEP: u64 = 50_400;

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
        BlocksSinceLastStep::<T>::get(netuid) > MAX_BLOCKS_SINCE_LAST_STEP
            || block.saturating_sub(LastEpochBlock::<T>::get(netuid)) >= tempo
    }

    /// Block in which the next epoch starts, if nothing defers it; None for tempo 0 or no subnet.
    pub fn next_epoch_start_block(netuid: u16) -> Option<u64> {
        let tempo = u64::from(Tempo::<T>::get(netuid));
        if tempo == 0 || !NetworksAdded::<T>::get(netuid) {
            return None;
        }
        let regular = LastEpochBlock::<T>::get(netuid).saturating_add(tempo);
        let pending = PendingEpochAt::<T>::get(netuid);
        Some(if pending == 0 { regular } else { regular.min(pending) })
    }

    /// Runs the epochs that are due, at most `MaxEpochsPerBlock`; the rest stays due for the next block.
    pub(crate) fn run_due_epochs(subnets: &[u16]) {
        let block = Self::current_block();
        let mut left = MaxEpochsPerBlock::<T>::get();
        for &netuid in subnets {
            BlocksSinceLastStep::<T>::mutate(netuid, |passed| *passed = passed.saturating_add(1));
            if !Self::should_run_epoch(netuid, block) {
                continue;
            }
            if left == 0 {
                let to_block = block.saturating_add(1);
                Self::deposit_event(Event::EpochDeferred { netuid, from_block: block, to_block });
                continue;
            }
            left = left.saturating_sub(1);
            Self::step_clock(netuid, block);
            if Self::has_duplicate_keys(netuid) {
                Self::deposit_event(Event::EpochSkipped { netuid, block });
                continue;
            }
            Self::run_epoch(netuid, block);
            LastMechansimStepBlock::<T>::insert(netuid, block);
        }
    }

    pub(crate) fn step_clock(netuid: u16, block: u64) {
        LastEpochBlock::<T>::insert(netuid, block);
        BlocksSinceLastStep::<T>::insert(netuid, 0);
        PendingEpochAt::<T>::remove(netuid);
        SubnetEpochIndex::<T>::mutate(netuid, |index| *index = index.saturating_add(1));
    }

    fn has_duplicate_keys(netuid: u16) -> bool {
        let mut seen = BTreeSet::new();
        (0..SubnetworkN::<T>::get(netuid)).any(|uid| !seen.insert(Keys::<T>::get(netuid, uid)))
    }
}
