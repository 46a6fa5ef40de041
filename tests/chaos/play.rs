//! Plays one sequence: the whole app in a world of its own, under a paused clock.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amlock::app::{Load, Model, Msg, Start, Target};
use amlock::cloud::{Clock, Cloud};
use amlock::demo::DemoCloud;
use amlock::domain::{Expect, Kind, NewSecret, Sealed, SecretName, Who};
use amlock::tui::clipboard::{Osc52, Surroundings};
use amlock::tui::copying::Copier;
use amlock::tui::run::{Outcome, Show, drive_watched};
use amlock::tui::runner::Runner;
use azure_core::http::HttpClient;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::journey::{cloud_of, cloud_through, keys, start, text_of};
use crate::judge::{Judge, Seen, Wrongs, holds_a_value};
use crate::script::Step;
use crate::witness::Witness;

/// How long anything may take that is waited for: the longest is a regeneration whose answers are all lost.
const PATIENCE: Duration = Duration::from_mins(10);

/// What was drawn so far.
#[derive(Default)]
struct Stage {
    frames: usize,
    seen: Seen,
}

struct Play {
    demo: Arc<DemoCloud>,
    other: Cloud,
    vault: &'static str,
    events: UnboundedSender<Msg>,
    stage: Arc<Mutex<Stage>>,
    task: JoinHandle<io::Result<Outcome>>,
    wrongs: Wrongs,
    jumps: &'static AtomicI64,
    pasted: usize,
}

/// Plays a script in the world of `seed`; the first thing that was wrong, if anything was.
pub(crate) fn play(seed: u64, script: &[Step]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut play = Play::new(seed);
        let walked = play.walk(script).await;
        let wrongs = play.wrongs.clone();
        let ended = match walked {
            Ok(()) => play.end().await,
            Err(wrong) => return Err(wrong),
        };
        ended.and_then(|()| wrongs.first().map_or(Ok(()), Err))?;
        // Whatever was on its way is over, and nothing of ours goes on.
        tokio::time::sleep(PATIENCE).await;
        match tokio::runtime::Handle::current().metrics().num_alive_tasks() {
            0 => Ok(()),
            count => Err(format!("{count} tasks go on after the app was left")),
        }
    })
}

impl Play {
    fn new(seed: u64) -> Self {
        // One world has a small vault, the other an endpoint with keys.
        let (workspace, vault) =
            if seed.is_multiple_of(3) { ("ws-pricing", "kv-pricing") } else { ("ws-tiny", "kv-tiny") };
        let open = Target { workspace: workspace.to_owned(), ..Target::default() };
        let start = Start { open: Some(open), folder: None, ..start() };
        let demo = DemoCloud::new("", start.now).expect("a world");
        demo.latency(Duration::from_millis(40));
        let wrongs = Wrongs::default();
        let witness = Witness::new(Arc::clone(&demo), wrongs.clone());
        // One number for each sequence, for as long as the process lives: clocks are copied freely.
        let jumps: &'static AtomicI64 = Box::leak(Box::default());
        let clock = Clock::starting_at(start.now).jumping(jumps);
        let client: Arc<dyn HttpClient> = Arc::clone(&witness) as _;
        let cloud = cloud_through(&client, &demo, clock);
        let other = cloud_of(&demo);

        let (events, happens) = unbounded_channel();
        let (out, mut told) = unbounded_channel::<Msg>();
        let mut judge = Judge::new(Arc::clone(&demo), witness, wrongs.clone());
        let on = events.clone();
        tokio::spawn(async move {
            while let Some(msg) = told.recv().await {
                judge.hears(&msg);
                let _ = on.send(msg);
            }
        });
        let around = Surroundings { osc52: Osc52::Always, ..Surroundings::default() };
        let runner = Runner::new(cloud, false, Copier::new(around, Arc::new(|_: &[u8]| Ok(()))), out);
        let mut model = Model::new(start);
        model.size = if seed.is_multiple_of(16) { (120, 36) } else { (48, 14) };
        let stage: Arc<Mutex<Stage>> = Arc::default();
        let (drawn, watched) = (Arc::clone(&stage), Arc::clone(&stage));
        let (frames, models) = (wrongs.clone(), wrongs.clone());
        let draw = move |show: Show<'_>| {
            if let Show::Frame(buffer, _) = show {
                let mut stage = drawn.lock().expect("unharmed");
                stage.frames += 1;
                if !stage.seen.open && holds_a_value(&text_of(buffer)) {
                    frames.add(format!("a value nobody asked for is on the screen:\n{}", text_of(buffer)));
                }
            }
            Ok(())
        };
        let watch = move |model: &Model| {
            let mut stage = watched.lock().expect("unharmed");
            stage.seen = Seen::of(model, &models);
            if stage.frames.is_multiple_of(16) && holds_a_value(&format!("{model:?}")) {
                models.add("the model shows a value in its Debug".to_owned());
            }
        };
        let task = tokio::spawn(drive_watched(model, clock, runner, happens, draw, watch));
        Self { demo, other, vault, events, stage, task, wrongs, jumps, pasted: 0 }
    }

    fn seen(&self) -> Seen {
        self.stage.lock().expect("unharmed").seen.clone()
    }

    fn frames(&self) -> usize {
        self.stage.lock().expect("unharmed").frames
    }

    async fn settle(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    /// Something happens to the app, and the next frame shows it without any time passing; false once it was left.
    async fn happens(&self, msg: Msg) -> Result<bool, String> {
        let (frames, now) = (self.frames(), Instant::now());
        let what = format!("{msg:?}");
        if self.events.send(msg).is_err() {
            return Ok(false);
        }
        self.settle().await;
        if self.task.is_finished() {
            return Ok(false);
        }
        if self.frames() == frames && !self.events.is_closed() {
            // Leaving waits for the clipboard: that is an answer, too.
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.settle().await;
            return if self.task.is_finished() { Ok(false) } else { Err(format!("nothing was drawn after {what}")) };
        }
        if now.elapsed() > Duration::ZERO {
            return Err(format!("time passed before {what} was answered"));
        }
        self.wrongs.first().map_or(Ok(true), Err)
    }

    async fn press(&self, words: &str) -> Result<bool, String> {
        for key in keys(words) {
            if !self.happens(Msg::Key(key.into())).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn walk(&mut self, script: &[Step]) -> Result<(), String> {
        tokio::time::sleep(Duration::from_millis(400)).await;
        for step in script {
            if !self.take(step).await? {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
            self.settle().await;
        }
        Ok(())
    }

    async fn take(&mut self, step: &Step) -> Result<bool, String> {
        match step {
            Step::Press(words) => {
                let in_text = self.seen().in_text;
                let goes_on = self.press(words).await?;
                if goes_on && !in_text && matches!(*words, "L" | "ctrl-z") && self.seen().open {
                    return Err(format!("{words} left a value on the screen"));
                }
                return Ok(goes_on);
            }
            Step::Paste => {
                self.pasted += 1;
                // Who pastes a value where it can be seen sees it.
                let kind = if self.seen().in_sight { "text" } else { "canary" };
                let text = format!("{kind}-{}-typed", self.pasted);
                return self.happens(Msg::Paste(Sealed::new(text))).await;
            }
            Step::TypeName => {
                if let Some(name) = self.seen().wanted {
                    return self.press(&format!("ctrl-u text:{name} enter")).await;
                }
            }
            Step::Fault(asked, fault) => self.demo.fail_next(*asked, *fault),
            Step::Latency(milliseconds) => self.demo.latency(Duration::from_millis(*milliseconds)),
            Step::Pass(milliseconds) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            Step::Resize(columns, rows) => return self.happens(Msg::Resized(*columns, *rows)).await,
            Step::Focus(focused) => return self.happens(Msg::Focus(*focused)).await,
            Step::Resumed => {
                let goes_on = self.happens(Msg::Resumed).await?;
                if goes_on && self.seen().open {
                    return Err("a value is on the screen after a stop".to_owned());
                }
                return Ok(goes_on);
            }
            Step::Jump(seconds) => {
                self.jumps.fetch_add(seconds * 1000, Ordering::Relaxed);
            }
            Step::Revoke => self.demo.revoke("alex@contoso.com"),
            Step::TheySet(name) | Step::TheyDelete(name) | Step::TheyRecover(name) => {
                self.they(step, SecretName::parse(name).expect("a name"));
            }
        }
        Ok(!self.task.is_finished())
    }

    /// Somebody else does something meanwhile; whether it works is theirs to know.
    fn they(&self, step: &Step, name: SecretName) {
        let other = self.other.clone();
        let account = other.accounts()[0].clone();
        let who = Who { account: account.id, tenant: account.tenant };
        let vault = other.vault_by_name(&who, self.vault).expect("a vault");
        let step = step.clone();
        tokio::spawn(async move {
            let _ = match step {
                Step::TheyDelete(_) => other.delete_secret(&vault, &name).await.map(|_| ()),
                Step::TheyRecover(_) => other.recover_secret(&vault, &name).await.map(|_| ()),
                _ => {
                    let value = Sealed::new("canary-theirs".to_owned());
                    let new = NewSecret {
                        name,
                        value,
                        content_type: None,
                        tags: None,
                        not_before: None,
                        expires: None,
                        enabled: None,
                    };
                    other.set_secret(&vault, new, Expect::Anything).await.map(|_| ())
                }
            };
        });
    }

    /// Time passes until nothing is waited for any more.
    async fn rest(&self) -> Result<(), String> {
        let began = Instant::now();
        while self.seen().busy {
            if began.elapsed() > PATIENCE {
                return Err("a wait without an end".to_owned());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            self.settle().await;
        }
        Ok(())
    }

    /// The network is well again: the lists show what is true, and the app can be left.
    async fn end(self) -> Result<(), String> {
        if !self.task.is_finished() {
            self.demo.calm();
            self.demo.latency(Duration::from_millis(5));
            self.happens(Msg::Resized(48, 14)).await?;
            self.happens(Msg::Focus(true)).await?;
            self.rest().await?;
            // What somebody else does is over, too, and a vault's own slow changes are.
            tokio::time::sleep(Duration::from_secs(90)).await;
            self.settle().await;
            self.rest().await?;
            if !self.task.is_finished() {
                self.truth().await?;
            }
        }
        self.leave().await
    }

    /// After a refresh the screen shows what the vault holds.
    async fn truth(&self) -> Result<(), String> {
        let began = Instant::now();
        while self.seen().overlays > 0 && !(self.seen().signing_in && self.seen().overlays == 1) {
            self.press("esc").await?;
            self.rest().await?;
            if began.elapsed() > PATIENCE {
                return Err(format!("esc does not lead out: {:?}", self.seen()));
            }
        }
        if self.seen().signing_in {
            self.press("esc").await?;
            if self.seen().signing_in {
                return Ok(());
            }
        }
        self.press("3 esc esc r").await?;
        self.rest().await?;
        let Some((vault, load, mut rows)) = self.seen().vault else { return Ok(()) };
        let kept = self.demo.kept(&vault);
        if matches!(&load, Load::Failed(failure) if matches!(failure.kind, Kind::Forbidden(_))) {
            // Some vaults may not be listed by anybody.
            return Ok(());
        }
        if !matches!(load, Load::Ready(_)) {
            return Err(format!("the list is not there though nothing is wrong any more: {load:?}"));
        }
        let mut truth: Vec<_> = kept.secrets.iter().map(|one| (one.name.clone(), one.enabled, one.updated)).collect();
        rows.sort();
        truth.sort();
        if rows != truth {
            return Err(format!("the list shows {rows:?}, the vault holds {truth:?}"));
        }
        self.press("u").await?;
        self.rest().await?;
        if let Some((Load::Ready(_), mut names)) = self.seen().deleted {
            let mut truth = kept.deleted;
            names.sort();
            truth.sort();
            if names != truth {
                return Err(format!("the deleted ones shown are {names:?}, the vault holds {truth:?}"));
            }
        }
        Ok(())
    }

    /// Leaves, by the keys.
    async fn leave(self) -> Result<(), String> {
        for _ in 0..12 {
            if self.task.is_finished() || !self.press("ctrl-c").await? {
                break;
            }
        }
        drop(self.events);
        match tokio::time::timeout(PATIENCE, self.task).await {
            Ok(Ok(Ok(_))) => self.wrongs.first().map_or(Ok(()), Err),
            Ok(Ok(Err(error))) => Err(format!("it could not be drawn: {error}")),
            Ok(Err(panic)) => Err(format!("a panic: {panic}")),
            Err(_) => Err("it does not end".to_owned()),
        }
    }
}
