use compass_core::SourceKind;
use compass_scrape::parse::{obstacle, profile_page, video_page};

use super::fixtures::{self, BOTH_TABLES, HEADER, ada, page};

fn code(html: &str) -> Option<&'static str> {
    obstacle(html).map(|error| error.code())
}

const CAPTCHA: &str = r#"<div class="TUXModal captcha-verify-container"><p>Drag the slider</p></div>"#;

#[test]
fn good_pages_are_not_obstacles_whatever_words_they_carry() {
    for html in [fixtures::profile(), fixtures::sigi_profile(), fixtures::video_page()] {
        assert_eq!(code(&html), None);
    }
}

#[test]
fn captcha_is_an_element_over_the_page() {
    let covered = page(&ada(BOTH_TABLES, ""), &format!("{HEADER}{CAPTCHA}"));
    assert_eq!(code(&covered), Some("captcha_required"));
    assert_eq!(profile_page(&covered, None, None, SourceKind::Page).unwrap_err().code(), "captcha_required");
    let dismissed = page(&ada(BOTH_TABLES, ""), &format!("{HEADER}<div style=\"display: none\">{CAPTCHA}</div>"));
    assert_eq!(code(&dismissed), None);
}

#[test]
fn firewall_page_is_known_by_its_elements() {
    let html = r#"<html><head><title>x</title></head><body>Please wait...<p id="cs" class="eyJ2"></p><p id="wci" class="_wafchallengeid"></p>
        <p id="rci" class="waforiginalreid"></p><p id="rs"></p><script>1</script></body></html>"#;
    assert_eq!(code(html), Some("waf_challenge"));
}

#[test]
fn every_shell_says_which_it_is() {
    let downgrade = r#"<html><head><title data-rh="true"></title><script type="application/json" id="tiktok-environment-webapp">{}</script></head>
        <body><div id="app" data-downgrade="1"><svg></svg></div></body></html>"#;
    let app = r#"<html><head><title>TikTok</title><script id="gfdatav1" type="application/json">{}</script></head><body><div id="app"></div></body></html>"#;
    let details: Vec<String> = [downgrade.to_owned(), app.to_owned(), page("", "")]
        .iter()
        .map(|html| {
            assert_eq!(code(html), Some("shell_page"), "{html}");
            obstacle(html).unwrap().to_string()
        })
        .collect();
    assert!(details[0].contains("downgrade shell"), "{details:?}");
    assert!(details[1].contains("app shell"), "{details:?}");
    assert!(details[2].contains("generic shell"), "{details:?}");
}

#[test]
fn nothing_is_an_empty_answer() {
    for html in ["", " \n", "<html><head></head><body></body></html>"] {
        assert_eq!(code(html), Some("empty_response"), "{html:?}");
    }
    assert_eq!(code("<html><body><h1>Another site</h1></body></html>"), Some("layout_changed"));
}

#[test]
fn visible_texts_are_compared_in_the_pages_own_language() {
    for (text, expected) in [
        ("Ce compte est privé", "private"),
        ("Ce créateur a activé les contrôles d'audience.", "audience_controlled"),
        ("Ce compte n’est pas  disponible dans ton pays.", "region_blocked"),
        ("Connecte-toi à TikTok", "login_required"),
        ("Une erreur est survenue", "shell_page"),
    ] {
        assert_eq!(code(&page("", &format!("<main><p>{text}</p></main>"))), Some(expected), "{text}");
        let quoted = page(&ada(BOTH_TABLES, ""), &format!(r#"<h2 data-e2e="user-bio">{text}</h2>"#));
        let error = profile_page(&quoted, None, None, SourceKind::Page).unwrap_err();
        assert_eq!(error.code(), "grid_unavailable", "a biography that says {text:?} says nothing of the page");
    }
}

#[test]
fn invisible_account_is_not_found() {
    let html = page(
        r#""seo.abtest": {"canonical": "https://www.tiktok.com/@ada.l"}"#,
        "<main><p>Ce compte est introuvable</p></main>",
    );
    assert_eq!(profile_page(&html, None, None, SourceKind::Page).unwrap_err().code(), "not_found");
}

#[test]
fn page_that_led_elsewhere_says_so_by_its_address() {
    let at = |address: &str| {
        format!(r#"<html><head><link rel="canonical" href="{address}"></head><body><p>…</p></body></html>"#)
    };
    assert_eq!(code(&at("https://www.tiktok.com/login?redirect_url=x")), Some("login_required"));
    assert_eq!(code(&at("https://www.tiktok.com/hk/notfound")), Some("region_blocked"));
}

#[test]
fn page_of_the_wrong_kind_is_named() {
    let profile = profile_page(&fixtures::video_page(), None, None, SourceKind::Page).unwrap_err();
    assert!(profile.to_string().contains("the page of one post"), "{profile}");
    let video = video_page(&fixtures::profile()).unwrap_err();
    assert!(video.to_string().contains("not the page of one post"), "{video}");
}

#[test]
fn broken_data_is_a_changed_layout() {
    let html =
        r#"<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__">{"__DEFAULT_SCOPE__": {"webapp.user-detail": </script>"#;
    assert_eq!(code(html), Some("layout_changed"));
    let renamed = page(r#""webapp.user-detail": {"userInfo": {"user": {"id": "7", "uniqueId": "not a handle"}}}"#, "");
    assert_eq!(profile_page(&renamed, None, None, SourceKind::Page).unwrap_err().code(), "layout_changed");
}
