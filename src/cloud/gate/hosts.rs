//! Which hosts belong to which audience: one table, one row per cloud.

use url::{Host, Url};

use super::Audience;

/// One of Microsoft's clouds. A login of one is worth nothing in the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AzureCloud {
    /// The public one.
    #[default]
    Public,
    /// US Government's.
    UsGov,
    /// China's, run by 21Vianet.
    China,
}

impl AzureCloud {
    const ALL: [Self; 3] = [Self::Public, Self::UsGov, Self::China];

    /// As the Azure CLI calls it.
    pub fn name(self) -> &'static str {
        self.hosts().name()
    }

    /// The cloud that the Azure CLI calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.name().eq_ignore_ascii_case(name.trim()))
    }

    /// The cloud that signs in at `authority`: a host, or its address as AZURE_AUTHORITY_HOST has it.
    pub fn signing_in_at(authority: &str) -> Option<Self> {
        let bare = authority.trim().trim_end_matches('/');
        let bare = bare.get(..8).filter(|head| head.eq_ignore_ascii_case("https://")).map_or(bare, |_| &bare[8..]);
        Self::ALL.into_iter().find(|cloud| cloud.hosts().login.iter().any(|host| host.eq_ignore_ascii_case(bare)))
    }

    /// Its hosts.
    pub(crate) fn hosts(self) -> &'static Hosts {
        match self {
            Self::Public => &PUBLIC,
            Self::UsGov => &US_GOV,
            Self::China => &CHINA,
        }
    }
}

/// A run's token has no scope of Entra's; this word keeps it apart from all that have.
const RUN: &str = "a run's token";

/// The hosts and token scopes of one cloud. In a pattern `*` stands for exactly one label and `{vault}` for a vault's name.
#[derive(Debug)]
pub(crate) struct Hosts {
    name: &'static str,
    login: &'static [&'static str],
    arm: &'static [&'static str],
    vault: &'static [&'static str],
    ml: &'static [&'static str],
    graph: &'static [&'static str],
    run: &'static [&'static str],
    scopes: [(Audience, &'static str); 5],
}

/// Azure's public cloud.
pub(crate) static PUBLIC: Hosts = Hosts {
    name: "AzureCloud",
    // Entra's own list of names for one and the same service (its instance discovery).
    login: &["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"],
    arm: &["management.azure.com"],
    vault: &["{vault}.vault.azure.net"],
    ml: &["*.api.azureml.ms", "*.workspace.*.api.azureml.ms", "*.*.inference.ml.azure.com"],
    graph: &["graph.microsoft.com"],
    run: &["*.api.azureml.ms", "*.workspace.*.api.azureml.ms", "*.experiments.azureml.net"],
    scopes: [
        (Audience::Arm, "https://management.azure.com/.default"),
        (Audience::Vault, "https://vault.azure.net/.default"),
        (Audience::Ml, "https://ml.azure.com/.default"),
        (Audience::Graph, "https://graph.microsoft.com/.default"),
        (Audience::Run, RUN),
    ],
};

static US_GOV: Hosts = Hosts {
    name: "AzureUSGovernment",
    login: &["login.microsoftonline.us", "login.usgovcloudapi.net"],
    arm: &["management.usgovcloudapi.net"],
    vault: &["{vault}.vault.usgovcloudapi.net"],
    ml: &["*.api.ml.azure.us", "*.workspace.*.api.ml.azure.us", "*.*.inference.ml.azure.us"],
    graph: &["graph.microsoft.us"],
    run: &["*.api.ml.azure.us", "*.workspace.*.api.ml.azure.us"],
    scopes: [
        (Audience::Arm, "https://management.usgovcloudapi.net/.default"),
        (Audience::Vault, "https://vault.usgovcloudapi.net/.default"),
        (Audience::Ml, "https://ml.azure.us/.default"),
        (Audience::Graph, "https://graph.microsoft.us/.default"),
        (Audience::Run, RUN),
    ],
};

static CHINA: Hosts = Hosts {
    name: "AzureChinaCloud",
    login: &["login.chinacloudapi.cn", "login.partner.microsoftonline.cn"],
    arm: &["management.chinacloudapi.cn"],
    vault: &["{vault}.vault.azure.cn"],
    ml: &["*.api.ml.azure.cn", "*.workspace.*.api.ml.azure.cn", "*.*.inference.ml.azure.cn"],
    graph: &["microsoftgraph.chinacloudapi.cn"],
    run: &["*.api.ml.azure.cn", "*.workspace.*.api.ml.azure.cn"],
    scopes: [
        (Audience::Arm, "https://management.chinacloudapi.cn/.default"),
        (Audience::Vault, "https://vault.azure.cn/.default"),
        (Audience::Ml, "https://ml.azure.cn/.default"),
        (Audience::Graph, "https://microsoftgraph.chinacloudapi.cn/.default"),
        (Audience::Run, RUN),
    ],
};

impl Hosts {
    fn patterns(&self, audience: Audience) -> &'static [&'static str] {
        match audience {
            Audience::Login => self.login,
            Audience::Arm => self.arm,
            Audience::Vault => self.vault,
            Audience::Ml => self.ml,
            Audience::Graph => self.graph,
            Audience::Run => self.run,
        }
    }

    /// The scope of the tokens that may go to `audience`; none for sign-in itself.
    pub(crate) fn scope(&self, audience: Audience) -> Option<&'static str> {
        self.scopes.iter().find(|(have, _)| *have == audience).map(|(_, scope)| *scope)
    }

    /// The first host of sign-in: where it is asked.
    pub(crate) fn login(&self) -> &'static str {
        self.login[0]
    }

    /// The cloud, as the Azure CLI calls it.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The host of Azure Resource Manager.
    pub(crate) fn arm(&self) -> &'static str {
        self.arm[0]
    }

    /// What stands behind a vault's name, with its dot.
    pub(crate) fn vault_suffix(&self) -> &'static str {
        self.vault[0].strip_prefix("{vault}").unwrap_or_default()
    }

    /// Whether `url` is an address of `audience`; if not, why.
    pub(crate) fn check(&self, audience: Audience, url: &Url) -> Result<(), &'static str> {
        if url.scheme() != "https" {
            return Err("its scheme is not https");
        }
        if url.port().is_some() {
            return Err("it names a port"); // `Url` drops ":443" of https by itself
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it carries a user name");
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err("its host is not a name");
        };
        if self.patterns(audience).iter().any(|pattern| matches(pattern, host)) {
            Ok(())
        } else {
            Err("its host does not belong to the service")
        }
    }
}

/// Whether `host` (in lower case after IDNA, as `Url` keeps it) has the pattern's labels, one for one.
fn matches(pattern: &str, host: &str) -> bool {
    let (mut want, mut have) = (pattern.split('.'), host.split('.'));
    loop {
        match (want.next(), have.next()) {
            (None, None) => return true,
            (Some("*"), Some(label)) if plain(label) => {}
            (Some("{vault}"), Some(label)) if vault_name(label) => {}
            (Some(wanted), Some(label)) if wanted == label => {}
            _ => return false,
        }
    }
}

fn plain(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !label.starts_with("xn--")
}

/// Azure's rule for a vault's name: 3 to 24 letters, digits and dashes, a letter first, no dash last.
pub(crate) fn vault_name(label: &str) -> bool {
    (3..=24).contains(&label.len()) && plain(label) && label.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Parses an address that a server or a file wrote. What a parser could read in two ways is refused before it is parsed.
pub(crate) fn address(text: &str) -> Result<Url, &'static str> {
    const BAD: &str = "it is not an address";
    if text.len() > 16 * 1024 || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(BAD);
    }
    let rest = text.get(..8).filter(|head| head.eq_ignore_ascii_case("https://")).and_then(|_| text.get(8..));
    let Some(rest) = rest else {
        return Err("its scheme is not https");
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || !authority.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b':'))
    {
        return Err("its host is not a plain name");
    }
    let url = Url::parse(text).map_err(|_| BAD)?;
    // "2130706433" and "0x7f.1" look like names and are addresses of machines.
    if matches!(url.host(), Some(Host::Domain(_))) { Ok(url) } else { Err("its host is not a name") }
}
