//! The three transaction extensions without data that stand beside the gate; clients know all four by name.
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::pallet_prelude::InvalidTransaction;
use scale_info::TypeInfo;
use sp_runtime::{
    impl_tx_ext_default,
    traits::{AsSystemOriginSigner, DispatchInfoOf, Implication, TransactionExtension, ValidateResult},
    transaction_validity::TransactionSource,
};

use crate::{Runtime, RuntimeCall, RuntimeOrigin};

/// Refuses a sudo call that is not signed by the sudo key, or any where there is none: it would fail in its block for a
/// fee.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct SudoTransactionExtension;

impl TransactionExtension<RuntimeCall> for SudoTransactionExtension {
    const IDENTIFIER: &'static str = "SudoTransactionExtension";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn validate(
        &self,
        origin: RuntimeOrigin,
        call: &RuntimeCall,
        _info: &DispatchInfoOf<RuntimeCall>,
        _len: usize,
        _implicit: (),
        _implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), RuntimeCall> {
        let signer = origin.as_system_origin_signer();
        if signer.is_some() && matches!(call, RuntimeCall::Sudo(_)) {
            let key = pallet_sudo::Key::<Runtime>::get();
            if key.as_ref() != signer {
                return Err(InvalidTransaction::BadSigner.into());
            }
        }
        Ok((Default::default(), (), origin))
    }

    impl_tx_ext_default!(RuntimeCall; weight prepare);
}

/// Refuses a carrier whose ciphertext cannot be one: no author could open it. Which keys are still opened is the author's
/// affair, where upstream asks for the current one.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct CheckShieldedTxValidity;

impl TransactionExtension<RuntimeCall> for CheckShieldedTxValidity {
    const IDENTIFIER: &'static str = "CheckShieldedTxValidity";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn validate(
        &self,
        origin: RuntimeOrigin,
        call: &RuntimeCall,
        _info: &DispatchInfoOf<RuntimeCall>,
        _len: usize,
        _implicit: (),
        _implication: &impl Implication,
        _source: TransactionSource,
    ) -> ValidateResult<(), RuntimeCall> {
        if let RuntimeCall::MevShield(pallet_shield::Call::submit_encrypted { ciphertext }) = call {
            if pallet_shield::types::ShieldedTransaction::parse(ciphertext).is_none() {
                return Err(InvalidTransaction::Custom(pallet_shield::MALFORMED).into());
            }
        }
        Ok((Default::default(), (), origin))
    }

    impl_tx_ext_default!(RuntimeCall; weight prepare);
}

/// Stands where upstream prefers pulses of a beacon; there is none here.
#[derive(Clone, Debug, Default, Decode, DecodeWithMemTracking, Encode, Eq, PartialEq, TypeInfo)]
pub struct DrandPriority;

impl TransactionExtension<RuntimeCall> for DrandPriority {
    const IDENTIFIER: &'static str = "DrandPriority";
    type Implicit = ();
    type Val = ();
    type Pre = ();
    impl_tx_ext_default!(RuntimeCall; weight validate prepare);
}
