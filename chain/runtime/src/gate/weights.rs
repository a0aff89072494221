//! The gate for weights: set, committed and revealed, alone and in batches. A batch passes as a whole or not at all, and
//! names no subnet twice; it counts as one call of its kind for each of its subnets.
use alloc::{collections::BTreeSet, vec, vec::Vec};

use codec::Compact;
use pallet_subtensor::{zip_reveals, Call, Error, Revealed, BAD_REQUEST};

use super::{subtensor, Code, Kind};
use crate::{AccountId, Runtime, SubtensorModule};

type Checked = Result<Vec<Kind>, Code>;
type Place = (u16, u8);

fn index(place: Place) -> u16 {
    SubtensorModule::storage_index(place.0, place.1)
}

fn set(who: &AccountId, place: Place, uids: &[u16], weights: &[u16], key: u64) -> Checked {
    SubtensorModule::check_set_weights(who, place, uids, weights, key).map_err(subtensor)?;
    Ok(vec![Kind::Weights(index(place))])
}

/// A commit needs what the weights will need of stake, as upstream's pool asks.
fn commit(who: &AccountId, place: Place) -> Checked {
    SubtensorModule::check_commit_weights(who, place).map_err(subtensor)?;
    SubtensorModule::ensure_stake_for_weights(who, place.0).map_err(subtensor)?;
    Ok(vec![Kind::Weights(index(place))])
}

/// Where it is kept matters as well as whether it would be taken: what lies in the state for nothing is bounded.
fn commit_timelocked(who: &AccountId, place: Place, ciphertext: &[u8], (round, version): (u64, u16)) -> Checked {
    if ciphertext.len() > SubtensorModule::longest_ciphertext(place.0) {
        return Err(BAD_REQUEST);
    }
    SubtensorModule::check_commit_timelocked(who, place, round, version).map_err(subtensor)?;
    SubtensorModule::check_free_timelocked(who, place).map_err(subtensor)?;
    SubtensorModule::ensure_stake_for_weights(who, place.0).map_err(subtensor)?;
    Ok(vec![Kind::Weights(index(place))])
}

fn reveal(who: &AccountId, place: Place, revealed: Revealed<'_>) -> Checked {
    SubtensorModule::check_reveal_weights(who, place, revealed).map_err(subtensor)?;
    Ok(vec![Kind::Reveal(index(place))])
}

fn distinct(netuids: &[Compact<u16>]) -> Checked {
    let distinct: BTreeSet<u16> = netuids.iter().map(|netuid| netuid.0).collect();
    if distinct.len() == netuids.len() {
        Ok(distinct.into_iter().map(Kind::Weights).collect())
    } else {
        Err(BAD_REQUEST)
    }
}

/// The kinds of a weights call that would succeed; none for any other call.
pub(super) fn check(who: &AccountId, call: &Call<Runtime>) -> Checked {
    match call {
        Call::set_weights { netuid, dests, weights, version_key } => {
            set(who, (*netuid, 0), dests, weights, *version_key)
        }
        Call::set_mechanism_weights { netuid, mecid, dests, weights, version_key } => {
            set(who, (*netuid, *mecid), dests, weights, *version_key)
        }
        Call::commit_weights { netuid, .. } => commit(who, (*netuid, 0)),
        Call::commit_mechanism_weights { netuid, mecid, .. } => commit(who, (*netuid, *mecid)),
        Call::reveal_weights { netuid, uids, values, salt, version_key } => {
            reveal(who, (*netuid, 0), (uids, values, salt, *version_key))
        }
        Call::reveal_mechanism_weights { netuid, mecid, uids, values, salt, version_key } => {
            reveal(who, (*netuid, *mecid), (uids, values, salt, *version_key))
        }
        Call::commit_timelocked_weights { netuid, commit, reveal_round, commit_reveal_version } => {
            commit_timelocked(who, (*netuid, 0), commit, (*reveal_round, *commit_reveal_version))
        }
        Call::commit_crv3_mechanism_weights { netuid, mecid, commit, reveal_round } => {
            commit_timelocked(who, (*netuid, *mecid), commit, (*reveal_round, 4))
        }
        Call::commit_timelocked_mechanism_weights { netuid, mecid, commit, reveal_round, commit_reveal_version } => {
            commit_timelocked(who, (*netuid, *mecid), commit, (*reveal_round, *commit_reveal_version))
        }
        _ => check_batch(who, call),
    }
}

fn check_batch(who: &AccountId, call: &Call<Runtime>) -> Checked {
    match call {
        Call::batch_set_weights { netuids, weights, version_keys } => {
            let kinds = distinct(netuids)?;
            SubtensorModule::check_batch_set_weights(who, netuids, weights, version_keys).map_err(subtensor)?;
            Ok(kinds)
        }
        Call::batch_commit_weights { netuids, commit_hashes } => {
            let kinds = distinct(netuids)?;
            SubtensorModule::check_batch_commit_weights(who, netuids, commit_hashes).map_err(subtensor)?;
            for netuid in netuids {
                SubtensorModule::ensure_stake_for_weights(who, netuid.0).map_err(subtensor)?;
            }
            Ok(kinds)
        }
        Call::batch_reveal_weights { netuid, uids_list, values_list, salts_list, version_keys } => {
            let reveals = zip_reveals(uids_list, values_list, salts_list, version_keys);
            let reveals = reveals.ok_or(Error::InputLengthsUnequal).map_err(subtensor)?;
            SubtensorModule::check_batch_reveal_weights(who, *netuid, &reveals).map_err(subtensor)?;
            // Of nothing there is nothing to be had for free.
            Ok(reveals.first().map(|_| Kind::Reveal(*netuid)).into_iter().collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// How many weight vectors or commits a call's check looks at.
pub(super) fn items(call: &Call<Runtime>) -> usize {
    match call {
        Call::set_weights { .. }
        | Call::set_mechanism_weights { .. }
        | Call::commit_weights { .. }
        | Call::commit_mechanism_weights { .. }
        | Call::reveal_weights { .. }
        | Call::reveal_mechanism_weights { .. }
        | Call::commit_timelocked_weights { .. }
        | Call::commit_crv3_mechanism_weights { .. }
        | Call::commit_timelocked_mechanism_weights { .. } => 1,
        Call::batch_set_weights { netuids, .. } | Call::batch_commit_weights { netuids, .. } => netuids.len(),
        Call::batch_reveal_weights { uids_list, .. } => uids_list.len(),
        _ => 0,
    }
}
