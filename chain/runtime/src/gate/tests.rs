//! The gate without a chain around it: codes, wrappers, and what is not listed. The embedded chain's tests hold the rest.
use alloc::{boxed::Box, vec};

use frame_support::dispatch::GetDispatchInfo;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};
use sp_runtime::{
    traits::TransactionExtension as _,
    transaction_validity::{TransactionValidityError, ValidTransaction},
    BuildStorage,
};

use super::*;
use crate::{RuntimeGenesisConfig, TxExtension};

mod commits;

const NETUID: u16 = 1;

/// Runs `body` on subnet 1, where Alice is a validator and Bob a miner.
fn with_subnet(body: impl FnOnce()) {
    let neuron = |hotkey: AccountId, stake: u64| pallet_subtensor::types::GenesisNeuron {
        coldkey: hotkey.clone(),
        hotkey,
        stake,
        validator_permit: stake > 0,
    };
    let network = pallet_subtensor::types::GenesisNetwork {
        netuid: NETUID,
        owner_coldkey: Charlie.to_account_id(),
        owner_hotkey: Charlie.to_account_id(),
        tempo: 10,
        weights_set_rate_limit: Some(0),
        serving_rate_limit: Some(0),
        neurons: vec![neuron(Alice.to_account_id(), 1_000_000_000), neuron(Bob.to_account_id(), 0)],
        additional: Default::default(),
    };
    let mut genesis = RuntimeGenesisConfig::default();
    // Alice's stake is taken out of it; what keeps the account alive is left.
    genesis.balances.balances = vec![(Alice.to_account_id(), 1_000_000_500)];
    genesis.subtensor_module.networks = vec![network];
    sp_io::TestExternalities::from(genesis.build_storage().unwrap()).execute_with(body);
}

fn commitment(netuid: u16) -> RuntimeCall {
    let fields = vec![pallet_commitments::Data::None].try_into().unwrap();
    let info = Box::new(pallet_commitments::CommitmentInfo { fields });
    RuntimeCall::Commitments(pallet_commitments::Call::set_commitment { netuid, info })
}

fn weights(netuid: u16) -> RuntimeCall {
    let call = pallet_subtensor::Call::set_weights { netuid, dests: vec![0, 1], weights: vec![1, 1], version_key: 0 };
    RuntimeCall::SubtensorModule(call)
}

fn axon(port: u16) -> RuntimeCall {
    RuntimeCall::SubtensorModule(pallet_subtensor::Call::serve_axon {
        netuid: NETUID,
        version: 1,
        ip: 1,
        port,
        ip_type: 4,
        protocol: 4,
        placeholder1: 0,
        placeholder2: 0,
    })
}

fn validate(who: AccountId, call: &RuntimeCall) -> Result<ValidTransaction, TransactionValidityError> {
    let info = call.get_dispatch_info();
    let implication = sp_runtime::traits::TxBaseImplication(());
    let origin = RuntimeOrigin::signed(who);
    SubtensorTransactionExtension
        .validate(origin, call, &info, 100, (), &implication, TransactionSource::External)
        .map(|(valid, (), _)| valid)
}

fn refused(code: Code) -> Result<ValidTransaction, TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

#[test]
fn free_calls_pass_for_whom_they_would_succeed() {
    with_subnet(|| {
        for call in [commitment(NETUID), weights(NETUID), axon(1)] {
            assert_eq!(validate(Alice.to_account_id(), &call).unwrap().provides.len(), 1);
        }
        let (alice, bob, charlie) = (Alice.to_account_id(), Bob.to_account_id(), Charlie.to_account_id());
        assert_eq!(validate(bob.clone(), &weights(NETUID)), refused(BAD_REQUEST));
        assert_eq!(validate(bob, &axon(0)), refused(13));
        assert_eq!(validate(charlie.clone(), &weights(NETUID)), refused(19));
        assert_eq!(validate(charlie.clone(), &axon(1)), refused(10));
        assert_eq!(validate(charlie, &commitment(NETUID)), refused(19));
        assert_eq!(validate(alice.clone(), &commitment(2)), refused(3));
        pallet_subtensor::WeightsSetRateLimit::<Runtime>::insert(NETUID, 100);
        pallet_subtensor::LastUpdate::<Runtime>::insert(NETUID, vec![5, 5]);
        crate::System::set_block_number(50);
        assert_eq!(validate(alice.clone(), &weights(NETUID)), refused(6));
        crate::System::set_block_number(105);
        assert!(validate(alice, &weights(NETUID)).is_ok());
    });
}

#[test]
fn every_way_to_serve_is_free_for_neurons_only() {
    with_subnet(|| {
        let tls = |certificate: Vec<u8>| {
            let (netuid, version, ip, port, ip_type, protocol) = (NETUID, 1, 1, 1, 4, 4);
            RuntimeCall::SubtensorModule(pallet_subtensor::Call::serve_axon_tls {
                netuid,
                version,
                ip,
                port,
                ip_type,
                protocol,
                placeholder1: 0,
                placeholder2: 0,
                certificate,
            })
        };
        let (netuid, version, ip, port, ip_type) = (NETUID, 1, 1, 1, 4);
        let metrics = pallet_subtensor::Call::serve_prometheus { netuid, version, ip, port, ip_type };
        let metrics = RuntimeCall::SubtensorModule(metrics);
        let tags = |call: &RuntimeCall| validate(Bob.to_account_id(), call).unwrap().provides;
        assert_eq!(tags(&tls(vec![1; 65])), tags(&axon(1)), "one of both waits");
        assert_ne!(tags(&metrics), tags(&axon(1)));
        assert_eq!(validate(Bob.to_account_id(), &tls(vec![1; 66])), refused(BAD_REQUEST));
        for call in [tls(vec![]), metrics] {
            assert_eq!(call.get_dispatch_info().pays_fee, Pays::No);
            assert_eq!(validate(Charlie.to_account_id(), &call), refused(10));
        }
    });
}

#[test]
fn a_new_subnet_too_soon_is_refused_before_it_pays() {
    with_subnet(|| {
        let call = pallet_subtensor::Call::register_network { hotkey: Bob.to_account_id() };
        let register = RuntimeCall::SubtensorModule(call);
        assert!(validate(Charlie.to_account_id(), &register).unwrap().provides.is_empty());
        let key = pallet_subtensor::types::RateLimitKey::NetworkLastRegistered;
        pallet_subtensor::LastRateLimitedBlock::<Runtime>::insert(key, 40);
        crate::System::set_block_number(41);
        assert_eq!(validate(Charlie.to_account_id(), &register), refused(6));
    });
}

#[test]
fn a_wrapper_pays_and_is_not_preferred() {
    with_subnet(|| {
        let calls = || vec![commitment(NETUID), weights(NETUID), axon(1)];
        let real = sp_runtime::MultiAddress::Id(Alice.to_account_id());
        let wrappers = [
            RuntimeCall::Utility(pallet_utility::Call::batch { calls: calls() }),
            RuntimeCall::Utility(pallet_utility::Call::batch_all { calls: calls() }),
            RuntimeCall::Utility(pallet_utility::Call::force_batch { calls: calls() }),
            RuntimeCall::Utility(pallet_utility::Call::as_derivative { index: 0, call: Box::new(commitment(NETUID)) }),
            RuntimeCall::Proxy(pallet_proxy::Call::proxy {
                real,
                force_proxy_type: None,
                call: Box::new(commitment(NETUID)),
            }),
            RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
                other_signatories: vec![Bob.to_account_id()],
                call: Box::new(commitment(NETUID)),
            }),
        ];
        for wrapper in wrappers {
            assert_eq!(wrapper.get_dispatch_info().pays_fee, Pays::Yes);
            assert_eq!(validate(Alice.to_account_id(), &wrapper), Ok(ValidTransaction::default()));
        }
    });
}

#[test]
fn stake_goes_first_among_what_is_free() {
    with_subnet(|| {
        let (alice, bob) = (Alice.to_account_id(), Bob.to_account_id());
        let info = commitment(NETUID).get_dispatch_info();
        let stock = ChargeTransactionPayment::<Runtime>::get_priority(&info, 100, 0, 0);
        let priority = |who: AccountId| validate(who, &commitment(NETUID)).unwrap().priority.saturating_add(stock);
        assert_eq!(priority(bob), FREE_PRIORITY);
        assert_eq!(priority(alice.clone()), FREE_PRIORITY + 1);
        pallet_subtensor::TotalHotkeyAlpha::<Runtime>::insert(&alice, NETUID, 3_000_999_999_999);
        assert_eq!(priority(alice), FREE_PRIORITY + 3_000);
    });
}

#[test]
fn free_calls_leave_room_for_those_that_pay() {
    with_subnet(|| {
        let origin = RuntimeOrigin::signed(Bob.to_account_id());
        let prepare = |call: &RuntimeCall| {
            let info = call.get_dispatch_info();
            SubtensorTransactionExtension.prepare((), &origin, call, &info, 100)
        };
        let limits = <Runtime as frame_system::Config>::BlockWeights::get();
        let room = limits.get(frame_support::dispatch::DispatchClass::Normal).max_total.unwrap();
        let free = commitment(NETUID);
        let own = free.get_dispatch_info().total_weight();
        // As CheckWeight leaves it: with the call in it.
        let filled_to = |percent: u64| {
            let weight = room.saturating_mul(percent).checked_div(100).unwrap();
            crate::System::set_block_consumed_resources(weight, 0);
        };
        filled_to(69);
        assert_eq!(prepare(&free), Ok(()));
        filled_to(71);
        assert_eq!(prepare(&free), Err(InvalidTransaction::ExhaustsResources.into()));
        let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
        assert_eq!(prepare(&remark), Ok(()));
        // A call that is larger than all of that room, alone in its block.
        let mut info = free.get_dispatch_info();
        info.call_weight = room.saturating_sub(own);
        let base = limits.get(info.class).base_extrinsic;
        crate::System::set_block_consumed_resources(info.total_weight().saturating_add(base), 0);
        assert_eq!(SubtensorTransactionExtension.prepare((), &origin, &free, &info, 100), Ok(()));
    });
}

#[test]
fn a_free_call_that_nobody_listed_is_refused() {
    with_subnet(|| {
        let remark = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
        assert_eq!(check(&Alice.to_account_id(), &remark, Pays::No).map(|_| ()), Err(BAD_REQUEST));
        assert!(check(&Alice.to_account_id(), &remark, Pays::Yes).is_ok_and(|kinds| kinds.is_empty()));
    });
}

#[test]
fn extensions_are_upstreams_in_name_and_order() {
    let names: Vec<_> = TxExtension::metadata().iter().map(|extension| extension.identifier).collect();
    let upstream = [
        "CheckNonZeroSender",
        "CheckSpecVersion",
        "CheckTxVersion",
        "CheckGenesis",
        "CheckMortality",
        "CheckNonce",
        "CheckWeight",
        "ChargeTransactionPayment",
        "SudoTransactionExtension",
        "CheckShieldedTxValidity",
        "SubtensorTransactionExtension",
        "DrandPriority",
        "CheckMetadataHash",
    ];
    assert_eq!(names, upstream);
    assert!(SubtensorTransactionExtension.encode().is_empty());
}
