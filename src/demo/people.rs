//! Who acts in the demonstration: one person per role and organisation.

use super::Login;
use crate::access::{Action, Caller, Permit, Role};
use crate::kernel::Failure;
use crate::kernel::ids::{PermitId, ProjectId, SiteId};
use crate::parties::{Organisation, Site};
use accounting::RightClass;
use std::collections::HashMap;

const fn login(login: &'static str, organisation: &'static str, role: Role, who: &'static str) -> Login {
    Login { login, organisation, role, who }
}

/// Unified social credit code of the operator; made up, with a valid check digit.
pub const OPERATOR_CODE: &str = "91421200MA0000990W";

/// The exchange.
pub const EXCHANGE: &str = "91420100MA00009015";

/// The reserve of the city.
pub const RESERVE: &str = "91421200MA0000902R";

/// The settlement bank.
pub const SETTLEMENT_BANK: &str = "91421200MA00009040";

/// People with a password.
pub const LOGINS: &[Login] = &[
    login("operator", OPERATOR_CODE, Role::Operator, "operator of the platform"),
    login("tongcheng.officer", "11421222MA0000909K", Role::BureauOfficer, "officer, bureau of Tongcheng county 通城县"),
    login("tongcheng.head", "11421222MA0000909K", Role::BureauHead, "head, bureau of Tongcheng county 通城县"),
    login("city.officer", "11421200MA0000900U", Role::BureauOfficer, "officer, bureau of the city 咸宁市"),
    login("city.head", "11421200MA0000900U", Role::BureauHead, "head, bureau of the city 咸宁市"),
    login("city.reviewer", "11421200MA0000900U", Role::LegalReviewer, "legal reviewer, bureau of the city 咸宁市"),
    login("province.officer", "11420000MA0000905L", Role::BureauOfficer, "officer, bureau of the province 湖北省"),
    login("province.head", "11420000MA0000905L", Role::BureauHead, "head, bureau of the province 湖北省"),
    login("liwei.trader", "91421222MA0000002J", Role::EnterpriseTrader, "enterprise 湖北力威电工, Tongcheng"),
    login("liwei.approver", "91421222MA0000002J", Role::EnterpriseApprover, "approver of 湖北力威电工"),
    login("liwei.admin", "91421222MA0000002J", Role::OrganisationAdmin, "administrator of 湖北力威电工"),
    login("yaxiya.trader", "91421222MA0000001F", Role::EnterpriseTrader, "enterprise 湖北亚细亚陶瓷, Tongcheng"),
    login("reserve.trader", RESERVE, Role::ReserveTrader, "reserve institution of the city"),
    login("reserve.approver", RESERVE, Role::ReserveApprover, "approver of the reserve institution"),
    login("huifa.pledgee", "91421222MA0000903Q", Role::PledgeeOfficer, "bank 通城县惠发村镇银行"),
    login("huifa.approver", "91421222MA0000903Q", Role::PledgeeApprover, "approver of 通城县惠发村镇银行"),
    login("settlement.officer", SETTLEMENT_BANK, Role::SettlementOfficer, "settlement bank"),
    login("settlement.head", SETTLEMENT_BANK, Role::SettlementHead, "head of the settlement bank"),
    login("exchange.officer", EXCHANGE, Role::ExchangeOfficer, "exchange 湖北环境资源交易中心"),
    login("exchange.approver", EXCHANGE, Role::ExchangeApprover, "approver of the exchange"),
    login("auditor", "11421200MA0000900U", Role::Auditor, "auditor of the city bureau"),
];

/// People, sites and papers by the keys of the files.
#[derive(Debug, Default)]
pub struct People {
    /// By organisation code and role.
    pub callers: HashMap<(String, Role), Caller>,
    /// By organisation code.
    pub organisations: HashMap<String, Organisation>,
    /// By organisation code: each has one site.
    pub sites: HashMap<String, Site>,
    /// By site.
    pub permits: HashMap<SiteId, PermitId>,
    /// By site.
    pub projects: HashMap<SiteId, ProjectId>,
    /// Opening holdings by organisation code, pollutant and zone.
    pub classes: HashMap<(String, String, String), RightClass>,
}

impl People {
    /// The permit of somebody of an organisation for an action.
    pub fn permit(&self, organisation: &str, role: Role, action: Action) -> Result<Permit, Failure> {
        let caller = self.callers.get(&(organisation.to_owned(), role));
        let caller = caller.ok_or_else(|| Failure::bug(format!("{organisation} has no {}", role.as_str())))?;
        Ok(caller.may(action)?)
    }

    /// The officer of the bureau of exactly this area.
    pub fn officer_of(&self, area_path: &str, action: Action) -> Result<Permit, Failure> {
        let officer = self
            .callers
            .iter()
            .find(|((_, role), caller)| *role == Role::BureauOfficer && caller.area_path == area_path)
            .ok_or_else(|| Failure::bug(format!("no bureau at {area_path}")))?;
        Ok(officer.1.may(action)?)
    }

    /// The site of an organisation.
    pub fn site(&self, organisation: &str) -> Result<&Site, Failure> {
        self.sites.get(organisation).ok_or_else(|| Failure::bug(format!("{organisation} has no site")))
    }

    /// An organisation.
    pub fn organisation(&self, code: &str) -> Result<&Organisation, Failure> {
        self.organisations.get(code).ok_or_else(|| Failure::bug(format!("there is no organisation {code}")))
    }

    /// The class of an opening holding.
    pub fn class(&self, holder: &str, pollutant: &str, zone: &str) -> Result<&RightClass, Failure> {
        let key = (holder.to_owned(), pollutant.to_owned(), zone.to_owned());
        self.classes.get(&key).ok_or_else(|| Failure::bug(format!("{holder} holds no {pollutant} of {zone}")))
    }
}
