//! Linux: idle time from X11's screen saver extension, input from GDK, sleep and lock from logind.
use std::sync::{Arc, mpsc};
use std::time::Duration;

use desk::Host;
use gtk::gdk;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use tauri::WebviewWindow;
use webkit2gtk::WebViewExt as _;
use x11rb::connection::Connection as _;
use x11rb::protocol::screensaver::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use zbus::blocking::{Connection, MessageIterator, fdo::DBusProxy};
use zbus::{MatchRule, message::Type};

const LOGIND: &str = "org.freedesktop.login1";

/// No core dump may hold a key: neither on a crash nor by another program of the same user attaching.
pub fn harden() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Ends the web engine's process with everything it holds, and begins a new one.
pub fn renew_page(window: &WebviewWindow) {
    let _ = window.with_webview(|webview| {
        let view = webview.inner();
        // A driven window's session would end with the process, so it only loses its page.
        if !view.is_controlled_by_automation() {
            view.terminate_web_process();
        }
        view.reload();
    });
}

/// Feeds the idle lock. Called on the window's thread.
pub fn watch(host: &Arc<Host>) {
    watch_input(host);
    let ticking = Arc::clone(host);
    std::thread::spawn(move || tick(&ticking));
    let listening = Arc::clone(host);
    std::thread::spawn(move || {
        if listen(&listening).is_none() {
            tracing::info!("no logind: sleep shows by the boot clock alone");
        }
    });
}

/// Once a second, with the time since any input on this display where X11 tells.
fn tick(host: &Host) {
    let display = RustConnection::connect(None).ok();
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let idle = display.as_ref().and_then(|(x11, screen)| {
            let root = x11.setup().roots.get(*screen)?.root;
            x11.screensaver_query_info(root).ok()?.reply().ok().map(|info| u64::from(info.ms_since_user_input))
        });
        host.lock_if_due(idle);
    }
}

/// Input into our own window, before the page sees it: what counts where no X11 tells (Wayland).
fn watch_input(host: &Arc<Host>) {
    let (told, hears) = mpsc::sync_channel(1);
    let host = Arc::clone(host);
    std::thread::spawn(move || {
        while hears.recv().is_ok() {
            host.activity();
            std::thread::sleep(Duration::from_millis(500));
        }
    });
    gdk::Event::set_handler(Some(move |event: &mut gdk::Event| {
        use gdk::EventType::{ButtonPress, KeyPress, MotionNotify, Scroll, TouchBegin};
        if matches!(event.event_type(), ButtonPress | KeyPress | MotionNotify | Scroll | TouchBegin) {
            // Full means one is being told already.
            let _ = told.try_send(());
        }
        gtk::main_do_event(event);
    }));
}

/// Sleep and session lock. `None` if there is no logind, which is normal in containers and on bare window managers.
fn listen(host: &Host) -> Option<()> {
    let bus = Connection::system().ok()?;
    // Subscribing succeeds silently without the service: ask for its owner first.
    if !DBusProxy::new(&bus).ok()?.name_has_owner(LOGIND.try_into().ok()?).ok()? {
        return None;
    }
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(LOGIND).ok()?.build();
    for message in MessageIterator::for_match_rule(rule, &bus, Some(8)).ok()? {
        let Ok(message) = message else { break };
        let header = message.header();
        match header.member().map(|member| member.as_str()) {
            Some("PrepareForSleep") if message.body().deserialize::<bool>().unwrap_or(true) => host.suspend(),
            Some("Lock") => host.os_locked(),
            _ => {}
        }
    }
    Some(())
}
