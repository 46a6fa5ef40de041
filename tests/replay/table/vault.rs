//! Key Vault's recordings.

use super::{Case, Change};
use crate::ask::Ask;

pub(crate) const ROWS: &[Case] = &[
    Case {
        files: &["kv_list_paging.json"],
        first: &[],
        ask: Ask::Secrets("kv-recorded"),
        expect: &[
            "CRUDSecretName-canlistsecretsbypage-0/– · – · own · on 2020-01-31 20:51 UTC · – to – · Recoverable+Purgeable None · []",
            "recoverCertificateName-canabortcreatingacertificate-24394498456692681/– · application/x-pkcs12 · cert · on 2020-01-31 19:18 UTC · 2020-01-31 19:08 UTC to 2021-01-31 19:18 UTC · Recoverable+Purgeable None · []",
            "could not list the secrets of kv-recorded: This was not recorded [5]",
            "Azure: 404 NotRecorded",
        ],
        mutation: Change::Put("/entries/0/body/value/1/managed", "false"),
    },
    // A secret that moves between pages while they are read is shown once.
    Case {
        files: &["kv_list_paging.json"],
        first: &[
            (0, Change::Put("/entries/1/body/nextLink", "null")),
            (
                0,
                Change::Put(
                    "/entries/1/body/value",
                    r#"[{"id":"https://kv-recorded.vault.azure.net/secrets/crudsecretname-CANLISTsecretsbypage-0"}]"#,
                ),
            ),
        ],
        ask: Ask::Secrets("kv-recorded"),
        expect: &[
            "CRUDSecretName-canlistsecretsbypage-0/– · – · own · on 2020-01-31 20:51 UTC · – to – · Recoverable+Purgeable None · []",
            "recoverCertificateName-canabortcreatingacertificate-24394498456692681/– · application/x-pkcs12 · cert · on 2020-01-31 19:18 UTC · 2020-01-31 19:08 UTC to 2021-01-31 19:18 UTC · Recoverable+Purgeable None · []",
        ],
        mutation: Change::Put("/entries/1/body/value/0/id", r#""https://kv-recorded.vault.azure.net/secrets/another""#),
    },
    Case {
        files: &["kv_list_73.json"],
        first: &[],
        ask: Ask::Secrets("vaultname"),
        expect: &["s0/– · – · own · on 2022-03-25 15:28 UTC · – to – · CustomizedRecoverable+Purgeable Some(7) · []"],
        mutation: Change::Put("/entries/2/body/value/0/attributes/recoverableDays", "\"7 days\""),
    },
    Case {
        files: &["kv_list_73.json"],
        first: &[],
        ask: Ask::Versions("vaultname", "secret-name"),
        expect: &["could not list the versions of secret-name in vaultname: there is no secret of that name [5]"],
        mutation: Change::Put("/entries/3/status", "500"),
    },
    Case {
        files: &["kv_list_73.json"],
        first: &[],
        ask: Ask::Deleted("vaultname"),
        expect: &[
            "d0/– · text/plain · own · on 2022-03-25 15:28 UTC · – to 2050-02-02 08:00 UTC · CustomizedRecoverable+Purgeable Some(7) · [foo=updated tag] · deleted 2022-03-25 15:28 UTC · until 2022-04-01 15:28 UTC",
        ],
        mutation: Change::Rename("/entries/4/body/value/0/scheduledPurgeDate", "purgeDate"),
    },
    Case {
        files: &["kv_list_73.json"],
        first: &[],
        ask: Ask::Set("vaultname", "s0"),
        expect: &[
            "s0/3e3ccf3595c445d28061255b69718164 · – · own · on 2022-03-25 15:28 UTC · – to – · CustomizedRecoverable+Purgeable Some(7) · [] · looked false",
        ],
        mutation: Change::Rename("/entries/1/body/id", "kid"),
    },
    Case {
        files: &["kv_not_found.json"],
        first: &[],
        ask: Ask::Reveal("kv-recorded", "N", None),
        expect: &[
            "could not reveal N in kv-recorded: there is no such secret in this vault [5]",
            "Azure: 404 SecretNotFound",
        ],
        mutation: Change::Put("/entries/0/status", "400"),
    },
    Case {
        files: &["kv_disabled_secret.json"],
        first: &[],
        ask: Ask::Reveal("kv-recorded", "N", None),
        expect: &["could not reveal N in kv-recorded: the secret is disabled [1]", "Azure: 403 SecretDisabled"],
        mutation: Change::Put("/entries/2/body/error", "{\"code\":\"Forbidden\",\"message\":\"no\"}"),
    },
    Case {
        files: &["kv_disabled_secret.json"],
        first: &[],
        ask: Ask::Set("kv-recorded", "N"),
        expect: &[
            "N/f058a3f18e094702bb173feba82632e6 · – · own · off 2020-04-30 18:47 UTC · – to – · Recoverable+Purgeable Some(90) · [] · looked false",
        ],
        mutation: Change::Put("/entries/1/body/attributes/enabled", "true"),
    },
    Case {
        files: &["kv_disabled_secret.json"],
        first: &[],
        ask: Ask::Delete("kv-recorded", "N"),
        expect: &[
            "N/f058a3f18e094702bb173feba82632e6 · – · own · off 2020-04-30 18:47 UTC · – to – · Recoverable+Purgeable Some(90) · [] · deleted 2020-04-30 18:47 UTC · until 2020-07-29 18:47 UTC",
        ],
        mutation: Change::Put("/entries/3/body/deletedDate", "\"yesterday\""),
    },
    Case {
        files: &["kv_cli_soft_delete.json"],
        first: &[],
        ask: Ask::Set("cli-test-kv-se-sd-000002", "secret1"),
        expect: &[
            "secret1/ba8af34979e747d192ade1495cda7654 · – · own · on 2020-02-13 17:27 UTC · – to – · Recoverable+Purgeable Some(90) · [file-encoding=utf-8] · looked false",
        ],
        mutation: Change::Rename("/entries/0/body/tags", "labels"),
    },
    Case {
        files: &["kv_cli_soft_delete.json"],
        first: &[],
        ask: Ask::Deleted("cli-test-kv-se-sd-000002"),
        expect: &[
            "secret1/– · – · own · on 2020-02-13 17:27 UTC · – to – · Recoverable+Purgeable Some(90) · [file-encoding=utf-8] · deleted 2020-02-13 17:27 UTC · until 2020-05-13 17:27 UTC",
        ],
        mutation: Change::Rename("/entries/1/body/value", "values"),
    },
    Case {
        files: &["spec/kv_secret_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Secrets("myvault"),
        expect: &["listsecrettest0/– · plainText · own · on 2016-12-19 23:10 UTC · – to – · – None · []"],
        mutation: Change::Put("/entries/0/body/value/0/contentType", "7"),
    },
    Case {
        files: &["spec/kv_secret_list.json"],
        first: &[],
        ask: Ask::Secrets("myvault"),
        expect: &[
            "listsecrettest0/– · plainText · own · on 2016-12-19 23:10 UTC · – to – · – None · []",
            "could not list the secrets of myvault: This was not recorded [5]",
            "Azure: 404 NotRecorded",
        ],
        mutation: Change::Put("/entries/0/body/nextLink", "\"https://evil.example/secrets\""),
    },
    Case {
        files: &["spec/kv_secret_versions.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Versions("myvault", "listsecretversionstest"),
        expect: &[
            "listsecretversionstest/11a536561da34d6b8b452d880df58f3a · – · own · on 2016-12-16 01:28 UTC · – to – · – None · [] · newest true",
        ],
        mutation: Change::Put("/entries/0/body/value/0/id", "\"https://myvault.vault.azure.net/secrets/other\""),
    },
    Case {
        files: &["spec/kv_secret_set.json"],
        first: &[],
        ask: Ask::Set("myvault", "crpsecret"),
        expect: &[
            "crpsecret/03bcccc7c8cf4546a0e3e21e52560441 · – · own · on 2017-05-04 22:54 UTC · – to – · Recoverable+Purgeable None · [] · looked false",
        ],
        mutation: Change::Put("/entries/0/body/attributes/created", "1493938460000"),
    },
    Case {
        files: &["spec/kv_secret_get.json"],
        first: &[],
        ask: Ask::Reveal("myvault", "mysecretname", Some("4387e9f3d6e14c459867679a90fd0f79")),
        expect: &[
            "mysecretname/4387e9f3d6e14c459867679a90fd0f79 · – · own · on 2017-05-04 22:53 UTC · – to – · Recoverable+Purgeable None · [] · value mysecretvalue",
        ],
        mutation: Change::Put("/entries/0/body/value", "null"),
    },
    Case {
        files: &["spec/kv_secret_update.json"],
        first: &[],
        ask: Ask::Update("myvault", "crpsecret", "03bcccc7c8cf4546a0e3e21e52560441"),
        expect: &[
            "crpsecret/03bcccc7c8cf4546a0e3e21e52560441 · myContentType · own · on 2017-05-04 22:54 UTC · – to – · Recoverable+Purgeable None · [mytag=myvalue]",
        ],
        mutation: Change::Put("/entries/0/body/tags/mytag", "\"another\""),
    },
    Case {
        files: &["spec/kv_secret_delete.json"],
        first: &[],
        ask: Ask::Delete("myvault", "GetDeletedSecretTest"),
        expect: &[
            "GetDeletedSecretTest/b595353d9c39413d80626575b3b5d865 · – · own · on 2017-05-04 22:53 UTC · – to – · Recoverable+Purgeable None · [] · deleted 2017-05-04 22:53 UTC · until 2017-08-02 22:53 UTC",
        ],
        mutation: Change::Rename("/entries/0/body/deletedDate", "deletedOn"),
    },
    Case {
        files: &["spec/kv_deleted_secret_list.json"],
        first: &[(0, Change::Remove("/entries/0/body/nextLink"))],
        ask: Ask::Deleted("myvault"),
        expect: &[
            "listdeletedsecrettest0/– · plainText · own · on 2017-05-04 22:44 UTC · – to – · Recoverable+Purgeable None · [] · deleted 2017-05-04 22:44 UTC · until 2017-08-02 22:44 UTC",
        ],
        mutation: Change::Rename("/entries/0/body/value/0/id", "recordId"),
    },
    Case {
        files: &["spec/kv_deleted_secret_get.json"],
        first: &[],
        ask: Ask::Delete("myvault", "GetDeletedSecretTest"),
        expect: &[
            "GetDeletedSecretTest/b595353d9c39413d80626575b3b5d865 · – · own · on 2017-05-04 22:53 UTC · – to – · Recoverable+Purgeable None · [] · deleted 2017-05-04 22:53 UTC · until 2017-08-02 22:53 UTC",
        ],
        mutation: Change::Put("/entries/0/body/scheduledPurgeDate", "1501714434000"),
    },
    Case {
        files: &["spec/kv_deleted_secret_recover.json"],
        first: &[],
        ask: Ask::Recover("myvault", "SecretCreateDeleteRecoverPurgeTest"),
        expect: &[
            "SecretCreateDeleteRecoverPurgeTest/16f5f7feb7004280b7f3b8ac50cd01f9 · – · own · on 2017-05-04 22:46 UTC · – to – · Recoverable+Purgeable None · []",
        ],
        mutation: Change::Rename("/entries/0/body/attributes", "properties"),
    },
    Case {
        files: &["spec/kv_deleted_secret_purge.json"],
        first: &[],
        ask: Ask::Purge("myvault", "testsecret"),
        expect: &["gone for good"],
        mutation: Change::Put("/entries/0/status", "409"),
    },
    Case {
        files: &["spec/kv_secret_backup.json"],
        first: &[],
        ask: Ask::Backup("myvault", "testsecret"),
        expect: &["5678 bytes, KUF6dXJlS2V5…"],
        mutation: Change::Put("/entries/0/body/value", "[]"),
    },
    Case {
        files: &["spec/kv_secret_restore.json"],
        first: &[],
        ask: Ask::Restore("myvault"),
        expect: &[
            "SecretBackupRestoreTest/01ddd6e3a0d34d35bb5bccecb1251837 · text · own · on 2017-05-04 22:48 UTC · 2010-01-01 08:00 UTC to 2030-01-01 08:00 UTC · Recoverable+Purgeable None · []",
        ],
        mutation: Change::Rename("/entries/0/body/attributes/nbf", "notBefore"),
    },
];
