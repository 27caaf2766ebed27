//! What every page's data has beside its subject: the context, the table of texts, the address.

use compass_core::Handle;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::testing::words::Words;

/// `__DEFAULT_SCOPE__` of a page about an account or about one of its posts; `None` for a page about nothing.
pub(in crate::testing) fn universal(words: &Words, about: Option<&Handle>, now: Timestamp) -> Value {
    let mut scopes = context(words, now);
    scopes["webapp.biz-context"] = json!({
        "os": "linux", "isMobile": false, "isAndroid": false, "isIOS": false, "jumpType": "t",
        "domains": {"kind": "t", "captcha": "verify.example", "rootApi": "https://www.tiktok.com"},
        "isGoogleBot": false, "isBingBot": false, "isBot": false, "isSearchEngineBot": false,
        "dateFmtLocale": {"name": words.code},
        "forceLoginSpecialRegions": ["BR"],
    });
    let path = about.map(|handle| format!("@{handle}")).unwrap_or_default();
    let canonical = format!("https://www.tiktok.com/{path}");
    scopes["seo.abtest"] = json!({"canonical": canonical, "pageId": "0", "vidList": [], "parameters": {}});
    scopes["webapp.a-b"] = json!({"b_c": {}});
    scopes
}

/// The two scopes that a page of 2023 has in this form.
pub(in crate::testing) fn context(words: &Words, now: Timestamp) -> Value {
    json!({
        "webapp.app-context": {
            "language": words.code, "region": "US", "appId": 1988, "appType": "t",
            "wid": "0", "webIdCreatedTime": now.as_second().to_string(), "odinId": "0", "nonce": "",
            "botType": "others", "requestId": "0", "clusterRegion": "US", "abTestVersion": {}, "host": "www.tiktok.com",
        },
        "webapp.i18n-translation": words.table(),
    })
}
