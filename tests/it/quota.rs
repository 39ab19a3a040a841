//! Grants and rights through their life: batches, what comes before a grant is active, and what happens to rights later.

pub mod applications;
mod batch_faults;
pub mod batches;
pub mod cap_changes;
pub mod certificates;
mod dashboard;
pub mod idle;
pub mod publicity;
mod ratios;
pub mod reduction_applications;
mod reductions;
pub mod suspensions;
pub mod tenure;
