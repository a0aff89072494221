//! What an author asks of the runtime.
#![allow(missing_docs)] // sp_api's macro writes items without any
use alloc::vec::Vec;

use crate::types::ShieldedTransaction;

sp_api::decl_runtime_apis! {
    /// Carriers, for those who make blocks.
    pub trait ShieldApi {
        /// What an extrinsic carries; none if it is no carrier.
        fn try_decode_shielded_tx(uxt: Block::Extrinsic) -> Option<ShieldedTransaction>;
        /// Whether the hash is that of `CurrentKey`.
        fn is_shielded_using_current_key(key_hash: &[u8; 16]) -> bool;
        /// The extrinsic, without its length, in a carrier that is encrypted to a key; none if there is none in it.
        fn try_unshield_tx(dec_key_bytes: Vec<u8>, shielded_tx: ShieldedTransaction) -> Option<Vec<u8>>;
    }
}
