//! Weights that are committed and revealed, and batches of them.
use codec::Compact;
use pallet_subtensor::Call;

use super::*;

type Subtensor = pallet_subtensor::Call<Runtime>;

fn commit(netuid: u16) -> RuntimeCall {
    RuntimeCall::SubtensorModule(Call::commit_weights { netuid, commit_hash: hash() })
}

fn hash() -> crate::Hash {
    SubtensorModule::commit_hash(&Alice.to_account_id(), NETUID, (&[1], &[1], &[5], 0))
}

fn reveal(salt: u16) -> RuntimeCall {
    let (uids, values) = (vec![1], vec![1]);
    RuntimeCall::SubtensorModule(Call::reveal_weights {
        netuid: NETUID,
        uids,
        values,
        salt: vec![salt],
        version_key: 0,
    })
}

fn batch(netuids: &[u16]) -> RuntimeCall {
    let netuids: Vec<_> = netuids.iter().map(|netuid| Compact(*netuid)).collect();
    let commit_hashes = vec![hash(); netuids.len()];
    RuntimeCall::SubtensorModule(Call::batch_commit_weights { netuids, commit_hashes })
}

fn batch_reveal(salts: &[u16]) -> RuntimeCall {
    let list = || vec![vec![1]; salts.len()];
    RuntimeCall::SubtensorModule(Call::batch_reveal_weights {
        netuid: NETUID,
        uids_list: list(),
        values_list: list(),
        salts_list: salts.iter().map(|salt| vec![*salt]).collect(),
        version_keys: vec![0; salts.len()],
    })
}

fn alice(call: &RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
    validate(Alice.to_account_id(), call)
}

/// Alice's subnet with commit-reveal on.
fn with_commits(body: impl FnOnce()) {
    with_subnet(|| {
        pallet_subtensor::CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, true);
        body();
    });
}

#[test]
fn commits_pass_for_whom_they_would_succeed() {
    with_commits(|| {
        let first = alice(&commit(NETUID)).unwrap();
        assert_eq!(first.provides.len(), 1);
        // A batch, or the other call for mechanism 0, is another call of the same kind.
        assert_eq!(alice(&batch(&[NETUID])).unwrap().provides, first.provides);
        let other = Subtensor::commit_mechanism_weights { netuid: NETUID, mecid: 0, commit_hash: hash() };
        assert_eq!(alice(&RuntimeCall::SubtensorModule(other)).unwrap().provides, first.provides);
        assert_eq!(alice(&commit(2)), refused(BAD_REQUEST));
        assert_eq!(alice(&weights(NETUID)), refused(BAD_REQUEST));
        assert_eq!(validate(Charlie.to_account_id(), &commit(NETUID)), refused(19));
        assert_eq!(validate(Charlie.to_account_id(), &batch(&[NETUID])), refused(19));
        pallet_subtensor::StakeThreshold::<Runtime>::put(1);
        assert_eq!(validate(Bob.to_account_id(), &commit(NETUID)), refused(1));
        assert_eq!(validate(Bob.to_account_id(), &batch(&[NETUID])), refused(1));
        pallet_subtensor::WeightsSetRateLimit::<Runtime>::insert(NETUID, 100);
        pallet_subtensor::LastUpdate::<Runtime>::insert(NETUID, vec![5, 5]);
        crate::System::set_block_number(50);
        assert_eq!(alice(&commit(NETUID)), refused(6));
        pallet_subtensor::CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, false);
        assert_eq!(alice(&commit(NETUID)), refused(BAD_REQUEST));
        assert_eq!(alice(&reveal(5)), refused(BAD_REQUEST));
    });
}

#[test]
fn reveals_pass_in_their_epoch() {
    with_commits(|| {
        assert_eq!(alice(&reveal(5)), refused(16));
        assert_eq!(alice(&batch_reveal(&[5])), refused(16));
        crate::System::set_block_number(1);
        let origin = RuntimeOrigin::signed(Alice.to_account_id());
        frame_support::assert_ok!(SubtensorModule::commit_weights(origin, NETUID, hash()));
        assert_eq!(alice(&reveal(5)), refused(17));
        assert_eq!(alice(&reveal(6)), refused(16));
        pallet_subtensor::SubnetEpochIndex::<Runtime>::insert(NETUID, 1);
        let open = alice(&reveal(5)).unwrap();
        assert_eq!(alice(&batch_reveal(&[5])).unwrap().provides, open.provides);
        assert_ne!(alice(&commit(NETUID)).unwrap().provides, open.provides);
        assert_eq!(alice(&batch_reveal(&[5, 5])), refused(16));
        pallet_subtensor::WeightsVersionKey::<Runtime>::insert(NETUID, 9);
        assert_eq!(alice(&reveal(5)), refused(BAD_REQUEST));
        pallet_subtensor::SubnetEpochIndex::<Runtime>::insert(NETUID, 2);
        assert_eq!(alice(&reveal(5)), refused(17));
    });
}

#[test]
fn a_batch_names_each_subnet_once_and_is_not_empty() {
    with_commits(|| {
        assert_eq!(alice(&batch(&[])), refused(BAD_REQUEST));
        assert_eq!(alice(&batch(&[NETUID, NETUID])), refused(BAD_REQUEST));
        assert_eq!(alice(&batch_reveal(&[])), refused(16));
        let uneven = Call::batch_commit_weights { netuids: vec![Compact(NETUID)], commit_hashes: vec![] };
        assert_eq!(alice(&RuntimeCall::SubtensorModule(uneven)), refused(18));
        let uneven = Call::batch_reveal_weights {
            netuid: NETUID,
            uids_list: vec![],
            values_list: vec![],
            salts_list: vec![],
            version_keys: vec![0],
        };
        assert_eq!(alice(&RuntimeCall::SubtensorModule(uneven)), refused(18));
        pallet_subtensor::CommitRevealWeightsEnabled::<Runtime>::insert(NETUID, false);
        let set = |netuids: Vec<u16>| {
            RuntimeCall::SubtensorModule(Call::batch_set_weights {
                weights: vec![vec![(Compact(1), Compact(1))]; netuids.len()],
                version_keys: vec![Compact(0); netuids.len()],
                netuids: netuids.into_iter().map(Compact).collect(),
            })
        };
        assert_eq!(alice(&set(vec![NETUID])).unwrap().provides, alice(&weights(NETUID)).unwrap().provides);
        assert_eq!(alice(&set(vec![NETUID, NETUID])), refused(BAD_REQUEST));
        assert_eq!(alice(&set(vec![NETUID, 2])), refused(BAD_REQUEST));
        let info = set(vec![NETUID, 2]).get_dispatch_info();
        assert_eq!(info.pays_fee, Pays::No);
        assert!(SubtensorTransactionExtension.weight(&batch(&[1, 2])).ref_time() == 2 * CHECK_WEIGHT.ref_time());
    });
}

#[test]
fn timelocked_commits_need_a_beacon_and_a_round_to_come() {
    with_commits(|| {
        let seal = |reveal_round| {
            RuntimeCall::SubtensorModule(Call::commit_timelocked_weights {
                netuid: NETUID,
                commit: vec![1].try_into().unwrap(),
                reveal_round,
                commit_reveal_version: 4,
            })
        };
        assert_eq!(alice(&seal(1_000)), refused(15));
        pallet_drand::FollowsBeacon::<Runtime>::put(true);
        pallet_drand::LastStoredRound::<Runtime>::put(999);
        assert_eq!(alice(&seal(998)), refused(15));
        assert_eq!(alice(&seal(1_000)).unwrap().provides, alice(&commit(NETUID)).unwrap().provides);
        assert_eq!(validate(Charlie.to_account_id(), &seal(1_000)), refused(19));
        pallet_subtensor::StakeThreshold::<Runtime>::put(1);
        assert_eq!(validate(Bob.to_account_id(), &seal(1_000)), refused(1));
        let old = Call::commit_timelocked_mechanism_weights {
            netuid: NETUID,
            mecid: 0,
            commit: vec![1].try_into().unwrap(),
            reveal_round: 1_000,
            commit_reveal_version: 3,
        };
        assert_eq!(alice(&RuntimeCall::SubtensorModule(old)), refused(BAD_REQUEST));
    });
}

/// What lies in the state for nothing is as long as weights need, and of a hotkey without a permit there is one.
#[test]
fn ciphertexts_are_bounded_where_they_cost_nothing() {
    with_commits(|| {
        pallet_drand::FollowsBeacon::<Runtime>::put(true);
        pallet_subtensor::MaxAllowedUids::<Runtime>::insert(NETUID, 16);
        let longest = 512 + 4 * 16;
        let sealed = |length: usize| {
            let commit = vec![7; length].try_into().unwrap();
            let (netuid, reveal_round, commit_reveal_version) = (NETUID, 9, 4);
            RuntimeCall::SubtensorModule(Call::commit_timelocked_weights {
                netuid,
                commit,
                reveal_round,
                commit_reveal_version,
            })
        };
        let bob = |length| validate(Bob.to_account_id(), &sealed(length));
        assert!(bob(longest).is_ok() && alice(&sealed(longest)).is_ok());
        assert_eq!(bob(longest + 1), refused(BAD_REQUEST));
        assert_eq!(alice(&sealed(5000)), refused(BAD_REQUEST));
        for who in [Alice, Bob] {
            let origin = RuntimeOrigin::signed(who.to_account_id());
            let ciphertext = vec![7; longest].try_into().unwrap();
            frame_support::assert_ok!(SubtensorModule::commit_timelocked_weights(origin, NETUID, ciphertext, 9, 4));
        }
        assert_eq!(bob(longest), refused(BAD_REQUEST));
        assert!(alice(&sealed(longest)).is_ok());
    });
}

#[test]
fn a_signed_pulse_pays_and_is_refused_where_it_could_store_nothing() {
    with_commits(|| {
        let pulse = |round: u64, length: usize| {
            let signature = vec![7; length].try_into().unwrap();
            let pulse = pallet_drand::types::Pulse { round, randomness: vec![7; 32].try_into().unwrap(), signature };
            let public = Alice.public().into();
            let pulses_payload = pallet_drand::types::PulsesPayload { block_number: 0, pulses: vec![pulse], public };
            RuntimeCall::Drand(pallet_drand::Call::write_pulse { pulses_payload, signature: None })
        };
        assert_eq!(alice(&pulse(5, 48)), refused(15));
        pallet_drand::FollowsBeacon::<Runtime>::put(true);
        let taken = alice(&pulse(5, 48)).unwrap();
        assert!(taken.provides.is_empty() && taken.priority == 0);
        assert_eq!(pulse(5, 48).get_dispatch_info().pays_fee, Pays::Yes);
        assert_eq!(alice(&pulse(5, 47)), refused(BAD_REQUEST));
        pallet_drand::Pulses::<Runtime>::insert(5, pallet_drand::types::Pulse::default());
        assert_eq!(alice(&pulse(5, 48)), refused(BAD_REQUEST));
    });
}
