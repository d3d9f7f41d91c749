//! Carries out what the sync machine asks for: network side by side, vault one after the other, one timer.
use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Moment};
use sync::{Event, Instruction, Machine, Now, Settings, Status};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::fhir_client::FhirClient;
use crate::store::{PanelHints, Restored, Store, StoreError};
use crate::token::Tokens;

/// Synchronisation of one unlocked vault with one EHR, ready to run.
pub struct Drive {
    settings: Settings,
    client: FhirClient,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<Status>,
}

/// The rest of the program's hold on a running [`Drive`].
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
}

/// What the rest of the program tells a running [`Drive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Something was written to the outbox, or a person settled a stuck entry.
    OutboxChanged,
    /// A chart was pinned or opened.
    PanelChanged,
    /// A person asks for it now, or the network came back.
    SyncNow,
    /// A new sign-in brought fresh tokens ([`crate::Session::replace`]).
    SignedIn,
    /// The EHR refused the access token to a request beside synchronisation.
    TokenRefused,
}

impl Handle {
    /// Tells the drive. Never waits: a command that finds the line full is covered by those before it.
    pub fn tell(&self, command: Command) {
        let _ = self.commands.try_send(command);
    }

    /// How synchronisation stands, as it changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }
}

impl Drive {
    /// A drive and the handle to it.
    #[must_use]
    pub fn new(settings: Settings, client: FhirClient, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> (Self, Handle) {
        let (tell, commands) = mpsc::channel(64);
        let (status, watch) = watch::channel(Status::default());
        (Self { settings, client, store, clock, commands, status }, Handle { commands: tell, status: watch })
    }

    /// Runs until cancelled (`Ok`) or the vault fails. When it returns, nothing of it touches the vault any more.
    ///
    /// # Errors
    /// [`StoreError`]: nothing is lost, the next run resumes.
    pub async fn run(mut self, cancel: CancellationToken) -> Result<(), StoreError> {
        let store = self.store.clone();
        let restored = tokio::task::spawn_blocking(move || store.restore()).await.map_err(|_| StoreError::Vault)??;
        let Restored { checkpoint, members } = restored;
        let mut machine = Machine::new(self.settings.clone(), checkpoint.as_ref(), members);

        let (line, mut answers, worker) = open_line(self.store.clone(), cancel.clone());
        let mut network = JoinSet::new();
        let mut wake_at = None;
        let mut next = Some(Event::Started);
        loop {
            if let Some(event) = next.take() {
                let vault_failed = matches!(event, Event::StoreFailed(_));
                let now = Now { at: self.clock.now(), dice: getrandom::u32().unwrap_or_default() };
                for instruction in machine.on(now, event) {
                    match instruction {
                        Instruction::Publish(status) => drop(self.status.send_replace(status)),
                        Instruction::WakeAt(moment) => wake_at = Some(moment),
                        // The line is gone only when the vault has failed, of which the event is on its way.
                        instruction if instruction.is_for_store() => drop(line.send(Work::Instruction(instruction))),
                        instruction => drop(network.spawn(ask(self.client.clone(), self.clock.clone(), instruction))),
                    }
                }
                if vault_failed {
                    break;
                }
            }
            next = tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                Some(answer) = answers.recv() => Some(answer),
                Some(command) = self.commands.recv() => Some(command.into()),
                Some(asked) = network.join_next() => match asked {
                    Ok(Asked::Event(event)) => Some(event),
                    Ok(Asked::Refreshed(tokens)) => {
                        drop(line.send(Work::Keep(tokens)));
                        None
                    }
                    // Only a panic ends a request without an answer; what it was for waits for the next run.
                    Err(_) => {
                        tracing::error!("a request to the EHR ended without an answer");
                        None
                    }
                },
                () = due(&*self.clock, wake_at) => {
                    wake_at = None;
                    Some(Event::Woke)
                }
            };
        }
        network.shutdown().await;
        drop(line);
        worker.await.map_err(|_| StoreError::Vault)?
    }
}

/// What the vault is asked to do.
enum Work {
    Instruction(Instruction),
    Keep(Tokens),
}

/// How a request to the EHR ended.
enum Asked {
    Event(Event),
    /// Fresh tokens, to be kept before the machine hears of them.
    Refreshed(Tokens),
}

type Line = (mpsc::UnboundedSender<Work>, mpsc::UnboundedReceiver<Event>, JoinHandle<Result<(), StoreError>>);

/// One thread that carries out the vault's part in the order asked, up to the first failure or the cancellation.
fn open_line(store: Arc<dyn Store>, cancel: CancellationToken) -> Line {
    let (line, mut work) = mpsc::unbounded_channel();
    let (events, answers) = mpsc::unbounded_channel();
    let worker = tokio::task::spawn_blocking(move || {
        while let Some(work) = work.blocking_recv() {
            if cancel.is_cancelled() {
                break;
            }
            match carry_out(&*store, work) {
                Ok(event) => drop(events.send(event)),
                Err(error) => {
                    let _ = events.send(Event::StoreFailed(error.into()));
                    return Err(error);
                }
            }
        }
        Ok(())
    });
    (line, answers, worker)
}

fn carry_out(store: &dyn Store, work: Work) -> Result<Event, StoreError> {
    let instruction = match work {
        Work::Instruction(instruction) => instruction,
        Work::Keep(tokens) => return store.keep_tokens(&tokens).map(|()| Event::Refreshed(Ok(()))),
    };
    match instruction {
        Instruction::Commit(commit) => store.commit(commit).map(Event::Committed),
        Instruction::ReadHints => store.hints().map(|PanelHints { pinned, recent }| Event::Hints { pinned, recent }),
        Instruction::ReadCounts => store.counts().map(Event::Counts),
        Instruction::ReadOutbox => store.outbox().map(Event::Outbox),
        Instruction::MarkSending(entry) => store.sending(entry).map(|()| Event::MarkedSending(entry)),
        Instruction::Settle { entry, outcome } => store.settle(entry, outcome).map(|()| Event::Settled(entry)),
        // The caller sends none of the others here.
        _ => Err(StoreError::Vault),
    }
}

async fn ask(client: FhirClient, clock: Arc<dyn Clock>, instruction: Instruction) -> Asked {
    Asked::Event(match instruction {
        Instruction::ReadCapability => Event::Capability(client.capability().await),
        Instruction::Fetch { lane, address } => Event::Page { lane, answer: client.page(&address).await },
        Instruction::Put(out) => Event::PutAnswered { entry: out.entry, answer: client.put(&out).await },
        Instruction::Look(out) => Event::Looked { entry: out.entry, answer: client.look(&out).await },
        Instruction::Recall(out) => Event::Recalled { entry: out.entry, answer: client.recall(&out).await },
        _ => match client.session().refresh(clock.now().wall).await {
            Ok(tokens) => return Asked::Refreshed(tokens),
            Err(failure) => Event::Refreshed(Err(failure)),
        },
    })
}

/// Ends when the boot clock passes `moment`; never without one. The runtime's own clock stands still in suspend, so it is
/// asked again every few seconds.
async fn due(clock: &dyn Clock, moment: Option<Moment>) {
    let Some(moment) = moment else { return std::future::pending().await };
    loop {
        let left = moment.since(clock.now().boot);
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(left.min(5_000))).await;
    }
}

impl From<Command> for Event {
    fn from(command: Command) -> Self {
        match command {
            Command::OutboxChanged => Self::OutboxChanged,
            Command::PanelChanged => Self::PanelChanged,
            Command::SyncNow => Self::SyncNow,
            Command::SignedIn => Self::SignedIn,
            Command::TokenRefused => Self::TokenRefused,
        }
    }
}
