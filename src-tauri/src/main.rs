//! The shell: a window, command adapters, platform glue. It decides nothing about patients.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod commands;
mod notices;
mod platform;
mod window;

use std::alloc::System;
use std::process::ExitCode;
use std::sync::Arc;

use desk::{Host, SecurityKeys};
use kernel::SystemClock;
use zeroizing_alloc::ZeroAlloc;

/// Whatever was allocated is overwritten when it is freed: a chart on its way to the page leaves no copy behind.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let options = match arguments::read() {
        Ok(options) => options,
        Err(code) => return code,
    };
    platform::harden();
    let _log = desk::log_to(&options.profile);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "start");
    let notices = Arc::new(notices::Window::default());
    let runtime = tauri::async_runtime::handle().inner().clone();
    let host =
        match Host::start(options, Host::os_keyring(), SecurityKeys::of_this_machine(), Arc::new(SystemClock), notices.clone(), runtime) {
            Ok(host) => host,
            Err(problem) => {
                tracing::error!(code = problem.code().as_str(), "no start");
                return ExitCode::FAILURE;
            }
        };
    let ran = tauri::Builder::default()
        .manage(Arc::clone(&host))
        .invoke_handler(commands::handler())
        .setup(move |app| {
            notices.attach(app.handle().clone());
            window::open(app)?;
            platform::watch(&host);
            Ok(())
        })
        .run(tauri::generate_context!());
    if ran.is_err() {
        tracing::error!("the window could not be opened");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
