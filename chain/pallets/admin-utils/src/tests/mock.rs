//! A runtime for tests; accounts are numbers. Subnet 1 has tempo 100, its owner is OWNER.
use frame_support::{
    derive_impl, parameter_types,
    traits::{ConstU128, ConstU64, Hooks},
    PalletId,
};
use pallet_subtensor::types::{GenesisNetwork, GenesisNeuron};
use sp_runtime::{traits::Dispatchable, traits::IdentityLookup, BuildStorage, DispatchError};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Subtensor: pallet_subtensor,
        AdminUtils: crate,
    }
);

parameter_types! {
    pub const SubtensorPalletId: PalletId = PalletId(*b"subtensr");
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = u128;
    type Lookup = IdentityLookup<u128>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<500>;
}

impl pallet_subtensor::Config for Test {
    type Currency = Balances;
    type DefaultAccount = ConstU128<0>;
    type SubtensorPalletId = SubtensorPalletId;
    type Belongings = ();
    type Beacon = ();
    type WeightInfo = ();
}

impl crate::Config for Test {
    type WeightInfo = ();
}

/// Coldkey of the owner of subnet 1.
pub const OWNER: u128 = 1;
/// Its hotkey.
pub const OWNER_HOT: u128 = 2;
/// Somebody else.
pub const STRANGER: u128 = 3;
/// Hotkey of a stranger's miner, uid 0.
pub const MINER: u128 = 100;
/// Blocks between two epochs.
pub const TEMPO: u64 = 100;

/// What every chain begins with and nothing else, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    pallet_subtensor::GenesisConfig::<Test>::default().assimilate_storage(&mut storage).unwrap();
    storage.into()
}

/// Runs `body` in block 1, then checks `try_state` of the subnets.
pub fn run(body: impl FnOnce()) {
    let neurons = (0..4)
        .map(|uid| GenesisNeuron { hotkey: MINER + uid, coldkey: STRANGER, stake: 0, validator_permit: false })
        .collect();
    let network = GenesisNetwork {
        netuid: 1,
        owner_coldkey: OWNER,
        owner_hotkey: OWNER_HOT,
        tempo: TEMPO as u16,
        weights_set_rate_limit: None,
        serving_rate_limit: None,
        neurons,
        additional: "".into(),
    };
    let genesis = pallet_subtensor::GenesisConfig::<Test> {
        networks: vec![network],
        admin_freeze_window: Some(10),
        ..Default::default()
    };
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    genesis.assimilate_storage(&mut storage).unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        run_to(1);
        body();
    });
}

/// Initialises blocks up to and including `block`.
pub fn run_to(block: u64) {
    while System::block_number() < block {
        let next = System::block_number() + 1;
        System::set_block_number(next);
        System::reset_events();
        Subtensor::on_initialize(next);
    }
}

/// What a call answers.
pub fn send(origin: RuntimeOrigin, call: crate::Call<Test>) -> Result<(), DispatchError> {
    RuntimeCall::AdminUtils(call).dispatch(origin).map(|_| ()).map_err(|refused| refused.error)
}

/// Signed by OWNER.
pub fn owner() -> RuntimeOrigin {
    RuntimeOrigin::signed(OWNER)
}

/// Signed by STRANGER.
pub fn stranger() -> RuntimeOrigin {
    RuntimeOrigin::signed(STRANGER)
}

/// Root.
pub fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}
