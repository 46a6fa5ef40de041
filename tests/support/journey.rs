//! The whole app on the demo cloud under a paused clock: keys go in as users say them, the screen comes out as text.

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amlock::app::{Colours, Model, Msg, Start, Target};
use amlock::cloud::{Clock, Cloud, Transport};
use amlock::demo::{DemoCloud, SeededLogin};
use amlock::domain::{ClientId, Moment, Sealed, TenantId, Untrusted, Zone};
use amlock::tui::clipboard::{Osc52, Surroundings};
use amlock::tui::copying::Copier;
use amlock::tui::run::{Outcome, Show, drive};
use amlock::tui::runner::Runner;
use azure_core::http::HttpClient;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// When every journey begins.
pub(crate) const NOON: &str = "2026-11-21T03:00:00Z";

/// Keys as users say them: `r j enter`, `ctrl-c`, `text:hello`.
pub(crate) fn keys(words: &str) -> Vec<KeyEvent> {
    let plain = |code| vec![KeyEvent::new(code, KeyModifiers::NONE)];
    words
        .split_whitespace()
        .flat_map(|word| match word {
            "enter" => plain(KeyCode::Enter),
            "esc" => plain(KeyCode::Esc),
            "tab" => plain(KeyCode::Tab),
            "up" => plain(KeyCode::Up),
            "down" => plain(KeyCode::Down),
            "end" => plain(KeyCode::End),
            "space" => plain(KeyCode::Char(' ')),
            "backspace" => plain(KeyCode::Backspace),
            _ => match (word.strip_prefix("text:"), word.strip_prefix("ctrl-")) {
                (Some(text), _) => text.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect(),
                (_, Some(letter)) => {
                    letter.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)).collect()
                }
                _ => word.chars().map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)).collect(),
            },
        })
        .collect()
}

/// How the app starts in tests.
pub(crate) fn start() -> Start {
    Start {
        now: NOON.parse::<Moment>().expect("an instant"),
        zone: Zone::get("Asia/Seoul").expect("in the database"),
        demo: true,
        read_only: false,
        ascii: false,
        colours: Colours::Indexed,
        account: None,
        open: None,
        folder: Some(Target { workspace: "ws-vision".to_owned(), ..Target::default() }),
        remark: None,
        habit: None,
        vault: None,
        reveal_seconds: 15,
        production: Vec::new(),
        tenant: None,
        hosts: amlock::app::AzureHosts::PUBLIC,
    }
}

/// A cloud with a demo world behind it, its seeded logins taken over.
pub(crate) fn cloud_of(demo: &Arc<DemoCloud>) -> Cloud {
    let client: Arc<dyn HttpClient> = Arc::clone(demo) as _;
    cloud_through(&client, demo, Clock::starting_at(NOON.parse().expect("an instant")))
}

/// The same, with something between the cloud and the world, and a clock of its own.
pub(crate) fn cloud_through(client: &Arc<dyn HttpClient>, demo: &DemoCloud, clock: Clock) -> Cloud {
    let cloud = Cloud::new(Transport::of(client), clock, false);
    for login in demo.seeded_logins() {
        match login {
            SeededLogin::User { username, object_id, tenant, refresh_token } => {
                let tenant = TenantId::parse(&tenant).expect("a tenant");
                cloud.adopt_user(
                    Untrusted::from(username),
                    Untrusted::from(object_id),
                    tenant,
                    Sealed::new(refresh_token),
                );
            }
            SeededLogin::Principal { name, tenant, client_id, client_secret } => {
                let tenant = TenantId::parse(&tenant).expect("a tenant");
                let client = ClientId::parse(&client_id).expect("a client id");
                cloud.adopt_principal(Untrusted::from(name), tenant, client, Sealed::new(client_secret));
            }
        }
    }
    cloud
}

#[derive(Default)]
struct Shown {
    buffer: Buffer,
    frames: usize,
    suspended: usize,
    sent: Vec<Vec<u8>>,
}

/// The app, running.
pub(crate) struct Journey {
    /// The cloud it talks to.
    pub(crate) demo: Arc<DemoCloud>,
    events: UnboundedSender<Msg>,
    shown: Arc<Mutex<Shown>>,
    task: JoinHandle<std::io::Result<Outcome>>,
}

impl Journey {
    /// Starts in a world of the demo, at a size.
    pub(crate) fn new(world: &str, size: (u16, u16)) -> Self {
        Self::with(world, size, start(), |_| {})
    }

    /// Starts with changes to how it starts and to its world.
    pub(crate) fn with(world: &str, size: (u16, u16), start: Start, prepare: impl FnOnce(&DemoCloud)) -> Self {
        let demo = DemoCloud::new(world, start.now).expect("a world");
        prepare(&demo);
        let cloud = cloud_of(&demo);
        Self::of(demo, cloud, size, start)
    }

    /// Starts with a client of its own before a world.
    pub(crate) fn behind(client: &Arc<dyn HttpClient>, demo: Arc<DemoCloud>, size: (u16, u16), start: Start) -> Self {
        let cloud = cloud_through(client, &demo, Clock::starting_at(NOON.parse().expect("an instant")));
        Self::of(demo, cloud, size, start)
    }

    /// Starts with a clock of its own, wrong by so many milliseconds.
    pub(crate) fn with_clock(world: &str, size: (u16, u16), start: Start, clock: &'static AtomicI64) -> Self {
        let demo = DemoCloud::new(world, start.now).expect("a world");
        let client: Arc<dyn HttpClient> = Arc::clone(&demo) as _;
        let cloud = cloud_through(&client, &demo, Clock::starting_at(start.now).jumping(clock));
        let start = Start { now: cloud.clock().now(), ..start };
        Self::of(demo, cloud, size, start)
    }

    /// Starts with a cloud of its own, in front of a world.
    pub(crate) fn of(demo: Arc<DemoCloud>, cloud: Cloud, size: (u16, u16), start: Start) -> Self {
        let (events, happens) = unbounded_channel();
        let shown: Arc<Mutex<Shown>> = Arc::default();
        let (stage, clipboard) = (Arc::clone(&shown), Arc::clone(&shown));
        // A terminal that takes copies, and says nothing of it.
        let around = Surroundings { osc52: Osc52::Always, ..Surroundings::default() };
        let copier = Copier::new(
            around,
            Arc::new(move |bytes: &[u8]| {
                clipboard.lock().expect("unharmed").sent.push(bytes.to_vec());
                Ok(())
            }),
        );
        let clock = cloud.clock();
        let runner = Runner::new(cloud, false, copier, events.clone());
        let mut model = Model::new(start);
        model.size = size;
        let task = tokio::spawn(drive(model, clock, runner, happens, move |show| {
            let mut shown = stage.lock().expect("unharmed");
            match show {
                Show::Frame(buffer, _) => {
                    shown.buffer.clone_from(buffer);
                    shown.frames += 1;
                }
                Show::Repaint => {}
                Show::Suspend => shown.suspended += 1,
            }
            Ok(())
        }));
        Self { demo, events, shown, task }
    }

    /// Presses keys, each after the app took in the one before.
    pub(crate) async fn press(&self, words: &str) -> &Self {
        for key in keys(words) {
            self.events.send(Msg::Key(key.into())).expect("it runs");
            self.settle().await;
        }
        self
    }

    /// The same key many times at once, as a held key over a slow line brings them.
    pub(crate) async fn burst(&self, word: &str, times: usize) -> &Self {
        for key in std::iter::repeat_n(keys(word), times).flatten() {
            self.events.send(Msg::Key(key.into())).expect("it runs");
        }
        self.settle().await;
        self
    }

    /// Pastes text.
    pub(crate) async fn paste(&self, text: &str) -> &Self {
        self.events.send(Msg::Paste(Sealed::new(text.to_owned()))).expect("it runs");
        self.settle().await;
        self
    }

    /// Something else happens.
    pub(crate) async fn happens(&self, msg: Msg) -> &Self {
        self.events.send(msg).expect("it runs");
        self.settle().await;
        self
    }

    async fn settle(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, time: Duration) -> &Self {
        tokio::time::sleep(time).await;
        self.settle().await;
        self
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        text_of(&self.buffer())
    }

    /// What is on the screen, with its looks.
    pub(crate) fn buffer(&self) -> Buffer {
        self.shown.lock().expect("unharmed").buffer.clone()
    }

    /// What was sent to the terminal's clipboard.
    pub(crate) fn sent(&self) -> Vec<String> {
        let shown = self.shown.lock().expect("unharmed");
        shown.sent.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
    }

    /// Frames drawn so far.
    pub(crate) fn frames(&self) -> usize {
        self.shown.lock().expect("unharmed").frames
    }

    /// How often the terminal was lent to the shell.
    pub(crate) fn suspended(&self) -> usize {
        self.shown.lock().expect("unharmed").suspended
    }

    /// Waits until `text` is on the screen; a minute of the app's time at most.
    pub(crate) async fn see(&self, text: &str) -> &Self {
        for _ in 0..1200 {
            if self.screen().contains(text) {
                return self;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{text:?} did not come; the screen:\n{}", self.screen());
    }

    /// Waits until `text` is not on the screen any more.
    pub(crate) async fn see_no(&self, text: &str) -> &Self {
        for _ in 0..1200 {
            if !self.screen().contains(text) {
                return self;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{text:?} stayed; the screen:\n{}", self.screen());
    }

    /// Waits until the app has ended.
    pub(crate) async fn ends(self) -> Outcome {
        tokio::time::timeout(Duration::from_mins(1), self.task)
            .await
            .expect("it ends")
            .expect("no panic")
            .expect("drawn")
    }
}

/// The text of a buffer, row by row, wide characters once.
pub(crate) fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.rows() {
        let mut line = String::new();
        let mut skip = 0;
        for x in y.columns() {
            let symbol = buffer[(x.x, x.y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(symbol);
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
