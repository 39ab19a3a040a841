# The front door for people and for CI. The work is done in scripts/.

.DEFAULT_GOAL := help
.PHONY: help run portal test bench bench-portal soak fuzz fmt release-contract contract clean-demo

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

run: ## build a release, load the demonstration year and serve it
	@scripts/prepare.sh run
	@scripts/build-portal.sh
	cargo run --release --locked --bin ganhe -- demo

portal: ## build the portal into portal/dist, from where the program takes it in
	@scripts/prepare.sh run
	@scripts/build-portal.sh

test: ## everything CI runs, in timed parts
	@scripts/prepare.sh test
	@scripts/test.sh

bench: ## measure the ledger against hand-written SQL and a peer, see docs/PERFORMANCE.md
	@scripts/prepare.sh bench
	cargo run --release --manifest-path benches/Cargo.toml --target-dir target/bench

bench-portal: ## measure pages, first loads and a long table of the portal in a slowed-down browser
	@scripts/prepare.sh test
	@scripts/build-portal.sh
	cargo build --release --locked --bin ganhe
	@scripts/bench-portal.sh

soak: ## random histories and kills for long: MINUTES=30 KILLS=1000 DATABASES="sqlite postgres"
	@scripts/prepare.sh test
	@scripts/soak.sh

fuzz: ## call every operation as every role, for long: SEED=1 ROLES="auditor" DATABASES="sqlite postgres"
	@scripts/prepare.sh test
	cargo build --locked --bin ganhe
	@scripts/fuzz.sh full
	@scripts/bank-client.sh

fmt: ## format the Rust code
	cargo fmt --all

contract: ## write openapi/openapi.json from the program
	@scripts/contract.sh

release-contract: ## keep the contract of a release that is tagged now
	@scripts/release-contract.sh

clean-demo: ## remove the demonstration's data
	rm -f ganhe-demo.sqlite ganhe-demo.sqlite-shm ganhe-demo.sqlite-wal
