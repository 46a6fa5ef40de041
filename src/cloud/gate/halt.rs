//! Why there is no answer, told so exactly that one knows whether anything can have happened.

use std::fmt;

use crate::domain::SafeText;

/// What broke on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// The name was not found.
    Dns,
    /// Nobody listens there.
    Refused,
    /// It closed the connection.
    Closed,
    /// Whoever answers there does not prove to be the host.
    Distrust(Flaw),
    /// TLS could not be agreed on for another reason, in rustls' words.
    Tls(String),
    /// A proxy would not let us through.
    Proxy(String),
    /// It took too long.
    Timeout,
    /// This machine has no CA certificates, or TLS cannot be set up for another reason.
    Setup(String),
    /// Anything else.
    Other,
}

/// What is wrong with what a server shows to prove who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not come.
    NotYet,
    /// It is another host's certificate.
    Name,
    /// An authority signed it that this machine does not know.
    Issuer,
    /// An authority signed it that neither this machine nor the bundle that was named beside knows.
    Outside,
    /// It signed itself.
    SelfSigned,
    /// Its authority took it back.
    Revoked,
    /// It speaks only TLS that is not safe any more.
    Old,
}

impl Flaw {
    fn words(self) -> &'static str {
        match self {
            Self::Expired => "its certificate has expired",
            Self::NotYet => "its certificate is not valid yet",
            Self::Name => "its certificate is another host's",
            Self::Issuer => "no authority that this machine trusts has signed its certificate",
            Self::Outside => "no authority that this machine trusts or the CA bundle holds has signed its certificate",
            Self::SelfSigned => "its certificate is signed by itself",
            Self::Revoked => "its certificate was revoked",
            Self::Old => "it speaks no TLS of version 1.2 or later",
        }
    }
}

/// The far end's error, as a transport that knows more than azure_core's kinds hands it over.
#[derive(Debug)]
pub(crate) struct Broken {
    /// What broke.
    pub(crate) why: Why,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.why)
    }
}

impl std::error::Error for Broken {}

/// Why the gate has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The gate itself would not send it: the host, and the rule it breaks.
    Barred {
        /// The host it was meant for.
        host: String,
        /// The rule.
        rule: &'static str,
    },
    /// No connection: nothing was sent.
    Unreachable {
        /// The host.
        host: String,
        /// What broke.
        why: Why,
    },
    /// Sent, at least in part, and no whole answer came.
    Lost {
        /// The host.
        host: String,
        /// What broke.
        why: Why,
    },
    /// The answer sends us elsewhere; nobody goes.
    Redirect {
        /// The host that answered.
        host: String,
        /// Where it points.
        to: String,
    },
    /// The answer is larger than any good one.
    TooLarge {
        /// The host.
        host: String,
        /// The cap in bytes.
        cap: usize,
    },
    /// The answer has more parts than any good one.
    TooMany {
        /// The host.
        host: String,
    },
}

impl Halt {
    /// Whether another try may do better.
    pub(crate) fn passing(&self) -> bool {
        match self {
            Self::Unreachable { why, .. } => {
                !matches!(why, Why::Distrust(_) | Why::Tls(_) | Why::Setup(_) | Why::Proxy(_))
            }
            Self::Lost { .. } => true,
            _ => false,
        }
    }

    /// Whether no connection to the host itself came about, by no fault of a proxy, of TLS or of this machine.
    pub(crate) fn nobody_there(&self) -> bool {
        let Self::Unreachable { why, .. } = self else { return false };
        matches!(why, Why::Dns | Why::Refused | Why::Closed | Why::Timeout | Why::Other)
    }

    /// Whether the service may have done what was asked. Who answers with a redirect has not.
    pub(crate) fn sent(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::TooLarge { .. } | Self::TooMany { .. })
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = |why: &Why, sent: bool| match (why, sent) {
            (Why::Dns, _) => "its name cannot be resolved".to_owned(),
            (Why::Refused, _) => "it refuses the connection".to_owned(),
            (Why::Closed, false) => "it closes the connection".to_owned(),
            (Why::Distrust(flaw), _) => format!("no trusted TLS connection ({})", flaw.words()),
            (Why::Tls(words), _) => format!("no trusted TLS connection ({words})"),
            (Why::Proxy(words), _) => format!("the proxy does not let us through ({words})"),
            (Why::Timeout, _) => "it does not answer in time".to_owned(),
            (Why::Setup(words), _) => format!("TLS cannot be set up here ({words})"),
            (Why::Other, false) => "no connection".to_owned(),
            (Why::Closed | Why::Other, true) => "the connection broke before the whole answer came".to_owned(),
        };
        let text = match self {
            Self::Barred { host, rule } => format!("{host} is not an address amlock talks to: {rule}"),
            Self::Unreachable { host, why } => format!("{host} cannot be reached: {}", reason(why, false)),
            Self::Lost { host, why } => format!("no whole answer from {host}: {}", reason(why, true)),
            Self::Redirect { host, to } => format!("{host} tried to send us to {to}; amlock did not go there"),
            Self::TooLarge { host, cap } => {
                let (cap, unit) = if *cap < 1024 * 1024 { (cap / 1024, "KiB") } else { (cap / (1024 * 1024), "MiB") };
                format!("the answer of {host} is larger than {cap} {unit}")
            }
            Self::TooMany { host } => format!("the answer of {host} has more parts than any good one"),
        };
        f.write_str(SafeText::of(&text).as_str())
    }
}

impl std::error::Error for Halt {}
