//! Storage of children, of hotkeys that change hands, and of what the root network keeps.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod storage_delegation {
    /// Block of an account's last call of a kind on a subnet: (account, netuid, kind).
    #[pallet::storage]
    pub type TransactionKeyLastBlock<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, u16>, NMapKey<Identity, u16>),
        u64,
        ValueQuery,
    >;
    /// Least take of children, of 65535.
    #[pallet::storage]
    pub type MinChildkeyTake<T: Config> = StorageValue<_, u16, ValueQuery>;
    /// Highest take of children, of 65535.
    #[pallet::storage]
    pub type MaxChildkeyTake<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<11796>>;
    /// Least take of children on a subnet, of 65535.
    #[pallet::storage]
    pub type MinChildkeyTakePerSubnet<T: Config> = StorageMap<_, Identity, u16, u16, ValueQuery>;
    /// Take of a child: the part of a parent's dividends that it keeps, of 65535.
    #[pallet::storage]
    pub type ChildkeyTake<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, u16, ValueQuery>;
    /// Blocks between two rises of a childkey take.
    #[pallet::storage]
    pub type TxChildkeyTakeRateLimit<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<216_000>>;
    /// Blocks between `set_children` and its effect.
    #[pallet::storage]
    pub type PendingChildKeyCooldown<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<7_200>>;
    /// Coldkeys whose miners' emission is staked on a hotkey; the other direction of `AutoStakeDestination`.
    #[pallet::storage]
    pub type AutoStakeDestinationColdkeys<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, Vec<T::AccountId>, ValueQuery>;
    /// Block in which a coldkey last swapped a hotkey on a subnet.
    #[pallet::storage]
    pub type LastHotkeySwapOnNetuid<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, u64, ValueQuery>;
    /// Least root dividends that a claim pays; kept for clients.
    #[pallet::storage]
    pub type RootClaimableThreshold<T: Config> =
        StorageMap<_, Blake2_128Concat, u16, I96F32, ValueQuery, DefaultRootClaimableThreshold>;
    /// Coldkeys that ever claimed, by number.
    #[pallet::storage]
    pub type StakingColdkeysByIndex<T: Config> = StorageMap<_, Identity, u64, T::AccountId, OptionQuery>;
    /// Numbers of coldkeys that ever claimed.
    #[pallet::storage]
    pub type StakingColdkeys<T: Config> = StorageMap<_, Identity, T::AccountId, u64, OptionQuery>;
    /// How many coldkeys ever claimed.
    #[pallet::storage]
    pub type NumStakingColdkeys<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Claims that upstream makes by itself in a block; kept for clients.
    #[pallet::storage]
    pub type NumRootClaim<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<5>>;
    /// Ours. Cumulative earned alpha that its holders burned or recycled.
    #[pallet::storage]
    pub type DestroyedAlpha<T: Config> = StorageMap<_, Identity, u16, u64, ValueQuery>;
}
