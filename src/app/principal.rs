//! The form for a service principal: its ids, and one of three things that prove it is one.

use crate::domain::{ClientId, Failure, Tone};

use super::flight::Lane;
use super::form::{Entry, Form, Purpose, text, value};
use super::model::Model;
use super::msg::{Effect, Query};
use super::overlay::Overlay;
use super::way::{SignInWith, TypedPrincipal, TypedProof, read_tenant};

impl Form {
    /// A form for a service principal of a tenant, where one was named already.
    pub fn principal(tenant: String) -> Self {
        let mut secret = value("secret");
        secret.hint = "type or paste its value; it is not shown";
        let mut password = value("password");
        password.hint = "the certificate's, if it has one; it is not shown";
        let lines = vec![
            text("tenant", tenant, "contoso.com, or its id"),
            text("client id", "", "the application's id, as 1b2c3d4e-..."),
            secret,
            text("or cert", "", "a file: PEM, or PFX with its password"),
            password,
            text("or JSON", "", "a file of az ad sp create-for-rbac --json-auth; it has all of it"),
        ];
        Self::with(Purpose::Principal, "Sign in as a service principal".to_owned(), lines)
    }
}

/// What is typed so far, if it is enough; else the line that lacks something, and what.
fn read(form: &Form) -> Result<TypedPrincipal, (&'static str, String)> {
    let sealed = |label: &str| {
        form.lines.iter().find(|line| line.label == label).and_then(|line| match &line.entry {
            Entry::Value(hidden) if hidden.bytes() > 0 => Some(hidden.sealed()),
            _ => None,
        })
    };
    let tenant = read_tenant(form.text("tenant")).map_err(|why| ("tenant", why))?;
    let (certificate, file) = (form.text("or cert"), form.text("or JSON"));
    let secret = sealed("secret");
    let proofs =
        [secret.is_some(), !certificate.is_empty(), !file.is_empty()].into_iter().filter(|given| *given).count();
    if proofs > 1 {
        let words = "one proof is enough: a secret, or a certificate, or a JSON file; empty the others (ctrl-u)";
        return Err((if file.is_empty() { "or cert" } else { "or JSON" }, words.to_owned()));
    }
    if !file.is_empty() {
        return Ok(TypedPrincipal { tenant, client_id: String::new(), proof: TypedProof::AuthFile(file.to_owned()) });
    }
    if tenant.is_none() {
        return Err(("tenant", "a service principal needs its tenant: a domain or an id".to_owned()));
    }
    let client_id = form.text("client id").to_owned();
    ClientId::parse(&client_id).map_err(|bad| ("client id", bad.to_string()))?;
    let proof = match (secret, certificate) {
        (Some(secret), _) => TypedProof::Secret(secret),
        (None, "") => return Err(("secret", "a secret, a certificate or a JSON file is needed".to_owned())),
        (None, file) => TypedProof::Certificate(file.to_owned(), sealed("password")),
    };
    Ok(TypedPrincipal { tenant, client_id, proof })
}

/// Enter: on to the next line that lacks something, or signing in.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Form(form)) = model.overlays.last_mut() else { return Vec::new() };
    let typed = match read(form) {
        Ok(typed) => typed,
        Err((label, why)) => {
            let (at, empty) = (form.at, form.lines[form.at].is_empty());
            let wanted = form.lines.iter().position(|line| line.label == label).unwrap_or(at);
            if wanted > at && !empty && form.lines[wanted].is_empty() {
                form.at = wanted;
            } else {
                form.refuse(label, why);
            }
            return Vec::new();
        }
    };
    let effects = model.ask(Lane::SignIn, Query::SignIn(SignInWith::Principal(Box::new(typed))));
    let ticket = effects.iter().find_map(|effect| match effect {
        Effect::Ask(ticket, _) => Some(*ticket),
        _ => None,
    });
    if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
        (form.saving, form.wrong) = (ticket, None);
    }
    effects
}

/// It did not lead in: the form has everything still, and says why.
pub(super) fn failed(form: &mut Form, failure: &Failure) {
    form.saving = None;
    let hint = failure.hint.as_deref().map_or_else(String::new, |hint| format!(". Next: {hint}"));
    form.wrong = Some((form.lines.len(), format!("{}{hint}", failure.sentence())));
}

/// Somebody gave up waiting: the form has everything still.
pub(super) fn stopped(model: &mut Model) -> Vec<Effect> {
    model.flights.drop_lane(Lane::SignIn);
    if let Some(Overlay::Form(form)) = model.overlays.last_mut() {
        form.saving = None;
    }
    model.say("Sign-in stopped. Nobody was signed in; what you typed is still here.", Tone::Plain);
    vec![Effect::Cancel(Lane::SignIn)]
}
