//! A chain with the pallets that governance works with, and stakes that tests set at will.
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU32, ConstU64, EqualPrivilegeOnly, NeverEnsureOrigin, OnInitialize, VariantCountOf},
    weights::Weight,
};
use frame_system::EnsureRoot;
use sp_runtime::BuildStorage;
use std::{cell::RefCell, collections::BTreeMap};

pub type Account = u64;
type Block = frame_system::mocking::MockBlock<Test>;

/// Blocks between the last approval and the call.
pub const DELAY: u64 = 20;
/// Blocks for which approvals count.
pub const LIFETIME: u64 = 50;
/// The keys; two of them have to approve.
pub const KEYS: [Account; 3] = [1, 2, 3];

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeHoldReason,
        RuntimeFreezeReason,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances;
    #[runtime::pallet_index(2)]
    pub type Preimage = pallet_preimage;
    #[runtime::pallet_index(3)]
    pub type Scheduler = pallet_scheduler;
    #[runtime::pallet_index(4)]
    pub type Governance = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl pallet_preimage::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<Account>;
    type Consideration = ();
}

parameter_types! {
    pub MaximumWeight: Weight = Weight::from_parts(2_000_000_000_000, u64::MAX);
}

impl pallet_scheduler::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = MaximumWeight;
    type ScheduleOrigin = NeverEnsureOrigin<()>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<16>;
    type WeightInfo = ();
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

/// (hotkey, coldkey, netuid) -> rao.
type Places = BTreeMap<(Account, Account, u16), u64>;

thread_local! {
    static STAKES: RefCell<Places> = const { RefCell::new(BTreeMap::new()) };
}

/// Says what a coldkey has staked somewhere.
pub fn stake(hotkey: Account, coldkey: Account, netuid: u16, rao: u64) {
    STAKES.with_borrow_mut(|all| all.insert((hotkey, coldkey, netuid), rao));
}

/// The stakes of a test.
pub struct TestStakes;
impl crate::Stakes<Account> for TestStakes {
    fn principal(hotkey: &Account, coldkey: &Account, netuid: u16) -> u64 {
        STAKES.with_borrow(|all| all.get(&(*hotkey, *coldkey, netuid)).copied().unwrap_or(0))
    }

    fn total() -> u64 {
        STAKES.with_borrow(|all| all.values().sum())
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn give(hotkey: &Account, coldkey: &Account, netuid: u16, rao: u64) {
        stake(*hotkey, *coldkey, netuid, rao);
    }
}

impl crate::Config for Test {
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type Scheduler = Scheduler;
    type Preimages = Preimage;
    type Stakes = TestStakes;
    type Delay = ConstU64<DELAY>;
    type Lifetime = ConstU64<LIFETIME>;
    type WeightInfo = ();
}

/// A chain without keys, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    STAKES.with_borrow_mut(BTreeMap::clear);
    frame_system::GenesisConfig::<Test>::default().build_storage().unwrap().into()
}

/// Runs `body` at block 1 of a chain with these keys.
pub fn with_council(keys: &[Account], threshold: u32, body: impl FnOnce()) {
    STAKES.with_borrow_mut(BTreeMap::clear);
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    crate::GenesisConfig::<Test> { keys: keys.to_vec(), threshold }.assimilate_storage(&mut storage).unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        System::set_block_number(1);
        body();
    });
}

/// Begins blocks up to and including `block`.
pub fn run_to(block: u64) {
    while System::block_number() < block {
        System::set_block_number(System::block_number().saturating_add(1));
        Scheduler::on_initialize(System::block_number());
    }
}
