//! The gate before the block: who may send what for free, and how often.
//!
//! A call that pays no fee is taken only from a registered hotkey and only if it would succeed in the next block; one of
//! a kind waits in the pool for each hotkey. A free call that is not listed here is refused, so that a new one cannot be
//! forgotten. Wrapped in another call (batch, proxy, multisig) nothing is free: the wrapper pays for it.
use alloc::{vec, vec::Vec};

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::{
    dispatch::Pays,
    weights::{constants::WEIGHT_REF_TIME_PER_MICROS, Weight},
};
use pallet_subtensor::{
    types::{AxonInfo, PrometheusInfo},
    BAD_REQUEST,
};
use pallet_transaction_payment::ChargeTransactionPayment;
use scale_info::TypeInfo;
use sp_runtime::{
    traits::{AsSystemOriginSigner, DispatchInfoOf, Implication, TransactionExtension, ValidateResult},
    transaction_validity::{
        InvalidTransaction, TransactionPriority, TransactionSource, TransactionValidityError, ValidTransaction,
    },
    Perbill,
};

use crate::{AccountId, Commitments, Runtime, RuntimeCall, RuntimeOrigin, SubtensorModule, System};

/// Priority of a free call that passed: that of a call with a tip of about one TAO, since its number is bounded by the
/// registered hotkeys. What the hotkey has staked on the subnet, in TAO, comes on top: hotkeys without stake cost little, and
/// many of them must not hold up those that the subnet hears. Nothing else counts, so that a hotkey's second call of a kind
/// does not replace its first.
pub const FREE_PRIORITY: TransactionPriority = 10_000_000_000_000;
/// Of the room for ordinary calls in a block, what free ones may fill: the rest is for those who pay.
const FREE_ROOM: Perbill = Perbill::from_percent(70);
const RAO_PER_TAO: u64 = 1_000_000_000;

/// What the checks of a free call are declared to cost, until they are benchmarked.
const CHECK_WEIGHT: Weight = Weight::from_parts(50_u64.saturating_mul(WEIGHT_REF_TIME_PER_MICROS), 0);

/// Bytes of a certificate with its algorithm.
const MAX_CERTIFICATE: usize = 65;

/// A number of `InvalidTransaction::Custom`.
type Code = u8;
/// What may be free, each with the index (mechanisms included) in whose matters it is.
#[derive(Encode)]
enum Kind {
    Weights(u16),
    Axon(u16),
    Commitment(u16),
    Reveal(u16),
    Prometheus(u16),
}

impl Kind {
    fn netuid(&self) -> u16 {
        let (Self::Weights(index)
        | Self::Axon(index)
        | Self::Commitment(index)
        | Self::Reveal(index)
        | Self::Prometheus(index)) = self;
        SubtensorModule::netuid_of(*index)
    }
}

/// Lets through what would succeed, in the words of upstream's refusals.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct SubtensorTransactionExtension;

fn subtensor(error: pallet_subtensor::Error<Runtime>) -> Code {
    error.pool_code()
}

fn check_subtensor(who: &AccountId, call: &pallet_subtensor::Call<Runtime>) -> Result<Vec<Kind>, Code> {
    use pallet_subtensor::Call;
    match call {
        // What is longer is stored nowhere: its bytes would be free for nothing.
        Call::serve_axon_tls { certificate, .. } if certificate.len() > MAX_CERTIFICATE => Err(BAD_REQUEST),
        Call::serve_axon { netuid, version, ip, port, ip_type, protocol, placeholder1, placeholder2 }
        | Call::serve_axon_tls { netuid, version, ip, port, ip_type, protocol, placeholder1, placeholder2, .. } => {
            let axon = AxonInfo {
                block: SubtensorModule::current_block(),
                version: *version,
                ip: *ip,
                port: *port,
                ip_type: *ip_type,
                protocol: *protocol,
                placeholder1: *placeholder1,
                placeholder2: *placeholder2,
            };
            SubtensorModule::check_serve_axon(who, *netuid, &axon).map_err(subtensor)?;
            Ok(vec![Kind::Axon(*netuid)])
        }
        Call::serve_prometheus { netuid, version, ip, port, ip_type } => {
            let block = SubtensorModule::current_block();
            let info = PrometheusInfo { block, version: *version, ip: *ip, port: *port, ip_type: *ip_type };
            SubtensorModule::check_serve_prometheus(who, *netuid, &info).map_err(subtensor)?;
            Ok(vec![Kind::Prometheus(*netuid)])
        }
        // They pay, but would pay for nothing.
        Call::register_network { .. } | Call::register_network_with_identity { .. } => {
            SubtensorModule::check_network_rate().map_err(subtensor).map(|()| Vec::new())
        }
        _ => weights::check(who, call),
    }
}

fn check_commitment(who: &AccountId, call: &pallet_commitments::Call<Runtime>) -> Result<Vec<Kind>, Code> {
    let pallet_commitments::Call::set_commitment { netuid, info } = call else {
        return Ok(Vec::new());
    };
    if !pallet_subtensor::NetworksAdded::<Runtime>::get(netuid) {
        return Err(subtensor(pallet_subtensor::Error::SubnetNotExists));
    }
    if !SubtensorModule::is_registered(*netuid, who) {
        return Err(subtensor(pallet_subtensor::Error::HotKeyNotRegisteredInSubNet));
    }
    Commitments::check_commitment(*netuid, who, info).map_err(|_| BAD_REQUEST)?;
    Ok(vec![Kind::Commitment(*netuid)])
}

/// They pay, but would pay for nothing: what anybody sees without the pairing is said before.
fn check_pulse(call: &pallet_drand::Call<Runtime>) -> Result<Vec<Kind>, Code> {
    match pallet_drand::Pallet::<Runtime>::check_signed(call) {
        Ok(()) => Ok(Vec::new()),
        Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(code))) => Err(code),
        Err(_) => Err(BAD_REQUEST),
    }
}

/// How many checks a call costs.
fn checks(call: &RuntimeCall) -> usize {
    use pallet_subtensor::Call;
    match call {
        RuntimeCall::SubtensorModule(
            Call::serve_axon { .. }
            | Call::serve_axon_tls { .. }
            | Call::serve_prometheus { .. }
            | Call::register_network { .. }
            | Call::register_network_with_identity { .. },
        ) => 1,
        RuntimeCall::SubtensorModule(inner) => weights::items(inner),
        RuntimeCall::Commitments(pallet_commitments::Call::set_commitment { .. })
        | RuntimeCall::Drand(pallet_drand::Call::write_pulse { .. }) => 1,
        _ => 0,
    }
}

/// The kinds of a free call that would succeed, of a batch one for each of its subnets; none for a call that pays.
fn check(who: &AccountId, call: &RuntimeCall, pays: Pays) -> Result<Vec<Kind>, Code> {
    let kinds = match call {
        RuntimeCall::SubtensorModule(inner) => check_subtensor(who, inner)?,
        RuntimeCall::Commitments(inner) => check_commitment(who, inner)?,
        RuntimeCall::Drand(inner) => check_pulse(inner)?,
        _ => Vec::new(),
    };
    match pays {
        Pays::No if kinds.is_empty() => Err(BAD_REQUEST),
        Pays::No => Ok(kinds),
        Pays::Yes => Ok(Vec::new()),
    }
}

/// TAO that a hotkey has staked where its call belongs.
fn staked(who: &AccountId, kinds: &[Kind]) -> u64 {
    let netuid = kinds.first().map_or(0, Kind::netuid);
    pallet_subtensor::TotalHotkeyAlpha::<Runtime>::get(who, netuid).checked_div(RAO_PER_TAO).unwrap_or(0)
}

/// Fills the stock priority, which prefers small calls, up to the one of free calls; a tip stays on top of it.
fn validity(who: &AccountId, kinds: &[Kind], info: &DispatchInfoOf<RuntimeCall>, len: usize) -> ValidTransaction {
    let stock = ChargeTransactionPayment::<Runtime>::get_priority(info, len, 0, 0);
    let provides = kinds.iter().map(|kind| (b"free", kind, who).encode()).collect();
    let priority = FREE_PRIORITY.saturating_add(staked(who, kinds)).saturating_sub(stock);
    ValidTransaction { priority, provides, ..Default::default() }
}

/// Whether a free call goes too far into the room of those who pay. `CheckWeight` has counted it before. One that is alone in
/// its block may be larger: it would have room in none.
fn is_crowding(info: &DispatchInfoOf<RuntimeCall>) -> bool {
    let limits = <Runtime as frame_system::Config>::BlockWeights::get();
    let class = limits.get(info.class);
    let room = class.max_total.unwrap_or(limits.max_block).ref_time();
    let filled = System::block_weight().get(info.class).ref_time();
    let own = info.total_weight().saturating_add(class.base_extrinsic).ref_time();
    filled > FREE_ROOM.mul_floor(room) && filled > own
}

impl TransactionExtension<RuntimeCall> for SubtensorTransactionExtension {
    const IDENTIFIER: &'static str = "SubtensorTransactionExtension";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn weight(&self, call: &RuntimeCall) -> Weight {
        CHECK_WEIGHT.saturating_mul(u64::try_from(checks(call)).unwrap_or(u64::MAX))
    }

    fn validate(
        &self,
        origin: RuntimeOrigin,
        call: &RuntimeCall,
        info: &DispatchInfoOf<RuntimeCall>,
        len: usize,
        _implicit: (),
        _implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), RuntimeCall> {
        let Some(who) = origin.as_system_origin_signer() else {
            return Ok((Default::default(), (), origin));
        };
        let kinds = check(who, call, info.pays_fee).map_err(InvalidTransaction::Custom)?;
        let valid = if kinds.is_empty() { ValidTransaction::default() } else { validity(who, &kinds, info, len) };
        Ok((valid, (), origin))
    }

    fn prepare(
        self,
        _val: (),
        origin: &RuntimeOrigin,
        _call: &RuntimeCall,
        info: &DispatchInfoOf<RuntimeCall>,
        _len: usize,
    ) -> Result<(), TransactionValidityError> {
        if origin.as_system_origin_signer().is_some() && info.pays_fee == Pays::No && is_crowding(info) {
            return Err(InvalidTransaction::ExhaustsResources.into());
        }
        Ok(())
    }
}

mod weights;

#[cfg(test)]
mod tests;
