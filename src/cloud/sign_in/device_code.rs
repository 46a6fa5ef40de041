//! Signing in with a code here and a browser on any device (RFC 8628).

use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;

use crate::domain::{DeviceCode, Failure, Kind, Moment, Polling, Sealed, TenantId};

use super::PUBLIC_CLIENT;
use super::entra::{Entra, Grant, number};
use super::signed_in::SignedIn;
use crate::cloud::Told;
use crate::cloud::gate::address;
use crate::cloud::problem;

/// Where Microsoft lets people type a code. An address from elsewhere is not shown to anybody.
const PLACES: [&str; 6] = [
    "microsoft.com",
    "www.microsoft.com",
    "login.microsoft.com",
    "login.microsoftonline.com",
    "aka.ms",
    "login.live.com",
];
/// Network failures in a row after which polling gives up.
const PATIENCE: u32 = 5;

#[derive(Deserialize)]
struct Offer {
    user_code: String,
    device_code: Sealed,
    verification_uri: String,
    #[serde(default = "half_an_hour", deserialize_with = "number")]
    expires_in: i64,
    #[serde(default = "five", deserialize_with = "number")]
    interval: i64,
}

fn half_an_hour() -> i64 {
    1800
}

fn five() -> i64 {
    5
}

/// Signs in; `told` hears the code, and how the wait goes. Dropping the future ends it.
pub(crate) async fn sign_in(
    entra: &Entra,
    tenant: Option<&TenantId>,
    scope: &str,
    told: &mut (dyn FnMut(Told) + Send),
) -> Result<SignedIn, Failure> {
    let doing = "sign in";
    let authority = tenant.map_or("organizations", TenantId::as_str);
    let scopes = format!("{scope} openid profile offline_access");
    let form = [("client_id", PUBLIC_CLIENT), ("scope", scopes.as_str())];
    let answer = entra.post(authority, "devicecode", &form, doing).await?;
    let offer: Offer = entra.read(&answer, doing)?;
    let place = address(&offer.verification_uri).ok();
    if !place.as_ref().and_then(|url| url.host_str()).is_some_and(|host| PLACES.contains(&host)) {
        return Err(Failure::new(Kind::Failed, doing, "sign-in named an address that is none of Microsoft's"));
    }
    let expires = entra.clock().after(Duration::from_secs(offer.expires_in.clamp(0, 3600).unsigned_abs()));
    let code =
        DeviceCode { user_code: offer.user_code.into(), verification_uri: offer.verification_uri.into(), expires };
    told(Told::Code(code));
    let grant = poll(entra, authority, (&offer.device_code, offer.interval, expires), told).await?;
    SignedIn::of(grant, tenant, None)
}

async fn poll(
    entra: &Entra,
    authority: &str,
    (device_code, interval, expires): (&Sealed, i64, Moment),
    told: &mut (dyn FnMut(Told) + Send),
) -> Result<Grant, Failure> {
    let doing = "sign in";
    let mut polling = Polling::Pending;
    let mut goes = |now: Polling| {
        if std::mem::replace(&mut polling, now) != now {
            told(Told::Polling(now));
        }
    };
    let mut interval = Duration::from_secs(interval.clamp(1, 60).unsigned_abs());
    let mut failures = 0;
    loop {
        sleep(interval).await;
        if entra.clock().now() >= expires {
            let failure = Failure::new(Kind::SignedOut, doing.to_owned(), "the code has expired");
            return Err(failure.hint("sign in again"));
        }
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", PUBLIC_CLIENT),
            ("device_code", device_code.unseal()),
            ("client_info", "1"),
        ];
        let answer = match entra.post(authority, "token", &form, doing).await {
            Ok(answer) => answer,
            // Somebody is typing the code just now; a network that goes away for a moment must not end that.
            Err(failure) if failure.kind == Kind::Offline && failures < PATIENCE => {
                failures += 1;
                goes(Polling::Unreachable);
                interval = (interval * 2).min(Duration::from_secs(30));
                continue;
            }
            Err(failure) => return Err(failure),
        };
        failures = 0;
        match problem::oauth_error(&answer.body).as_deref() {
            Some("authorization_pending") => goes(Polling::Pending),
            Some("slow_down") => {
                interval += Duration::from_secs(5);
                goes(Polling::Slower);
            }
            _ => return entra.read(&answer, doing),
        }
    }
}
