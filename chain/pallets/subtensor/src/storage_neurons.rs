//! Storage of neurons and stake.
use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod storage_neurons {
    /// Coldkey of a hotkey.
    #[pallet::storage]
    pub type Owner<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId, ValueQuery, T::DefaultAccount>;
    /// Hotkeys of a coldkey.
    #[pallet::storage]
    pub type OwnedHotkeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;
    /// Hotkeys on which a coldkey has stake.
    #[pallet::storage]
    pub type StakingHotkeys<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;
    /// Take of a hotkey: the part of its dividends that its own coldkey gets before its stakers, of 65535.
    #[pallet::storage]
    pub type Delegates<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u16, ValueQuery, ConstU16<11796>>;
    /// Highest take, of 65535.
    #[pallet::storage]
    pub type MaxDelegateTake<T: Config> = StorageValue<_, u16, ValueQuery, ConstU16<11796>>;
    /// Least take, of 65535.
    #[pallet::storage]
    pub type MinDelegateTake<T: Config> = StorageValue<_, u16, ValueQuery>;
    /// Blocks between two rises of a hotkey's take.
    #[pallet::storage]
    pub type TxDelegateTakeRateLimit<T: Config> = StorageValue<_, u64, ValueQuery, ConstU64<216_000>>;
    /// Block of the last rise of a hotkey's take.
    #[pallet::storage]
    pub type LastTxBlockDelegateTake<T: Config> = StorageMap<_, Identity, T::AccountId, u64, ValueQuery>;
    /// Hotkey of a uid.
    #[pallet::storage]
    pub type Keys<T: Config> =
        StorageDoubleMap<_, Identity, u16, Identity, u16, T::AccountId, ValueQuery, T::DefaultAccount>;
    /// Uid of a hotkey.
    #[pallet::storage]
    pub type Uids<T: Config> = StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, u16, OptionQuery>;
    /// Whether a hotkey has a uid on a subnet.
    #[pallet::storage]
    pub type IsNetworkMember<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, bool, ValueQuery>;
    /// Block in which the uid was given to its hotkey.
    #[pallet::storage]
    pub type BlockAtRegistration<T: Config> = StorageDoubleMap<_, Identity, u16, Identity, u16, u64, ValueQuery>;
    /// By uid: whether it was active in the last epoch.
    #[pallet::storage]
    pub type Active<T: Config> = StorageMap<_, Identity, u16, Vec<bool>, ValueQuery>;
    /// By uid: consensus of the last epoch, of 65535.
    #[pallet::storage]
    pub type Consensus<T: Config> = StorageMap<_, Identity, u16, Vec<u16>, ValueQuery>;
    /// By uid: incentive of the last epoch, of 65535; the key is a storage index.
    #[pallet::storage]
    pub type Incentive<T: Config> = StorageMap<_, Identity, u16, Vec<u16>, ValueQuery>;
    /// By uid: dividends of the last epoch, of 65535.
    #[pallet::storage]
    pub type Dividends<T: Config> = StorageMap<_, Identity, u16, Vec<u16>, ValueQuery>;
    /// By uid: alpha of the last epoch.
    #[pallet::storage]
    pub type Emission<T: Config> = StorageMap<_, Identity, u16, Vec<u64>, ValueQuery>;
    /// By uid: block of the last weight vector; the key is a storage index.
    #[pallet::storage]
    pub type LastUpdate<T: Config> = StorageMap<_, Identity, u16, Vec<u64>, ValueQuery>;
    /// By uid: validator trust of the last epoch, of 65535.
    #[pallet::storage]
    pub type ValidatorTrust<T: Config> = StorageMap<_, Identity, u16, Vec<u16>, ValueQuery>;
    /// By uid: whether it may set weights.
    #[pallet::storage]
    pub type ValidatorPermit<T: Config> = StorageMap<_, Identity, u16, Vec<bool>, ValueQuery>;
    /// By uid: share of the stake in the last epoch, of 65535.
    #[pallet::storage]
    pub type StakeWeight<T: Config> = StorageMap<_, Identity, u16, Vec<u16>, ValueQuery>;
    /// Weight vector as (uid, weight); the first key is a storage index.
    #[pallet::storage]
    pub type Weights<T: Config> = StorageDoubleMap<_, Identity, u16, Identity, u16, Vec<(u16, u16)>, ValueQuery>;
    /// Bonds as (uid, bond); the first key is a storage index.
    #[pallet::storage]
    pub type Bonds<T: Config> = StorageDoubleMap<_, Identity, u16, Identity, u16, Vec<(u16, u16)>, ValueQuery>;
    /// Where a neuron serves.
    #[pallet::storage]
    pub type Axons<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, AxonInfo, OptionQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type Prometheus<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, PrometheusInfo, OptionQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type NeuronCertificates<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, NeuronCertificate, OptionQuery>;
    /// Alpha of a hotkey: the stake that the epoch reads.
    #[pallet::storage]
    pub type TotalHotkeyAlpha<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, u64, ValueQuery>;
    /// All shares of a hotkey: its alpha belongs to coldkeys by their part of these.
    #[pallet::storage]
    pub type TotalHotkeySharesV2<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, SafeFloat, ValueQuery>;
    /// Shares of a coldkey on a hotkey.
    #[pallet::storage]
    pub type AlphaV2<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, u16>),
        SafeFloat,
        ValueQuery,
    >;
    /// Ours. TAO that a coldkey staked on a hotkey and has not taken back: (hotkey, coldkey, netuid). The rest of the
    /// position's alpha was earned.
    #[pallet::storage]
    pub type Principal<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, u16>),
        u64,
        ValueQuery,
    >;
    /// Superseded by V2, always empty.
    #[pallet::storage]
    pub type TotalHotkeyShares<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, U64F64, ValueQuery>;
    /// Superseded by V2, always empty.
    #[pallet::storage]
    pub type Alpha<T: Config> = StorageNMap<
        _,
        (NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Identity, u16>),
        U64F64,
        ValueQuery,
    >;
    /// TAO there is, staked or not.
    #[pallet::storage]
    pub type TotalIssuance<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// TAO of all principals.
    #[pallet::storage]
    pub type TotalStake<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Kept for clients.
    #[pallet::storage]
    pub type NominatorMinRequiredStake<T: Config> = StorageValue<_, u64, ValueQuery>;
    /// Validator emission of the last epoch.
    #[pallet::storage]
    pub type AlphaDividendsPerSubnet<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, u64, ValueQuery>;
    /// Identity of a coldkey.
    #[pallet::storage]
    pub type IdentitiesV2<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, ChainIdentityV2, OptionQuery>;
    /// Hotkey on which what a coldkey's miners earn is staked; their own where there is none.
    #[pallet::storage]
    pub type AutoStakeDestination<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, T::AccountId, OptionQuery>;
    /// Children of a hotkey, each with the part of its stake that counts for it, of 2^64 - 1.
    #[pallet::storage]
    pub type ChildKeys<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, Vec<(u64, T::AccountId)>, ValueQuery>;
    /// Parents of a hotkey; the other direction of `ChildKeys`.
    #[pallet::storage]
    pub type ParentKeys<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, u16, Vec<(u64, T::AccountId)>, ValueQuery>;
    /// Children that a hotkey will have, and the block after which.
    #[pallet::storage]
    pub type PendingChildKeys<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, (Vec<(u64, T::AccountId)>, u64), ValueQuery>;
    /// Salted commits that wait to be revealed, as (hash, epoch, block, 0); the first key is a storage index.
    #[pallet::storage]
    pub type WeightCommits<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u16, Twox64Concat, T::AccountId, Vec<(T::Hash, u64, u64, u64)>, OptionQuery>;
    /// Timelocked commits as (hotkey, block, ciphertext, round); the keys are storage index and epoch.
    #[pallet::storage]
    pub type TimelockedWeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u16,
        Twox64Concat,
        u64,
        Vec<(T::AccountId, u64, BoundedVec<u8, ConstU32<5000>>, u64)>,
        ValueQuery,
    >;
    /// Kept for clients: dividends of the root network, which pays none.
    #[pallet::storage]
    pub type RootClaimable<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BTreeMap<u16, I96F32>, ValueQuery>;
    /// Kept for clients, as `RootClaimable`.
    #[pallet::storage]
    pub type RootClaimed<T: Config> = StorageNMap<
        _,
        (NMapKey<Identity, u16>, NMapKey<Blake2_128Concat, T::AccountId>, NMapKey<Blake2_128Concat, T::AccountId>),
        u128,
        ValueQuery,
    >;
    /// What should become of a coldkey's root dividends.
    #[pallet::storage]
    pub type RootClaimType<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, RootClaimTypeEnum, ValueQuery>;
    /// Kept for clients: coldkeys are not swapped here.
    #[pallet::storage]
    pub type ColdkeySwapAnnouncements<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, (BlockNumberFor<T>, T::Hash), OptionQuery>;
    /// Kept for clients: coldkeys are not swapped here.
    #[pallet::storage]
    pub type ColdkeySwapDisputes<T: Config> = StorageMap<_, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;
}
