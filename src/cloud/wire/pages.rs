//! Lists: page after page, and never to anywhere but where the first one came from.

use std::collections::HashSet;

use azure_core::http::Method;
use serde::de::DeserializeOwned;
use url::Url;

use crate::domain::{Failure, Kind};

use super::{Call, Wire};
use crate::cloud::gate::address;

/// Pages of one list. A hundred thousand secrets, 25 at a time, are 4,000.
const PAGES: usize = 10_000;
/// Items of one list: as many pages of the vault's.
const ITEMS: usize = 25 * PAGES;

/// Where a page of a list keeps its items and its way to the next one.
pub(crate) trait Page: DeserializeOwned {
    /// What it lists.
    type Item;
    /// The items, and the address of the next page.
    fn split(self) -> (Vec<Self::Item>, Option<String>);
}

impl Wire {
    /// Reads page after page, handing on each as it comes; follows only links of the same origin and path, never twice the
    /// same, within the caps of M29.
    pub(crate) async fn pages<P: Page>(
        &self,
        call: Call,
        each: &mut (dyn FnMut(Vec<P::Item>) + Send),
    ) -> Result<(), Failure> {
        let (first, doing, mut url) = (call.url.clone(), call.doing.clone(), call.url.clone());
        let failed = |words: String| Failure::new(Kind::Failed, doing.clone(), words);
        let mut seen = HashSet::from([url.clone()]);
        let mut count = 0;
        loop {
            let page = Call {
                who: call.who.clone(),
                audience: call.audience,
                method: Method::Get,
                url: url.clone(),
                body: None,
                doing: doing.clone(),
                carries_value: call.carries_value,
            };
            let (items, next) = self.read(page).await?.json::<P>()?.split();
            count += items.len();
            if count > ITEMS {
                return Err(failed(format!("the list does not end ({ITEMS} items)")));
            }
            if !items.is_empty() {
                each(items);
            }
            let Some(next) = next.filter(|link| !link.is_empty()) else {
                return Ok(());
            };
            url = following(&first, &next).map_err(|words| failed(words.clone()))?;
            if !seen.insert(url.clone()) {
                return Err(failed("the list goes round in circles: a page links back to one before it".to_owned()));
            }
            if seen.len() > PAGES {
                return Err(failed(format!("the list does not end ({PAGES} pages)")));
            }
        }
    }
}

/// The next page's address, if it is on the first one's origin and path.
fn following(first: &Url, link: &str) -> Result<Url, String> {
    let url = address(link).map_err(|rule| format!("the server's link to the next page was not followed: {rule}"))?;
    // A parsed address has dropped ":443", so equal origins are equal here.
    if url.origin() != first.origin() {
        let to = url.host_str().unwrap_or("another host").to_owned();
        return Err(format!("the server tried to send us to {to}; the token was not sent there"));
    }
    if !url.path().eq_ignore_ascii_case(first.path()) {
        return Err("the server's link to the next page leads to another list; it was not followed".to_owned());
    }
    Ok(url)
}
