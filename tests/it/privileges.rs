//! A node that serves under a role of its own: it can do its work, and history is out of its reach by privilege, not only by trigger.

use crate::books::desk::execute;
use crate::exports::programs::ganhe;
use crate::support::World;
use crate::support::app::{TestApp, is_postgres, serve};
use crate::tamper::{catalogue, story};
use ganhe::db::Db;
use ganhe::http::Shared;
use ganhe::kernel::ids;
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;

/// The same database as seen by a role: whoever connects takes it on at once, and with it its rights alone.
fn under(url: &str, role: &str) -> String {
    let mark = if url.contains('?') { '&' } else { '?' };
    format!("{url}{mark}options=-c%20role%3D{role}")
}

async fn granted(url: &str, role: &str) -> String {
    let output = ganhe(url, &["admin", "grants", "--role", role]).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The tables that have a trigger against every change.
async fn insert_only(db: &Db) -> BTreeSet<String> {
    let sql = "SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
               WHERE t.tgname = c.relname || '_insert_only'";
    catalogue::rows(db.reader(), sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_serves_every_act_and_may_not_touch_history() {
    let app = TestApp::start().await;
    if !is_postgres() {
        let refused = ganhe(&app.url, &["admin", "grants", "--role", "server"]).output().await.unwrap();
        assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("SQLite has no roles"));
        return;
    }
    let owner = app.shared.db.clone();
    let role = format!("ganhe_server_{}", ids::fresh().simple());
    execute(&owner, &format!("CREATE ROLE {role}")).await.unwrap();
    execute(&owner, &granted(&app.url, &role).await).await.unwrap();
    let db = Db::open(&under(&app.url, &role), app.clock.clone()).await.unwrap();
    let shared = Shared { db: db.clone(), ..app.shared.clone() };
    let address = serve(shared.clone()).await;
    let world = World::on(TestApp { address, shared, ..app }).await;
    // Every act and every table, seals, log, keys and witnesses among them.
    let history = story::happen_to(world).await;
    history.world.books_are_right().await;
    let me = catalogue::rows(db.reader(), "SELECT current_user::text").await;
    assert_eq!(me[0].try_get_by_index::<String>(0).unwrap(), role);

    let history_tables = insert_only(&owner).await;
    assert!(history_tables.len() > 20 && history_tables.contains("entries"), "{history_tables:?}");
    let is_refused = async |sql: &str| {
        let refused = db.writer().execute_unprepared(sql).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{sql}: {refused}");
    };
    for (name, table) in catalogue::tables(&owner).await {
        let column = &table.columns[0].name;
        if history_tables.contains(&name) {
            is_refused(&format!("UPDATE {name} SET {column} = {column}")).await;
        }
        if !["command_keys", "sign_in_failures", "sessions", "refresh_tokens"].contains(&name.as_str()) {
            is_refused(&format!("DELETE FROM {name}")).await;
        }
        for sql in ["TRUNCATE {}", "ALTER TABLE {} DISABLE TRIGGER ALL", "DROP TABLE {} CASCADE"] {
            is_refused(&sql.replace("{}", &name)).await;
        }
    }
    is_refused("INSERT INTO seaql_migrations VALUES ('m', 1)").await;
    // Run again, the grants give what they gave.
    execute(&owner, &granted(&history.world.app.url, &role).await).await.unwrap();
    execute(&db, "UPDATE command_keys SET command_key = command_key").await.unwrap();
    db.close().await.unwrap();
    execute(&owner, &format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}
