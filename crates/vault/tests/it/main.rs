//! The vault from outside: one program, one topic a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]
mod support;

mod absent;
mod audit_depth;
mod canary;
mod chart;
mod crash;
mod disk_full;
mod door;
mod drafts;
mod emergency;
mod frozen;
mod ingest;
mod killed;
mod mutation;
mod open;
mod outbox;
mod own;
mod recording;
mod recovery;
mod renewal;
mod rotation;
mod tamper;
