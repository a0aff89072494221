//! What travels: keys, and carriers as clients write them.
use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Bytes of an ML-KEM-768 encapsulation key.
pub const KEY_BYTES: u32 = 1184;
/// Bytes of an ML-KEM-768 ciphertext.
pub const KEM_BYTES: usize = 1088;
/// Most bytes of a carrier's ciphertext.
pub const MOST_BYTES: u32 = 8192;
/// twox128 of a key.
const HASH_BYTES: usize = 16;
const LENGTH_BYTES: usize = 2;
const NONCE_BYTES: usize = 24;

/// A key that calls are encrypted to.
pub type ShieldEncKey = BoundedVec<u8, ConstU32<KEY_BYTES>>;
/// What a carrier carries.
pub type Carried = BoundedVec<u8, ConstU32<MOST_BYTES>>;

/// An entry of the queue.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct PendingExtrinsic<AccountId, BlockNumber> {
    /// Who stored it.
    pub who: AccountId,
    /// What was stored.
    pub encrypted_call: Carried,
    /// The block in which it was.
    pub submitted_at: BlockNumber,
}

/// A carried call in its parts. On the wire: key_hash, u16 length of kem_ct, kem_ct, nonce, aead_ct.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct ShieldedTransaction {
    /// twox128 of the key that it is encrypted to.
    pub key_hash: [u8; HASH_BYTES],
    /// The encapsulated secret.
    pub kem_ct: Vec<u8>,
    /// The encrypted extrinsic.
    pub aead_ct: Vec<u8>,
    /// Nonce of XChaCha20-Poly1305.
    pub nonce: [u8; NONCE_BYTES],
}

impl ShieldedTransaction {
    /// The parts of a ciphertext; none if it cannot be one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (key_hash, rest) = bytes.split_first_chunk::<HASH_BYTES>()?;
        let (length, rest) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        let length = usize::from(u16::from_le_bytes(*length));
        if length != KEM_BYTES {
            return None;
        }
        let (kem_ct, rest) = rest.split_at_checked(length)?;
        let (nonce, aead_ct) = rest.split_first_chunk::<NONCE_BYTES>()?;
        (!aead_ct.is_empty()).then(|| Self {
            key_hash: *key_hash,
            kem_ct: kem_ct.to_vec(),
            nonce: *nonce,
            aead_ct: aead_ct.to_vec(),
        })
    }
}
