//! What the registry of extracts refuses.

use crate::refusals;

refusals! {
    /// What the registry of extracts refuses.
    ExtractRefusal {
        /// The pledge was never registered.
        NotRegistered { state } => Conflict "PLG_NOT_REGISTERED" at "pledge": "该质押处于 {state} 状态，未经登记，无登记证明", "the pledge is {state} and was never registered, so there is nothing to extract", basis "民法典第四百四十一条：质权自登记时设立";
        /// Neither the holder, nor a bank under its consent, nor in charge.
        SearchNotAllowed {} => Denied "PLG_SEARCH_NOT_ALLOWED" at "site": "仅持有单位、经其授权的金融机构、主管部门和交易机构可以查询", "only the holder, a bank or guarantor under its consent for this class, the bureau in charge and the exchange may search";
    }
}
