//! What Entra tells about itself to anybody: its endpoints, and the names it goes by.

use serde_json::json;

use super::Authority;
use crate::demo::http::Reply;

pub(crate) fn configuration(tenant: &Authority) -> Reply {
    let name = tenant.name();
    let login = format!("https://login.microsoftonline.com/{name}");
    let issuer = match tenant {
        Authority::Any(_) => "{tenantid}",
        Authority::Tenant(id) => id,
    };
    Reply::ok(&json!({
        "token_endpoint": format!("{login}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{login}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("https://login.microsoftonline.com/{issuer}/v2.0"),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": format!("{login}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{login}/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{login}/oauth2/v2.0/logout"),
        "kerberos_endpoint": format!("{login}/kerberos"),
        "tenant_region_scope": null,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
        "rbac_url": "https://pas.windows.net"
    }))
}

pub(crate) fn instance() -> Reply {
    let names = ["login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];
    Reply::ok(&json!({
        "tenant_discovery_endpoint": "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration",
        "api-version": "1.1",
        "metadata": [{"preferred_network": names[0], "preferred_cache": names[1], "aliases": names}]
    }))
}
