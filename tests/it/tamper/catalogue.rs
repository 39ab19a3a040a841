//! What the database itself says of its tables.

use crate::support::app::is_postgres;
use ganhe::db::Db;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use std::collections::BTreeMap;

/// What a column holds, as far as it matters to whoever changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An id, or on SQLite any bytes.
    Id,
    /// Bytes.
    Bytes,
    /// Text.
    Text,
    /// A number; on SQLite also a truth value.
    Number,
    /// A truth value.
    Truth,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    pub is_nullable: bool,
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// The columns of each unique index, that of the primary key among them.
    pub unique: Vec<Vec<String>>,
}

impl Table {
    /// Whether two rows may not have the same there, or not together with other columns.
    pub fn is_unique(&self, name: &str) -> bool {
        self.unique.iter().flatten().any(|column| column == name)
    }

    /// The columns of the key within a book; the book itself where it has one such row.
    pub fn own_key(&self) -> Vec<String> {
        let own: Vec<String> = self.key.iter().filter(|column| *column != "book_id").cloned().collect();
        if own.is_empty() { self.key.clone() } else { own }
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> &Column {
        self.columns.iter().find(|column| column.name == name).unwrap()
    }
}

/// Rows of a query, read past the books.
pub async fn rows(db: &impl ConnectionTrait, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await.unwrap_or_else(|fault| panic!("{sql}: {fault}"))
}

fn text(row: &QueryResult, at: usize) -> String {
    row.try_get_by_index(at).unwrap()
}

/// Every table of the schema, by name.
pub async fn tables(db: &Db) -> BTreeMap<String, Table> {
    if is_postgres() { of_postgres(db).await } else { of_sqlite(db).await }
}

async fn of_postgres(db: &Db) -> BTreeMap<String, Table> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let columns = "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable::text \
         FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) \
         WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position";
    for row in rows(db.reader(), columns).await {
        let kind = match text(&row, 2).as_str() {
            "uuid" => Kind::Id,
            "bytea" => Kind::Bytes,
            "bigint" | "integer" => Kind::Number,
            "boolean" => Kind::Truth,
            "text" | "character varying" => Kind::Text,
            other => panic!("{} is of the type {other}: tell the trials how to change it", text(&row, 1)),
        };
        let column = Column { name: text(&row, 1), kind, is_nullable: text(&row, 3) == "YES" };
        tables.entry(text(&row, 0)).or_default().columns.push(column);
    }
    let indexes = "SELECT t.relname::text, i.indexrelid::bigint, a.attname::text, i.indisprimary FROM pg_index i \
         JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place) \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number \
         WHERE i.indisunique AND n.nspname = 'public' ORDER BY i.indexrelid, k.place";
    let mut unique: BTreeMap<i64, (String, Vec<String>)> = BTreeMap::new();
    for row in rows(db.reader(), indexes).await {
        let (table, index, column) = (text(&row, 0), row.try_get_by_index(1).unwrap(), text(&row, 2));
        if row.try_get_by_index(3).unwrap() {
            tables.get_mut(&table).unwrap().key.push(column.clone());
        }
        unique.entry(index).or_insert_with(|| (table, Vec::new())).1.push(column);
    }
    for (table, columns) in unique.into_values() {
        tables.get_mut(&table).unwrap().unique.push(columns);
    }
    tables
}

async fn of_sqlite(db: &Db) -> BTreeMap<String, Table> {
    let mut tables = BTreeMap::new();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    for name in rows(db.reader(), names).await {
        let name = text(&name, 0);
        let mut table = Table::default();
        let columns = format!("SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}') ORDER BY cid");
        let mut key: BTreeMap<i64, String> = BTreeMap::new();
        for row in rows(db.reader(), &columns).await {
            let kind = match text(&row, 1).to_uppercase().as_str() {
                "BLOB" => Kind::Id,
                "INTEGER" | "INT" | "BIGINT" => Kind::Number,
                "TEXT" | "VARCHAR" => Kind::Text,
                other => panic!("{} is of the type {other}: tell the trials how to change it", text(&row, 0)),
            };
            let (is_filled, place): (i64, i64) = (row.try_get_by_index(2).unwrap(), row.try_get_by_index(3).unwrap());
            if place > 0 {
                key.insert(place, text(&row, 0));
            }
            table.columns.push(Column { name: text(&row, 0), kind, is_nullable: is_filled == 0 && place == 0 });
        }
        table.key = key.into_values().collect();
        table.unique.push(table.key.clone());
        let indexes = format!("SELECT name FROM pragma_index_list('{name}') WHERE \"unique\" = 1 AND origin <> 'pk'");
        for index in rows(db.reader(), &indexes).await {
            // An expression in an index is no column, and has no name.
            let columns = "SELECT name FROM pragma_index_info('{}') WHERE name IS NOT NULL ORDER BY seqno";
            let columns = columns.replace("{}", &text(&index, 0));
            table.unique.push(rows(db.reader(), &columns).await.iter().map(|row| text(row, 0)).collect());
        }
        tables.insert(name, table);
    }
    tables
}
