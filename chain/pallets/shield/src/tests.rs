//! Tests against a runtime of two pallets and two authors who take turns.
#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]
use crate::{
    types::*, unshield::unshield, Authors, Call, CurrentKey, Error, Event, ExtrinsicLifetime, MaxExtrinsicWeight,
    MaxPendingExtrinsicsLimit, NextKey, OnInitializeWeight, PendingExtrinsics, PendingKey, INHERENT_IDENTIFIER,
    KEY_BLOCKS, MOST_WEIGHT,
};
use frame_support::{assert_noop, assert_ok, derive_impl, inherent::ProvideInherent, traits::Hooks};
use sp_inherents::InherentData;
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        MevShield: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

/// Two authors.
pub struct TurnByTurn;
impl Authors<u64> for TurnByTurn {
    fn current() -> Option<u64> {
        Some(System::block_number() % 2)
    }
    fn after_next() -> Option<u64> {
        Self::current()
    }
}

impl crate::Config for Test {
    type AuthorityId = u64;
    type Authors = TurnByTurn;
    type WeightInfo = ();
}

/// Empty state, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    RuntimeGenesisConfig::default().build_storage().unwrap().into()
}

fn key(byte: u8) -> ShieldEncKey {
    vec![byte; KEY_BYTES as usize].try_into().unwrap()
}

fn at_block_1(body: impl FnOnce()) {
    let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        System::set_block_number(1);
        body();
    });
}

fn block(number: u64) {
    System::set_block_number(number);
    MevShield::on_initialize(number);
}

fn announce(byte: u8) {
    assert_ok!(MevShield::announce_next_key(RuntimeOrigin::none(), Some(key(byte))));
}

fn keys() -> [Option<ShieldEncKey>; 3] {
    [CurrentKey::<Test>::get(), PendingKey::<Test>::get(), NextKey::<Test>::get()]
}

#[test]
fn keys_move_on_and_are_those_of_the_author_to_come() {
    at_block_1(|| {
        announce(1);
        assert_eq!(keys(), [None, None, Some(key(1))]);
        block(2);
        announce(2);
        assert_eq!(keys(), [None, Some(key(1)), Some(key(2))]);
        block(3);
        announce(3);
        assert_eq!(keys(), [Some(key(1)), Some(key(2)), Some(key(3))]);
        block(4);
        assert_ok!(MevShield::announce_next_key(RuntimeOrigin::none(), None));
        assert_eq!(keys(), [Some(key(2)), Some(key(3)), None]);
    });
}

#[test]
fn a_key_whose_author_is_gone_ends() {
    at_block_1(|| {
        announce(1);
        block(u64::from(KEY_BLOCKS));
        assert_eq!(NextKey::<Test>::get(), Some(key(1)));
        block(u64::from(KEY_BLOCKS) + 1);
        assert_eq!(NextKey::<Test>::get(), None);
    });
}

#[test]
fn only_an_author_announces_and_only_a_whole_key() {
    at_block_1(|| {
        let short: ShieldEncKey = vec![1; 10].try_into().unwrap();
        assert_noop!(
            MevShield::announce_next_key(RuntimeOrigin::signed(1), Some(key(1))),
            sp_runtime::DispatchError::BadOrigin
        );
        assert_noop!(MevShield::announce_next_key(RuntimeOrigin::none(), Some(short)), Error::<Test>::BadEncKeyLen);
    });
}

#[test]
fn the_inherent_is_made_of_a_key_alone() {
    let mut data = InherentData::new();
    assert_eq!(MevShield::create_inherent(&data), None);
    data.put_data(INHERENT_IDENTIFIER, &key(7)).unwrap();
    let call = MevShield::create_inherent(&data).unwrap();
    assert_eq!(call, Call::announce_next_key { enc_key: Some(key(7)) });
    assert!(MevShield::is_inherent(&call));
    assert!(!MevShield::is_inherent(&Call::submit_encrypted { ciphertext: Default::default() }));
}

#[test]
fn a_carrier_is_told() {
    at_block_1(|| {
        let ciphertext: Carried = vec![1, 2, 3].try_into().unwrap();
        assert_ok!(MevShield::submit_encrypted(RuntimeOrigin::signed(5), ciphertext));
        assert!(System::events()
            .iter()
            .any(|record| matches!(record.event, RuntimeEvent::MevShield(Event::EncryptedSubmitted { who: 5, .. }))));
        let unsigned = MevShield::submit_encrypted(RuntimeOrigin::none(), Default::default());
        assert_eq!(unsigned, Err(sp_runtime::DispatchError::BadOrigin));
    });
}

fn stored(bytes: &[u8]) -> frame_support::dispatch::DispatchResult {
    MevShield::store_encrypted(RuntimeOrigin::signed(5), bytes.to_vec().try_into().unwrap())
}

#[test]
fn what_is_stored_is_gone_with_the_next_block() {
    at_block_1(|| {
        MaxPendingExtrinsicsLimit::<Test>::put(2);
        assert_ok!(stored(&[1]));
        System::assert_last_event(Event::<Test>::ExtrinsicStored { index: 0, who: 5 }.into());
        assert_ok!(stored(&[2]));
        let entry = PendingExtrinsic { who: 5, encrypted_call: vec![2].try_into().unwrap(), submitted_at: 1 };
        assert_eq!(PendingExtrinsics::<Test>::get(1), Some(entry));
        assert_noop!(stored(&[3]), Error::<Test>::TooManyPendingExtrinsics);
        block(2);
        System::assert_has_event(Event::<Test>::ExtrinsicDecodeFailed { index: 0 }.into());
        System::assert_last_event(Event::<Test>::ExtrinsicDecodeFailed { index: 1 }.into());
        assert_eq!(PendingExtrinsics::<Test>::count(), 0);
        ExtrinsicLifetime::<Test>::put(0);
        assert_ok!(stored(&[3]));
        System::assert_last_event(Event::<Test>::ExtrinsicStored { index: 2, who: 5 }.into());
        block(3);
        System::assert_last_event(Event::<Test>::ExtrinsicExpired { index: 2 }.into());
        assert_noop!(
            MevShield::store_encrypted(RuntimeOrigin::none(), Default::default()),
            sp_runtime::DispatchError::BadOrigin
        );
    });
}

#[test]
fn root_alone_sets_what_the_queue_may_take() {
    at_block_1(|| {
        let (root, signed) = (RuntimeOrigin::root, || RuntimeOrigin::signed(1));
        assert_eq!((MaxPendingExtrinsicsLimit::<Test>::get(), ExtrinsicLifetime::<Test>::get()), (100, 10));
        assert_eq!(OnInitializeWeight::<Test>::get(), 500_000_000_000);
        assert_eq!(MaxExtrinsicWeight::<Test>::get(), 50_000_000_000);
        let bad = sp_runtime::DispatchError::BadOrigin;
        assert_noop!(MevShield::set_max_pending_extrinsics_number(signed(), 1), bad);
        assert_noop!(MevShield::set_on_initialize_weight(signed(), 1), bad);
        assert_noop!(MevShield::set_stored_extrinsic_lifetime(signed(), 1), bad);
        assert_noop!(MevShield::set_max_extrinsic_weight(signed(), 1), bad);
        let much = Error::<Test>::WeightExceedsAbsoluteMax;
        assert_noop!(MevShield::set_on_initialize_weight(root(), MOST_WEIGHT + 1), much);
        assert_noop!(
            MevShield::set_max_extrinsic_weight(root(), MOST_WEIGHT + 1),
            Error::<Test>::WeightExceedsAbsoluteMax
        );
        assert_ok!(MevShield::set_max_pending_extrinsics_number(root(), 1));
        assert_ok!(MevShield::set_on_initialize_weight(root(), 2));
        assert_ok!(MevShield::set_stored_extrinsic_lifetime(root(), 3));
        assert_ok!(MevShield::set_max_extrinsic_weight(root(), MOST_WEIGHT));
        System::assert_last_event(Event::<Test>::MaxExtrinsicWeightSet { value: MOST_WEIGHT }.into());
        assert_eq!((MaxPendingExtrinsicsLimit::<Test>::get(), ExtrinsicLifetime::<Test>::get()), (1, 3));
        assert_eq!((OnInitializeWeight::<Test>::get(), MaxExtrinsicWeight::<Test>::get()), (2, MOST_WEIGHT));
    });
}

#[test]
fn a_ciphertext_is_read_in_its_parts_or_not_at_all() {
    let parts =
        ShieldedTransaction { key_hash: [1; 16], kem_ct: vec![2; KEM_BYTES], nonce: [3; 24], aead_ct: vec![4; 40] };
    let mut bytes = parts.key_hash.to_vec();
    bytes.extend((KEM_BYTES as u16).to_le_bytes());
    bytes.extend(&parts.kem_ct);
    bytes.extend(parts.nonce);
    bytes.extend(&parts.aead_ct);
    assert_eq!(ShieldedTransaction::parse(&bytes), Some(parts));
    let head = bytes.len() - 40;
    for length in 0..=head {
        assert_eq!(ShieldedTransaction::parse(&bytes[..length]), None);
    }
    bytes[16] = 0;
    assert_eq!(ShieldedTransaction::parse(&bytes), None);
}

/// What Node's ML-KEM and @noble/ciphers encrypted: seed, expanded key, encapsulated secret, nonce, ciphertext.
#[test]
fn what_clients_encrypt_opens_with_either_form_of_the_key() {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let parts: Vec<Vec<u8>> = include_str!("sealed.hex").lines().map(bytes).collect();
    let [seed, expanded, kem_ct, nonce, aead_ct] = <[Vec<u8>; 5]>::try_from(parts).unwrap();
    let sealed = ShieldedTransaction { key_hash: [0; 16], kem_ct, nonce: nonce.try_into().unwrap(), aead_ct };
    for key in [&seed, &expanded] {
        assert_eq!(unshield(key, &sealed), Some(b"an extrinsic".to_vec()));
    }
    for key in [&seed[1..], &expanded[1..], &[], &[7; 64], &[7; 2400]] {
        assert_eq!(unshield(key, &sealed), None);
    }
    let changed = |change: &dyn Fn(&mut ShieldedTransaction)| {
        let mut other = sealed.clone();
        change(&mut other);
        unshield(&seed, &other)
    };
    assert_eq!(changed(&|one| one.kem_ct[5] ^= 1), None);
    assert_eq!(changed(&|one| one.nonce[5] ^= 1), None);
    assert_eq!(changed(&|one| one.aead_ct[5] ^= 1), None);
    assert_eq!(changed(&|one| one.kem_ct.truncate(1087)), None);
    assert_eq!(changed(&|one| one.aead_ct.clear()), None);
}
