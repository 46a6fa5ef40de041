//! Azure Resource Manager's, Resource Graph's and Azure ML's recordings.

use amlock::domain::EndpointKind;

use super::{Case, Change};
use crate::ask::Ask;

const RECORDED: &str = "/subscriptions/00000000-0000-0000-0000-000000000/resourceGroups/00000/providers/Microsoft.MachineLearningServices/workspaces/00000";
const EXAMPLE: &str = "/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/workspace-1234/providers/Microsoft.MachineLearningServices/workspaces/testworkspace";
const SAMPLE_VAULT: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sample-resource-group/providers/Microsoft.KeyVault/vaults/sample-vault";
const SUBSCRIPTION_URL: &str = "\"https://management.azure.com/subscriptions/22222222-2222-4222-8222-222222222202/providers/Microsoft.MachineLearningServices/workspaces\"";

pub(crate) const ROWS: &[Case] = &[
    Case {
        files: &["aml_workspace_and_endpoint.json"],
        first: &[],
        ask: Ask::Workspace(RECORDED),
        expect: &[
            "00000 · 00000 · 00000000-0000-0000-0000-000000000 · eastus2 · vault kvtest · Succeeded · 00000 · – · https://eastus2.api.azureml.ms/discovery",
        ],
        mutation: Change::Rename("/entries/0/body/properties/keyVault", "keyvault"),
    },
    Case {
        files: &["spec_online_endpoints.json"],
        first: &[],
        ask: Ask::Token("testEndpointName"),
        expect: &["string string · ends 1970-01-01 00:00 UTC · again after 1970-01-01 00:00 UTC"],
        mutation: Change::Rename("/entries/0/body/expiryTimeUtc", "expiresOn"),
    },
    Case {
        files: &["spec_online_endpoints.json"],
        first: &[],
        ask: Ask::Keys(EndpointKind::Batch, "testEndpointName"),
        expect: &["string · string"],
        mutation: Change::Rename("/entries/2/body/secondaryKey", "secondary"),
    },
    Case {
        files: &["spec/kv_arm_vault_get.json"],
        first: &[],
        ask: Ask::VaultOf(SAMPLE_VAULT),
        expect: &[
            "sample-vault · https://sample-vault.vault.azure.net/ · by role Some(false) · 00000000-0000-0000-0000-000000000000",
        ],
        mutation: Change::Put("/entries/0/body/properties/vaultUri", "\"http://sample-vault.vault.azure.net\""),
    },
    Case {
        files: &["spec/arm_tenant_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Tenants,
        expect: &[
            "11111111-1111-4111-8111-111111111105 · Test_Test_aad50 · aad50.ccsctp.net",
            "11111111-1111-4111-8111-111111111106 · Contoso Corp. · auxteststagemanual.ccsctp.net",
            "11111111-1111-4111-8111-111111111107 · TEST_TEST_RDV · rdvmohoro.ccsctp.net",
        ],
        mutation: Change::Rename("/entries/0/body/value/1/displayName", "name"),
    },
    Case {
        files: &["spec/arm_tenant_list.json"],
        first: &[],
        ask: Ask::Tenants,
        expect: &[
            "could not list your tenants: the server's link to the next page was not followed: its scheme is not https [1]",
        ],
        mutation: Change::Put("/entries/0/body/nextLink", "null"),
    },
    Case {
        files: &["spec/arm_subscription_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Subscriptions,
        expect: &[
            "Example Subscription · 22222222-2222-4222-8222-222222222202 · Enabled · 11111111-1111-4111-8111-111111111101 · managed by 1",
            "Example Subscription2 · 22222222-2222-4222-8222-222222222203 · Enabled · 11111111-1111-4111-8111-111111111103 · managed by 2",
        ],
        mutation: Change::Put("/entries/0/body/value/0/state", "\"Disabled\""),
    },
    Case {
        files: &["spec/ml_workspace_list_by_subscription.json", "spec/arm_subscription_list.json"],
        first: &[
            (0, Change::Put("/entries/0/url", SUBSCRIPTION_URL)),
            (0, Change::Remove("/entries/0/body/nextLink")),
            (1, Change::Remove("/entries/0/body/nextLink")),
        ],
        ask: Ask::Workspaces,
        expect: &[
            "testworkspace · workspace-1234 · Example Subscription · eastus2euap · vault testkv ·  · HelloName · test description · http://example.com",
            "testworkspace · workspace-5678 · Example Subscription · eastus2euap · vault testkvNew ·  · HelloName · test description · http://example.com",
        ],
        mutation: Change::Put("/entries/0/body/value/0/location", "null"),
    },
    Case {
        files: &["spec/ml_workspace_get.json"],
        first: &[],
        ask: Ask::Workspace(EXAMPLE),
        expect: &[
            "testworkspace · workspace-1234 · 00000000-1111-2222-3333-444444444444 · eastus2euap · vault testkv ·  · HelloName · test description · http://example.com",
        ],
        mutation: Change::Put("/entries/0/body/id", "\"testworkspace\""),
    },
    Case {
        files: &["spec/rg_basic_query.json"],
        first: &[],
        ask: Ask::Workspaces,
        expect: &[],
        mutation: Change::Put("/entries/0/body/resultTruncated", "\"true\""),
    },
    Case {
        files: &["spec/rg_first_page_query.json", "spec/rg_next_page_query.json"],
        first: &[],
        ask: Ask::Workspaces,
        expect: &["could not list the workspaces: Azure's list leads round in a circle [1]"],
        mutation: Change::Rename("/entries/0/body/$skipToken", "skipToken"),
    },
    Case {
        files: &["spec/ml_online_endpoint_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Endpoints,
        expect: &[
            "string · online · token · creating · string 1 · https://www.contoso.com/example · Microsoft.MachineLearningServices/workspaces/onlineEndpoints · made 2020-01-01 12:34 UTC",
        ],
        mutation: Change::Put("/entries/0/body/value/0/properties/traffic/string", "\"all\""),
    },
    Case {
        files: &["spec/ml_batch_endpoint_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Endpoints,
        expect: &[
            "string · batch · token · string · https://www.contoso.com/example · Microsoft.MachineLearningServices/workspaces/batchEndpoints · made 2020-01-01 12:34 UTC",
        ],
        mutation: Change::Rename("/entries/0/body/value/0/properties/defaults", "default"),
    },
    Case {
        files: &["spec/ml_serverless_endpoint_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Endpoints,
        expect: &[
            "string · serverless · key · updating · string · https://www.contoso.com/example · Microsoft.MachineLearningServices/workspaces/serverlessEndpoints · made 2020-01-01 12:22 UTC",
        ],
        mutation: Change::Put("/entries/0/body/value/0/properties/provisioningState", "\"Succeeded\""),
    },
    Case {
        files: &["spec/ml_serverless_endpoint_list.json"],
        first: &[],
        ask: Ask::Endpoints,
        expect: &[
            "could not list the endpoints of my-aml-workspace: the server's link to the next page was not followed: its scheme is not https [1]",
        ],
        mutation: Change::Remove("/entries/0/body/nextLink"),
    },
    Case {
        files: &["spec/ml_online_endpoint_get_token.json"],
        first: &[],
        ask: Ask::Token("testEndpointName"),
        expect: &["string string · ends 1970-01-01 00:00 UTC · again after 1970-01-01 00:00 UTC"],
        mutation: Change::Put("/entries/0/body/accessToken", "null"),
    },
    Case {
        files: &["spec/ml_online_endpoint_list_keys.json"],
        first: &[],
        ask: Ask::Keys(EndpointKind::Online, "testEndpointName"),
        expect: &["string · string"],
        mutation: Change::Put("/entries/0/body/primaryKey", "7"),
    },
    Case {
        files: &["spec/ml_batch_endpoint_list_keys.json"],
        first: &[],
        ask: Ask::Keys(EndpointKind::Batch, "testEndpointName"),
        expect: &["string · string"],
        mutation: Change::Put("/entries/0/status", "404"),
    },
    Case {
        files: &["spec/ml_serverless_endpoint_list_keys.json"],
        first: &[],
        ask: Ask::Keys(EndpointKind::Serverless, "string"),
        expect: &["string · string"],
        mutation: Change::Put("/entries/0/body/secondaryKey", "\"another\""),
    },
    Case {
        files: &["spec/ml_online_endpoint_regenerate_keys.json", "spec/ml_online_endpoint_list_keys.json"],
        first: &[],
        ask: Ask::Regenerate(EndpointKind::Online, "testEndpointName"),
        expect: &["keys true · changed Some(false)"],
        mutation: Change::Put("/entries/0/status", "409"),
    },
    Case {
        files: &["spec/ml_online_endpoint_regenerate_keys.json", "spec/ml_online_endpoint_list_keys.json"],
        first: &[(0, Change::Put("/entries/0/method", "\"\""))],
        ask: Ask::Regenerate(EndpointKind::Online, "testEndpointName"),
        expect: &["keys true · changed Some(false)"],
        mutation: Change::Put("/entries/1/headers/Azure-AsyncOperation", "\"https://evil.example/status\""),
    },
    Case {
        files: &["spec_online_endpoints.json", "spec/ml_online_endpoint_list_keys.json"],
        first: &[],
        ask: Ask::Regenerate(EndpointKind::Online, "testEndpointName"),
        expect: &["keys true · changed Some(false)"],
        mutation: Change::Put("/entries/1/headers/Azure-AsyncOperation", "\"http://management.azure.com/x\""),
    },
    Case {
        files: &["spec/ml_serverless_endpoint_regenerate_keys.json", "spec/ml_serverless_endpoint_list_keys.json"],
        first: &[],
        ask: Ask::Regenerate(EndpointKind::Serverless, "string"),
        expect: &["keys true · changed Some(false)"],
        mutation: Change::Put("/entries/0/body/primaryKey", "\"another\""),
    },
];
