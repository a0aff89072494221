//! JSON-RPC beyond what every node of the SDK serves (system, chain, state, author, chainHead, archive, transactionWatch).
use std::sync::Arc;

use jsonrpsee::RpcModule;
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_consensus_grandpa::{FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_rpc::SubscriptionTaskExecutor;
use substrate_frame_rpc_system::{System, SystemApiServer};

use crate::{
    chain::{Block, Hash},
    service::{Backend, Client, Pool},
};

/// What the methods speak to.
#[derive(Clone)]
pub struct Sources {
    /// The chain.
    pub client: Arc<Client>,
    /// Extrinsics that wait.
    pub pool: Arc<Pool>,
    /// Where votes stand.
    pub voters: SharedVoterState,
    /// Who votes.
    pub authorities: SharedAuthoritySet<Hash, u32>,
    /// Proofs of finality as they come.
    pub justifications: GrandpaJustificationStream<Block>,
    /// Proofs of finality of old blocks.
    pub proofs: Arc<FinalityProofProvider<Backend, Block>>,
}

/// `system_accountNextIndex`, `system_dryRun`, `payment_*` and `grandpa_*`.
pub fn module(
    sources: Sources,
    executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
    let Sources { client, pool, voters, authorities, justifications, proofs } = sources;
    let mut module = RpcModule::new(());
    module.merge(System::<Pool, Client, Block>::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::<Client, Block>::new(client).into_rpc())?;
    module.merge(Grandpa::new(executor, authorities, voters, justifications, proofs).into_rpc())?;
    Ok(module)
}
