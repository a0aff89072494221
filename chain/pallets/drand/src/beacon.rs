//! Arithmetic of the beacon: whether a pulse is genuine, and what a ciphertext says once its pulse is out.
//!
//! The scheme is drand's `bls-unchained-g1-rfc9380` with Boneh-Franklin encryption and AES-GCM, by the crate `timelock`.
//! Ciphertexts are taken apart here: that crate's reader reserves whatever length a stranger's bytes name.
use alloc::vec::Vec;

use ark_serialize::CanonicalDeserialize;
use timelock::{
    block_ciphers::{AESGCMBlockCipherProvider, AESOutput, BlockCipherProvider},
    engines::{drand::TinyBLS381, EngineBLS},
    ibe::fullident::{Ciphertext, IBESecret},
};

use crate::types::Pulse;

type Signature = <TinyBLS381 as EngineBLS>::SignatureGroup;
type PublicKey = <TinyBLS381 as EngineBLS>::PublicKeyGroup;

/// Bytes of a pulse's signature: a point of G1.
pub const SIGNATURE_BYTES: usize = 48;
const KEY_BYTES: usize = 96;
const SUITE: &[u8] = b"AES_GCM_";

fn signature_of(bytes: &[u8]) -> Option<Signature> {
    (bytes.len() == SIGNATURE_BYTES).then(|| Signature::deserialize_compressed(bytes).ok()).flatten()
}

fn key_of(bytes: &[u8]) -> Option<PublicKey> {
    (bytes.len() == KEY_BYTES).then(|| PublicKey::deserialize_compressed(bytes).ok()).flatten()
}

/// Whether a pulse is the beacon's: its signature is of its round, its randomness the signature's hash. None where
/// something is no point of its curve. What costs least is looked at first. The key is not a stranger's but
/// the genesis' or Root's, so it is only unpacked.
pub fn is_genuine(public_key: &[u8], pulse: &Pulse) -> Option<bool> {
    if pulse.signature.len() != SIGNATURE_BYTES {
        return None;
    }
    if *pulse.randomness != sp_io::hashing::sha2_256(&pulse.signature) {
        return Some(false);
    }
    let signature = signature_of(&pulse.signature)?;
    let key = PublicKey::deserialize_compressed_unchecked(public_key).ok()?;
    let message = sp_io::hashing::sha2_256(&pulse.round.to_be_bytes());
    let hashed = TinyBLS381::hash_to_signature_curve(&message[..]);
    let pairs = [
        (TinyBLS381::minus_generator_of_public_key_group_prepared(), TinyBLS381::prepare_signature(signature)),
        (TinyBLS381::prepare_public_key(key), TinyBLS381::prepare_signature(hashed)),
    ];
    let paired = TinyBLS381::final_exponentiation(TinyBLS381::miller_loop(&pairs))?;
    Some(paired == Default::default())
}

/// Parts of a ciphertext, none longer than the bytes it came in.
struct Parts {
    header: Ciphertext<TinyBLS381>,
    body: AESOutput,
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

/// Bytes after their number as u64, little-endian.
fn take_list<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let count = u64::from_le_bytes(take(bytes, 8)?.try_into().ok()?);
    take(bytes, usize::try_from(count).ok()?)
}

/// point of G2; 32 masked bytes of a seed; 32 masked bytes of the key; (ciphertext, nonce); name of the cipher.
fn take_apart(mut bytes: &[u8]) -> Option<Parts> {
    let u = key_of(take(&mut bytes, KEY_BYTES)?)?;
    let v = take_list(&mut bytes)?.try_into().ok()?;
    let w = take_list(&mut bytes)?.try_into().ok()?;
    let mut body = take_list(&mut bytes)?;
    let (ciphertext, nonce) = (take_list(&mut body)?.to_vec(), take_list(&mut body)?.to_vec());
    let whole = take_list(&mut bytes)? == SUITE && bytes.is_empty() && body.is_empty();
    whole.then_some(Parts { header: Ciphertext { u, v, w }, body: AESOutput { ciphertext, nonce } })
}

/// What was encrypted to the round of this signature; None if nothing was.
pub fn decrypt(signature: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let Parts { header, body } = take_apart(ciphertext)?;
    let key = IBESecret::<TinyBLS381>(signature_of(signature)?).decrypt(&header).ok()?;
    AESGCMBlockCipherProvider::decrypt(body, key).ok()
}
