//! An organisation asks for a second of its own people: Wang keeps the mill's users and its switches, Li trades for it, Zhao and Qian
//! approve.

mod acts;
mod people;
mod switches;

use super::id;
use crate::support::world::{Enterprise, Member, TONGCHENG};
use crate::support::{Answer, Client, World};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// The mill, its people, and whom it deals with.
struct Mill {
    world: World,
    /// Li acts for it.
    own: Enterprise,
    glass: Enterprise,
    li: Member,
    wang: Member,
    zhao: Member,
    qian: Member,
}

impl Mill {
    /// With 10 t of COD, 100,000 yuan, and a switch on for these acts.
    async fn asking_for(acts: &[&str]) -> Self {
        let world = World::new().await;
        let own = world.seller("通城造纸", "10.000 t COD").await;
        world.deposits(&own, "100000.00").await;
        let glass = world.buyer("通城玻璃", "1000000.00").await;
        let member = async |role| world.member(own.id, TONGCHENG, &[role]).await;
        let (li, wang) = (member(Role::EnterpriseTrader).await, member(Role::OrganisationAdmin).await);
        let (zhao, qian) = (member(Role::EnterpriseApprover).await, member(Role::EnterpriseApprover).await);
        let own = Enterprise { client: li.client.clone(), ..own };
        let mill = Self { world, own, glass, li, wang, zhao, qian };
        if !acts.is_empty() {
            mill.asks_for(acts).await.with_status(200);
        }
        mill
    }

    async fn asks_for(&self, acts: &[&str]) -> Answer {
        sets(&self.wang, acts).await
    }

    /// An offer of the mill that waits.
    async fn offer(&self, holding: &str) -> Value {
        self.own.offers(holding, "8790.00", &self.glass).await.with_status(202).clone().granted()
    }

    async fn held(&self) -> String {
        self.world.balance(self.own.site, &self.own.class("COD"), "committed").await
    }

    async fn free_money(&self) -> String {
        self.world.balance(self.own.id, "CNY", "available").await
    }
}

/// An administrator sets the switches of the own organisation.
async fn sets(admin: &Member, acts: &[&str]) -> Answer {
    admin.client.post(&switches_of(admin.organisation), json!({"acts": acts})).await
}

fn switches_of(organisation: Uuid) -> String {
    format!("/organisations/{organisation}/approvals")
}

/// A task as somebody sees it.
async fn seen(client: &Client, task: &Value) -> Value {
    client.get(&format!("/tasks/{}", id(task))).await.granted()
}

/// Whoever has proposed it takes it back.
async fn takes_back(client: &Client, task: &Value) -> Answer {
    client.post(&format!("/tasks/{}/withdraw", id(task)), json!({})).await
}
