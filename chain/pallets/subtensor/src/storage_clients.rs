//! Storage that clients read and nothing here writes: its defaults are the true answers.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod storage_clients {
    /// Conviction locks: none.
    #[pallet::storage]
    pub type Lock<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, u16>, NMapKey<Blake2_128Concat, T::AccountId>),
        LockState,
        OptionQuery,
    >;
    /// Locks for a hotkey: none.
    #[pallet::storage]
    pub type HotkeyLock<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, LockState, OptionQuery>;
    /// Decaying locks for a hotkey: none.
    #[pallet::storage]
    pub type DecayingHotkeyLock<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, LockState, OptionQuery>;
    /// Locks of an owner: none.
    #[pallet::storage]
    pub type OwnerLock<T: Config> = StorageMap<_, Identity, u16, LockState, OptionQuery>;
    /// Decaying locks of an owner: none.
    #[pallet::storage]
    pub type DecayingOwnerLock<T: Config> = StorageMap<_, Identity, u16, LockState, OptionQuery>;
    /// Whether a lock decays: there is none.
    #[pallet::storage]
    pub type DecayingLock<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, bool, OptionQuery>;
    /// Blocks in which a lock's conviction grows.
    #[pallet::storage]
    pub type MaturityRate<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<934_866>>;
    /// Blocks in which a lock decays.
    #[pallet::storage]
    pub type UnlockRate<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<934_866>>;
    /// Above spec 424: how weights become payouts, always Yuma.
    #[pallet::storage]
    pub type SubnetEpochConsensus<T: Config> = StorageMap<_, Identity, u16, EpochConsensus, ValueQuery>;
    /// Above spec 424: share of a registration's price that is kept as collateral, of 65535: none.
    #[pallet::storage]
    pub type CollateralLockShare<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Above spec 424: how fast collateral is given back.
    #[pallet::storage]
    pub type CollateralDrainRatio<T: Config> = StorageMap<_, Identity, u16, U64F64, ValueQuery>;
}
