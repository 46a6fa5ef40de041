//! The demo cloud's TLS face: one process that answers for all of Azure's hosts on one port by their names, with
//! certificates of an authority made for this run; the metadata service in plain http; and a control port. For tests only.
//!
//!     face FOLDER [WORLD]
//!
//! It listens on 127.0.0.1:443, 169.254.169.254:80, the ports of the other machines' services (src/demo/machine.rs) and, for
//! the control, on 127.0.0.1:8080 and the socket FOLDER/control: it wants a network of its own, which `tests/support/face/pinned` makes. Into FOLDER go `hosts` (for /etc/hosts), `ca.pem` and
//! `environment` (what clients need to find all this, as a shell reads it). Then it says `ready`. It ends when its input does.

#[path = "../authority.rs"]
mod authority;
mod control;
mod faulty;
mod serve;

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use amlock::demo::{DemoCloud, Machine, SeededLogin};
use authority::Authority;
use tokio::net::{TcpListener, UnixListener};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result {
    let mut words = std::env::args().skip(1);
    let folder = words.next().ok_or("face FOLDER [WORLD]")?;
    let folder = Path::new(&folder);
    let cloud = DemoCloud::new(&words.next().unwrap_or_default(), jiff::Timestamp::now())?;
    let hosts = cloud.hosts();
    let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let authority = Authority::new();
    let tls = authority.server(&names, |_| {});
    let (control, metadata) = (("127.0.0.1", 8080), (DemoCloud::METADATA, 80));
    tokio::spawn(serve::https(TcpListener::bind(("127.0.0.1", 443)).await?, tls, Arc::clone(&cloud)));
    tokio::spawn(serve::metadata(TcpListener::bind(metadata).await?, Arc::clone(&cloud)));
    for machine in Machine::ALL {
        let listener = TcpListener::bind(("127.0.0.1", machine.port())).await?;
        tokio::spawn(serve::metadata(listener, Arc::clone(&cloud)));
    }
    tokio::spawn(control::tcp(TcpListener::bind(control).await?, Arc::clone(&cloud)));
    tokio::spawn(control::unix(UnixListener::bind(folder.join("control"))?, Arc::clone(&cloud)));

    let bundle = folder.join("ca.pem");
    std::fs::write(&bundle, authority.pem())?;
    // Written in place: the file may already stand where /etc/hosts was.
    let lines = names.iter().fold("127.0.0.1 localhost\n".to_owned(), |lines, name| lines + "127.0.0.1 " + name + "\n");
    std::fs::write(folder.join("hosts"), lines)?;
    std::fs::write(folder.join("environment"), environment(&cloud, &bundle)?)?;
    std::io::stdout().write_all(b"ready\n")?;
    // The tasks have threads of their own; this one waits for the end.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Whom to trust, and the world's service principal, whose name the variables are.
fn environment(cloud: &DemoCloud, bundle: &Path) -> Result<String> {
    let bundle = bundle.to_str().ok_or("the folder's name is not text")?;
    // Every client has a variable of its own, and machines set them: each is set anew.
    let mut lines = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]
        .map(|name| format!("{name}='{bundle}'\n"))
        .concat();
    for login in cloud.seeded_logins() {
        if let SeededLogin::Principal { tenant, client_id, client_secret, .. } = login {
            write!(lines, "AZURE_TENANT_ID='{tenant}'\nAZURE_CLIENT_ID='{client_id}'\n")?;
            writeln!(lines, "AZURE_CLIENT_SECRET='{client_secret}'")?;
        }
    }
    Ok(lines)
}
