//! Has a release compiled again when the portal was built again: its files are part of the binary. A debug build reads them from the
//! folder and need not know.

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment alone")]
fn main() {
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let watched = if is_release { "portal/dist" } else { "build.rs" };
    println!("cargo::rerun-if-changed={watched}");
}
