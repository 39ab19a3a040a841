//! Grants and rights through their life: batches, what comes before a grant is active, and what happens to rights later.

mod batch_faults;
pub mod batches;
pub mod cap_changes;
mod dashboard;
pub mod publicity;
mod ratios;
pub mod suspensions;
pub mod tenure;
