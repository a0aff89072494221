//! The pool as an author of a block sees it: behind each carrier that it can open comes what was inside.
//!
//! The SDK's proposer asks the pool for one extrinsic after the other; this stands between the two, so that the proposer
//! itself, with its deadlines and limits, stays the SDK's. What another author can open is left for that author. What
//! nobody can open leaves the pool: in a block it would cost its sender a fee for nothing.
use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use codec::{Decode, DecodeAll, Encode};
use sc_client_api::{CallExecutor, ExecutorProvider};
use sc_service::SpawnTaskHandle;
use sc_transaction_pool_api::{
    ImportNotificationStream, InPoolTransaction, PoolStatus, ReadyTransactions, TransactionPool, TransactionSource,
    TransactionStatusStreamFor, TxHash, TxInvalidityReportMap,
};
use sp_core::traits::CallContext;
use sp_runtime::{
    traits::{BlakeTwo256, Hash as _},
    transaction_validity::{
        InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionTag, TransactionValidityError,
    },
    OpaqueExtrinsic,
};

use crate::{
    chain::{Block, Hash},
    service::{Client, Pool},
    shield::{Opening, Sealed, Shield},
};

/// The SDK's transaction in the pool.
type Pooled = <Pool as TransactionPool>::InPoolTransaction;
type Waiting = Box<dyn ReadyTransactions<Item = Arc<Pooled>> + Send>;

/// A carrier is no shorter: twox128 of the key, u16, ML-KEM ciphertext, nonce, tag of the cipher.
const LEAST_CARRIER_BYTES: usize = 16 + 2 + 1088 + 24 + 16;
/// `InvalidTransaction::Custom` of a carrier that cannot be opened: the runtime's number for one that cannot be one.
const UNREADABLE: u8 = 23;

/// An extrinsic for a block.
pub enum Candidate {
    /// From the pool.
    Pooled(Arc<Pooled>),
    /// Out of a carrier.
    Opened {
        /// Its hash.
        hash: Hash,
        /// Itself.
        extrinsic: Arc<OpaqueExtrinsic>,
    },
}

impl InPoolTransaction for Candidate {
    type Transaction = Arc<OpaqueExtrinsic>;
    type Hash = Hash;

    fn data(&self) -> &Self::Transaction {
        match self {
            Self::Pooled(pooled) => pooled.data(),
            Self::Opened { extrinsic, .. } => extrinsic,
        }
    }

    fn hash(&self) -> &Hash {
        match self {
            Self::Pooled(pooled) => pooled.hash(),
            Self::Opened { hash, .. } => hash,
        }
    }

    fn priority(&self) -> &TransactionPriority {
        match self {
            Self::Pooled(pooled) => pooled.priority(),
            Self::Opened { .. } => &0,
        }
    }

    fn longevity(&self) -> &TransactionLongevity {
        match self {
            Self::Pooled(pooled) => pooled.longevity(),
            Self::Opened { .. } => &0,
        }
    }

    fn requires(&self) -> &[TransactionTag] {
        match self {
            Self::Pooled(pooled) => pooled.requires(),
            Self::Opened { .. } => &[],
        }
    }

    fn provides(&self) -> &[TransactionTag] {
        match self {
            Self::Pooled(pooled) => pooled.provides(),
            Self::Opened { .. } => &[],
        }
    }

    fn is_propagable(&self) -> bool {
        matches!(self, Self::Pooled(pooled) if pooled.is_propagable())
    }
}

/// What is inside, with or without the length prefix that clients may leave out.
fn extrinsic_of(plain: Vec<u8>) -> OpaqueExtrinsic {
    OpaqueExtrinsic::decode_all(&mut &plain[..]).unwrap_or_else(|_| OpaqueExtrinsic::from_blob(plain))
}

/// Opens, and does for the pool what cannot wait for an answer.
#[derive(Clone)]
struct Opener {
    pool: Arc<Pool>,
    client: Arc<Client>,
    shield: Arc<Shield>,
    tasks: SpawnTaskHandle,
    parent: Hash,
}

impl Opener {
    /// None: it is no carrier.
    fn open(&self, extrinsic: &OpaqueExtrinsic) -> Option<Opening> {
        if extrinsic.inner().len() < LEAST_CARRIER_BYTES {
            return None;
        }
        let call = "ShieldApi_try_decode_shielded_tx";
        // A runtime without that API, or one that cannot read the extrinsic: the block will show.
        let answer = self.client.executor().call(self.parent, call, &extrinsic.encode(), CallContext::Offchain).ok()?;
        let sealed = Option::<Sealed>::decode(&mut &answer[..]).ok()??;
        Some(self.shield.open_sealed(&sealed))
    }

    fn discard(&self, hash: Hash) {
        let (pool, parent) = (self.pool.clone(), self.parent);
        let reason = TransactionValidityError::Invalid(InvalidTransaction::Custom(UNREADABLE));
        self.tasks.spawn("shield-discard", None, async move {
            let mut report = TxInvalidityReportMap::new();
            report.insert(hash, Some(reason));
            pool.report_invalid(Some(parent), report).await;
        });
    }

    /// For a later block, no longer hidden.
    fn keep(&self, extrinsic: &OpaqueExtrinsic) {
        let (pool, parent, extrinsic) = (self.pool.clone(), self.parent, extrinsic.clone());
        self.tasks.spawn("shield-keep", None, async move {
            if let Err(cause) = pool.submit_one(parent, TransactionSource::Local, extrinsic).await {
                log::debug!("what a carrier held is refused by the pool: {cause}");
            }
        });
    }
}

/// Candidates of one block.
struct Candidates {
    pooled: Waiting,
    opener: Opener,
    /// Inside the carrier that was given out last, whose fate is open.
    inside: Option<Arc<OpaqueExtrinsic>>,
    /// Given out last, if it came out of a carrier. The proposer asks on when it is in the block, and reports it when it is
    /// refused; a proposer that does neither ran out of time.
    given: Option<Arc<OpaqueExtrinsic>>,
}

impl Iterator for Candidates {
    type Item = Arc<Candidate>;

    fn next(&mut self) -> Option<Self::Item> {
        self.given = None;
        if let Some(extrinsic) = self.inside.take() {
            self.given = Some(extrinsic.clone());
            let hash = BlakeTwo256::hash_of(&*extrinsic);
            return Some(Arc::new(Candidate::Opened { hash, extrinsic }));
        }
        loop {
            let pooled = self.pooled.next()?;
            match self.opener.open(pooled.data()) {
                None => {}
                Some(Opening::Opened(plain)) => self.inside = Some(Arc::new(extrinsic_of(plain))),
                Some(refused) => {
                    // What the same sender sent after it would come too early.
                    self.pooled.report_invalid(&pooled);
                    if refused == Opening::Unreadable {
                        self.opener.discard(*pooled.hash());
                    }
                    continue;
                }
            }
            return Some(Arc::new(Candidate::Pooled(pooled)));
        }
    }
}

impl ReadyTransactions for Candidates {
    fn report_invalid(&mut self, candidate: &Self::Item) {
        match &**candidate {
            Candidate::Pooled(pooled) => {
                // A carrier that is not in the block: what is inside stays hidden.
                self.inside = None;
                self.pooled.report_invalid(pooled);
            }
            Candidate::Opened { extrinsic, .. } => {
                self.given = None;
                self.opener.keep(extrinsic);
            }
        }
    }
}

impl Drop for Candidates {
    fn drop(&mut self) {
        if let Some(extrinsic) = self.given.take() {
            self.opener.keep(&extrinsic);
        }
    }
}

/// Candidates as they lie in the pool, of an author that opens nothing.
struct Plain(Waiting);

impl Iterator for Plain {
    type Item = Arc<Candidate>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|pooled| Arc::new(Candidate::Pooled(pooled)))
    }
}

impl ReadyTransactions for Plain {
    fn report_invalid(&mut self, candidate: &Self::Item) {
        if let Candidate::Pooled(pooled) = &**candidate {
            self.0.report_invalid(pooled);
        }
    }
}

/// The pool of an author.
pub struct ShieldedPool {
    pool: Arc<Pool>,
    client: Arc<Client>,
    shield: Option<Arc<Shield>>,
    tasks: SpawnTaskHandle,
}

type Ready = Box<dyn ReadyTransactions<Item = Arc<Candidate>> + Send>;

impl ShieldedPool {
    /// Without a shield the pool as it is.
    pub fn new(pool: Arc<Pool>, client: Arc<Client>, shield: Option<Arc<Shield>>, tasks: SpawnTaskHandle) -> Self {
        Self { pool, client, shield, tasks }
    }

    fn opened(&self, pooled: Waiting, parent: Hash) -> Ready {
        let Some(shield) = self.shield.clone() else { return Box::new(Plain(pooled)) };
        let (pool, client, tasks) = (self.pool.clone(), self.client.clone(), self.tasks.clone());
        let opener = Opener { pool, client, shield, tasks, parent };
        Box::new(Candidates { pooled, opener, inside: None, given: None })
    }
}

#[async_trait]
impl TransactionPool for ShieldedPool {
    type Block = Block;
    type Hash = Hash;
    type InPoolTransaction = Candidate;
    type Error = <Pool as TransactionPool>::Error;

    async fn submit_at(
        &self,
        at: Hash,
        source: TransactionSource,
        extrinsics: Vec<OpaqueExtrinsic>,
    ) -> Result<Vec<Result<TxHash<Self>, Self::Error>>, Self::Error> {
        self.pool.submit_at(at, source, extrinsics).await
    }

    async fn submit_one(
        &self,
        at: Hash,
        source: TransactionSource,
        extrinsic: OpaqueExtrinsic,
    ) -> Result<TxHash<Self>, Self::Error> {
        self.pool.submit_one(at, source, extrinsic).await
    }

    async fn submit_and_watch(
        &self,
        at: Hash,
        source: TransactionSource,
        extrinsic: OpaqueExtrinsic,
    ) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
        self.pool.submit_and_watch(at, source, extrinsic).await
    }

    async fn ready_at(&self, at: Hash) -> Ready {
        self.opened(self.pool.ready_at(at).await, at)
    }

    fn ready(&self) -> Ready {
        Box::new(Plain(self.pool.ready()))
    }

    async fn report_invalid(
        &self,
        at: Option<Hash>,
        errors: TxInvalidityReportMap<TxHash<Self>>,
    ) -> Vec<Arc<Self::InPoolTransaction>> {
        let removed = self.pool.report_invalid(at, errors).await;
        removed.into_iter().map(|pooled| Arc::new(Candidate::Pooled(pooled))).collect()
    }

    fn futures(&self) -> Vec<Self::InPoolTransaction> {
        self.pool.futures().into_iter().map(|pooled| Candidate::Pooled(Arc::new(pooled))).collect()
    }

    fn status(&self) -> PoolStatus {
        self.pool.status()
    }

    fn import_notification_stream(&self) -> ImportNotificationStream<TxHash<Self>> {
        self.pool.import_notification_stream()
    }

    fn on_broadcasted(&self, propagations: HashMap<TxHash<Self>, Vec<String>>) {
        self.pool.on_broadcasted(propagations);
    }

    fn hash_of(&self, extrinsic: &OpaqueExtrinsic) -> TxHash<Self> {
        self.pool.hash_of(extrinsic)
    }

    fn ready_transaction(&self, hash: &TxHash<Self>) -> Option<Arc<Self::InPoolTransaction>> {
        self.pool.ready_transaction(hash).map(|pooled| Arc::new(Candidate::Pooled(pooled)))
    }

    async fn ready_at_with_timeout(&self, at: Hash, timeout: Duration) -> Ready {
        self.opened(self.pool.ready_at_with_timeout(at, timeout).await, at)
    }
}
