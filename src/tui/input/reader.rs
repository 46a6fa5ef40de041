//! The thread that reads the terminal and sees it go: the descriptor is polled, so a hang-up is noticed whether or not
//! anybody types and whether or not SIGHUP is ignored.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::UnboundedSender;
use zeroize::{Zeroize as _, Zeroizing};

use super::guard::Guard;
use super::{Machine, TermAnswer, TermEvent};
use crate::tui::exit;
use crate::tui::line::Line;

/// The running reader.
pub(in crate::tui) struct Reader(JoinHandle<()>);

impl Reader {
    pub(in crate::tui) fn start(line: Arc<Line>, events: UnboundedSender<TermEvent>) -> io::Result<Self> {
        let (machine, guard) = (Machine::default(), Guard::default());
        let reading = Reading { line, events, machine, guard, buffer: Zeroizing::new([0; 4096]) };
        Builder::new().name("input".to_owned()).spawn(move || reading.run()).map(Self)
    }

    /// Ends the thread: after this nobody takes what is typed for the shell.
    pub(in crate::tui) fn stop(self, line: &Line) {
        line.wake();
        let _ = self.0.join();
    }
}

/// A key is no longer than this, in bytes ...
const KEY: usize = 8;
/// ... and comes, by hand, no sooner after the one before. The pieces of a paste do, also over a slow line.
const TYPED: Duration = Duration::from_millis(150);

struct Reading {
    line: Arc<Line>,
    events: UnboundedSender<TermEvent>,
    machine: Machine,
    guard: Guard,
    /// The only place where typed bytes stand; wiped after each read.
    buffer: Zeroizing<[u8; 4096]>,
}

impl Reading {
    fn run(mut self) {
        let mut last = Instant::now();
        let mut heard = last;
        let (mut out, mut late) = (Vec::new(), Vec::new());
        while !self.line.is_left() {
            let patience = self.machine.patience().into_iter().chain(self.guard.patience()).min();
            let wait = patience.map(|patience| patience.saturating_sub(last.elapsed()));
            let ready = self.wait(wait.and_then(|wait| Timespec::try_from(wait).ok()));
            if ready.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return self.gone();
            }
            if ready.contains(PollFlags::OUT) && self.line.catch_up() {
                let (width, height) = self.line.size();
                out.push(TermEvent::Resized(width, height));
            }
            if ready.contains(PollFlags::IN) {
                match rustix::io::read(&*self.line, &mut self.buffer[..]) {
                    Ok(0) | Err(Errno::IO) => return self.gone(),
                    Ok(count) => {
                        // Somebody who hammers keys at a paste that lost its end must not keep it open by that.
                        let typed = count <= KEY && heard.elapsed() >= TYPED && self.machine.is_pasting();
                        self.machine.feed(&self.buffer[..count], &mut out);
                        self.buffer[..count].zeroize();
                        heard = Instant::now();
                        if !(typed && self.machine.is_pasting()) {
                            last = heard;
                        }
                    }
                    Err(_) => {} // somebody else was faster, or a signal came
                }
            } else if self.machine.patience().is_some_and(|patience| last.elapsed() >= patience) {
                self.machine.idle(&mut out);
                last = Instant::now();
            } else if self.guard.patience().is_some_and(|patience| last.elapsed() >= patience) {
                self.guard.quiet(&mut late);
            }
            self.guard.pass(&mut out, self.machine.stray_end());
            out.append(&mut late);
            let amid = self.machine.is_amid() || self.guard.patience().is_some();
            self.line.amid.store(amid, Ordering::SeqCst);
            for event in out.drain(..) {
                self.deliver(event);
            }
        }
    }

    /// What the terminal is ready for; empty after a wake-up, a signal or the wait's end.
    fn wait(&self, wait: Option<Timespec>) -> PollFlags {
        let interest = self.line.interest();
        let waker = self.line.waker();
        let mut ready = [PollFd::new(&*self.line, interest), PollFd::from_borrowed_fd(waker, PollFlags::IN)];
        if poll(&mut ready, wait.as_ref()).is_err() {
            return PollFlags::empty();
        }
        if ready[1].revents().contains(PollFlags::IN) {
            self.line.woken();
        }
        ready[0].revents()
    }

    fn deliver(&self, event: TermEvent) {
        if matches!(event, TermEvent::Answer(TermAnswer::Attributes(_))) {
            self.line.asked.store(false, Ordering::SeqCst);
        }
        let _ = self.events.send(event);
    }

    fn gone(self) {
        if !self.line.is_left() {
            let _ = self.events.send(TermEvent::Gone);
            exit::hang_up(&self.line);
        }
    }
}
