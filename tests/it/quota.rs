//! Grants and rights through their life: batches, what comes before a grant is active, and what happens to rights later.

pub mod applications;
mod batch_faults;
pub mod batches;
pub mod certificates;
pub mod publicity;
mod reductions;
