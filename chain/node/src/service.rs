//! The node's parts, and how they are put together.
use std::{path::PathBuf, sync::Arc, time::Duration};

use sc_client_api::BlockBackend;
use sc_consensus::{DefaultImportQueue, LongestChain};
use sc_consensus_aura::{ImportQueueParams, SlotProportion, StartAuraParams};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf, SharedVoterState, VotingRulesBuilder};
use sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging;
use sc_executor::WasmExecutor;
use sc_network::{config::FullNetworkConfiguration, NetworkBackend};
use sc_service::{
    error::Error, BuildNetworkParams, Configuration, PartialComponents, SpawnTasksParams, TFullBackend, TFullClient,
    TaskManager, WarpSyncConfig,
};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_aura::sr25519::{AuthorityId as AuraId, AuthorityPair as AuraPair};
use sp_io::SubstrateHostFunctions;

use crate::{
    carriers::ShieldedPool,
    chain::{Block, Hash, RuntimeApi},
    finality, rpc,
    shield::{Shield, ShieldInherent},
};

/// The chain: state, blocks, and calls into the WASM of any of them.
pub type Client = TFullClient<Block, RuntimeApi, WasmExecutor<SubstrateHostFunctions>>;
/// Where it is kept.
pub type Backend = TFullBackend<Block>;
/// Extrinsics that wait.
pub type Pool = TransactionPoolHandle<Block, Client>;
type Chooser = LongestChain<Backend, Block>;
type Import = GrandpaBlockImport<Backend, Block, Client, Chooser>;
type Link = LinkHalf<Block, Client, Chooser>;
/// All that works without a network.
pub type Parts = PartialComponents<Client, Backend, Chooser, DefaultImportQueue<Block>, Pool, (Import, Link)>;

/// A proof of finality is kept for at least one block in so many, for light clients and nodes that catch up.
const JUSTIFICATION_PERIOD: u32 = 512;
/// GRANDPA's estimate of how long a vote travels; a round takes a few of them.
const GOSSIP: Duration = Duration::from_millis(250);
/// Part of a slot in which an author fills a block: the runtime's weights are half of a slot at most, the rest is for
/// the others to execute it.
const PROPOSING: f32 = 0.5;
/// Keys that calls are encrypted to, beside the database.
const SHIELD_FILE: &str = "shield-keys.json";

/// All that works without a network: database, pool, verification and import of blocks.
pub fn parts(config: &Configuration) -> Result<Parts, Error> {
    let executor = sc_service::new_wasm_executor::<SubstrateHostFunctions>(&config.executor);
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(config, None, executor, Vec::new())?;
    let client = Arc::new(client);
    let select_chain = LongestChain::new(backend.clone());
    let transaction_pool = Arc::new(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );
    let (block_import, link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD,
        &client,
        select_chain.clone(),
        None,
    )?;
    let slots = client.clone();
    let import_queue = sc_consensus_aura::import_queue::<AuraPair, _, _, _, _, _>(ImportQueueParams {
        block_import: block_import.clone(),
        justification_import: Some(Box::new(block_import.clone())),
        client: client.clone(),
        create_inherent_data_providers: move |parent, _| {
            let slots = slots.clone();
            async move {
                let duration = sc_consensus_aura::standalone::slot_duration_at::<AuraId, Block, _>(&*slots, parent)?;
                Ok(now(duration))
            }
        },
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        check_for_equivocation: Default::default(),
        telemetry: None,
        compatibility_mode: Default::default(),
    })?;
    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: (block_import, link),
    })
}

type SlotAndTime = (sp_consensus_aura::inherents::InherentDataProvider, sp_timestamp::InherentDataProvider);

/// The slot of this moment, and the moment.
fn now(duration: sp_consensus_aura::SlotDuration) -> SlotAndTime {
    let time = sp_timestamp::InherentDataProvider::from_system_time();
    let slot =
        sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(*time, duration);
    (slot, time)
}

/// Starts a node; it runs until its task manager ends.
pub fn start<N: NetworkBackend<Block, Hash>>(config: Configuration, has_shield: bool) -> Result<TaskManager, Error> {
    let PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other: (block_import, link),
    } = parts(&config)?;

    let registry = config.prometheus_registry().cloned();
    let mut net_config = FullNetworkConfiguration::<Block, Hash, N>::new(&config.network, registry.clone());
    let metrics = N::register_notification_metrics(registry.as_ref());
    let genesis = client.block_hash(0)?.ok_or_else(|| Error::Other("the database has no genesis block".into()))?;
    let protocol_name = sc_consensus_grandpa::protocol_standard_name(&genesis, &config.chain_spec);
    let (protocol, votes) = sc_consensus_grandpa::grandpa_peers_set_config::<_, N>(
        protocol_name.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(protocol);
    let warp = sc_consensus_grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        link.shared_authority_set().clone(),
        Vec::new(),
    );
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
        sc_service::build_network(BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(Arc::new(warp))),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let role = config.role;
    let force_authoring = config.force_authoring;
    let has_grandpa = !config.disable_grandpa;
    let name = config.network.node_name.clone();
    let shield_path = shield_path(&config);
    let voters = SharedVoterState::empty();
    let sources = rpc::Sources {
        client: client.clone(),
        pool: transaction_pool.clone(),
        voters: voters.clone(),
        authorities: link.shared_authority_set().clone(),
        justifications: link.justification_stream(),
        proofs: sc_consensus_grandpa::FinalityProofProvider::new_for_service(
            backend.clone(),
            Some(link.shared_authority_set().clone()),
        ),
    };
    let keystore = keystore_container.keystore();

    sc_service::spawn_tasks(SpawnTasksParams {
        config,
        client: client.clone(),
        backend,
        task_manager: &mut task_manager,
        keystore: keystore.clone(),
        transaction_pool: transaction_pool.clone(),
        rpc_builder: Box::new(move |executor| rpc::module(sources.clone(), executor).map_err(Into::into)),
        network: network.clone(),
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: None,
        tracing_execute_block: None,
    })?;

    if role.is_authority() {
        let shield = if has_shield { Some(Arc::new(Shield::open(shield_path)?)) } else { None };
        let pool = ShieldedPool::new(
            transaction_pool.clone(),
            client.clone(),
            shield.clone(),
            task_manager.spawn_handle(),
        );
        let proposer_factory = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            Arc::new(pool),
            registry.as_ref(),
            None,
        );
        let slot_duration = sc_consensus_aura::slot_duration::<AuraId, Block, _>(&*client)?;
        let numbers = client.clone();
        let aura = sc_consensus_aura::start_aura::<AuraPair, _, _, _, _, _, _, _, _, _, _>(StartAuraParams {
            slot_duration,
            client: client.clone(),
            select_chain,
            block_import,
            proposer_factory,
            create_inherent_data_providers: move |parent, ()| {
                let key = ShieldInherent::for_block_on(shield.as_deref(), &*numbers, parent);
                async move {
                    let (slot, time) = now(slot_duration);
                    Ok((slot, time, key))
                }
            },
            force_authoring,
            backoff_authoring_blocks: Some(BackoffAuthoringOnFinalizedHeadLagging::default()),
            keystore: keystore.clone(),
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            block_proposal_slot_portion: SlotProportion::new(PROPOSING),
            max_block_proposal_slot_portion: None,
            telemetry: None,
            compatibility_mode: Default::default(),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("aura", Some("block-authoring"), aura);
    }

    task_manager.spawn_handle().spawn("finality-watch", None, finality::watch(client));
    if has_grandpa {
        let voter = sc_consensus_grandpa::run_grandpa_voter(sc_consensus_grandpa::GrandpaParams {
            config: sc_consensus_grandpa::Config {
                gossip_duration: GOSSIP,
                justification_generation_period: JUSTIFICATION_PERIOD,
                name: Some(name),
                observer_enabled: false,
                keystore: role.is_authority().then_some(keystore),
                local_role: role,
                telemetry: None,
                protocol_name,
            },
            link,
            network,
            sync: sync_service,
            notification_service: votes,
            // No rule: votes are for the newest block. Windows are cut by final blocks, so two blocks' delay would be felt.
            voting_rule: VotingRulesBuilder::new().build(),
            prometheus_registry: registry,
            shared_voter_state: voters,
            telemetry: None,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager.spawn_essential_handle().spawn_blocking("grandpa-voter", None, voter);
    }
    Ok(task_manager)
}

/// Beside the database of this chain.
fn shield_path(config: &Configuration) -> PathBuf {
    config.base_path.config_dir(config.chain_spec.id()).join(SHIELD_FILE)
}
