//! Storage of what owners may change, and how often.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod storage_owner {
    /// Tempos between two changes of one hyperparameter by the owner.
    #[pallet::storage]
    pub type OwnerHyperparamRateLimit<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<2>>;
    /// Tempos between two changes of the weights version key by the owner.
    #[pallet::storage]
    pub type WeightsVersionKeyRateLimit<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<5>>;
    /// Least activity cutoff; the cutoff itself is superseded by the factor.
    #[pallet::storage]
    pub type MinActivityCutoff<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<360>>;
    /// Whether the owner gets its cut; switched off, miners and validators share it.
    #[pallet::storage]
    pub type OwnerCutEnabled<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery, ConstBool<true>>;
    /// Kept for clients: no stake is locked.
    #[pallet::storage]
    pub type OwnerCutAutoLockEnabled<T: Config> = StorageMap<_, Identity, u16, bool, ValueQuery>;
    /// Kept for clients: part of children's dividends that is burned.
    #[pallet::storage]
    pub type CKBurn<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Blocks in which a new subnet is not dissolved for another one.
    #[pallet::storage]
    pub type NetworkImmunityPeriod<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<1_296_000>>;
    /// How many subnets have had this number.
    #[pallet::storage]
    pub type RegisteredSubnetCounter<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
}
