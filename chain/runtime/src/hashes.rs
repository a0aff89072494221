//! Digests of names and accounts, remembered for one call of the runtime.
//!
//! Every access to storage hashes the pallet's name, the item's and often an account, each by a call of the host: an
//! epoch asked fifteen thousand times for six hundred digests. The functions are exchanged as cumulus exchanges those of
//! storage. What is not known yet the host computes, so no digest can differ.
use core::cell::{Cell, UnsafeCell};

#[cfg(test)]
mod tests;

/// Longer inputs are seldom seen again.
const LONGEST: usize = 32;
const WORDS: usize = LONGEST / 8;
/// Places for names and for accounts, powers of two. An input has two; who comes third drives one out.
#[cfg(substrate_runtime)]
const NAMES: usize = 1 << 8;
#[cfg(substrate_runtime)]
const ACCOUNTS: usize = 1 << 10;
/// 2^64 by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

type Digest = [u8; 16];
type Hash = fn(&[u8]) -> Digest;

/// An input, filled up with zeros.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Input {
    words: [u64; WORDS],
    /// One more than its bytes; 0 where nothing is known.
    length: usize,
}

impl Input {
    fn new(data: &[u8]) -> Option<Self> {
        let mut filled = [0_u8; LONGEST];
        filled.get_mut(..data.len())?.copy_from_slice(data);
        let mut words = [0; WORDS];
        for (word, bytes) in words.iter_mut().zip(filled.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        Some(Self { words, length: data.len().wrapping_add(1) })
    }

    /// Its place among so many, a power of two.
    fn place(&self, places: usize) -> usize {
        let mixed = self.words.iter().fold(0_u64, |sum, word| (sum.rotate_left(17) ^ word).wrapping_mul(SPREAD));
        // The high bits: they depend on all others.
        let place = mixed.checked_shr(u64::BITS.wrapping_sub(places.trailing_zeros()));
        place.and_then(|place| usize::try_from(place).ok()).unwrap_or_default()
    }
}

/// What is known of one hash function, and the host's own.
struct Memory<const PLACES: usize> {
    known: UnsafeCell<[(Input, Digest); PLACES]>,
    host: Cell<Option<Hash>>,
}

// SAFETY: a runtime has one thread.
unsafe impl<const PLACES: usize> Sync for Memory<PLACES> {}

impl<const PLACES: usize> Memory<PLACES> {
    const fn new() -> Self {
        let nothing = Input { words: [0; WORDS], length: 0 };
        Self { known: UnsafeCell::new([(nothing, [0; 16]); PLACES]), host: Cell::new(None) }
    }

    fn ask_host(&self, data: &[u8]) -> Digest {
        self.host.get().map(|hash| hash(data)).unwrap_or_default()
    }

    fn digest(&self, data: &[u8]) -> Digest {
        let Some(input) = Input::new(data) else { return self.ask_host(data) };
        // SAFETY: one thread, and the host does not call back, so that no other reference lives.
        let known = unsafe { &mut *self.known.get() };
        let place = input.place(PLACES);
        for place in [place, place ^ 1] {
            if let Some((_, digest)) = known.get(place).filter(|(other, _)| *other == input) {
                return *digest;
            }
        }
        let digest = self.ask_host(data);
        known.swap(place, place ^ 1);
        if let Some(free) = known.get_mut(place) {
            *free = (input, digest);
        }
        digest
    }
}

#[cfg(substrate_runtime)]
static TWOX: Memory<NAMES> = Memory::new();
#[cfg(substrate_runtime)]
static BLAKE2: Memory<ACCOUNTS> = Memory::new();

/// Remembers digests until the result is dropped. Not twice at a time.
#[cfg(substrate_runtime)]
pub fn remembered() -> impl Sized {
    use sp_io::hashing::{host_blake2_128, host_twox_128};
    TWOX.host.set(Some(host_twox_128.get()));
    BLAKE2.host.set(Some(host_blake2_128.get()));
    let twox: Hash = |data| TWOX.digest(data);
    let blake2: Hash = |data| BLAKE2.digest(data);
    (host_twox_128.replace_implementation(twox), host_blake2_128.replace_implementation(blake2))
}

/// Natively digests are computed here already: there is no host to ask.
#[cfg(not(substrate_runtime))]
pub fn remembered() -> impl Sized {}
