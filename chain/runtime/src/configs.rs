//! Configuration of the pallets.
use alloc::vec::Vec;
#[cfg(not(feature = "runtime-benchmarks"))]
use frame_support::traits::NeverEnsureOrigin;
use frame_support::{
    derive_impl,
    dispatch::DispatchClass,
    parameter_types,
    traits::{
        fungible::HoldConsideration, ConstBool, ConstU16, ConstU32, ConstU64, ConstU8, EqualPrivilegeOnly, Footprint,
    },
    weights::{IdentityFee, Weight, WeightToFee},
    PalletId,
};
use frame_system::{
    limits::{BlockLength, BlockWeights},
    EnsureRoot,
};
use pallet_transaction_payment::{ConstFeeMultiplier, FungibleAdapter, Multiplier};
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::{
    traits::{AccountIdLookup, BlakeTwo256, Convert, One},
    Perbill,
};
use sp_version::RuntimeVersion;

use crate::{
    limits, weights, AccountId, Aura, Balance, Balances, Block, Commitments, Hash, Nonce, OriginCaller, PalletInfo, Preimage, ProxyType,
    Runtime, RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, RuntimeTask, Scheduler,
    SubtensorModule, System, VERSION,
};

parameter_types! {
    /// Version.
    pub const Version: RuntimeVersion = VERSION;
    /// Computation of a block: by declaration half of its slot.
    pub RuntimeBlockWeights: BlockWeights = limits::block_weights(SlotDuration::get());
    /// Five MiB a block.
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(5_242_880)
        .modify_max_length_for_class(DispatchClass::Normal, |length| {
            *length = Perbill::from_percent(75).mul_floor(*length);
        })
        .build();
    /// Fees do not move with load.
    pub FeeMultiplier: Multiplier = Multiplier::one();
    /// Upstream's: the accounts of subnets are derived from it.
    pub const SubtensorPalletId: PalletId = PalletId(*b"subtensr");
    /// The account that absent map entries decode to.
    pub NobodysAccount: AccountId = AccountId::new([0; 32]);
    /// Milliseconds of a slot. In storage, so that one WASM serves several block times: a genesis sets the raw key.
    pub storage SlotDuration: u64 = 12_000;
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type BlockHashCount = ConstU32<2400>;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SS58Prefix = ConstU16<42>;
    type MaxConsumers = ConstU32<16>;
    type Lookup = AccountIdLookup<AccountId, ()>;
    type SystemWeightInfo = weights::frame_system::AssayWeight<Runtime>;
    type ExtensionsWeightInfo = weights::frame_system_extensions::AssayWeight<Runtime>;
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Aura;
    type MinimumPeriod = ConstU64<1>;
    type WeightInfo = weights::pallet_timestamp::AssayWeight<Runtime>;
}

impl pallet_aura::Config for Runtime {
    type AuthorityId = AuraId;
    type MaxAuthorities = ConstU32<32>;
    type DisabledValidators = ();
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type SlotDuration = SlotDuration;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<32>;
    type MaxNominators = ConstU32<20>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

impl pallet_balances::Config for Runtime {
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type ReserveIdentifier = [u8; 8];
    type Balance = Balance;
    type RuntimeEvent = RuntimeEvent;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU64<500>;
    type AccountStore = System;
    type WeightInfo = weights::pallet_balances::AssayWeight<Runtime>;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = ConstU32<50>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type DoneSlashHandler = ();
}

/// One rao for 20 000 picoseconds of computation, as upstream.
pub struct WeightFee;
impl WeightToFee for WeightFee {
    type Balance = Balance;
    fn weight_to_fee(weight: &Weight) -> Balance {
        weight.ref_time().checked_div(20_000).unwrap_or(0)
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightToFee = WeightFee;
    type LengthToFee = IdentityFee<Balance>;
    type FeeMultiplierUpdate = ConstFeeMultiplier<FeeMultiplier>;
    type WeightInfo = weights::pallet_transaction_payment::AssayWeight<Runtime>;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = weights::pallet_sudo::AssayWeight<Runtime>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = weights::pallet_utility::AssayWeight<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = ConstU64<132_000_000>;
    type DepositFactor = ConstU64<32_000_000>;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = weights::pallet_multisig::AssayWeight<Runtime>;
    type BlockNumberProvider = System;
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ConstU64<60_000_000>;
    type ProxyDepositFactor = ConstU64<33_000_000>;
    type MaxProxies = ConstU32<20>;
    type WeightInfo = weights::pallet_proxy::AssayWeight<Runtime>;
    type MaxPending = ConstU32<75>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ConstU64<36_000_000>;
    type AnnouncementDepositFactor = ConstU64<68_000_000>;
    type BlockNumberProvider = System;
}

parameter_types! {
    /// What a call of Governance may take of its block: all that is left.
    pub MaximumSchedulerWeight: Weight = RuntimeBlockWeights::get().max_block;
    /// Why a preimage's deposit is held.
    pub const PreimageHoldReason: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = weights::pallet_preimage::AssayWeight<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<AccountId, Balances, PreimageHoldReason, PreimageDeposit>;
}

/// Rao that is held for a preimage while it is stored: a tenth of a TAO, and 10^5 rao a byte.
pub struct PreimageDeposit;
impl Convert<Footprint, Balance> for PreimageDeposit {
    fn convert(of: Footprint) -> Balance {
        of.size.saturating_mul(100_000).saturating_add(of.count.saturating_mul(100_000_000))
    }
}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumSchedulerWeight;
    // Governance schedules for itself; nobody does by a call.
    #[cfg(not(feature = "runtime-benchmarks"))]
    type ScheduleOrigin = NeverEnsureOrigin<()>;
    // What nobody may do could not be measured.
    #[cfg(feature = "runtime-benchmarks")]
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<50>;
    type WeightInfo = weights::pallet_scheduler::AssayWeight<Runtime>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

/// TAO that is staked, as Governance weighs it.
pub struct StakedTao;
impl pallet_governance::Stakes<AccountId> for StakedTao {
    fn principal(hotkey: &AccountId, coldkey: &AccountId, netuid: u16) -> u64 {
        pallet_subtensor::Principal::<Runtime>::get((hotkey, coldkey, netuid))
    }

    fn total() -> u64 {
        pallet_subtensor::TotalStake::<Runtime>::get()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn give(hotkey: &AccountId, coldkey: &AccountId, netuid: u16, rao: u64) {
        pallet_subtensor::Principal::<Runtime>::insert((hotkey, coldkey, netuid), rao);
        pallet_subtensor::TotalStake::<Runtime>::mutate(|total| *total = total.saturating_add(rao));
    }
}

impl pallet_governance::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type Scheduler = Scheduler;
    type Preimages = Preimage;
    type Stakes = StakedTao;
    type Delay = ConstU32<7_200>;
    type Lifetime = ConstU32<50_400>;
    type WeightInfo = pallet_governance::weights::AssayWeight<Runtime>;
}

impl pallet_subtensor::Config for Runtime {
    type Currency = Balances;
    type DefaultAccount = NobodysAccount;
    type SubtensorPalletId = SubtensorPalletId;
    type Belongings = Slots;
    type Beacon = Beacon;
    type WeightInfo = pallet_subtensor::weights::AssayWeight<Runtime>;
}

impl pallet_drand::Config for Runtime {
    type UnsignedPriority = ConstU64<1_048_576>;
    type HttpFetchTimeout = ConstU64<1_000>;
    type WeightInfo = pallet_drand::weights::AssayWeight<Runtime>;
}

/// What timelocked weights need to know about pulses.
pub struct Beacon;
impl pallet_subtensor::Beacon for Beacon {
    fn is_followed() -> bool {
        pallet_drand::FollowsBeacon::<Runtime>::get()
    }

    fn newest_round() -> u64 {
        pallet_drand::LastStoredRound::<Runtime>::get()
    }

    fn has_come(round: u64) -> bool {
        pallet_drand::Pulses::<Runtime>::contains_key(round)
    }

    fn open(round: u64, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let pulse = pallet_drand::Pulses::<Runtime>::get(round)?;
        pallet_drand::beacon::decrypt(&pulse.signature, ciphertext)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn follow() {
        pallet_drand::FollowsBeacon::<Runtime>::put(true);
    }
}

/// Commitments go when their hotkey loses its uid, or its subnet ends.
pub struct Slots;
impl pallet_subtensor::dissolving::Belongings<AccountId> for Slots {
    fn hotkey_left(netuid: u16, hotkey: &AccountId) {
        Commitments::forget(netuid, hotkey);
    }

    fn subnet_dissolved(netuid: u16) {
        Commitments::forget_subnet(netuid);
    }
}

impl pallet_admin_utils::Config for Runtime {
    type WeightInfo = pallet_admin_utils::weights::AssayWeight<Runtime>;
}

/// What commitments need to know about subnets.
pub struct Subnets;
impl pallet_commitments::SubnetInfo<AccountId> for Subnets {
    fn is_registered(netuid: u16, hotkey: &AccountId) -> bool {
        SubtensorModule::is_registered(netuid, hotkey)
    }

    fn epoch_index(netuid: u16) -> u64 {
        SubtensorModule::epoch_index(netuid)
    }

    fn reset_bonds(netuid: u16, hotkey: &AccountId) {
        SubtensorModule::reset_bonds(netuid, hotkey);
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn register(netuid: u16, hotkey: &AccountId) {
        pallet_subtensor::benchmarking::support::full_subnet_with::<Runtime>(netuid, hotkey);
        pallet_subtensor::BondsResetOn::<Runtime>::insert(netuid, true);
    }
}

impl pallet_commitments::Config for Runtime {
    type Subnets = Subnets;
    type MaxFields = ConstU32<3>;
    type WeightInfo = pallet_commitments::weights::AssayWeight<Runtime>;
}

/// Authors take turns by slot.
pub struct SlotAuthors;

impl SlotAuthors {
    fn of(later: u64) -> Option<AuraId> {
        let authorities = pallet_aura::Authorities::<Runtime>::get();
        let slot = u64::from(pallet_aura::CurrentSlot::<Runtime>::get()).checked_add(later)?;
        let index = slot.checked_rem(u64::try_from(authorities.len()).ok()?)?;
        authorities.get(usize::try_from(index).ok()?).cloned()
    }
}

impl pallet_shield::Authors<AuraId> for SlotAuthors {
    fn current() -> Option<AuraId> {
        Self::of(0)
    }

    fn after_next() -> Option<AuraId> {
        Self::of(2)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn appoint() {
        let author = AuraId::from(sp_core::sr25519::Public::from_raw([1; 32]));
        pallet_aura::Authorities::<Runtime>::put(frame_support::BoundedVec::truncate_from(alloc::vec![author]));
    }
}

impl pallet_shield::Config for Runtime {
    type AuthorityId = AuraId;
    type Authors = SlotAuthors;
    type WeightInfo = pallet_shield::weights::AssayWeight<Runtime>;
}
