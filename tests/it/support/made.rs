//! The databases that a test makes go when the test is over: hundreds of them, each with tens of megabytes, would fill a disk.
//!
//! A test is one thread, so what its thread has made is over when the thread ends, whoever still held it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// What others are copied from is kept for the whole run.
static SOURCES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// URLs on PostgreSQL that await being dropped.
static OVER: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Made(RefCell<Vec<String>>);

thread_local! {
    static MADE: Made = const { Made(RefCell::new(Vec::new())) };
}

impl Drop for Made {
    fn drop(&mut self) {
        for url in self.0.take() {
            if SOURCES.lock().unwrap().contains(&url) {
                continue;
            }
            let Some(file) = url.strip_prefix("sqlite:") else {
                OVER.lock().unwrap().push(url);
                continue;
            };
            for suffix in ["", "-wal", "-shm"] {
                // A test may have moved it, or never have opened it.
                let _ = std::fs::remove_file(format!("{file}{suffix}"));
            }
        }
    }
}

/// Notes that this test has made the database at this URL.
pub fn note(url: String) -> String {
    MADE.with(|made| made.0.borrow_mut().push(url.clone()));
    url
}

/// Notes that databases of other tests are copied from this one.
pub fn keep(url: &str) {
    SOURCES.lock().unwrap().insert(url.to_owned());
}

/// Takes some of the databases on PostgreSQL whose tests are over: a few, so that no test waits long for others.
pub fn take_over(most: usize) -> Vec<String> {
    let mut over = OVER.lock().unwrap();
    let rest = over.len().saturating_sub(most);
    over.split_off(rest)
}
