//! Grants and rights through their life: batches, what comes before a grant is active, and what happens to rights later.

mod batch_faults;
pub mod batches;
pub mod publicity;
pub mod tenure;
