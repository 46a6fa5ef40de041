//! Which of Microsoft's clouds: the flag's, else AMLOCK_CLOUD's, else AZURE_AUTHORITY_HOST's, else the one the Azure CLI is set to, else the public
//! one. A cloud nobody knows is refused: a login would go to hosts that nobody checked.

use std::path::{Path, PathBuf};

use super::args::Microsoft;
use super::context::Surroundings;
use super::files;
use crate::cloud::AzureCloud;
use crate::domain::{Failure, SafeText};

/// The largest config of az that is read.
const CAP: usize = 256 * 1024;
const CLOUDS: &str = "--cloud public, usgov or china names one that amlock knows";

/// A cloud, and what chose it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// The cloud.
    pub(crate) azure: AzureCloud,
    /// A flag, a variable, a file.
    pub(crate) by: String,
}

/// The cloud that is meant here.
pub(crate) fn choose(flag: Option<AzureCloud>, around: &Surroundings) -> Result<Chosen, Failure> {
    let set = |name: &str| std::env::var(name).ok().filter(|text| !text.trim().is_empty());
    let text = az_config(around).and_then(|file| Some((file.clone(), files::read_plain(&file, CAP).ok()?.0)));
    let az = text.and_then(|(file, text)| Some((file, cloud_name(&String::from_utf8_lossy(&text))?.to_owned())));
    if let (None, Some(named)) = (flag, set("AMLOCK_CLOUD")) {
        return ours(&named);
    }
    decide(flag, set("AZURE_AUTHORITY_HOST"), set("AZURE_CLOUD_NAME"), az)
}

/// What AMLOCK_CLOUD says: the flag's word, or the name that az has for the cloud.
fn ours(named: &str) -> Result<Chosen, Failure> {
    let by = "AMLOCK_CLOUD".to_owned();
    let word = <Microsoft as clap::ValueEnum>::from_str(named.trim(), true).ok().map(AzureCloud::from);
    match word.or_else(|| AzureCloud::named(named)) {
        Some(azure) => Ok(Chosen { azure, by }),
        None => Err(refused(&by, named)),
    }
}

fn refused(by: &str, named: &str) -> Failure {
    let words = format!("{by} names {}, which is none of Azure's clouds", SafeText::of(named.trim()));
    Failure::misused("choose the cloud", words).hint(CLOUDS)
}

fn az_config(around: &Surroundings) -> Option<PathBuf> {
    let folder = around.azure_config_dir.clone().or_else(|| Some(around.home.as_ref()?.join(".azure")))?;
    Some(folder.join("config")).filter(|file| file.is_absolute())
}

fn decide(
    flag: Option<AzureCloud>,
    authority: Option<String>,
    name: Option<String>,
    az: Option<(PathBuf, String)>,
) -> Result<Chosen, Failure> {
    if let Some(azure) = flag {
        return Ok(Chosen { azure, by: "--cloud".to_owned() });
    }
    if let Some(host) = authority {
        let by = "AZURE_AUTHORITY_HOST".to_owned();
        return match AzureCloud::signing_in_at(&host) {
            Some(azure) => Ok(Chosen { azure, by }),
            None => Err(refused(&by, &host)),
        };
    }
    let file = |file: &Path| format!("{} (az cloud set)", file.display());
    let named = name.map(|name| ("AZURE_CLOUD_NAME".to_owned(), name)).or(az.map(|(at, name)| (file(&at), name)));
    match named {
        Some((by, name)) => match AzureCloud::named(&name) {
            Some(azure) => Ok(Chosen { azure, by }),
            None => Err(refused(&by, &name)),
        },
        None => Ok(Chosen { azure: AzureCloud::Public, by: "nothing says otherwise".to_owned() }),
    }
}

/// The `name` of the section `[cloud]` of az's config.
fn cloud_name(text: &str) -> Option<&str> {
    let mut here = false;
    text.trim_start_matches('\u{feff}').lines().map(str::trim).find_map(|line| {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            here = section.trim() == "cloud";
            return None;
        }
        let (key, value) = line.split_once(['=', ':'])?;
        (here && key.trim() == "name").then_some(value.trim()).filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_s_own_choice_is_read_from_its_config() {
        let config = "[core]\nname = no\n[cloud]\n# set by az\nname = AzureUSGovernment\n[defaults]\ngroup = rg\n";
        assert_eq!(cloud_name(config), Some("AzureUSGovernment"));
        assert_eq!(
            (cloud_name("[core]\nname = x\n"), cloud_name("[cloud]\nname =\n"), cloud_name("")),
            (None, None, None)
        );
    }

    #[test]
    fn the_flag_comes_first_and_a_cloud_nobody_knows_is_refused() {
        let text = |text: &str| Some(text.to_owned());
        let az = |name: &str| Some((PathBuf::from("/h/.azure/config"), name.to_owned()));
        let azure =
            |flag, host: Option<&str>, name| decide(flag, host.and_then(text), None, name).map(|chosen| chosen.azure);
        assert_eq!(azure(None, None, None), Ok(AzureCloud::Public));
        assert_eq!(azure(None, None, az("azurechinacloud")), Ok(AzureCloud::China));
        assert_eq!(
            azure(None, Some("https://login.microsoftonline.us/"), az("AzureChinaCloud")),
            Ok(AzureCloud::UsGov)
        );
        assert_eq!(azure(Some(AzureCloud::Public), Some("https://evil.example"), None), Ok(AzureCloud::Public));
        for host in
            ["https://login.microsoftonline.com.evil.example", "http://login.microsoftonline.com", "evil.example"]
        {
            let failure = azure(None, Some(host), None).expect_err(host);
            assert!(failure.sentence().contains("AZURE_AUTHORITY_HOST"), "{failure}");
        }
        assert!(azure(None, None, az("AzureStack")).is_err());
        assert_eq!(
            decide(None, None, text("AzureUSGovernment"), az("AzureCloud")).map(|chosen| chosen.azure),
            Ok(AzureCloud::UsGov)
        );
    }
}
