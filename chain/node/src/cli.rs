//! The command line: the SDK's own, less what a node without a runtime and without RocksDB cannot do.
use clap::{Parser, Subcommand};
use sc_cli::{
    CheckBlockCmd, ChainInfoCmd, ExportBlocksCmd, ExportStateCmd, ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd,
    RunCmd, SubstrateCli,
};
use sc_network::{config::NetworkBackendType, Litep2pNetworkBackend, NetworkWorker};
use sc_service::{ChainSpec, Configuration, GenericChainSpec};

use crate::{
    chain::{Block, Hash},
    service::{self, Parts},
};

/// A node of the chain.
#[derive(Debug, Parser)]
pub struct Cli {
    /// What else than running.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Announces no key that calls can be encrypted to, and opens none (MevShield).
    #[arg(long)]
    pub no_shield: bool,

    /// Running.
    #[command(flatten)]
    pub run: RunCmd,
}

/// What else than running.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes and shows keys.
    #[command(subcommand)]
    Key(KeySubcommand),
    /// Executes a block again.
    CheckBlock(CheckBlockCmd),
    /// Writes blocks to a file.
    ExportBlocks(ExportBlocksCmd),
    /// Reads blocks from a file, and executes and verifies each.
    ImportBlocks(ImportBlocksCmd),
    /// Writes the state of a block as a chain spec.
    ExportState(ExportStateCmd),
    /// Takes blocks back that are not final.
    Revert(RevertCmd),
    /// Deletes the database.
    PurgeChain(PurgeChainCmd),
    /// Shows what the database holds.
    ChainInfo(ChainInfoCmd),
}

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Assay".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "the authors of Assay".into()
    }

    fn support_url() -> String {
        "chain/node/README.md".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, path: &str) -> Result<Box<dyn ChainSpec>, String> {
        if path.is_empty() || path == "dev" {
            return Err("name a raw chain spec: --chain spec.json (`subnet chain spec` writes one)".into());
        }
        Ok(Box::new(GenericChainSpec::<Option<()>>::from_json_file(path.into())?))
    }
}

/// No telemetry, whatever spec or arguments name.
fn silent(mut config: Configuration) -> Configuration {
    config.telemetry_endpoints = None;
    config
}

/// Reads the command line and does what it says.
pub fn run() -> sc_cli::Result<()> {
    let cli = Cli::from_args();
    match &cli.command {
        None => serve(&cli),
        Some(Command::Key(command)) => command.run(&cli),
        Some(Command::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let Parts { client, task_manager, import_queue, .. } = service::parts(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Command::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let Parts { client, task_manager, .. } = service::parts(&config)?;
            Ok((command.run(client, config.database), task_manager))
        }),
        Some(Command::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
            let Parts { client, task_manager, import_queue, .. } = service::parts(&config)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Command::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let Parts { client, task_manager, .. } = service::parts(&config)?;
            Ok((command.run(client, config.chain_spec), task_manager))
        }),
        Some(Command::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let Parts { client, task_manager, backend, .. } = service::parts(&config)?;
            let revert = Box::new(|client, _, blocks| {
                sc_consensus_grandpa::revert(client, blocks)?;
                Ok(())
            });
            Ok((command.run(client, backend, Some(revert)), task_manager))
        }),
        Some(Command::PurgeChain(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run(config.database))
        }
        Some(Command::ChainInfo(command)) => {
            cli.create_runner(command)?.sync_run(|config| command.run::<Block>(&config))
        }
    }
}

fn serve(cli: &Cli) -> sc_cli::Result<()> {
    let has_shield = !cli.no_shield;
    cli.create_runner(&cli.run)?.run_node_until_exit(|config| async move {
        let config = silent(config);
        match config.network.network_backend {
            NetworkBackendType::Libp2p => service::start::<NetworkWorker<Block, Hash>>(config, has_shield),
            NetworkBackendType::Litep2p => service::start::<Litep2pNetworkBackend>(config, has_shield),
        }
        .map_err(sc_cli::Error::Service)
    })
}
