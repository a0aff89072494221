//! Salted commits: a hash now, the weights in a later epoch.
use codec::{Compact, Encode};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchResult;

use crate::{mock::*, pallet::*};

type H256 = <Test as frame_system::Config>::Hash;
type Weighted<'a> = (&'a [u16], &'a [u16], &'a [u16], u64);

const SOME: Weighted<'static> = (&[2, 3], &[1, 3], &[9, 9], 0);
const OTHER: Weighted<'static> = (&[2, 3], &[3, 1], &[8], 0);

fn commit_to(who: Account, weighted: Weighted<'_>) -> DispatchResult {
    Subtensor::commit_weights(RuntimeOrigin::signed(who), 1, Subtensor::commit_hash(&who, 1, weighted))
}

fn reveal(who: Account, (uids, values, salt, key): Weighted<'_>) -> DispatchResult {
    Subtensor::reveal_weights(RuntimeOrigin::signed(who), 1, uids.to_vec(), values.to_vec(), salt.to_vec(), key)
}

/// Epochs every ten blocks, two validators, two miners, commit-reveal on.
fn with_commits(body: impl FnOnce()) {
    with_networks(vec![network(10, &[2_000_000, 1_000_000], 2)], || {
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        body();
    });
}

#[test]
fn the_hash_is_of_account_index_uids_values_salt_and_version_key() {
    let mut bytes = hot(0).encode();
    bytes.extend(4097_u16.to_le_bytes());
    for list in [[2_u16, 3], [1, 3], [9, 9]] {
        bytes.push(2 << 2);
        list.iter().for_each(|item| bytes.extend(item.to_le_bytes()));
    }
    bytes.extend(7_u64.to_le_bytes());
    let expected = H256::from(sp_io::hashing::blake2_256(&bytes));
    assert_eq!(Subtensor::commit_hash(&hot(0), 4097, (&[2, 3], &[1, 3], &[9, 9], 7)), expected);
}

#[test]
fn committed_weights_are_revealed_in_the_next_epoch_and_pay() {
    with_commits(|| {
        run_to(5);
        assert_ok!(commit_to(hot(0), SOME));
        let hash = Subtensor::commit_hash(&hot(0), 1, SOME);
        System::assert_last_event(Event::<Test>::WeightsCommitted(hot(0), 1, hash).into());
        assert_eq!(WeightCommits::<Test>::get(1, hot(0)), Some(vec![(hash, 0, 5, 0)]));
        assert_eq!(LastUpdate::<Test>::get(1), vec![5, 0, 0, 0]);
        assert_noop!(reveal(hot(0), SOME), Error::<Test>::RevealTooEarly);
        run_to(10);
        // The epoch that ran in this block had no weights yet.
        assert_eq!(PaidToNeurons::<Test>::get(1), 0);
        assert_noop!(reveal(hot(0), OTHER), Error::<Test>::InvalidRevealCommitHashNotMatch);
        assert_noop!(reveal(hot(1), SOME), Error::<Test>::NoWeightsCommitFound);
        assert_ok!(reveal(hot(0), SOME));
        System::assert_last_event(Event::<Test>::WeightsRevealed(hot(0), 1, hash).into());
        assert_eq!(Weights::<Test>::get(1, 0), vec![(2, 21_845), (3, 65_535)]);
        assert_eq!((WeightCommits::<Test>::get(1, hot(0)), LastUpdate::<Test>::get(1)[0]), (None, 5));
        assert_noop!(reveal(hot(0), SOME), Error::<Test>::NoWeightsCommitFound);
        run_to(20);
        let emission = Emission::<Test>::get(1);
        assert!(emission[2] > 0 && emission[3] > emission[2], "{emission:?}");
    });
}

#[test]
fn a_commit_expires_with_its_epoch_of_reveal() {
    with_commits(|| {
        RevealPeriodEpochs::<Test>::insert(1, 2);
        run_to(5);
        assert_ok!(commit_to(hot(0), SOME));
        run_to(19);
        assert_noop!(reveal(hot(0), SOME), Error::<Test>::RevealTooEarly);
        run_to(30);
        assert_noop!(reveal(hot(0), SOME), Error::<Test>::ExpiredWeightCommit);
        assert_noop!(reveal(hot(0), OTHER), Error::<Test>::NoWeightsCommitFound);
        assert_ok!(commit_to(hot(0), OTHER));
        assert_eq!(WeightCommits::<Test>::get(1, hot(0)).unwrap().len(), 1);
        run_to(49);
        assert_noop!(reveal(hot(0), SOME), Error::<Test>::InvalidRevealCommitHashNotMatch);
        run_to(50);
        assert_ok!(reveal(hot(0), OTHER));
    });
}

#[test]
fn an_epoch_that_is_due_counts_already() {
    with_commits(|| {
        run_to(5);
        assert_ok!(commit_to(hot(0), SOME));
        MaxEpochsPerBlock::<Test>::put(0);
        run_to(10);
        // Deferred: the commit of this block belongs to the epoch that comes, and the one before may be revealed.
        assert_eq!((SubnetEpochIndex::<Test>::get(1), Subtensor::epoch_of_call(1)), (0, 1));
        assert_ok!(reveal(hot(0), SOME));
        assert_ok!(commit_to(hot(0), OTHER));
        assert_eq!(WeightCommits::<Test>::get(1, hot(0)).unwrap()[0].1, 1);
    });
}

#[test]
fn refuses_commits_in_upstreams_order() {
    with_commits(|| {
        let hash = H256::zero();
        let commit =
            |who, netuid, mecid| Subtensor::commit_mechanism_weights(RuntimeOrigin::signed(who), netuid, mecid, hash);
        CommitRevealWeightsEnabled::<Test>::insert(1, false);
        assert_noop!(commit(RICH, 9, 0), Error::<Test>::MechanismDoesNotExist);
        assert_noop!(commit(RICH, 1, 1), Error::<Test>::MechanismDoesNotExist);
        assert_noop!(commit(RICH, 1, 0), Error::<Test>::CommitRevealDisabled);
        assert_noop!(reveal(RICH, SOME), Error::<Test>::CommitRevealDisabled);
        let netuid = vec![Compact(1)];
        let origin = RuntimeOrigin::signed(RICH);
        assert_noop!(Subtensor::batch_commit_weights(origin, netuid, vec![]), Error::<Test>::InputLengthsUnequal);
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        assert_noop!(commit(RICH, 1, 0), Error::<Test>::HotKeyNotRegisteredInSubNet);
        run_to(3);
        WeightsSetRateLimit::<Test>::insert(1, 2);
        assert_ok!(commit(hot(0), 1, 0));
        run_to(4);
        assert_noop!(commit(hot(0), 1, 0), Error::<Test>::CommittingWeightsTooFast);
        WeightsSetRateLimit::<Test>::insert(1, 0);
        for _ in 1..10 {
            assert_ok!(commit(hot(0), 1, 0));
        }
        assert_noop!(commit(hot(0), 1, 0), Error::<Test>::TooManyUnrevealedCommits);
        let set = Subtensor::set_weights(RuntimeOrigin::signed(hot(0)), 1, vec![2], vec![1], 0);
        assert_noop!(set, Error::<Test>::CommitRevealEnabled);
        // Expired ones make room.
        run_to(20);
        assert_ok!(commit(hot(0), 1, 0));
        assert_eq!(WeightCommits::<Test>::get(1, hot(0)).unwrap().len(), 1);
    });
}

#[test]
fn a_reveal_makes_the_checks_of_weights_but_for_the_rate_limit() {
    with_commits(|| {
        run_to(5);
        let lone: Weighted<'_> = (&[2], &[1], &[], 3);
        for weighted in [lone, SOME] {
            assert_ok!(commit_to(hot(1), weighted));
        }
        run_to(10);
        WeightsVersionKey::<Test>::insert(1, 4);
        assert_noop!(reveal(hot(1), lone), Error::<Test>::IncorrectWeightVersionKey);
        WeightsVersionKey::<Test>::insert(1, 3);
        MinAllowedWeights::<Test>::insert(1, 2);
        assert_noop!(reveal(hot(1), lone), Error::<Test>::WeightVecLengthIsLow);
        MinAllowedWeights::<Test>::insert(1, 1);
        StakeThreshold::<Test>::put(1_500_000);
        assert_noop!(reveal(hot(1), lone), Error::<Test>::NotEnoughStakeToSetWeights);
        StakeThreshold::<Test>::put(0);
        ValidatorPermit::<Test>::insert(1, vec![false; 4]);
        assert_noop!(reveal(hot(1), lone), Error::<Test>::NeuronNoValidatorPermit);
        ValidatorPermit::<Test>::insert(1, vec![true; 4]);
        WeightsSetRateLimit::<Test>::insert(1, 100);
        assert_ok!(reveal(hot(1), lone));
        WeightsVersionKey::<Test>::insert(1, 0);
        assert_ok!(reveal(hot(1), SOME));
    });
}

#[test]
fn a_reveal_takes_the_commits_before_it_along() {
    with_commits(|| {
        run_to(5);
        let third: Weighted<'_> = (&[2], &[1], &[], 0);
        for weighted in [OTHER, SOME, third] {
            assert_ok!(commit_to(hot(0), weighted));
        }
        run_to(10);
        assert_ok!(reveal(hot(0), SOME));
        assert_noop!(reveal(hot(0), OTHER), Error::<Test>::InvalidRevealCommitHashNotMatch);
        assert_ok!(reveal(hot(0), third));
        assert_eq!(WeightCommits::<Test>::get(1, hot(0)), None);
    });
}

fn batch_reveal(who: Account, reveals: &[Weighted<'_>]) -> DispatchResult {
    let list = |of: fn(&Weighted<'_>) -> Vec<u16>| reveals.iter().map(of).collect::<Vec<_>>();
    let keys = reveals.iter().map(|weighted| weighted.3).collect();
    let (uids, values, salts) = (list(|w| w.0.to_vec()), list(|w| w.1.to_vec()), list(|w| w.2.to_vec()));
    Subtensor::batch_reveal_weights(RuntimeOrigin::signed(who), 1, uids, values, salts, keys)
}

#[test]
fn a_batch_of_reveals_is_all_or_none() {
    with_commits(|| {
        run_to(5);
        let third: Weighted<'_> = (&[2], &[1], &[], 0);
        for weighted in [OTHER, SOME, third] {
            assert_ok!(commit_to(hot(0), weighted));
        }
        assert_noop!(batch_reveal(hot(1), &[SOME]), Error::<Test>::NoWeightsCommitFound);
        assert_noop!(batch_reveal(hot(0), &[SOME]), Error::<Test>::RevealTooEarly);
        let origin = RuntimeOrigin::signed(hot(0));
        let uneven = Subtensor::batch_reveal_weights(origin, 1, vec![vec![2]], vec![vec![1]], vec![], vec![0]);
        assert_noop!(uneven, Error::<Test>::InputLengthsUnequal);
        run_to(10);
        assert_noop!(batch_reveal(hot(0), &[SOME, SOME]), Error::<Test>::InvalidRevealCommitHashNotMatch);
        assert_ok!(batch_reveal(hot(0), &[SOME, third]));
        let hashes = [SOME, third].map(|weighted| Subtensor::commit_hash(&hot(0), 1, weighted));
        System::assert_last_event(Event::<Test>::WeightsBatchRevealed(hot(0), 1, hashes.to_vec()).into());
        assert_eq!(Weights::<Test>::get(1, 0), vec![(2, 65_535)]);
        // The one that was not revealed stays.
        assert_ok!(reveal(hot(0), OTHER));
        run_to(15);
        assert_ok!(commit_to(hot(0), SOME));
        run_to(40);
        assert_noop!(batch_reveal(hot(0), &[SOME]), Error::<Test>::ExpiredWeightCommit);
        assert_noop!(batch_reveal(hot(0), &[OTHER]), Error::<Test>::InvalidRevealCommitHashNotMatch);
        CommitRevealWeightsEnabled::<Test>::insert(1, false);
        assert_noop!(batch_reveal(hot(0), &[OTHER]), Error::<Test>::CommitRevealDisabled);
    });
}

#[test]
fn batches_go_on_after_an_item_that_fails() {
    let mut second = network(10, &[1_000], 1);
    second.netuid = 2;
    with_networks(vec![network(10, &[1_000], 1), second], || {
        CommitRevealWeightsEnabled::<Test>::insert(1, true);
        run_to(2);
        let netuids = vec![Compact(2), Compact(1)];
        let hashes = vec![H256::zero(); 2];
        let origin = || RuntimeOrigin::signed(hot(0));
        assert_ok!(Subtensor::batch_commit_weights(origin(), netuids.clone(), hashes));
        System::assert_has_event(Event::<Test>::BatchCompletedWithErrors().into());
        let disabled = Error::<Test>::CommitRevealDisabled.into();
        System::assert_has_event(Event::<Test>::BatchWeightItemFailed(2, disabled).into());
        System::assert_last_event(Event::<Test>::BatchWeightsCompleted(netuids.clone(), hot(0)).into());
        assert!(WeightCommits::<Test>::get(1, hot(0)).is_some());
        let weights = vec![vec![(Compact(1), Compact(5))]; 2];
        let keys = vec![Compact(0); 2];
        assert_ok!(Subtensor::batch_set_weights(origin(), netuids.clone(), weights.clone(), keys));
        let enabled = Error::<Test>::CommitRevealEnabled.into();
        System::assert_has_event(Event::<Test>::BatchWeightItemFailed(1, enabled).into());
        assert_eq!(Weights::<Test>::get(2, 0), vec![(1, 65_535)]);
        let uneven = Subtensor::batch_set_weights(origin(), netuids, weights, vec![]);
        assert_noop!(uneven, Error::<Test>::InputLengthsUnequal);
    });
}

#[test]
fn old_weights_do_not_pay_a_neuron_that_registered_after_the_open_commit() {
    with_commits(|| {
        run_to(5);
        assert_ok!(commit_to(hot(0), SOME));
        run_to(10);
        assert_ok!(reveal(hot(0), SOME));
        assert_ok!(commit_to(hot(0), OTHER));
        run_to(12);
        // As if uid 3 were somebody else since block 11, with the old weights for the uid still there.
        BlockAtRegistration::<Test>::insert(1, 3, 11);
        LastUpdate::<Test>::mutate(1, |blocks| blocks[0] = 12);
        assert_eq!(Subtensor::earliest_commits(1, 1), vec![Some(10), None, None, None]);
        run_to(20);
        let emission = Emission::<Test>::get(1);
        assert!(emission[2] > 0 && emission[3] == 0, "{emission:?}");
        // Expired, the commit masks nothing.
        run_to(30);
        assert_eq!(Subtensor::earliest_commits(1, 1), vec![None; 4]);
        assert!(Emission::<Test>::get(1)[3] > 0);
    });
}

#[test]
fn commits_go_with_the_uid() {
    with_commits(|| {
        assert_ok!(commit_to(hot(3), SOME));
        MaxAllowedUids::<Test>::insert(1, 4);
        Subtensor::replace_neuron(1, 3, &77);
        assert_eq!(WeightCommits::<Test>::get(1, hot(3)), None);
    });
}
