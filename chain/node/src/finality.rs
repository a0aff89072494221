//! Says when finality stands still, and when it goes on.
//!
//! Blocks go on without it, so that a glance at the newest block does not show it; whoever counts by final blocks, as every
//! protocol value is, waits. It stands still when a third of the authorities or more are away.
use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use sc_client_api::BlockchainEvents;
use sp_blockchain::HeaderBackend;

use crate::service::Client;

/// Blocks of delay that are no news: a vote takes two or three of the shortest slots.
const NORMAL_LAG: u32 = 5;
/// The least time without a new final block before it is said.
const PATIENCE: Duration = Duration::from_secs(15);

/// Watches until the node ends.
pub async fn watch(client: Arc<Client>) {
    let mut finals = client.finality_notification_stream();
    let mut is_stalled = false;
    loop {
        let next = futures::future::select(finals.next(), futures_timer::Delay::new(PATIENCE)).await;
        let info = client.info();
        let lag = info.best_number.saturating_sub(info.finalized_number);
        match next {
            futures::future::Either::Left((None, _)) => return,
            futures::future::Either::Left((Some(_), _)) if is_stalled && lag <= NORMAL_LAG => {
                is_stalled = false;
                log::info!("finality goes on: block #{} is final", info.finalized_number);
            }
            futures::future::Either::Left(_) => {}
            futures::future::Either::Right(_) if lag > NORMAL_LAG => {
                is_stalled = true;
                log::warn!(
                    "FINALITY STANDS STILL at block #{}, {lag} blocks behind #{}: a third of the authorities or more \
                     are away; it goes on when they are back",
                    info.finalized_number,
                    info.best_number,
                );
            }
            futures::future::Either::Right(_) => {}
        }
    }
}
