//! Weights that are committed first: salted, and timelocked.
use alloc::{vec, vec::Vec};

use sp_runtime::traits::Hash;

use crate::{benchmarking::support::*, commits::MOST_OPEN_COMMITS, pallet::*, Beacon as _, Ciphertext, Revealed};

/// Commits of an epoch, none of them the one that is looked for.
pub fn others<T: Config>(count: usize, epoch: u64) -> Vec<(T::Hash, u64, u64, u64)> {
    (0..count).map(|at| (T::Hashing::hash_of(&(at as u32)), epoch, 1, 0)).collect()
}

/// The validator of a subnet with commit-reveal, with as many open commits as leave place for one.
pub fn committer<T: Config>(netuid: u16, mecid: u8) -> T::AccountId {
    let caller = if mecid == 0 {
        validator::<T>(netuid)
    } else {
        two_mechanisms::<T>(netuid);
        hotkey::<T>(0)
    };
    CommitRevealWeightsEnabled::<T>::insert(netuid, true);
    let index = Pallet::<T>::storage_index(netuid, mecid);
    WeightCommits::<T>::insert(index, &caller, others::<T>(MOST_OPEN_COMMITS - 1, 10));
    caller
}

pub fn assert_committed<T: Config>(index: u16, who: &T::AccountId) {
    assert_eq!(WeightCommits::<T>::get(index, who).unwrap_or_default().len(), MOST_OPEN_COMMITS);
}

/// Puts the commits of these reveals behind others, in the epoch that may be revealed now.
pub fn commit_before<T: Config>((netuid, mecid): (u16, u8), who: &T::AccountId, reveals: &[Revealed<'_>]) {
    let index = Pallet::<T>::storage_index(netuid, mecid);
    let mut commits = others::<T>(MOST_OPEN_COMMITS - reveals.len(), 9);
    commits.extend(reveals.iter().map(|one| (Pallet::<T>::commit_hash(who, index, *one), 9, 1, 0)));
    WeightCommits::<T>::insert(index, who, commits);
}

/// Commits of others that wait already, each as long as one may be.
pub fn queue<T: Config>((netuid, mecid): (u16, u8), length: u32) -> u16 {
    let index = Pallet::<T>::storage_index(netuid, mecid);
    let ciphertext = Ciphertext::truncate_from(vec![7; 5_000]);
    let others = (0..length).map(|at| (hotkey::<T>(1 + (at % 100) as u16), 1_u64, ciphertext.clone(), 1_u64));
    TimelockedWeightCommits::<T>::insert(index, 10, others.collect::<Vec<_>>());
    T::Beacon::follow();
    index
}

pub fn assert_queued<T: Config>(index: u16, length: u32) {
    assert_eq!(TimelockedWeightCommits::<T>::decode_len(index, 10), Some(length as usize));
}
