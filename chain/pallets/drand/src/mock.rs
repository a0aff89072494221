//! A runtime for tests: System and Drand.
#![allow(missing_docs, clippy::expect_used)]
use frame_support::{
    derive_impl,
    traits::{ConstU64, Hooks},
};
use sp_runtime::BuildStorage;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Drand: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

impl crate::Config for Test {
    type UnsignedPriority = ConstU64<1_048_576>;
    type HttpFetchTimeout = ConstU64<1_000>;
    type WeightInfo = ();
}

/// A chain that follows no beacon, for benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    RuntimeGenesisConfig::default().build_storage().unwrap().into()
}

/// Runs `body` at block 1 of a chain that follows a beacon or none.
pub fn with_beacon(beacon: Option<crate::Beacon>, body: impl FnOnce()) {
    let drand = crate::GenesisConfig { beacon, ..Default::default() };
    let storage = RuntimeGenesisConfig { drand, ..Default::default() }.build_storage().unwrap();
    sp_io::TestExternalities::from(storage).execute_with(|| {
        System::set_block_number(1);
        body();
    });
}

/// The next block.
pub fn next_block() {
    let next = System::block_number().saturating_add(1);
    System::set_block_number(next);
    System::reset_events();
    Drand::on_initialize(next);
}
