//! What clients are told about proxies is what proxies do.
use alloc::{boxed::Box, vec};

use frame_support::traits::InstanceFilter;
use sp_keyring::Sr25519Keyring::Alice;

use super::*;
use crate::RuntimeCall;

fn transfer(value: u64) -> RuntimeCall {
    RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { dest: Alice.to_account_id().into(), value })
}

fn add_stake() -> RuntimeCall {
    let call = pallet_subtensor::Call::add_stake { hotkey: Alice.to_account_id(), netuid: 1, amount_staked: 1 };
    RuntimeCall::SubtensorModule(call)
}

fn sudo(call: RuntimeCall) -> RuntimeCall {
    let weight = Default::default();
    RuntimeCall::Sudo(pallet_sudo::Call::sudo_unchecked_weight { call: Box::new(call), weight })
}

#[test]
fn types_are_named_by_their_scale_index() {
    let all = types();
    assert_eq!(all.len(), 18);
    for (kind, info) in ProxyType::ALL.into_iter().zip(&all) {
        assert_eq!(kind.encode(), vec![info.index]);
    }
    let retired: Vec<u8> = all.iter().filter(|info| info.deprecated).map(|info| info.index).collect();
    assert_eq!(retired, [4, 6, 7, 12]);
    assert_eq!(all.last().map(|info| info.name.as_slice()), Some(b"RootClaim".as_slice()));
}

#[test]
fn a_type_lets_through_what_its_filter_says() {
    let set_code = RuntimeCall::System(frame_system::Call::set_code { code: vec![] });
    let calls = [transfer(1), transfer(SMALL_TRANSFER_LIMIT), add_stake(), sudo(transfer(1)), sudo(set_code)];
    let passes = |kind: ProxyType| calls.iter().map(|call| kind.filter(call)).collect::<Vec<_>>();
    assert_eq!(passes(ProxyType::Any), [true, true, true, true, true]);
    assert_eq!(passes(ProxyType::NonCritical), [true, true, true, false, false]);
    assert_eq!(passes(ProxyType::NonTransfer), [false, false, true, true, true]);
    assert_eq!(passes(ProxyType::NonFungible), [false, false, false, true, true]);
    assert_eq!(passes(ProxyType::Staking), [false, false, true, false, false]);
    assert_eq!(passes(ProxyType::Transfer), [true, true, false, false, false]);
    assert_eq!(passes(ProxyType::SmallTransfer), [true, false, false, false, false]);
    assert_eq!(passes(ProxyType::SudoUncheckedSetCode), [false, false, false, false, true]);
    assert_eq!(passes(ProxyType::Governance), [false; 5]);
}

#[test]
fn a_filter_lists_calls_with_their_indexes() {
    let one = filters(Some(11));
    assert_eq!(one.len(), 1);
    let Some(small) = one.first() else { panic!("no filter") };
    assert_eq!((small.proxy_type, small.filter_mode.clone()), (11, FilterMode::Allow));
    let Some(first) = small.calls.first() else { panic!("no calls") };
    assert_eq!((first.pallet_index, first.call_index), (5, Some(3)));
    let limit = u128::from(SMALL_TRANSFER_LIMIT);
    assert_eq!(first.condition, Some(CallCondition::ParamLessThan { param_name: b"value".to_vec(), limit }));
    assert_eq!(filters(None).len(), 18);
    assert!(filters(Some(18)).is_empty());
}

#[test]
fn only_a_wider_type_may_give_a_narrower_one() {
    assert!(ProxyType::Any.is_superset(&ProxyType::Staking));
    assert!(ProxyType::NonTransfer.is_superset(&ProxyType::Staking));
    assert!(!ProxyType::NonTransfer.is_superset(&ProxyType::SmallTransfer));
    assert!(!ProxyType::NonTransfer.is_superset(&ProxyType::Any));
    assert!(ProxyType::Transfer.is_superset(&ProxyType::SmallTransfer));
    assert!(!ProxyType::Staking.is_superset(&ProxyType::Registration));
}
