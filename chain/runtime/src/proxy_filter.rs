//! `ProxyFilterRuntimeApi`: what proxy types let through, in upstream's words and shapes, read from `proxy.rs`.
#![allow(missing_docs)] // sp_api's macro writes items without any
use alloc::{format, vec::Vec};

use codec::{Decode, Encode};
use frame_support::traits::{GetCallIndex, GetCallName, PalletInfoAccess};
use scale_info::TypeInfo;

use crate::{
    proxy::{Named, ProxyType, Rule, SMALL_TRANSFER_LIMIT},
    AdminUtils, Balances, Runtime, SubtensorModule, Sudo,
};

/// A proxy type by name.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct ProxyTypeInfo {
    /// Name in ASCII.
    pub name: Vec<u8>,
    /// Index.
    pub index: u8,
    /// Whether it is retired and lets nothing through.
    pub deprecated: bool,
}

/// How to read the lists of a filter.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub enum FilterMode {
    /// All calls pass.
    AllowAll,
    /// None does.
    DenyAll,
    /// The listed calls pass, but not the exceptions.
    Allow,
    /// All but the listed calls pass.
    Deny,
}

/// What a call must be beside its name.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub enum CallCondition {
    /// A number below a limit.
    ParamLessThan {
        /// The parameter.
        param_name: Vec<u8>,
        /// The limit.
        limit: u128,
    },
    /// A call within it.
    NestedCallMustBe {
        /// Its pallet.
        pallet_name: Vec<u8>,
        /// Its name.
        call_name: Vec<u8>,
    },
}

/// A call, or without a name all calls of a pallet.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct CallInfo {
    /// Name of the pallet.
    pub pallet_name: Vec<u8>,
    /// Its index.
    pub pallet_index: u8,
    /// Name of the call.
    pub call_name: Option<Vec<u8>>,
    /// Its index.
    pub call_index: Option<u8>,
    /// What it must be beside its name.
    pub condition: Option<CallCondition>,
}

/// What a proxy type lets through.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct ProxyFilterInfo {
    /// Index of the type.
    pub proxy_type: u8,
    /// Its name in ASCII.
    pub name: Vec<u8>,
    /// Whether it is retired and lets nothing through.
    pub deprecated: bool,
    /// How to read the lists.
    pub filter_mode: FilterMode,
    /// Calls that pass, or do not.
    pub calls: Vec<CallInfo>,
    /// Of the calls that pass, those that do not.
    pub exceptions: Vec<CallInfo>,
}

sp_api::decl_runtime_apis! {
    /// Proxy types and what they let through.
    pub trait ProxyFilterRuntimeApi {
        /// All proxy types.
        fn get_proxy_types() -> Vec<ProxyTypeInfo>;
        /// What one type lets through, or all do.
        fn get_proxy_filter(proxy_type: Option<u8>) -> Vec<ProxyFilterInfo>;
    }
}

/// Index of a pallet and its calls by name; none for a pallet that this runtime lacks.
fn pallet(name: &str) -> Option<(usize, &'static [&'static str], &'static [u8])> {
    macro_rules! find {
        ($($own:ident: $module:ident),*) => {
            match name {
                $(stringify!($own) => Some((
                    <$own as PalletInfoAccess>::index(),
                    $module::Call::<Runtime>::get_call_names(),
                    $module::Call::<Runtime>::get_call_indices(),
                )),)*
                _ => None,
            }
        };
    }
    find!(
        AdminUtils: pallet_admin_utils,
        Balances: pallet_balances,
        SubtensorModule: pallet_subtensor,
        Sudo: pallet_sudo
    )
}

fn condition(of: ProxyType, name: &str) -> Option<CallCondition> {
    let limit = u128::from(SMALL_TRANSFER_LIMIT);
    match (of, name) {
        (ProxyType::SmallTransfer, "transfer_stake") => {
            Some(CallCondition::ParamLessThan { param_name: b"alpha_amount".to_vec(), limit })
        }
        (ProxyType::SmallTransfer, _) => Some(CallCondition::ParamLessThan { param_name: b"value".to_vec(), limit }),
        (ProxyType::SudoUncheckedSetCode, _) => {
            Some(CallCondition::NestedCallMustBe { pallet_name: b"System".to_vec(), call_name: b"set_code".to_vec() })
        }
        _ => None,
    }
}

/// A call of this runtime; none for one that it lacks.
fn call_info(of: ProxyType, (pallet_name, name): &Named) -> Option<CallInfo> {
    let (index, names, indices) = pallet(pallet_name)?;
    let call_index = match name {
        Some(name) => Some(*names.iter().zip(indices).find(|(own, _)| *own == name)?.1),
        None => None,
    };
    Some(CallInfo {
        pallet_name: pallet_name.as_bytes().to_vec(),
        pallet_index: index.try_into().ok()?,
        call_name: name.map(|name| name.as_bytes().to_vec()),
        call_index,
        condition: name.and_then(|name| condition(of, name)),
    })
}

fn call_infos(of: ProxyType, list: &[Named]) -> Vec<CallInfo> {
    list.iter().filter_map(|named| call_info(of, named)).collect()
}

/// All proxy types.
pub fn types() -> Vec<ProxyTypeInfo> {
    let info = |(kind, index): (ProxyType, u8)| ProxyTypeInfo {
        name: format!("{kind:?}").into_bytes(),
        index,
        deprecated: matches!(kind.rule(), Rule::Nothing),
    };
    ProxyType::ALL.into_iter().zip(0..).map(info).collect()
}

fn filter_info((kind, info): (ProxyType, ProxyTypeInfo)) -> ProxyFilterInfo {
    let (filter_mode, calls, exceptions): (_, &[Named], &[Named]) = match kind.rule() {
        Rule::All => (FilterMode::AllowAll, &[], &[]),
        Rule::Nothing => (FilterMode::DenyAll, &[], &[]),
        Rule::Only(calls, exceptions) => (FilterMode::Allow, calls, exceptions),
        Rule::Except(calls) => (FilterMode::Deny, calls, &[]),
    };
    ProxyFilterInfo {
        proxy_type: info.index,
        name: info.name,
        deprecated: info.deprecated,
        filter_mode,
        calls: call_infos(kind, calls),
        exceptions: call_infos(kind, exceptions),
    }
}

/// What one type lets through, or all do.
pub fn filters(proxy_type: Option<u8>) -> Vec<ProxyFilterInfo> {
    let all = ProxyType::ALL.into_iter().zip(types()).map(filter_info);
    all.filter(|info| proxy_type.is_none_or(|index| info.proxy_type == index)).collect()
}

#[cfg(test)]
mod tests;
