//! MevShield: a key to encrypt calls to, and the carriers in which they travel unseen until their author includes them.
//! Names, types and indexes are those of upstream's spec 424.
//!
//! The author of a block announces a key of its own by an inherent; `NextKey` is the one to encrypt to. Whoever holds the
//! other half opens the carrier when it makes a block, and puts what was inside right behind it. Ours: an author need not
//! announce in every block, a key counts until `NextKeyExpiresAt`, and which keys it still opens is the author's affair:
//! it includes no carrier that it cannot open, so that nobody pays for one. There is no queue of stored calls.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub use pallet::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod runtime_api;
pub mod types;
pub mod weights;

#[cfg(test)]
mod tests;

/// Under which an author gives its key to the inherent: SCALE of a `ShieldEncKey`.
pub const INHERENT_IDENTIFIER: sp_inherents::InherentIdentifier = *b"shieldky";
/// Ours. Blocks for which a key may be encrypted to after it was announced, if no other follows.
pub const KEY_BLOCKS: u32 = 32;
/// Number by which the pool refuses a carrier that cannot be one.
pub const MALFORMED: u8 = 23;

/// Who makes blocks.
pub trait Authors<AuthorityId> {
    /// The author of this block.
    fn current() -> Option<AuthorityId>;
    /// The author of the block after the next, if nobody misses a turn: what is sent now may still reach it.
    fn after_next() -> Option<AuthorityId>;
    /// Lets there be an author, for benchmarks.
    #[cfg(feature = "runtime-benchmarks")]
    fn appoint() {}
}

// FRAME's storage macro expands to `expect`; our own code has none.
#[allow(clippy::expect_used)]
#[frame_support::pallet]
pub mod pallet {
    use crate::{types::*, weights::WeightInfo, Authors, INHERENT_IDENTIFIER, KEY_BLOCKS};
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use sp_inherents::{InherentData, InherentIdentifier, MakeFatalError};
    use sp_runtime::traits::{Hash, Saturating};

    /// The pallet.
    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    /// What the runtime supplies.
    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        /// Identity of an author.
        type AuthorityId: Parameter + Member + MaxEncodedLen;
        /// Who makes this block, and a later one.
        type Authors: Authors<Self::AuthorityId>;
        /// What calls are declared to cost.
        type WeightInfo: WeightInfo;
    }

    /// The key before `PendingKey`.
    #[pallet::storage]
    pub type CurrentKey<T: Config> = StorageValue<_, ShieldEncKey, OptionQuery>;
    /// The key before `NextKey`.
    #[pallet::storage]
    pub type PendingKey<T: Config> = StorageValue<_, ShieldEncKey, OptionQuery>;
    /// The key to encrypt to.
    #[pallet::storage]
    pub type NextKey<T: Config> = StorageValue<_, ShieldEncKey, OptionQuery>;
    /// The last key of each author.
    #[pallet::storage]
    pub type AuthorKeys<T: Config> = StorageMap<_, Twox64Concat, T::AuthorityId, ShieldEncKey, OptionQuery>;
    /// The first block in which `PendingKey` counts no longer.
    #[pallet::storage]
    pub type PendingKeyExpiresAt<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;
    /// The first block in which `NextKey` counts no longer; it is removed then.
    #[pallet::storage]
    pub type NextKeyExpiresAt<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

    /// What happened. Names, fields and indexes are upstream's.
    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A carrier is in the block.
        EncryptedSubmitted {
            /// Hash of signer and ciphertext.
            id: T::Hash,
            /// Its signer.
            who: T::AccountId,
        },
    }

    /// Why a call is refused. Names and indexes are upstream's.
    #[pallet::error]
    pub enum Error<T> {
        /// A key has 1184 bytes.
        BadEncKeyLen,
        /// The block has no author.
        Unreachable,
        /// Never here: nothing is stored.
        TooManyPendingExtrinsics,
        /// Never here: nothing is stored.
        WeightExceedsAbsoluteMax,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        /// Nobody shall encrypt to a key whose author is gone.
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            if NextKeyExpiresAt::<T>::get().is_some_and(|block| block <= now) {
                NextKey::<T>::kill();
                NextKeyExpiresAt::<T>::kill();
            }
            T::DbWeight::get().reads_writes(1, 2)
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Inherent: the author's next key; none withdraws its last.
        ///
        /// Errors: BadEncKeyLen, Unreachable.
        #[pallet::call_index(0)]
        #[pallet::weight((T::WeightInfo::announce_next_key(), DispatchClass::Mandatory))]
        pub fn announce_next_key(origin: OriginFor<T>, enc_key: Option<ShieldEncKey>) -> DispatchResult {
            ensure_none(origin)?;
            let author = T::Authors::current().ok_or(Error::<T>::Unreachable)?;
            match enc_key {
                Some(key) => {
                    ensure!(key.len() == KEY_BYTES as usize, Error::<T>::BadEncKeyLen);
                    AuthorKeys::<T>::insert(author, key);
                }
                None => AuthorKeys::<T>::remove(author),
            }
            Self::rotate();
            Ok(())
        }

        /// Carries an encrypted extrinsic of the same signer, whose nonce follows this one's.
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::submit_encrypted(ciphertext.len() as u32))]
        pub fn submit_encrypted(origin: OriginFor<T>, ciphertext: Carried) -> DispatchResult {
            let who = ensure_signed(origin)?;
            let id = T::Hashing::hash_of(&(&who, &ciphertext));
            Self::deposit_event(Event::EncryptedSubmitted { id, who });
            Ok(())
        }
    }

    #[pallet::inherent]
    impl<T: Config> ProvideInherent for Pallet<T> {
        type Call = Call<T>;
        type Error = MakeFatalError<()>;
        const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

        /// An author without a key, or one that goes on with its last, announces nothing.
        fn create_inherent(data: &InherentData) -> Option<Self::Call> {
            let key = data.get_data::<ShieldEncKey>(&INHERENT_IDENTIFIER).ok()??;
            Some(Call::announce_next_key { enc_key: Some(key) })
        }

        fn is_inherent(call: &Self::Call) -> bool {
            matches!(call, Call::announce_next_key { .. })
        }
    }

    impl<T: Config> Pallet<T> {
        /// Moves each key one place on; the author of the block after the next gives the new one.
        fn rotate() {
            CurrentKey::<T>::set(PendingKey::<T>::get());
            PendingKey::<T>::set(NextKey::<T>::get());
            PendingKeyExpiresAt::<T>::set(NextKeyExpiresAt::<T>::get());
            let next = T::Authors::after_next().and_then(AuthorKeys::<T>::get);
            let until = frame_system::Pallet::<T>::block_number().saturating_add(KEY_BLOCKS.into());
            NextKeyExpiresAt::<T>::set(next.is_some().then_some(until));
            NextKey::<T>::set(next);
        }
    }
}
