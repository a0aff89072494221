//! A runtime with a subnet registry that tests set by hand.

use crate as pallet_commitments;
use crate::{CommitmentInfo, Data, SubnetInfo};
use alloc::boxed::Box;
use core::cell::{Cell, RefCell};
use frame_support::{derive_impl, traits::ConstU32};
use sp_runtime::{BuildStorage, DispatchResult};
use std::{thread_local, vec::Vec};

extern crate std;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system = 0,
        Commitments: pallet_commitments = 18,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

impl pallet_commitments::Config for Test {
    type Subnets = Registry;
    type MaxFields = ConstU32<3>;
    type WeightInfo = ();
}

/// Hotkeys 1 and 2 are registered in every subnet below 100.
pub struct Registry;

thread_local! {
    static EPOCH: Cell<u64> = const { Cell::new(0) };
    static REGISTERED: Cell<Option<u64>> = const { Cell::new(None) };
    static RESETS: RefCell<Vec<(u16, u64)>> = const { RefCell::new(Vec::new()) };
}

impl SubnetInfo<u64> for Registry {
    fn is_registered(netuid: u16, hotkey: &u64) -> bool {
        netuid < 100 && ((1..=2).contains(hotkey) || REGISTERED.get() == Some(*hotkey))
    }

    fn epoch_index(netuid: u16) -> u64 {
        // Subnets differ, so that a quota of one cannot pass for another's.
        EPOCH.get() + u64::from(netuid)
    }

    fn reset_bonds(netuid: u16, hotkey: &u64) {
        RESETS.with_borrow_mut(|resets| resets.push((netuid, *hotkey)));
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn register(_: u16, hotkey: &u64) {
        REGISTERED.set(Some(*hotkey));
    }
}

/// Empty state, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    frame_system::GenesisConfig::<Test>::default().build_storage().unwrap().into()
}

/// The bond resets asked for so far.
pub fn resets() -> Vec<(u16, u64)> {
    RESETS.with_borrow(Clone::clone)
}

/// Every subnet goes on to its next epoch.
pub fn next_epoch() {
    EPOCH.set(EPOCH.get() + 1);
}

/// Runs at block 5 on empty state, and checks the invariants afterwards.
pub fn run(test: impl FnOnce()) {
    EPOCH.set(7);
    RESETS.take();
    let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        System::set_block_number(5);
        test();
        Commitments::check_state().unwrap();
    });
}

/// A commitment of these fields.
pub fn info(fields: &[Data]) -> CommitmentInfo<ConstU32<3>> {
    CommitmentInfo { fields: fields.to_vec().try_into().unwrap() }
}

/// That many raw bytes.
pub fn raw(length: usize) -> Data {
    Data::Raw(std::vec![7; length].try_into().unwrap())
}

/// That many bytes of a big field.
pub fn big(length: usize) -> Data {
    Data::BigRaw(std::vec![9; length].try_into().unwrap())
}

/// A timelocked field.
pub fn timelocked(reveal_round: u64) -> Data {
    Data::TimelockEncrypted { encrypted: std::vec![1, 2, 3].try_into().unwrap(), reveal_round }
}

/// Commits as a hotkey.
pub fn commit(who: u64, netuid: u16, fields: &[Data]) -> DispatchResult {
    Commitments::set_commitment(RuntimeOrigin::signed(who), netuid, Box::new(info(fields)))
}
