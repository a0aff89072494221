//! Salted commits: the hash of weights now, the weights themselves in a later epoch, so that nobody can copy them.
use alloc::vec::Vec;
use codec::Compact;
use frame_support::{ensure, pallet_prelude::DispatchResult};
use sp_runtime::traits::Hash;

use crate::pallet::*;

/// Commits of one hotkey and mechanism that may wait to be revealed.
pub(crate) const MOST_OPEN_COMMITS: usize = 10;

/// A commit: hash, epoch, block, and a field without a use.
type Commit<T> = (<T as frame_system::Config>::Hash, u64, u64, u64);

/// What a reveal reveals: uids, values, salt, version key.
pub type Revealed<'a> = (&'a [u16], &'a [u16], &'a [u16], u64);

/// A commit that may be revealed now, with those that stay.
struct Opened<T: Config> {
    hash: T::Hash,
    rest: Vec<Commit<T>>,
}

impl<T: Config> Pallet<T> {
    /// The epoch of a call in this block: the next one already where an epoch is due that has not run yet.
    pub fn epoch_of_call(netuid: u16) -> u64 {
        let due = Self::should_run_epoch(netuid, Self::current_block());
        SubnetEpochIndex::<T>::get(netuid).saturating_add(u64::from(due))
    }

    /// Whether the epoch in which a commit could be revealed is over.
    pub(crate) fn is_commit_expired(netuid: u16, epoch: u64) -> bool {
        Self::epoch_of_call(netuid) > epoch.saturating_add(RevealPeriodEpochs::<T>::get(netuid))
    }

    fn may_reveal(netuid: u16, epoch: u64) -> bool {
        Self::epoch_of_call(netuid) == epoch.saturating_add(RevealPeriodEpochs::<T>::get(netuid))
    }

    /// What a commit must be for these weights to be revealed by `who`.
    pub fn commit_hash(who: &T::AccountId, index: u16, (uids, values, salt, key): Revealed<'_>) -> T::Hash {
        T::Hashing::hash_of(&(who, index, uids, values, salt, key))
    }

    /// What has not expired of a hotkey's commits, and the hashes of what has: expired ones stand at the front.
    fn open_commits(netuid: u16, mut commits: Vec<Commit<T>>) -> (Vec<Commit<T>>, Vec<T::Hash>) {
        let first = commits.iter().position(|(_, epoch, ..)| !Self::is_commit_expired(netuid, *epoch));
        let open = commits.split_off(first.unwrap_or(commits.len()));
        (open, commits.into_iter().map(|(hash, ..)| hash).collect())
    }

    /// What holds for every commit, salted or timelocked: enabled, registered, not too soon. Gives the uid.
    pub(crate) fn check_committer(who: &T::AccountId, (netuid, mecid): (u16, u8)) -> Result<u16, Error<T>> {
        let uid = Uids::<T>::get(netuid, who).ok_or(Error::<T>::HotKeyNotRegisteredInSubNet)?;
        let in_time = Self::passes_weights_rate_limit(netuid, Self::storage_index(netuid, mecid), uid);
        ensure!(in_time, Error::<T>::CommittingWeightsTooFast);
        Ok(uid)
    }

    /// The uid that may commit now, with its open commits. The pool asks before a block, the call again in it.
    fn checked_commits(who: &T::AccountId, place: (u16, u8)) -> Result<(u16, Vec<Commit<T>>), Error<T>> {
        Self::ensure_mechanism(place.0, place.1)?;
        ensure!(CommitRevealWeightsEnabled::<T>::get(place.0), Error::<T>::CommitRevealDisabled);
        let uid = Self::check_committer(who, place)?;
        let stored = WeightCommits::<T>::get(Self::storage_index(place.0, place.1), who).unwrap_or_default();
        let (open, _) = Self::open_commits(place.0, stored);
        ensure!(open.len() < MOST_OPEN_COMMITS, Error::<T>::TooManyUnrevealedCommits);
        Ok((uid, open))
    }

    /// Why a commit is refused now.
    pub fn check_commit_weights(who: &T::AccountId, place: (u16, u8)) -> Result<(), Error<T>> {
        Self::checked_commits(who, place).map(|_| ())
    }

    /// Stores the hash of weights; the rate limit counts it in place of the weights.
    pub(crate) fn do_commit_weights(who: T::AccountId, place: (u16, u8), hash: T::Hash) -> DispatchResult {
        let (uid, mut open) = Self::checked_commits(&who, place)?;
        let index = Self::storage_index(place.0, place.1);
        open.push((hash, Self::epoch_of_call(place.0), Self::current_block(), 0));
        WeightCommits::<T>::insert(index, &who, open);
        Self::touch(index, uid);
        Self::deposit_event(Event::WeightsCommitted(who, index, hash));
        Ok(())
    }

    /// Why a batch of commits would not be stored as a whole; the pool takes no other, the call stores what it can.
    pub fn check_batch_commit_weights(
        who: &T::AccountId,
        netuids: &[Compact<u16>],
        hashes: &[T::Hash],
    ) -> Result<(), Error<T>> {
        ensure!(netuids.len() == hashes.len(), Error::<T>::InputLengthsUnequal);
        netuids.iter().try_for_each(|netuid| Self::check_commit_weights(who, (netuid.0, 0)))
    }

    /// Commits on several subnets; one that is refused does not stop the others.
    pub(crate) fn do_batch_commit_weights(
        who: T::AccountId,
        netuids: Vec<Compact<u16>>,
        hashes: Vec<T::Hash>,
    ) -> DispatchResult {
        ensure!(netuids.len() == hashes.len(), Error::<T>::InputLengthsUnequal);
        let commit = |(netuid, hash): (&Compact<u16>, T::Hash)| {
            (netuid.0, Self::do_commit_weights(who.clone(), (netuid.0, 0), hash))
        };
        Self::deposit_batch_events(netuids.iter().zip(hashes).map(commit).collect());
        Self::deposit_event(Event::BatchWeightsCompleted(netuids, who));
        Ok(())
    }

    /// Position of a commit among the open ones, if it may be revealed now.
    fn find_commit(netuid: u16, open: &[Commit<T>], expired: &[T::Hash], hash: T::Hash) -> Result<usize, Error<T>> {
        let found = open.iter().enumerate().find(|(_, (other, ..))| *other == hash);
        let Some((at, (_, epoch, ..))) = found else {
            let late = expired.contains(&hash);
            return Err(if late { Error::ExpiredWeightCommit } else { Error::InvalidRevealCommitHashNotMatch });
        };
        ensure!(Self::may_reveal(netuid, *epoch), Error::<T>::RevealTooEarly);
        Ok(at)
    }

    /// A reveal removes its commit and all before it.
    fn open(who: &T::AccountId, (netuid, mecid): (u16, u8), revealed: Revealed<'_>) -> Result<Opened<T>, Error<T>> {
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        let index = Self::storage_index(netuid, mecid);
        let stored = WeightCommits::<T>::get(index, who).ok_or(Error::<T>::NoWeightsCommitFound)?;
        let (mut open, expired) = Self::open_commits(netuid, stored);
        let hash = Self::commit_hash(who, index, revealed);
        ensure!(!open.is_empty() || expired.contains(&hash), Error::<T>::NoWeightsCommitFound);
        let at = Self::find_commit(netuid, &open, &expired, hash)?;
        let rest = open.split_off(at.saturating_add(1));
        Ok(Opened { hash, rest })
    }

    /// Why a reveal is refused now. The pool asks before a block, the call again in it.
    pub fn check_reveal_weights(who: &T::AccountId, place: (u16, u8), revealed: Revealed<'_>) -> Result<(), Error<T>> {
        Self::open(who, place, revealed)?;
        let (uids, values, _, key) = revealed;
        Self::check_weights(who, place, uids, values, key).map(|_| ())
    }

    /// Sets committed weights.
    pub(crate) fn do_reveal_weights(who: T::AccountId, place: (u16, u8), revealed: Revealed<'_>) -> DispatchResult {
        let Opened { hash, rest } = Self::open(&who, place, revealed)?;
        let (uids, values, _, key) = revealed;
        let uid = Self::check_weights(&who, place, uids, values, key)?;
        let index = Self::storage_index(place.0, place.1);
        Self::keep_commits(index, &who, rest);
        Self::store_weights(index, uid, uids.to_vec(), values);
        Self::deposit_event(Event::WeightsRevealed(who, index, hash));
        Ok(())
    }

    fn keep_commits(index: u16, who: &T::AccountId, rest: Vec<Commit<T>>) {
        if rest.is_empty() {
            WeightCommits::<T>::remove(index, who);
        } else {
            WeightCommits::<T>::insert(index, who, rest);
        }
    }

    /// Several reveals of mechanism 0: what is open after them, and their hashes. Here each removes its own commit only.
    fn open_all(
        who: &T::AccountId,
        netuid: u16,
        reveals: &[Revealed<'_>],
    ) -> Result<(Vec<Commit<T>>, Vec<T::Hash>), Error<T>> {
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        let stored = WeightCommits::<T>::get(netuid, who).ok_or(Error::<T>::NoWeightsCommitFound)?;
        let (mut open, expired) = Self::open_commits(netuid, stored);
        let hashes: Vec<T::Hash> = reveals.iter().map(|reveal| Self::commit_hash(who, netuid, *reveal)).collect();
        for hash in &hashes {
            Self::find_commit(netuid, &open, &expired, *hash)?;
        }
        for hash in &hashes {
            let at = Self::find_commit(netuid, &open, &expired, *hash)?;
            open.remove(at);
        }
        Ok((open, hashes))
    }

    /// Why a batch of reveals is refused now. The pool asks before a block, the call again in it.
    pub fn check_batch_reveal_weights(
        who: &T::AccountId,
        netuid: u16,
        reveals: &[Revealed<'_>],
    ) -> Result<(), Error<T>> {
        Self::open_all(who, netuid, reveals)?;
        reveals.iter().try_for_each(|(uids, values, _, key)| {
            Self::check_weights(who, (netuid, 0), uids, values, *key).map(|_| ())
        })
    }

    /// Sets committed weights one after another: all, or none.
    pub(crate) fn do_batch_reveal_weights(who: T::AccountId, netuid: u16, reveals: &[Revealed<'_>]) -> DispatchResult {
        let (rest, hashes) = Self::open_all(&who, netuid, reveals)?;
        for (uids, values, _, key) in reveals {
            let uid = Self::check_weights(&who, (netuid, 0), uids, values, *key)?;
            Self::store_weights(netuid, uid, uids.to_vec(), values);
        }
        Self::keep_commits(netuid, &who, rest);
        Self::deposit_event(Event::WeightsBatchRevealed(who, netuid, hashes));
        Ok(())
    }

    /// By uid: block of the earliest commit that has not expired, in one mechanism.
    pub(crate) fn earliest_commits(netuid: u16, index: u16) -> Vec<Option<u64>> {
        let mut earliest = alloc::vec![None; usize::from(SubnetworkN::<T>::get(netuid))];
        let mut note = |who: &T::AccountId, block: u64| {
            let uid = Uids::<T>::get(netuid, who);
            if let Some(slot) = uid.and_then(|uid| earliest.get_mut(usize::from(uid))) {
                *slot = Some(slot.map_or(block, |other: u64| other.min(block)));
            }
        };
        for (who, commits) in WeightCommits::<T>::iter_prefix(index) {
            let open = commits.iter().find(|(_, epoch, ..)| !Self::is_commit_expired(netuid, *epoch));
            if let Some((_, _, block, _)) = open {
                note(&who, *block);
            }
        }
        for (epoch, commits) in TimelockedWeightCommits::<T>::iter_prefix(index) {
            if !Self::is_commit_expired(netuid, epoch) {
                commits.iter().for_each(|(who, block, ..)| note(who, *block));
            }
        }
        earliest
    }
}

/// The reveals of a batch, if its lists are of one length.
pub fn zip_reveals<'a>(
    uids: &'a [Vec<u16>],
    values: &'a [Vec<u16>],
    salts: &'a [Vec<u16>],
    keys: &'a [u64],
) -> Option<Vec<Revealed<'a>>> {
    let equal = uids.len() == values.len() && uids.len() == salts.len() && uids.len() == keys.len();
    let parts = uids.iter().zip(values).zip(salts.iter().zip(keys));
    equal.then(|| parts.map(|((uids, values), (salt, key))| (&uids[..], &values[..], &salt[..], *key)).collect())
}
