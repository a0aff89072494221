//! A runtime for tests: System, Balances, SubtensorModule; accounts are numbers.
#![allow(missing_docs, clippy::arithmetic_side_effects)]
use alloc::collections::BTreeMap;
use frame_support::{
    derive_impl,
    traits::{ConstU128, ConstU64, Hooks},
    PalletId,
};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

use crate::types::{GenesisNetwork, GenesisNeuron};

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Subtensor: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = Account;
    type Lookup = IdentityLookup<Account>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = ConstU64<EXISTENTIAL_DEPOSIT>;
}

impl crate::Config for Test {
    type Currency = Balances;
    type DefaultAccount = ConstU128<0>;
    type SubtensorPalletId = SubtensorPalletId;
    type Belongings = ();
    type Beacon = FakeBeacon;
    type WeightInfo = ();
}

/// A beacon whose ciphertexts are the plain bytes after a byte 1; others cannot be read.
pub struct FakeBeacon;
impl crate::Beacon for FakeBeacon {
    fn is_followed() -> bool {
        Pulses::get().is_some()
    }

    fn newest_round() -> u64 {
        Pulses::get().and_then(|rounds| rounds.last().copied()).unwrap_or(0)
    }

    fn has_come(round: u64) -> bool {
        Pulses::get().is_some_and(|rounds| rounds.contains(&round))
    }

    fn open(_: u64, ciphertext: &[u8]) -> Option<Vec<u8>> {
        ciphertext.strip_prefix(&[1]).map(<[u8]>::to_vec)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn follow() {
        Pulses::set(Some(vec![1]));
    }
}

/// An account: wide enough for the accounts of subnets to differ.
pub type Account = u128;
/// The runtime's.
pub const EXISTENTIAL_DEPOSIT: u64 = 500;

frame_support::parameter_types! {
    pub const SubtensorPalletId: PalletId = PalletId(*b"subtensr");
    /// Rounds whose pulses came, in ascending order; None on a chain without a beacon.
    pub static Pulses: Option<Vec<u64>> = None;
}

/// Coldkey of the subnet's owner.
pub const OWNER: Account = 1;
/// Its hotkey, which has no uid in `network`.
pub const OWNER_HOT: Account = 2;
/// A rich coldkey without hotkeys.
pub const RICH: Account = 3;
/// A coldkey with nothing.
pub const POOR: Account = 4;
/// Rao of OWNER and RICH.
pub const ENDOWMENT: u64 = 100_000_000_000_000;

/// Rao that a coldkey of the genesis has beside its stake.
pub const LEFT_TO_STAKERS: u64 = 1_000;

/// Hotkey of uid `uid` in `network`.
pub fn hot(uid: u16) -> Account {
    100 + Account::from(uid)
}

/// Coldkey of uid `uid` in `network`.
pub fn cold(uid: u16) -> Account {
    1000 + Account::from(uid)
}

/// Genesis subnet 1: the first `stakes.len()` uids are validators with these stakes, then `miners` miners.
pub fn network(tempo: u16, stakes: &[u64], miners: u16) -> GenesisNetwork<Account> {
    let validators = stakes.len() as u16;
    let neurons = (0..validators + miners)
        .map(|uid| GenesisNeuron {
            hotkey: hot(uid),
            coldkey: cold(uid),
            stake: stakes.get(usize::from(uid)).copied().unwrap_or(0),
            validator_permit: uid < validators,
        })
        .collect();
    GenesisNetwork {
        netuid: 1,
        owner_coldkey: OWNER,
        owner_hotkey: OWNER_HOT,
        tempo,
        weights_set_rate_limit: Some(0),
        serving_rate_limit: Some(0),
        neurons,
        additional: "run".into(),
    }
}

/// Runs `body` at block 1 of a chain with these networks, then checks `try_state`.
pub fn with_networks(networks: Vec<GenesisNetwork<Account>>, body: impl FnOnce()) {
    with_genesis(crate::GenesisConfig { networks, ..Default::default() }, body);
}

/// What every chain begins with and nothing else, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    crate::GenesisConfig::<Test>::default().assimilate_storage(&mut storage).unwrap();
    storage.into()
}

/// Runs `body` at block 1 of a chain with this genesis, then checks `try_state`.
pub fn with_genesis(genesis: crate::GenesisConfig<Test>, body: impl FnOnce()) {
    let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    let mut balances = vec![(OWNER, ENDOWMENT), (RICH, ENDOWMENT)];
    // Genesis stake is taken out of its coldkey's balance.
    let staked = genesis.networks.iter().flat_map(|network| &network.neurons).filter(|neuron| neuron.stake > 0);
    balances.extend(staked.map(|neuron| (neuron.coldkey, neuron.stake + LEFT_TO_STAKERS)));
    // A coldkey may hold several neurons.
    let balances = balances.into_iter().fold(BTreeMap::new(), |mut all: BTreeMap<Account, u64>, (who, rao)| {
        *all.entry(who).or_default() += rao;
        all
    });
    let balances = balances.into_iter().collect();
    pallet_balances::GenesisConfig::<Test> { balances, ..Default::default() }.assimilate_storage(&mut storage).unwrap();
    genesis.assimilate_storage(&mut storage).unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        run_to(1);
        body();
        Subtensor::do_try_state().unwrap();
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

/// Initialises `count` more blocks.
pub fn run(count: u64) {
    run_to(System::block_number() + count);
}

/// Numbers that look random and are the same in every run (xorshift64*).
pub struct Random(pub u64);
impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }
}
