//! MevShield: a key to encrypt calls to, and the carriers in which they travel unseen until their author includes them.
//! Names, types and indexes are those of upstream's spec 424.
//!
//! The author of a block announces a key of its own by an inherent; `NextKey` is the one to encrypt to. Whoever holds the
//! other half opens the carrier when it makes a block, and puts what was inside right behind it. Ours: an author need not
//! announce in every block, a key counts until `NextKeyExpiresAt`, and which keys it still opens is the author's affair:
//! it includes no carrier that it cannot open, so that nobody pays for one.
//!
//! `store_encrypted` puts bytes into a queue that the next block empties. Upstream's runtime has nothing that opens them
//! (its decryptor always fails), so every entry ends there as `ExtrinsicDecodeFailed`, or as `ExtrinsicExpired` where it
//! may wait for no block; here as well. What Root sets for the queue's weights is kept for clients: nothing of it runs.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

pub use pallet::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod queue;
pub mod runtime_api;
pub mod types;
pub mod unshield;
pub mod weights;

#[cfg(test)]
mod tests;

/// Under which an author gives its key to the inherent: SCALE of a `ShieldEncKey`.
pub const INHERENT_IDENTIFIER: sp_inherents::InherentIdentifier = *b"shieldky";
/// Ours. Blocks for which a key may be encrypted to after it was announced, if no other follows.
pub const KEY_BLOCKS: u32 = 32;
/// What storing is declared to cost: upstream's number, above what it takes, so that it is dear to fill the queue.
const STORE_WEIGHT: u64 = 20_000_000_000;
/// Most ref_time that Root may give the queue, or one entry of it; upstream's.
const MOST_WEIGHT: u64 = 2_000_000_000_000;
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
    use crate::{
        types::*, weights::WeightInfo, Authors, INHERENT_IDENTIFIER, KEY_BLOCKS, MOST_WEIGHT, STORE_WEIGHT,
    };
    use frame_support::{pallet_prelude::*, traits::ConstU64};
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

    /// Kept for clients.
    #[pallet::storage]
    pub type HasMigrationRun<T: Config> = StorageMap<_, Identity, BoundedVec<u8, ConstU32<128>>, bool, ValueQuery>;
    /// Most entries of the queue.
    #[pallet::storage]
    pub type MaxPendingExtrinsicsLimit<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<100>>;
    /// Blocks that an entry may wait.
    #[pallet::storage]
    pub type ExtrinsicLifetime<T: Config> = StorageValue<_, u32, ValueQuery, ConstU32<10>>;
    /// Kept for clients: ref_time that the entries of a block may take.
    #[pallet::storage]
    pub type OnInitializeWeight<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<500_000_000_000>>;
    /// Kept for clients: ref_time that one entry may take.
    #[pallet::storage]
    pub type MaxExtrinsicWeight<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<50_000_000_000>>;
    /// The queue, by the number of each entry.
    #[pallet::storage]
    pub type PendingExtrinsics<T: Config> = CountedStorageMap<
        _,
        Identity,
        u32,
        PendingExtrinsic<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>,
        OptionQuery,
    >;
    /// Number of the next entry.
    #[pallet::storage]
    pub type NextPendingExtrinsicIndex<T: Config> = StorageValue<_, u32, ValueQuery>;

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
        /// Bytes are in the queue.
        ExtrinsicStored {
            /// Number of the entry.
            index: u32,
            /// Who stored it.
            who: T::AccountId,
        },
        /// An entry was no call, and is gone.
        ExtrinsicDecodeFailed {
            /// Its number.
            index: u32,
        },
        /// Never here: nothing of the queue runs.
        ExtrinsicDispatchFailed {
            /// Its number.
            index: u32,
            /// Why.
            error: DispatchError,
        },
        /// Never here: nothing of the queue runs.
        ExtrinsicDispatched {
            /// Its number.
            index: u32,
        },
        /// An entry waited too long, and is gone.
        ExtrinsicExpired {
            /// Its number.
            index: u32,
        },
        /// Never here: nothing of the queue runs.
        ExtrinsicPostponed {
            /// Its number.
            index: u32,
        },
        /// Root set the length of the queue.
        MaxPendingExtrinsicsNumberSet {
            /// Entries.
            value: u32,
        },
        /// Root set what the entries of a block may take.
        OnInitializeWeightSet {
            /// ref_time.
            value: u64,
        },
        /// Root set how long an entry may wait.
        ExtrinsicLifetimeSet {
            /// Blocks.
            value: u32,
        },
        /// Root set what one entry may take.
        MaxExtrinsicWeightSet {
            /// ref_time.
            value: u64,
        },
        /// Never here: nothing of the queue runs.
        ExtrinsicWeightExceeded {
            /// Its number.
            index: u32,
        },
    }

    /// Why a call is refused. Names and indexes are upstream's.
    #[pallet::error]
    pub enum Error<T> {
        /// A key has 1184 bytes.
        BadEncKeyLen,
        /// The block has no author.
        Unreachable,
        /// The queue is full.
        TooManyPendingExtrinsics,
        /// More than half of upstream's block.
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
            T::DbWeight::get().reads_writes(1, 2).saturating_add(Self::empty_queue(now))
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

        /// Puts bytes into the queue.
        ///
        /// Errors: TooManyPendingExtrinsics.
        #[pallet::call_index(2)]
        #[pallet::weight(Weight::from_parts(STORE_WEIGHT, 0).max(T::WeightInfo::store_encrypted(encrypted_call.len() as u32)))]
        pub fn store_encrypted(origin: OriginFor<T>, encrypted_call: Carried) -> DispatchResult {
            let who = ensure_signed(origin)?;
            Self::do_store(who, encrypted_call)
        }

        /// Sets the length of the queue; Root.
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::set_max_pending_extrinsics_number())]
        pub fn set_max_pending_extrinsics_number(origin: OriginFor<T>, value: u32) -> DispatchResult {
            ensure_root(origin)?;
            MaxPendingExtrinsicsLimit::<T>::put(value);
            Self::deposit_event(Event::MaxPendingExtrinsicsNumberSet { value });
            Ok(())
        }

        /// Sets what the queue's entries may take of a block; Root.
        ///
        /// Errors: WeightExceedsAbsoluteMax.
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::set_on_initialize_weight())]
        pub fn set_on_initialize_weight(origin: OriginFor<T>, value: u64) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(value <= MOST_WEIGHT, Error::<T>::WeightExceedsAbsoluteMax);
            OnInitializeWeight::<T>::put(value);
            Self::deposit_event(Event::OnInitializeWeightSet { value });
            Ok(())
        }

        /// Sets how many blocks an entry may wait; Root.
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::set_stored_extrinsic_lifetime())]
        pub fn set_stored_extrinsic_lifetime(origin: OriginFor<T>, value: u32) -> DispatchResult {
            ensure_root(origin)?;
            ExtrinsicLifetime::<T>::put(value);
            Self::deposit_event(Event::ExtrinsicLifetimeSet { value });
            Ok(())
        }

        /// Sets what one entry may take; Root.
        ///
        /// Errors: WeightExceedsAbsoluteMax.
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::set_max_extrinsic_weight())]
        pub fn set_max_extrinsic_weight(origin: OriginFor<T>, value: u64) -> DispatchResult {
            ensure_root(origin)?;
            ensure!(value <= MOST_WEIGHT, Error::<T>::WeightExceedsAbsoluteMax);
            MaxExtrinsicWeight::<T>::put(value);
            Self::deposit_event(Event::MaxExtrinsicWeightSet { value });
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
