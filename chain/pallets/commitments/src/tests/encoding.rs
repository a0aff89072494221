//! Bytes and metadata as unmodified clients expect them.

use super::mock::*;
use crate::{CommitmentInfo, Data, Registration, UsageTracker};
use alloc::{vec, vec::Vec};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::traits::ConstU32;
use scale_info::{TypeDef, TypeInfo};

fn every_kind() -> Vec<Data> {
    let mut kinds: Vec<Data> = (0..=128).map(raw).collect();
    kinds.extend([
        Data::None,
        Data::BlakeTwo256([1; 32]),
        Data::Sha256([2; 32]),
        Data::Keccak256([3; 32]),
        Data::ShaThree256([4; 32]),
        timelocked(9),
        Data::ResetBondsFlag,
        big(0),
        big(512),
    ]);
    kinds
}

#[test]
fn raw_holds_its_length_in_the_index() {
    assert_eq!(raw(0).encode(), [1]);
    assert_eq!(raw(2).encode(), [3, 7, 7]);
    let longest = raw(128).encode();
    assert_eq!((longest[0], longest.len()), (129, 129));
}

#[test]
fn the_other_indexes_follow() {
    assert_eq!(Data::None.encode(), [0]);
    assert_eq!(Data::BlakeTwo256([1; 32]).encode(), [&[130][..], &[1; 32]].concat());
    assert_eq!(Data::Sha256([1; 32]).encode(), [&[131][..], &[1; 32]].concat());
    assert_eq!(Data::Keccak256([1; 32]).encode(), [&[132][..], &[1; 32]].concat());
    assert_eq!(Data::ShaThree256([1; 32]).encode(), [&[133][..], &[1; 32]].concat());
    assert_eq!(timelocked(5).encode(), [134, 12, 1, 2, 3, 5, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(Data::ResetBondsFlag.encode(), [135]);
    assert_eq!(big(2).encode(), [136, 8, 9, 9]);
}

#[test]
fn what_is_encoded_decodes() {
    for data in every_kind() {
        let bytes = data.encode();
        assert!(bytes.len() <= Data::max_encoded_len());
        assert_eq!(Data::decode(&mut &bytes[..]), Ok(data.clone()));
        if !bytes.is_empty() {
            assert!(Data::decode(&mut &bytes[..bytes.len() - 1]).is_err(), "{data:?} decodes from too few bytes");
        }
    }
}

#[test]
fn oversized_and_unknown_data_is_refused() {
    for index in 137..=255u8 {
        assert!(Data::decode(&mut &[index; 64][..]).is_err());
    }
    let too_long = [&[136][..], &vec![0u8; 513].encode()].concat();
    assert!(Data::decode(&mut &too_long[..]).is_err());
    let too_long = [&[134][..], &vec![0u8; 1025].encode(), &[0; 8]].concat();
    assert!(Data::decode(&mut &too_long[..]).is_err());
    let too_many = vec![Data::None; 4].encode();
    assert!(CommitmentInfo::<ConstU32<3>>::decode(&mut &too_many[..]).is_err());
}

#[test]
fn slots_encode_in_upstreams_order() {
    let slot: Registration<u64, ConstU32<3>, u32> = Registration { deposit: 0, block: 7, info: info(&[raw(1)]) };
    assert_eq!(slot.encode(), [0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 4, 2, 7]);
    let usage = UsageTracker { last_epoch: 1, used_space: 2 };
    assert_eq!(usage.encode(), [1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn metadata_lists_every_length_of_raw() {
    let info = Data::type_info();
    assert_eq!(info.path.segments, ["pallet_commitments", "types", "Data"]);
    let TypeDef::Variant(variants) = info.type_def else { panic!("an enum") };
    let names: Vec<(u8, &str)> = variants.variants.iter().map(|variant| (variant.index, variant.name)).collect();
    assert_eq!(names.len(), 137);
    // Clients look a variant up by index: each once, without gaps, in order.
    assert!(names.iter().map(|(index, _)| *index).eq(0..=136));
    assert_eq!([names[0], names[1], names[129]], [(0, "None"), (1, "Raw0"), (129, "Raw128")]);
    assert_eq!(
        [names[134], names[135], names[136]],
        [(134, "TimelockEncrypted"), (135, "ResetBondsFlag"), (136, "BigRaw")]
    );
}
