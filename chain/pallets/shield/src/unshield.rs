//! What a carrier holds, for whoever has the key: ML-KEM-768, then XChaCha20-Poly1305 under the shared secret.
//! Authors here do it outside the runtime; this is upstream's runtime API.
use alloc::vec::Vec;

use chacha20poly1305::{aead::Aead, KeyInit, XChaCha20Poly1305, XNonce};
use ml_kem::{ml_kem_768, Decapsulate};

use crate::types::ShieldedTransaction;

/// A key from its 64 bytes of seed, or from the 2,400 that upstream keeps.
#[allow(deprecated)]
fn key_of(bytes: &[u8]) -> Option<ml_kem_768::DecapsulationKey> {
    if let Ok(seed) = ml_kem::Seed::try_from(bytes) {
        return Some(ml_kem_768::DecapsulationKey::from_seed(seed));
    }
    let expanded = ml_kem_768::ExpandedDecapsulationKey::try_from(bytes).ok()?;
    ml_kem_768::DecapsulationKey::from_expanded(&expanded).ok()
}

/// The bytes that were encrypted; none if they were not to this key, or are not whole.
pub fn unshield(key: &[u8], shielded: &ShieldedTransaction) -> Option<Vec<u8>> {
    let sealed = ml_kem_768::Ciphertext::try_from(&shielded.kem_ct[..]).ok()?;
    let shared = key_of(key)?.decapsulate(&sealed);
    let cipher = XChaCha20Poly1305::new_from_slice(&shared).ok()?;
    cipher.decrypt(&XNonce::from(shielded.nonce), &shielded.aead_ct[..]).ok()
}
