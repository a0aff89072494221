//! Tests against a runtime of two pallets.

mod encoding;
pub mod mock;
mod quota;
mod slots;
