//! The author's part of MevShield: keys that calls are encrypted to, and the opening of what was.
//!
//! An author announces its key in each of its blocks, so that the runtime always names the one of the block after the next.
//! A key serves sixteen blocks; the last three are opened, and lie beside the database, readable by their owner alone: one
//! is on disk before a block tells it. The format is that of the embedded chain (`chain/embedded/shield-keys.ts`).
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use chacha20poly1305::{aead::Aead, KeyInit, XChaCha20Poly1305, XNonce};
use codec::Decode;
use ml_kem::{ml_kem_768, Decapsulate, KeyExport};
use sc_service::error::Error;
use serde::{Deserialize, Serialize};
use sp_blockchain::HeaderBackend;
use sp_inherents::{InherentData, InherentDataProvider, InherentIdentifier};
use sp_io::hashing::twox_128;

use crate::chain::{Block, Hash};

/// Under which the runtime looks for an author's key.
const INHERENT: InherentIdentifier = *b"shieldky";
/// Blocks for which a key is announced.
const ROTATION_BLOCKS: u32 = 16;
/// Keys that are still opened.
const KEPT_KEYS: usize = 3;
/// Of an ML-KEM-768 key: the two random halves from which all else follows.
const SEED_BYTES: usize = 64;
const OWNER_ALONE: u32 = 0o600;

/// An encrypted call in its parts, as `ShieldApi_try_decode_shielded_tx` answers them.
#[derive(Debug, Decode)]
pub struct Sealed {
    /// twox128 of the key that it is encrypted to.
    key_hash: [u8; 16],
    /// The encapsulated secret.
    encapsulated: Vec<u8>,
    /// The encrypted extrinsic.
    ciphertext: Vec<u8>,
    /// Nonce of XChaCha20-Poly1305.
    nonce: [u8; 24],
}

/// What an author makes of an encrypted call.
#[derive(Debug, PartialEq, Eq)]
pub enum Opening {
    /// Encrypted to a key that is not, or no longer, its own: another author's affair.
    Foreign,
    /// To its own key, but not whole: nobody can ever open it.
    Unreadable,
    /// What was inside.
    Opened(Vec<u8>),
}

struct Key {
    /// For which it was made.
    block: u32,
    seed: [u8; SEED_BYTES],
    secret: ml_kem_768::DecapsulationKey,
    public: Vec<u8>,
    hash: [u8; 16],
}

impl Key {
    fn of(block: u32, seed: [u8; SEED_BYTES]) -> Self {
        let secret = ml_kem_768::DecapsulationKey::from_seed(seed.into());
        let public = secret.encapsulation_key().to_bytes().to_vec();
        let hash = twox_128(&public);
        Self { block, seed, secret, public, hash }
    }

    fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        let encapsulated = ml_kem_768::Ciphertext::try_from(&sealed.encapsulated[..]).ok()?;
        let shared = self.secret.decapsulate(&encapsulated);
        let cipher = XChaCha20Poly1305::new_from_slice(&shared).ok()?;
        cipher.decrypt(&XNonce::from(sealed.nonce), &sealed.ciphertext[..]).ok()
    }
}

/// A key as it lies on disk.
#[derive(Deserialize, Serialize)]
struct KeptKey {
    block: u32,
    seed: String,
}

/// The keys of one author.
pub struct Shield {
    path: PathBuf,
    /// The oldest first.
    keys: Mutex<Vec<Key>>,
}

impl Shield {
    /// Reads the keys of an earlier run, or begins without any.
    pub fn open(path: PathBuf) -> Result<Self, Error> {
        let keys = read(&path).map_err(|cause| {
            Error::Other(format!(
                "cannot read {}: {cause}; without it, calls that are encrypted to its keys stay closed. Delete it to go on",
                path.display()
            ))
        })?;
        Ok(Self { path, keys: Mutex::new(keys) })
    }

    /// The key to announce in a block: the last one, or a new one once that has served. None if there is none and none can
    /// be kept.
    pub fn key_for(&self, block: u32) -> Option<Vec<u8>> {
        let mut keys = self.keys();
        let is_fresh = keys.last().is_some_and(|key| key.block <= block && block < key.block.saturating_add(ROTATION_BLOCKS));
        if !is_fresh {
            if let Err(cause) = self.add(&mut keys, block) {
                log::warn!("MevShield: the last key goes on, {} cannot be written: {cause}", self.path.display());
            }
        }
        keys.last().map(|key| key.public.clone())
    }

    /// Opens what is encrypted to one of the keys.
    pub fn open_sealed(&self, sealed: &Sealed) -> Opening {
        match self.keys().iter().find(|key| key.hash == sealed.key_hash) {
            None => Opening::Foreign,
            Some(key) => key.open(sealed).map_or(Opening::Unreadable, Opening::Opened),
        }
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, keys: &mut Vec<Key>, block: u32) -> io::Result<()> {
        let mut seed = [0; SEED_BYTES];
        getrandom::fill(&mut seed).map_err(|cause| io::Error::other(cause.to_string()))?;
        let made = Key::of(block, seed);
        let kept = keys.len().saturating_sub(KEPT_KEYS - 1);
        write(&self.path, keys.iter().skip(kept).chain([&made]))?;
        keys.drain(..kept);
        keys.push(made);
        Ok(())
    }
}

fn read(path: &Path) -> io::Result<Vec<Key>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let kept: Vec<KeptKey> = serde_json::from_str(&text)?;
    kept.into_iter()
        .map(|KeptKey { block, seed }| {
            let bytes = sp_core::bytes::from_hex(&seed).map_err(|_| io::Error::other("a seed is no hex"))?;
            let seed = bytes.try_into().map_err(|_| io::Error::other("a seed has 64 bytes"))?;
            Ok(Key::of(block, seed))
        })
        .collect()
}

/// A crash leaves the old file or the new one; nobody but the owner ever reads either.
fn write<'a>(path: &Path, keys: impl Iterator<Item = &'a Key>) -> io::Result<()> {
    let kept: Vec<KeptKey> =
        keys.map(|key| KeptKey { block: key.block, seed: sp_core::bytes::to_hex(&key.seed, false) }).collect();
    let folder = path.parent().ok_or_else(|| io::Error::other("no folder"))?;
    std::fs::create_dir_all(folder)?;
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ALONE).open(&draft)?;
    writeln!(file, "{}", serde_json::to_string(&kept)?)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()
}

/// The key that one block announces; none: it announces nothing.
pub struct ShieldInherent(Option<Vec<u8>>);

impl ShieldInherent {
    /// For the block on a parent.
    pub fn for_block_on(shield: Option<&Shield>, chain: &impl HeaderBackend<Block>, parent: Hash) -> Self {
        let parent = chain.number(parent).ok().flatten();
        Self(parent.and_then(|number| shield?.key_for(number.saturating_add(1))))
    }
}

#[async_trait::async_trait]
impl InherentDataProvider for ShieldInherent {
    async fn provide_inherent_data(&self, data: &mut InherentData) -> Result<(), sp_inherents::Error> {
        match &self.0 {
            Some(key) => data.put_data(INHERENT, key),
            None => Ok(()),
        }
    }

    async fn try_handle_error(&self, _: &InherentIdentifier, _: &[u8]) -> Option<Result<(), sp_inherents::Error>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("assay-shield-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    fn sealed_to(public: &[u8], plain: &[u8]) -> Sealed {
        let key = ml_kem_768::EncapsulationKey::new(&public.try_into().expect("1184 bytes")).expect("a key");
        let (encapsulated, shared) = key.encapsulate_deterministic(&[7; 32].into());
        let cipher = XChaCha20Poly1305::new_from_slice(&shared).expect("32 bytes");
        let nonce = [9; 24];
        let ciphertext = cipher.encrypt(&XNonce::from(nonce), plain).expect("encrypts");
        Sealed { key_hash: twox_128(public), encapsulated: encapsulated.to_vec(), ciphertext, nonce }
    }

    #[test]
    fn what_is_encrypted_to_a_key_is_opened_after_a_restart_too() {
        let path = folder("restart").join("keys.json");
        let key = Shield::open(path.clone()).expect("new").key_for(1).expect("a key");
        let sealed = sealed_to(&key, b"inside");
        let again = Shield::open(path).expect("the same");
        assert_eq!(again.open_sealed(&sealed), Opening::Opened(b"inside".to_vec()));
    }

    #[test]
    fn a_key_serves_sixteen_blocks_and_the_fourth_oldest_is_forgotten() {
        let shield = Shield::open(folder("rotation").join("keys.json")).expect("new");
        let first = shield.key_for(1).expect("a key");
        assert_eq!(shield.key_for(16), Some(first.clone()));
        let sealed = sealed_to(&first, b"inside");
        for block in [17, 33] {
            assert_ne!(shield.key_for(block), Some(first.clone()));
            assert_eq!(shield.open_sealed(&sealed), Opening::Opened(b"inside".to_vec()));
        }
        assert!(shield.key_for(49).is_some());
        assert_eq!(shield.open_sealed(&sealed), Opening::Foreign);
    }

    #[test]
    fn what_is_not_whole_is_unreadable_and_what_is_anothers_is_foreign() {
        let shield = Shield::open(folder("whole").join("keys.json")).expect("new");
        let key = shield.key_for(1).expect("a key");
        let mut sealed = sealed_to(&key, b"inside");
        sealed.ciphertext[0] ^= 1;
        assert_eq!(shield.open_sealed(&sealed), Opening::Unreadable);
        sealed.encapsulated.pop();
        assert_eq!(shield.open_sealed(&sealed), Opening::Unreadable);
        sealed.key_hash[0] ^= 1;
        assert_eq!(shield.open_sealed(&sealed), Opening::Foreign);
    }

    #[test]
    fn a_file_that_is_none_of_ours_is_refused_with_its_name() {
        let path = folder("foreign").join("keys.json");
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        for text in ["", "{}", "[{\"block\":1,\"seed\":\"0x00\"}]", "[{\"block\":-1,\"seed\":\"\"}]"] {
            std::fs::write(&path, text).expect("written");
            let error = Shield::open(path.clone()).err().expect("refused").to_string();
            assert!(error.contains("keys.json"), "{error}");
        }
    }
}
