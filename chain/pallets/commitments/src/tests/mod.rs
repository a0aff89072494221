//! Tests against a runtime of two pallets.

mod encoding;
mod mock;
mod quota;
mod slots;
