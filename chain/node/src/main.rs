//! The native node: Aura makes blocks, GRANDPA finalises them, the SDK's networking carries both between machines.
//!
//! It holds no runtime. The WASM lies in the chain spec, under `:code`, as everywhere else; what the node must know of it at
//! compile time is in `chain.rs`. Start with `service.rs`.
#![warn(missing_docs)]

mod carriers;
mod chain;
mod cli;
mod finality;
mod rpc;
mod service;
mod shield;

fn main() -> sc_cli::Result<()> {
    cli::run()
}
