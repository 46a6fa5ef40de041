//! Tenants, subscriptions, workspaces and the way to a vault.

use std::time::Duration;

use amlock::demo::Fault;
use amlock::domain::{Kind, WorkspaceKind};

use super::{Result, denied, raw, stage};

#[tokio::test(start_paused = true)]
async fn one_question_tells_all_workspaces_with_their_vaults() -> Result {
    let stage = stage("")?;
    let all = stage.workspaces().await?;
    assert_eq!(all.len(), 24);
    let names: Vec<_> = all.iter().map(|one| one.name.raw().to_owned()).collect();
    let mut sorted = names.clone();
    sorted.sort();
    assert_eq!(names, sorted);
    assert_eq!(stage.asked(0), ["POST /providers/Microsoft.ResourceGraph/resources"]);
    let vision = all.iter().find(|one| one.name.raw() == "ws-vision").ok_or("no ws-vision")?;
    assert_eq!(raw(vision.subscription_name.as_ref()), "Contoso ML Research");
    assert_eq!(vision.vault_url.as_ref().map(AsRef::as_ref), Some("https://kv-vision.vault.azure.net/"));
    assert_eq!((vision.vault_by_role, vision.kind), (Some(true), WorkspaceKind::Default));
    assert_eq!(raw(vision.description.as_ref()), "Churn and image models of the vision team");
    let production: Vec<_> = all.iter().filter(|one| one.is_production()).map(|one| one.name.raw()).collect();
    assert_eq!(production, ["ws-fraud", "ws-prod"]);
    let churn = all.iter().find(|one| one.name.raw() == "proj-churn").ok_or("no proj-churn")?;
    assert_eq!(churn.hub.as_ref().map(amlock::domain::ResourceId::name), Some("hub-shared"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_workspaces_come_in_ten_pages_as_they_come() -> Result {
    let stage = stage("large")?;
    let mut pages = Vec::new();
    stage.cloud.workspaces(&stage.who, &mut |page| pages.push(page.len())).await?;
    assert_eq!(pages, [1000; 10]);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_the_resource_graph_each_subscription_is_asked() -> Result {
    for refusal in [403, 404] {
        let stage = stage("")?;
        stage.demo.fail_next("ResourceGraph", Fault::Status(refusal));
        let all = stage.workspaces().await?;
        assert_eq!(all.len(), 24);
        let vision = all.iter().find(|one| one.name.raw() == "ws-vision").ok_or("no ws-vision")?;
        assert_eq!(raw(vision.subscription_name.as_ref()), "Contoso ML Research");
        assert_eq!(
            (vision.vault_url.as_ref(), vision.vault_id.as_ref().map(amlock::domain::ResourceId::name)),
            (None, Some("kv-vision"))
        );
        let vault = stage.cloud.vault(vision).await?;
        assert_eq!((vault.url.as_str(), vault.by_role), ("https://kv-vision.vault.azure.net/", Some(true)));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_subscription_that_refuses_does_not_hide_the_others() -> Result {
    let stage = stage("")?;
    stage.demo.fail_next("ResourceGraph", Fault::Status(403));
    stage.demo.fail_next("MachineLearningServices/workspaces", Fault::Status(403));
    let some = stage.workspaces().await?.len();
    assert!(0 < some && some < 24, "{some}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_account_without_workspaces_hears_so_in_one_question() -> Result {
    let stage = stage("empty")?;
    assert!(stage.workspaces().await?.is_empty());
    let subscriptions = stage.cloud.subscriptions(&stage.who).await?;
    assert_eq!(subscriptions.iter().map(|one| one.name.raw()).collect::<Vec<_>>(), ["Contoso Sandbox"]);
    let tenants = stage.cloud.tenants(&stage.who).await?;
    assert!(tenants.iter().any(|one| one.domain.raw() == "contoso.com"), "{tenants:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_network_that_is_down_is_offline_soon() -> Result {
    let stage = stage("offline")?;
    let began = tokio::time::Instant::now();
    let failure = stage.cloud.subscriptions(&stage.who).await.expect_err("offline");
    assert_eq!((&failure.kind, failure.exit_code()), (&Kind::Offline, 7));
    assert!(began.elapsed() < Duration::from_secs(11));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_project_s_vault_is_its_hub_s() -> Result {
    let stage = stage("")?;
    let mut project = stage.workspace("proj-churn").await?;
    let direct = stage.cloud.vault(&project).await?;
    assert_eq!(direct.name, "kv-shared");
    (project.vault_id, project.vault_url) = (None, None);
    let through_hub = stage.cloud.vault(&project).await?;
    assert_eq!((&through_hub.url, through_hub.by_role), (&direct.url, direct.by_role));
    stage.demo.fail_next("hub-shared", Fault::Status(403));
    let failure = stage.cloud.vault(&project).await.expect_err("the hub is not shown");
    assert_eq!(failure.sentence(), "could not find the vault of proj-churn: no role of this account allows it");
    assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("hub-shared")), "{:?}", failure.hint);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_workspace_that_lags_in_the_list_is_asked_again() -> Result {
    let stage = stage("")?;
    let mut vision = stage.workspace("ws-vision").await?;
    (vision.vault_id, vision.vault_url) = (None, None);
    assert_eq!(stage.cloud.vault(&vision).await?.name, "kv-vision");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_vault_whose_resource_may_not_be_read_is_found_by_its_name() -> Result {
    let stage = stage("")?;
    let fraud = stage.workspace("ws-fraud").await?;
    assert_eq!(fraud.vault_url, None);
    let vault = stage.cloud.vault(&fraud).await?;
    assert_eq!((vault.url.as_str(), vault.by_role), ("https://kv-fraud.vault.azure.net/", None));
    assert!(!stage.secrets(&vault).await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn odd_casing_leads_to_the_same_vault() -> Result {
    let stage = stage("")?;
    let mut odd = stage.workspace("ws-odd").await?;
    let vault = stage.cloud.vault(&odd).await?;
    assert_eq!((vault.name.as_str(), vault.url.as_str()), ("kv-odd", "https://kv-odd.vault.azure.net/"));
    let fresh = stage.cloud.workspace(&stage.who, &odd.id).await?;
    assert_eq!(fresh.vault_id, odd.vault_id, "ids are the same in any case");
    odd.vault_url = None;
    assert_eq!(stage.cloud.vault(&odd).await?.url, vault.url);
    assert_eq!(stage.vault("KV-ODD")?.url, vault.url);
    assert!(!stage.secrets(&vault).await?.is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn names_that_are_none_ask_nobody() -> Result {
    let stage = stage("")?;
    for bad in ["kv", "kv_demo", "kv.evil.example", "1kv"] {
        assert_eq!(stage.cloud.vault_by_name(&stage.who, bad).expect_err(bad).kind, Kind::Misused);
    }
    assert!(stage.demo.log().is_empty());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_refusal_says_who_may_not_do_what_where() -> Result {
    let stage = stage("")?;
    let expected = [
        ("ws-prod", "no role of this account allows it", "rg-prod", "Contoso ML Production", 3),
        ("ws-policy", "the vault's access policies do not allow it", "rg-finance", "Contoso ML Production", 1),
        ("ws-firewall", "the vault's firewall does not let 198.51.100.7 in", "rg-finance", "Contoso ML Production", 0),
    ];
    for (workspace, cause, group, subscription, roles) in expected {
        let vault = stage.cloud.vault(&stage.workspace(workspace).await?).await?;
        let failure = stage.secrets(&vault).await.expect_err(workspace);
        assert_eq!((failure.cause.as_str(), failure.exit_code()), (cause, 4));
        let denied = denied(&failure);
        assert_eq!(denied.may_not, format!("list the secrets of {}", vault.name));
        assert_eq!(raw(denied.who.as_ref()), "alex@contoso.com");
        assert!(denied.object_id.is_some());
        assert_eq!(denied.resource.raw(), vault.name);
        assert_eq!(raw(denied.resource_group.as_ref()), group);
        assert_eq!(raw(denied.subscription.as_ref()), subscription);
        assert_eq!(denied.roles.len(), roles, "{denied:?}");
    }
    // Where a gateway says only "no", what was asked is still known.
    let vault = stage.vault("kv-tiny")?;
    stage.demo.fail_next("kv-tiny", Fault::Status(403));
    let failure = stage.secrets(&vault).await.expect_err("refused");
    assert_eq!(raw(denied(&failure).action.as_ref()), "Microsoft.KeyVault/vaults/secrets/readMetadata/action");
    assert_eq!(denied(&failure).roles[0].role, "Key Vault Reader");
    Ok(())
}
