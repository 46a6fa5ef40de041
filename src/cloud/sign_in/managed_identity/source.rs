//! Where this machine gets tokens for its identity, by the marks its host leaves in the environment (the order of Azure's own
//! libraries), and the request each of them wants.

use url::Url;

use crate::cloud::gate::is_local;
use crate::domain::{ClientId, Failure, Sealed};

/// A virtual machine's service, the same address on all of them.
const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// Which service of this machine gives out tokens.
#[derive(Debug)]
pub(crate) enum Source {
    /// App Service, Functions and Container Apps (IDENTITY_ENDPOINT, IDENTITY_HEADER).
    AppService,
    /// A machine outside Azure that Azure Arc manages (IDENTITY_ENDPOINT, IMDS_ENDPOINT).
    Arc(Url),
    /// Azure ML compute (MSI_ENDPOINT, MSI_SECRET); the identity it uses where nobody names one.
    AzureMl {
        /// Where to ask.
        endpoint: Url,
        /// What shows that the question comes from this machine.
        secret: Sealed,
        /// DEFAULT_IDENTITY_CLIENT_ID.
        default: Option<ClientId>,
    },
    /// A user's token for a submitted job (OBO_ENDPOINT).
    OnBehalfOf(Url),
    /// A virtual machine; it leaves no mark.
    Imds(Url),
}

impl Source {
    /// The source that `variable` tells of; none where nothing marks one.
    pub(crate) fn marked(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Failure> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        if let Some(endpoint) = set("IDENTITY_ENDPOINT") {
            let endpoint = local("IDENTITY_ENDPOINT", &endpoint)?;
            if set("IDENTITY_SERVER_THUMBPRINT").is_some() {
                return Err(refused("Service Fabric's managed identity is none of amlock's ways"));
            }
            if set("IDENTITY_HEADER").is_some() {
                return Ok(Some(Self::AppService));
            }
            if set("IMDS_ENDPOINT").is_some() {
                return Ok(Some(Self::Arc(endpoint)));
            }
        }
        if let Some(endpoint) = set("OBO_ENDPOINT") {
            return Ok(Some(Self::OnBehalfOf(local("OBO_ENDPOINT", &endpoint)?)));
        }
        let (Some(endpoint), Some(secret)) = (set("MSI_ENDPOINT"), set("MSI_SECRET")) else { return Ok(None) };
        let default = set("DEFAULT_IDENTITY_CLIENT_ID").and_then(|id| ClientId::parse(id.trim()).ok());
        Ok(Some(Self::AzureMl { endpoint: local("MSI_ENDPOINT", &endpoint)?, secret: Sealed::new(secret), default }))
    }

    /// A virtual machine's service.
    pub(crate) fn imds() -> Self {
        Self::Imds(Url::parse(IMDS).expect("an address"))
    }

    /// What it is called.
    pub(crate) fn words(&self) -> &'static str {
        match self {
            Self::AppService => "App Service",
            Self::Arc(_) => "Azure Arc",
            Self::AzureMl { .. } => "Azure ML compute",
            Self::OnBehalfOf(_) => "the job's user",
            Self::Imds(_) => "virtual machine",
        }
    }

    /// The question for a token: its address, and the header that shows who asks.
    pub(crate) fn question(&self, resource: &str, identity: Option<&ClientId>) -> (Url, Vec<(&'static str, String)>) {
        let metadata = || vec![("metadata", "true".to_owned())];
        let (endpoint, version, name, headers) = match self {
            // azure_identity asks it by itself.
            Self::AppService => return (Url::parse(IMDS).expect("an address"), Vec::new()),
            Self::Arc(endpoint) => (endpoint, Some("2020-06-01"), "client_id", metadata()),
            // Its version of the protocol spells the name without an underscore.
            Self::AzureMl { endpoint, secret, .. } => {
                (endpoint, Some("2017-09-01"), "clientid", vec![("secret", secret.unseal().to_owned())])
            }
            Self::OnBehalfOf(endpoint) => (endpoint, None, "client_id", Vec::new()),
            Self::Imds(endpoint) => (endpoint, Some("2018-02-01"), "client_id", metadata()),
        };
        let identity = match self {
            Self::AzureMl { default, .. } => identity.or(default.as_ref()),
            Self::OnBehalfOf(_) => None,
            _ => identity,
        };
        let mut url = endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            if let Some(version) = version {
                query.append_pair("api-version", version);
            }
            query.append_pair("resource", resource);
            if let Some(identity) = identity {
                query.append_pair(name, identity.as_str());
            }
        }
        (url, headers)
    }
}

/// An address of this machine or its link, as the gate insists, too: whoever sets a variable must not get our questions.
fn local(name: &'static str, text: &str) -> Result<Url, Failure> {
    let url = Url::parse(text.trim()).ok().filter(is_local);
    url.ok_or_else(|| refused(&format!("{name} is not an address of this machine, so nothing was asked there")))
}

fn refused(why: &str) -> Failure {
    Failure::misused("use the managed identity", why).hint("unset it, or choose another way to sign in")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(variables: &[(&str, &str)]) -> Result<Option<Source>, Failure> {
        Source::marked(|name| variables.iter().find(|(have, _)| *have == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_tells_where_tokens_come_from() {
        let here = ("IDENTITY_ENDPOINT", "http://127.0.0.1:41001/msi/token");
        let ml = [("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth"), ("MSI_SECRET", "s")];
        let words = |variables: &[(&str, &str)]| marked(variables).expect("fine").map(|source| source.words());
        assert_eq!(words(&[here, ("IDENTITY_HEADER", "h")]), Some("App Service"));
        assert_eq!(words(&[here, ("IMDS_ENDPOINT", "http://localhost:40342")]), Some("Azure Arc"));
        assert_eq!(words(&ml), Some("Azure ML compute"));
        assert_eq!(words(&[("OBO_ENDPOINT", "http://127.0.0.1:1/obo"), ml[0], ml[1]]), Some("the job's user"));
        assert_eq!((words(&[]), words(&ml[..1])), (None, None));
    }

    #[test]
    fn an_endpoint_elsewhere_is_asked_nothing() {
        for far in [
            "http://169.254.169.254.evil.example/",
            "https://127.0.0.1/",
            "http://10.0.0.4/",
            "http://u@127.0.0.1/",
            "x",
        ] {
            assert!(marked(&[("MSI_ENDPOINT", far), ("MSI_SECRET", "s")]).is_err(), "{far}");
        }
        for near in
            ["http://169.254.130.2:8081/msi/token", "http://[::1]:50342/", "http://localhost:50342/oauth2/token"]
        {
            assert!(marked(&[("MSI_ENDPOINT", near), ("MSI_SECRET", "s")]).expect("near").is_some(), "{near}");
        }
    }

    #[test]
    fn each_service_is_asked_in_its_own_words() {
        let variables = [
            ("MSI_ENDPOINT", "http://127.0.0.1:46808/MSI/auth"),
            ("MSI_SECRET", "s"),
            ("DEFAULT_IDENTITY_CLIENT_ID", "c-0"),
        ];
        let ml = marked(&variables).expect("fine").expect("marked");
        let (url, headers) = ml.question("https://vault.azure.net", None);
        assert_eq!(url.query(), Some("api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net&clientid=c-0"));
        assert_eq!(headers, [("secret", "s".to_owned())]);
        let mine = ClientId::parse("c-1").expect("an id");
        assert!(ml.question("r", Some(&mine)).0.query().is_some_and(|query| query.ends_with("&clientid=c-1")));
        let (url, headers) = Source::imds().question("r", Some(&mine));
        assert_eq!(
            url.as_str(),
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r&client_id=c-1"
        );
        assert_eq!(headers, [("metadata", "true".to_owned())]);
    }
}
