//! The demo's browser and the person before it: opens a sign-in page of the demo, agrees, and sends the answer to where the
//! client listens on this machine, as a browser would.

use std::sync::Arc;

use azure_core::http::{HttpClient as _, Method, Request, Url};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::DemoCloud;

impl DemoCloud {
    /// Opens a sign-in page and agrees. Whether the client got its answer.
    pub async fn visit(self: Arc<Self>, page: Url) -> bool {
        self.visited(page).await.is_some()
    }

    async fn visited(&self, page: Url) -> Option<()> {
        let answer = self.execute_request(&Request::new(page, Method::Get)).await.ok()?;
        let (status, headers, body) = answer.try_into_raw_response().await.ok()?.deconstruct();
        if u16::from(status) == 302 {
            let location = headers.iter().find(|(name, _)| name.as_str() == "location")?.1.as_str().to_owned();
            return send(&Url::parse(&location).ok()?, "GET", "").await;
        }
        let page = String::from_utf8(body.as_ref().to_vec()).ok()?;
        let action = between(&page, "action=\"", "\"")?;
        let mut form = Url::parse("http://form.invalid/").ok()?;
        for input in page.split("<input type=\"hidden\" ").skip(1) {
            let (name, value) = (between(input, "name=\"", "\"")?, between(input, "value=\"", "\"")?);
            form.query_pairs_mut().append_pair(&name, &value);
        }
        send(&Url::parse(&action).ok()?, "POST", form.query().unwrap_or_default()).await
    }
}

fn between(text: &str, from: &str, to: &str) -> Option<String> {
    let found = text.split_once(from)?.1.split_once(to)?.0;
    Some(found.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}

/// Sends one request to a port of this machine and hears the answer out.
async fn send(to: &Url, method: &str, form: &str) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", to.port_or_known_default()?)).await.ok()?;
    let path = to.query().map_or_else(|| to.path().to_owned(), |query| format!("{}?{query}", to.path()));
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        to.host_str()?,
        form.len()
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await.ok()?;
    answer.starts_with(b"HTTP/1.1 200").then_some(())
}
