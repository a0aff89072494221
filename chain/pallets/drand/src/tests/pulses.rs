//! Storing pulses: which ones, how many, for how long.
#![allow(deprecated)]
use frame_support::{
    assert_noop, assert_ok,
    dispatch::{DispatchResultWithPostInfo, Pays},
    pallet_prelude::*,
    unsigned::ValidateUnsigned,
};
use sp_keyring::Sr25519Keyring::Alice;

use super::*;
use crate::{mock::*, pallet::*, types::*, Beacon::Quicknet, KEPT_PULSES, PULSES_PER_BLOCK};

fn payload(pulses: Vec<Pulse>) -> Payload<Test> {
    PulsesPayload { block_number: 1, pulses, public: Alice.public().into() }
}

fn write(pulses: Vec<Pulse>) -> DispatchResultWithPostInfo {
    Drand::write_pulse(RuntimeOrigin::none(), payload(pulses), None)
}

fn validate(pulses: Vec<Pulse>) -> TransactionValidity {
    let call = Call::write_pulse { pulses_payload: payload(pulses), signature: None };
    Drand::validate_unsigned(TransactionSource::External, &call)
}

fn refused(why: InvalidTransaction) -> TransactionValidity {
    Err(why.into())
}

#[test]
fn genuine_pulses_are_stored_in_any_order() {
    with_beacon(Some(Quicknet), || {
        assert_ok!(write(vec![pulse(1000, ROUND_1000)]));
        System::assert_last_event(Event::<Test>::NewPulse { rounds: vec![1000] }.into());
        assert_ok!(write(vec![pulse(123, ROUND_123)]));
        assert_eq!(Pulses::<Test>::get(123), Some(pulse(123, ROUND_123)));
        assert_eq!((LastStoredRound::<Test>::get(), OldestStoredRound::<Test>::get()), (1000, 1000));
        assert_noop!(write(vec![pulse(123, ROUND_123)]), Error::<Test>::InvalidRoundNumber);
    });
}

#[test]
fn what_is_not_the_beacons_is_refused() {
    with_beacon(Some(Quicknet), || {
        let wrong_round = pulse(124, ROUND_123);
        assert_noop!(write(vec![wrong_round.clone()]), Error::<Test>::UnverifiedPulse);
        assert_eq!(validate(vec![wrong_round]), refused(InvalidTransaction::BadProof));
        let mut wrong_hash = pulse(123, ROUND_123);
        wrong_hash.randomness = vec![7; 32].try_into().unwrap();
        assert_noop!(write(vec![wrong_hash.clone()]), Error::<Test>::UnverifiedPulse);
        assert_eq!(validate(vec![wrong_hash]), refused(InvalidTransaction::BadProof));
        for signature in ["", "00", &"00".repeat(48), &"ff".repeat(48)] {
            assert_noop!(write(vec![pulse(123, signature)]), Error::<Test>::PulseVerificationError);
            assert_eq!(validate(vec![pulse(123, signature)]), refused(InvalidTransaction::BadProof));
        }
        assert_noop!(
            Drand::write_pulse(RuntimeOrigin::root(), payload(vec![pulse(123, ROUND_123)]), None),
            DispatchError::BadOrigin
        );
    });
}

#[test]
fn a_signed_pulse_pays_unless_it_is_the_newest() {
    with_beacon(Some(Quicknet), || {
        let signed = |pulses: Vec<Pulse>| {
            Drand::write_pulse(RuntimeOrigin::signed(1), payload(pulses), None).map(|info| info.pays_fee)
        };
        assert_noop!(signed(vec![pulse(124, ROUND_123)]), Error::<Test>::UnverifiedPulse);
        assert_eq!(signed(vec![pulse(1000, ROUND_1000)]), Ok(Pays::No));
        assert_eq!(signed(vec![pulse(123, ROUND_123)]), Ok(Pays::Yes));
        // Before a block, nobody's money is taken for what is no news.
        let sent = |round: u64, signature: &str| Call::write_pulse {
            pulses_payload: payload(vec![pulse(round, signature)]),
            signature: None,
        };
        assert_eq!(Drand::check_signed(&sent(123, ROUND_123)), Err(InvalidTransaction::Stale.into()));
        assert_eq!(Drand::check_signed(&sent(1001, "00")), Err(InvalidTransaction::BadProof.into()));
        assert_ok!(Drand::check_signed(&sent(1001, ROUND_123)));
    });
}

#[test]
fn the_pool_takes_each_round_once_and_the_newest_first() {
    with_beacon(Some(Quicknet), || {
        let (old, new) =
            (validate(vec![pulse(123, ROUND_123)]).unwrap(), validate(vec![pulse(1000, ROUND_1000)]).unwrap());
        assert!(new.priority > old.priority);
        assert!(new.provides.len() == 1 && new.provides != old.provides);
        assert_eq!(validate(vec![]), refused(InvalidTransaction::Call));
        let two = vec![pulse(123, ROUND_123), pulse(1000, ROUND_1000)];
        assert_eq!(validate(two), refused(InvalidTransaction::Call));
        assert_ok!(write(vec![pulse(1000, ROUND_1000)]));
        assert_eq!(validate(vec![pulse(1000, ROUND_1000)]), refused(InvalidTransaction::Stale));
        LastStoredRound::<Test>::put(123 + KEPT_PULSES);
        assert_eq!(validate(vec![pulse(123, ROUND_123)]), refused(InvalidTransaction::Stale));
        assert_noop!(write(vec![pulse(123, ROUND_123)]), Error::<Test>::InvalidRoundNumber);
        let root = Call::set_oldest_stored_round { oldest_round: 1 };
        let validity = Drand::validate_unsigned(TransactionSource::External, &root);
        assert_eq!(validity, refused(InvalidTransaction::Call));
        let future = PulsesPayload { block_number: 2, ..payload(vec![pulse(124, ROUND_123)]) };
        let call = Call::write_pulse { pulses_payload: future, signature: None };
        assert_eq!(Drand::validate_unsigned(TransactionSource::External, &call), refused(InvalidTransaction::Future));
    });
}

#[test]
fn a_block_takes_a_few() {
    with_beacon(Some(Quicknet), || {
        PulsesInBlock::<Test>::put(PULSES_PER_BLOCK - 1);
        NextUnsignedAt::<Test>::put(1);
        let call = |round, signature| Call::write_pulse {
            pulses_payload: payload(vec![pulse(round, signature)]),
            signature: None,
        };
        assert_ok!(Drand::pre_dispatch(&call(123, ROUND_123)));
        assert_ok!(write(vec![pulse(123, ROUND_123)]));
        let exhausted = Err(InvalidTransaction::ExhaustsResources.into());
        assert_eq!(Drand::pre_dispatch(&call(1000, ROUND_1000)), exhausted);
        assert_noop!(write(vec![pulse(1000, ROUND_1000)]), Error::<Test>::StorageOverflow);
        next_block();
        assert_ok!(Drand::pre_dispatch(&call(1000, ROUND_1000)));
        assert_ok!(write(vec![pulse(1000, ROUND_1000)]));
        assert_eq!(PulsesInBlock::<Test>::get(), 1);
    });
}

#[test]
fn the_first_to_come_is_the_first_to_go() {
    with_beacon(Some(Quicknet), || {
        for place in 0..KEPT_PULSES {
            KeptRounds::<Test>::insert(place, 200 + place);
        }
        Pulses::<Test>::insert(200, Pulse::default());
        KeptRange::<Test>::put((0, KEPT_PULSES));
        assert_ok!(write(vec![pulse(123, ROUND_123)]));
        assert!(!Pulses::<Test>::contains_key(200) && Pulses::<Test>::contains_key(123));
        assert_eq!((OldestStoredRound::<Test>::get(), KeptRange::<Test>::get()), (201, (1, KEPT_PULSES + 1)));
        assert_eq!(KeptRounds::<Test>::iter().count() as u64, KEPT_PULSES);
    });
}

#[test]
fn a_chain_without_a_beacon_says_so() {
    with_beacon(None, || {
        assert_eq!(validate(vec![pulse(123, ROUND_123)]), refused(InvalidTransaction::Custom(15)));
        assert_noop!(write(vec![pulse(123, ROUND_123)]), Error::<Test>::NoneValue);
    });
}

#[test]
fn root_may_choose_another_beacon() {
    with_beacon(Some(Quicknet), || {
        let config = BeaconConfiguration { period: 30, ..Default::default() };
        let proposal =
            BeaconConfigurationPayload { block_number: 1, config: config.clone(), public: Alice.public().into() };
        let signed = Drand::set_beacon_config(RuntimeOrigin::signed(1), proposal.clone(), None);
        assert_noop!(signed, DispatchError::BadOrigin);
        assert_ok!(Drand::set_beacon_config(RuntimeOrigin::root(), proposal, None));
        System::assert_last_event(Event::<Test>::BeaconConfigChanged.into());
        assert_eq!(BeaconConfig::<Test>::get(), config);
        assert_noop!(write(vec![pulse(123, ROUND_123)]), Error::<Test>::PulseVerificationError);
        assert_noop!(Drand::set_oldest_stored_round(RuntimeOrigin::signed(1), 5), DispatchError::BadOrigin);
        assert_ok!(Drand::set_oldest_stored_round(RuntimeOrigin::root(), 5));
        System::assert_last_event(Event::<Test>::SetOldestStoredRound(5).into());
    });
}

#[test]
fn the_beacon_is_quicknet_as_the_live_network_encodes_it() {
    let live = "810183cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a030000002721e6648052db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
    let ours = with_config();
    assert!(ours.starts_with(&bytes(live)));
}

fn with_config() -> Vec<u8> {
    use codec::Encode;
    let mut encoded = Vec::new();
    with_beacon(None, || encoded = BeaconConfig::<Test>::get().encode());
    encoded
}
