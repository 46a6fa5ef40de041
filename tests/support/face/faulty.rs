//! What can go wrong on a wire and nowhere else: a body that ends before its length, a connection that is reset.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use socket2::Socket;
use tokio::net::TcpStream;

/// A body; shorter than what the head promises, it breaks the connection where it ends.
pub(super) struct Faulty {
    bytes: Option<Bytes>,
    /// All that the head said would come; none where nothing was said.
    promised: Option<usize>,
    length: usize,
    flushed: bool,
}

impl Faulty {
    pub(super) fn new(bytes: Bytes, promised: Option<usize>) -> Self {
        let length = bytes.len();
        Self { bytes: Some(bytes).filter(|bytes| !bytes.is_empty()), promised, length, flushed: false }
    }

    fn breaks(&self) -> bool {
        self.promised.is_some_and(|promised| promised > self.length)
    }
}

impl Body for Faulty {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.breaks() {
            return Poll::Ready(None);
        }
        if !std::mem::replace(&mut self.flushed, true) {
            // Once round, so that what there is goes out first.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("the line breaks here"))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && !self.breaks()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised.unwrap_or(self.length) as u64)
    }
}

/// The socket under a connection.
pub(super) struct Line(Option<Socket>);

impl Line {
    pub(super) fn of(stream: &TcpStream) -> Self {
        use std::os::fd::AsFd as _;
        Self(stream.as_fd().try_clone_to_owned().ok().map(Socket::from))
    }

    /// From now on the connection's end is a reset.
    pub(super) fn will_break(&self) {
        if let Some(socket) = &self.0 {
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
    }
}
