//! Proxy types, which let a coldkey stay offline: upstream's, each with what it may do, by the names of calls.
//!
//! Names that this runtime does not have match nothing. `proxy_filter.rs` tells clients the same.
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{GetCallMetadata, InstanceFilter};
use scale_info::TypeInfo;

use crate::{Balance, RuntimeCall};

/// Amounts below this pass as small transfers, in rao (0.5 TAO) or alpha.
pub const SMALL_TRANSFER_LIMIT: Balance = 500_000_000;

/// What a proxy may do; upstream's names and indexes.
#[derive(
    Clone,
    Copy,
    Debug,
    Decode,
    DecodeWithMemTracking,
    Default,
    Encode,
    Eq,
    MaxEncodedLen,
    Ord,
    PartialEq,
    PartialOrd,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Acts of a subnet's owner, but giving its hotkey away.
    Owner,
    /// All but registrations, dissolving and sudo.
    NonCritical,
    /// All that gives nothing away.
    NonTransfer,
    /// Nothing: retired upstream.
    Senate,
    /// All that touches neither balances nor stake nor hotkeys.
    NonFungible,
    /// Nothing: retired upstream.
    Triumvirate,
    /// Nothing: retired upstream.
    Governance,
    /// Stake.
    Staking,
    /// Registration of neurons.
    Registration,
    /// Transfers.
    Transfer,
    /// Transfers below the limit.
    SmallTransfer,
    /// Nothing: retired upstream.
    RootWeights,
    /// Children.
    ChildKeys,
    /// A new runtime by sudo.
    SudoUncheckedSetCode,
    /// Swapping hotkeys.
    SwapHotkey,
    /// Acts of who leases a subnet.
    SubnetLeaseBeneficiary,
    /// Root dividends.
    RootClaim,
}

impl ProxyType {
    /// All, by index.
    pub const ALL: [Self; 18] = [
        Self::Any,
        Self::Owner,
        Self::NonCritical,
        Self::NonTransfer,
        Self::Senate,
        Self::NonFungible,
        Self::Triumvirate,
        Self::Governance,
        Self::Staking,
        Self::Registration,
        Self::Transfer,
        Self::SmallTransfer,
        Self::RootWeights,
        Self::ChildKeys,
        Self::SudoUncheckedSetCode,
        Self::SwapHotkey,
        Self::SubnetLeaseBeneficiary,
        Self::RootClaim,
    ];
}

/// A call by pallet and name; without a name all of the pallet.
pub type Named = (&'static str, Option<&'static str>);

/// What a proxy type lets through.
pub enum Rule {
    /// All calls.
    All,
    /// None.
    Nothing,
    /// The first, but not the second.
    Only(&'static [Named], &'static [Named]),
    /// All but these.
    Except(&'static [Named]),
}

const fn of(name: &'static str) -> Named {
    ("SubtensorModule", Some(name))
}

const fn admin(name: &'static str) -> Named {
    ("AdminUtils", Some(name))
}

const fn balances(name: &'static str) -> Named {
    ("Balances", Some(name))
}

const OWNER: &[Named] = &[("AdminUtils", None), of("set_subnet_identity"), of("update_symbol"), of("start_call")];
const NOT_OWNER: &[Named] = &[admin("sudo_set_sn_owner_hotkey"), admin("sudo_set_subnet_owner_hotkey")];
const CRITICAL: &[Named] =
    &[of("dissolve_network"), of("root_register"), of("burned_register"), of("register_limit"), ("Sudo", None)];
const GIVING_AWAY: &[Named] = &[
    ("Balances", None),
    of("transfer_stake"),
    of("schedule_swap_coldkey"),
    of("announce_coldkey_swap"),
    of("swap_coldkey_announced"),
    of("swap_coldkey"),
];
const FUNGIBLE: &[Named] = &[
    ("Balances", None),
    of("add_stake"),
    of("add_stake_limit"),
    of("add_stake_burn"),
    of("remove_stake"),
    of("remove_stake_limit"),
    of("remove_stake_full_limit"),
    of("unstake_all"),
    of("unstake_all_alpha"),
    of("swap_stake"),
    of("swap_stake_limit"),
    of("move_stake"),
    of("transfer_stake"),
    of("recycle_alpha"),
    of("burn_alpha"),
    of("burned_register"),
    of("register_limit"),
    of("root_register"),
    of("schedule_swap_coldkey"),
    of("announce_coldkey_swap"),
    of("swap_coldkey_announced"),
    of("swap_coldkey"),
    of("swap_hotkey"),
    of("swap_hotkey_v2"),
];
const STAKING: &[Named] = &[
    of("add_stake"),
    of("add_stake_limit"),
    of("remove_stake"),
    of("remove_stake_limit"),
    of("remove_stake_full_limit"),
    of("unstake_all"),
    of("unstake_all_alpha"),
    of("swap_stake"),
    of("swap_stake_limit"),
    of("move_stake"),
    of("set_coldkey_auto_stake_hotkey"),
];
const REGISTRATION: &[Named] = &[of("burned_register"), of("register"), of("register_limit")];
const TRANSFER: &[Named] = &[
    balances("transfer_keep_alive"),
    balances("transfer_allow_death"),
    balances("transfer_all"),
    of("transfer_stake"),
];
const SMALL_TRANSFER: &[Named] =
    &[balances("transfer_keep_alive"), balances("transfer_allow_death"), of("transfer_stake")];
const CHILD_KEYS: &[Named] = &[of("set_children"), of("set_childkey_take")];
const UNCHECKED_SUDO: &[Named] = &[("Sudo", Some("sudo_unchecked_weight"))];
const SWAP_HOTKEY: &[Named] = &[of("swap_hotkey"), of("swap_hotkey_v2")];
const ROOT_CLAIM: &[Named] = &[of("claim_root")];
const LEASE: &[Named] = &[
    of("start_call"),
    of("set_subnet_identity"),
    of("update_symbol"),
    admin("sudo_set_serving_rate_limit"),
    admin("sudo_set_min_difficulty"),
    admin("sudo_set_max_difficulty"),
    admin("sudo_set_weights_version_key"),
    admin("sudo_set_adjustment_alpha"),
    admin("sudo_set_immunity_period"),
    admin("sudo_set_min_allowed_weights"),
    admin("sudo_set_kappa"),
    admin("sudo_set_rho"),
    admin("sudo_set_activity_cutoff"),
    admin("sudo_set_network_registration_allowed"),
    admin("sudo_set_network_pow_registration_allowed"),
    admin("sudo_set_max_burn"),
    admin("sudo_set_bonds_moving_average"),
    admin("sudo_set_bonds_penalty"),
    admin("sudo_set_commit_reveal_weights_enabled"),
    admin("sudo_set_liquid_alpha_enabled"),
    admin("sudo_set_alpha_values"),
    admin("sudo_set_commit_reveal_weights_interval"),
    admin("sudo_set_toggle_transfer"),
];

impl ProxyType {
    /// What this type lets through.
    pub fn rule(self) -> Rule {
        match self {
            Self::Any => Rule::All,
            Self::Owner => Rule::Only(OWNER, NOT_OWNER),
            Self::NonCritical => Rule::Except(CRITICAL),
            Self::NonTransfer => Rule::Except(GIVING_AWAY),
            Self::NonFungible => Rule::Except(FUNGIBLE),
            Self::Staking => Rule::Only(STAKING, &[]),
            Self::Registration => Rule::Only(REGISTRATION, &[]),
            Self::Transfer => Rule::Only(TRANSFER, &[]),
            Self::SmallTransfer => Rule::Only(SMALL_TRANSFER, &[]),
            Self::ChildKeys => Rule::Only(CHILD_KEYS, &[]),
            Self::SudoUncheckedSetCode => Rule::Only(UNCHECKED_SUDO, &[]),
            Self::SwapHotkey => Rule::Only(SWAP_HOTKEY, &[]),
            Self::SubnetLeaseBeneficiary => Rule::Only(LEASE, &[]),
            Self::RootClaim => Rule::Only(ROOT_CLAIM, &[]),
            Self::Senate | Self::Triumvirate | Self::Governance | Self::RootWeights => Rule::Nothing,
        }
    }

    /// What this type demands of a call beside its name.
    fn condition_holds(self, call: &RuntimeCall) -> bool {
        match (self, call) {
            (Self::SmallTransfer, RuntimeCall::Balances(inner)) => match inner {
                pallet_balances::Call::transfer_keep_alive { value, .. }
                | pallet_balances::Call::transfer_allow_death { value, .. } => *value < SMALL_TRANSFER_LIMIT,
                _ => false,
            },
            (Self::SmallTransfer, RuntimeCall::SubtensorModule(inner)) => match inner {
                pallet_subtensor::Call::transfer_stake { alpha_amount, .. } => *alpha_amount < SMALL_TRANSFER_LIMIT,
                _ => false,
            },
            (Self::SudoUncheckedSetCode, RuntimeCall::Sudo(inner)) => match inner {
                pallet_sudo::Call::sudo_unchecked_weight { call, .. } => {
                    matches!(**call, RuntimeCall::System(frame_system::Call::set_code { .. }))
                }
                _ => false,
            },
            _ => true,
        }
    }
}

fn is_among(call: &RuntimeCall, list: &[Named]) -> bool {
    let of = call.get_call_metadata();
    list.iter().any(|(pallet, name)| *pallet == of.pallet_name && name.is_none_or(|name| name == of.function_name))
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        let named = match self.rule() {
            Rule::All => true,
            Rule::Nothing => false,
            Rule::Only(list, exceptions) => is_among(call, list) && !is_among(call, exceptions),
            Rule::Except(list) => !is_among(call, list),
        };
        named && self.condition_holds(call)
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (one, same) if one == same => true,
            (Self::Any, _) | (Self::Transfer, Self::SmallTransfer) => true,
            (_, Self::Any) => false,
            (Self::NonTransfer, _) => !matches!(other, Self::Transfer | Self::SmallTransfer),
            _ => false,
        }
    }
}
