//! Tells the program which version of the peer it is built with, as the lock file says.

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    let version = lock.split("name = \"cala-ledger\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
    println!("cargo::rustc-env=PEER_VERSION={}", version.unwrap_or("of an unknown version"));
}
