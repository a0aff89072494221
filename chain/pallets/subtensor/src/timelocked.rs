//! Timelocked commits: weights encrypted to a round of a public beacon. The chain opens them itself when the round's pulse
//! has come, in the epoch in which salted ones would be revealed; what is still shut when that epoch ends expires.
use alloc::vec::Vec;

use codec::Decode;
use frame_support::{ensure, pallet_prelude::*};
use sp_runtime::traits::Hash;

use crate::{commits::MOST_OPEN_COMMITS, pallet::*};

/// Ciphertexts opened in one block: each costs a pairing.
pub(crate) const MOST_OPENED: u32 = 4;
/// What opening one is declared to cost.
const OPENING: Weight = Weight::from_parts(50_000_000_000, 0);

/// Ours. What a ciphertext may be longer than the weights in it: hotkey, lengths, version key, and what encryption adds.
const CIPHERTEXT_FRAME: usize = 512;
/// Bytes of a uid and its weight.
const WEIGHT_BYTES: usize = 4;
/// Ours. Ciphertexts of one epoch that a hotkey without a permit may have kept for nothing: none of them may ever be opened.
const MOST_WITHOUT_PERMIT: usize = 1;

/// A ciphertext; upstream's bound.
pub type Ciphertext = BoundedVec<u8, ConstU32<5000>>;

/// The beacon that a chain follows, if it does.
pub trait Beacon {
    /// Whether the chain follows one.
    fn is_followed() -> bool;
    /// Highest round whose pulse has come.
    fn newest_round() -> u64;
    /// Whether the pulse of a round is here.
    fn has_come(round: u64) -> bool;
    /// What was encrypted to a round that has come; None if that cannot be read.
    fn open(round: u64, ciphertext: &[u8]) -> Option<Vec<u8>>;
    /// Makes the chain follow the beacon, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn follow() {}
}

/// No beacon is followed.
impl Beacon for () {
    fn is_followed() -> bool {
        false
    }

    fn newest_round() -> u64 {
        0
    }

    fn has_come(_: u64) -> bool {
        false
    }

    fn open(_: u64, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// What clients encrypt: hotkey, uids, values, version key. Upstream also takes it without the hotkey: then whoever copies
/// a ciphertext has its weights.
#[derive(Decode)]
struct Payload {
    hotkey: Vec<u8>,
    uids: Vec<u16>,
    values: Vec<u16>,
    version_key: u64,
}

impl<T: Config> Pallet<T> {
    /// The uid that may commit a ciphertext now. The pool asks before a block, the call again in it. Ours: without a beacon,
    /// and for a round that is out already, nothing is stored; upstream's pool alone looks at the round.
    pub fn check_commit_timelocked(
        who: &T::AccountId,
        place: (u16, u8),
        round: u64,
        version: u16,
    ) -> Result<u16, Error<T>> {
        Self::ensure_mechanism(place.0, place.1)?;
        ensure!(CommitRevealWeightsEnabled::<T>::get(place.0), Error::<T>::CommitRevealDisabled);
        ensure!(version == CommitRevealWeightsVersion::<T>::get(), Error::<T>::IncorrectCommitRevealVersion);
        let shut = T::Beacon::is_followed() && round >= T::Beacon::newest_round();
        ensure!(shut, Error::<T>::InvalidRevealRound);
        let uid = Self::check_committer(who, place)?;
        ensure!(Self::timelocked_of(who, place) < MOST_OPEN_COMMITS, Error::<T>::TooManyUnrevealedCommits);
        Ok(uid)
    }

    /// Ciphertexts that a hotkey committed in this epoch.
    fn timelocked_of(who: &T::AccountId, place: (u16, u8)) -> usize {
        let index = Self::storage_index(place.0, place.1);
        let queue = TimelockedWeightCommits::<T>::get(index, Self::epoch_of_call(place.0));
        queue.iter().filter(|(other, ..)| other == who).count()
    }

    /// The longest ciphertext that weights of a subnet need, if every uid there may be has one.
    pub fn longest_ciphertext(netuid: u16) -> usize {
        let uids = MaxAllowedUids::<T>::get(netuid).max(SubnetworkN::<T>::get(netuid));
        usize::from(uids).saturating_mul(WEIGHT_BYTES).saturating_add(CIPHERTEXT_FRAME)
    }

    /// Why a ciphertext is not kept for nothing, of those that could be kept.
    pub fn check_free_timelocked(who: &T::AccountId, place: (u16, u8)) -> Result<(), Error<T>> {
        let permitted = Uids::<T>::get(place.0, who).is_some_and(|uid| Self::may_set_weights(place.0, uid));
        let few = permitted || Self::timelocked_of(who, place) < MOST_WITHOUT_PERMIT;
        ensure!(few, Error::<T>::TooManyUnrevealedCommits);
        Ok(())
    }

    /// Stores a ciphertext; the rate limit counts it in place of the weights.
    pub(crate) fn do_commit_timelocked(
        who: T::AccountId,
        place: (u16, u8),
        ciphertext: Ciphertext,
        round: u64,
        version: u16,
    ) -> DispatchResult {
        let uid = Self::check_commit_timelocked(&who, place, round, version)?;
        let index = Self::storage_index(place.0, place.1);
        let hash = T::Hashing::hash(&ciphertext);
        let commit = (who.clone(), Self::current_block(), ciphertext, round);
        TimelockedWeightCommits::<T>::append(index, Self::epoch_of_call(place.0), commit);
        Self::touch(index, uid);
        Self::deposit_event(Event::TimelockedWeightsCommitted(who, index, hash, round));
        Ok(())
    }

    /// Opens what can be opened in this block, before its epochs run. Subnets take turns at being first.
    pub(crate) fn reveal_timelocked(subnets: &[u16]) -> Weight {
        let mut left = MOST_OPENED;
        if T::Beacon::is_followed() && !subnets.is_empty() {
            let turn = Self::current_block().checked_rem(subnets.len() as u64).unwrap_or(0);
            let (later, first) = subnets.split_at(usize::try_from(turn).unwrap_or(0));
            for netuid in first.iter().chain(later) {
                Self::reveal_subnet(*netuid, &mut left);
            }
        }
        OPENING.saturating_mul(u64::from(MOST_OPENED.saturating_sub(left)))
    }

    fn reveal_subnet(netuid: u16, left: &mut u32) {
        let (epoch, period) = (Self::epoch_of_call(netuid), RevealPeriodEpochs::<T>::get(netuid));
        for (index, mecid) in Self::storage_indexes(netuid).zip(0..) {
            let expired: Vec<u64> = TimelockedWeightCommits::<T>::iter_key_prefix(index)
                .filter(|committed| committed.saturating_add(period) < epoch)
                .collect();
            for committed in expired {
                TimelockedWeightCommits::<T>::remove(index, committed);
            }
            if let Some(committed) = epoch.checked_sub(period) {
                Self::reveal_queue((netuid, mecid), index, committed, left);
            }
        }
    }

    /// Ours: what a neuron without a permit sent is dropped unopened (upstream would open it for a lone self-weight), so
    /// that those who pay for uids alone keep no validator's weights waiting.
    fn reveal_queue(place: (u16, u8), index: u16, committed: u64, left: &mut u32) {
        let mut queue = TimelockedWeightCommits::<T>::get(index, committed);
        let before = queue.len();
        queue.retain(|(who, _, ciphertext, round)| {
            if *left == 0 || !T::Beacon::has_come(*round) {
                return true;
            }
            if Uids::<T>::get(place.0, who).is_some_and(|uid| Self::may_set_weights(place.0, uid)) {
                *left = left.saturating_sub(1);
                if let Some(bytes) = T::Beacon::open(*round, ciphertext) {
                    Self::apply_payload(who, place, index, &bytes);
                }
            }
            false
        });
        if queue.is_empty() {
            TimelockedWeightCommits::<T>::remove(index, committed);
        } else if queue.len() != before {
            TimelockedWeightCommits::<T>::insert(index, committed, queue);
        }
    }

    /// Sets opened weights, if they are the hotkey's own and would be accepted from it; else nothing happens, as upstream.
    fn apply_payload(who: &T::AccountId, place: (u16, u8), index: u16, mut bytes: &[u8]) {
        let Ok(payload) = Payload::decode(&mut bytes) else { return };
        let Payload { hotkey, uids, values, version_key } = payload;
        let own = T::AccountId::decode(&mut &hotkey[..]).is_ok_and(|hotkey| hotkey == *who);
        let checked = Self::check_weights(who, place, &uids, &values, version_key);
        if let (true, Ok(uid)) = (own, checked) {
            Self::store_weights(index, uid, uids, &values);
            if !CommitRevealWeightsEnabled::<T>::get(place.0) {
                Self::touch(index, uid);
            }
            Self::deposit_event(Event::TimelockedWeightsRevealed(index, who.clone()));
        }
    }
}
