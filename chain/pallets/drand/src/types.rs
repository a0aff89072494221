//! Values of calls and storage, field by field in upstream's SCALE order.
use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use sp_core::hex2array;
use sp_runtime::traits::Get;

/// Number of a pulse.
pub type RoundNumber = u64;
/// A public key: 96 bytes, a point of G2.
pub type OpaquePublicKey = BoundedVec<u8, ConstU32<96>>;
/// A hash, or a name of at most 32 bytes.
pub type BoundedHash = BoundedVec<u8, ConstU32<32>>;

/// What is not in the configuration proper.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Metadata {
    /// Name of the beacon.
    pub beacon_id: BoundedHash,
}

/// The beacon that a chain follows.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct BeaconConfiguration {
    /// Its key.
    pub public_key: OpaquePublicKey,
    /// Seconds between two pulses.
    pub period: u32,
    /// Time of the first pulse, in seconds.
    pub genesis_time: u32,
    /// Its name among beacons.
    pub hash: BoundedHash,
    /// Hash of those who run it.
    pub group_hash: BoundedHash,
    /// Its signature scheme.
    pub scheme_id: BoundedHash,
    /// The rest.
    pub metadata: Metadata,
}

/// Drand's quicknet, which clients encrypt to.
pub struct Quicknet;
impl Get<BeaconConfiguration> for Quicknet {
    fn get() -> BeaconConfiguration {
        BeaconConfiguration {
            public_key: bounded(&hex2array!(
                "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
            )),
            period: 3,
            genesis_time: 1_692_803_367,
            hash: bounded(&hex2array!("52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971")),
            group_hash: bounded(&hex2array!("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e")),
            scheme_id: bounded(b"bls-unchained-g1-rfc9380"),
            metadata: Metadata { beacon_id: bounded(b"quicknet") },
        }
    }
}

fn bounded<const N: u32>(bytes: &[u8]) -> BoundedVec<u8, ConstU32<N>> {
    BoundedVec::truncate_from(bytes.to_vec())
}

/// One pulse of the beacon.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Default, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Pulse {
    /// Its number.
    pub round: RoundNumber,
    /// SHA-256 of the signature.
    pub randomness: BoundedVec<u8, ConstU32<32>>,
    /// Signature of the number: 48 bytes, a point of G1.
    pub signature: BoundedVec<u8, ConstU32<144>>,
}

/// Pulses on their way into the chain.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct PulsesPayload<Public, BlockNumber> {
    /// Block in which the sender saw them.
    pub block_number: BlockNumber,
    /// The pulses; the pool takes one at a time.
    pub pulses: Vec<Pulse>,
    /// The sender, who does not matter: a pulse proves itself.
    pub public: Public,
}

/// Another beacon.
#[derive(Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct BeaconConfigurationPayload<Public, BlockNumber> {
    /// Block in which it was proposed.
    pub block_number: BlockNumber,
    /// The beacon.
    pub config: BeaconConfiguration,
    /// Who proposed it; Root alone decides.
    pub public: Public,
}
