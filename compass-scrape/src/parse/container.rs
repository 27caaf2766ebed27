//! Where a page keeps its data: the scripts of JSON, and their parts.

use std::collections::BTreeMap;

use compass_core::{Handle, ports::SourceError};
use memchr::memmem;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    lenient::{Figure, Flag, Id, Words},
    markup::Markup,
};

/// Id of the script that holds a page's data since 2023.
pub(super) const UNIVERSAL: &str = "__UNIVERSAL_DATA_FOR_REHYDRATION__";
/// Id of the script that held it before.
pub(super) const SIGI: &str = "SIGI_STATE";

/// The text of the script that has this id; an empty one holds nothing.
pub(super) fn script<'a>(page: &Markup<'a>, id: &str) -> Option<&'a str> {
    page.scripts().iter().find(|script| script.tag.has_id(id)).map(|script| script.text).filter(|text| !text.is_empty())
}

/// The JSON of the page's `__UNIVERSAL_DATA_FOR_REHYDRATION__`.
pub(super) fn universal_json<'a>(page: &Markup<'a>) -> Option<&'a str> {
    script(page, UNIVERSAL)
}

/// The JSON of the page's `SIGI_STATE`, in a script of its own or assigned to a variable.
pub(super) fn sigi_json<'a>(page: &Markup<'a>) -> Option<&'a str> {
    const ASSIGNED: [&str; 3] = ["window['SIGI_STATE']=", "window[\"SIGI_STATE\"]=", "window.SIGI_STATE="];
    script(page, SIGI).or_else(|| {
        page.scripts().iter().find_map(|script| {
            ASSIGNED.iter().find_map(|start| {
                let at = memmem::find(script.text.as_bytes(), start.as_bytes())? + start.len();
                Some(&script.text[at..])
            })
        })
    })
}

/// Reads the JSON value that the text starts with; what follows it does not matter.
pub(super) fn first_value<'a, T: Deserialize<'a>>(json: &'a str) -> serde_json::Result<T> {
    T::deserialize(&mut serde_json::Deserializer::from_str(json.trim_start_matches('\u{FEFF}')))
}

/// Says that a part of the page is not in a form that is known.
pub(super) fn unknown_form(path: &str, error: &serde_json::Error) -> SourceError {
    SourceError::LayoutChanged { path: path.to_owned(), detail: error.to_string() }
}

/// The page's data since 2023: where the JSON of each part begins.
///
/// The parts are found by their names, not by reading all that stands before them: most of the data is of no use here, and
/// a page has a quarter of a megabyte of it. A name between plain quotes cannot be part of a text, in which quotes are
/// escaped.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) user_detail: Option<&'a str>,
    pub(super) user_post: Option<&'a str>,
    /// The detail of one post, on a page for desktops or for telephones.
    pub(super) video_detail: Option<&'a str>,
    pub(super) app_context: Option<&'a str>,
    pub(super) translations: Option<&'a str>,
    json: &'a str,
}

impl<'a> Scope<'a> {
    /// # Errors
    /// [`SourceError::LayoutChanged`] for what is not the JSON of a page.
    pub(super) fn read(json: &'a str) -> Result<Self, SourceError> {
        #[derive(Deserialize)]
        struct Universal {
            #[serde(rename = "__DEFAULT_SCOPE__")]
            _scope: IgnoredAny,
        }

        const START: &str = "\"webapp.";
        let mut scope = Self { json, ..Self::default() };
        let mut mobile = None;
        for at in memmem::find_iter(json.as_bytes(), START.as_bytes()) {
            let Some((key, rest)) = json[at + START.len()..].split_once('"') else { break };
            let place = match key {
                "user-detail" => &mut scope.user_detail,
                "user-post" => &mut scope.user_post,
                "video-detail" => &mut scope.video_detail,
                "reflow.video.detail" => &mut mobile,
                "app-context" => &mut scope.app_context,
                "i18n-translation" => &mut scope.translations,
                _ => continue,
            };
            *place = place.or_else(|| value_behind(rest));
        }
        scope.video_detail = scope.video_detail.or(mobile);
        if scope.user_detail.is_none() && scope.video_detail.is_none() {
            first_value::<Universal>(json).map_err(|e| unknown_form(UNIVERSAL, &e))?;
        }
        Ok(scope)
    }

    /// The handle in the page's own address, which it has even if there is no such account.
    pub(super) fn handle(&self) -> Option<Handle> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Seo<'a> {
            #[serde(borrow)]
            canonical: Option<Words<'a>>,
        }
        let seo: Seo<'_> = first_value(value_of(self.json, "seo.abtest")?).ok()?;
        let (_, rest) = seo.canonical.as_ref()?.0.split_once("/@")?;
        Handle::parse(rest.split(['/', '?', '#']).next()?).ok()
    }
}

/// Where the value of the first key of that name begins, however deep it lies; `null` is none.
pub(super) fn value_of<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let quoted = format!("\"{key}\"");
    memmem::find_iter(json.as_bytes(), quoted.as_bytes()).find_map(|at| value_behind(&json[at + quoted.len()..]))
}

/// The value that follows a key; none if what stands there is no key, or nothing follows.
fn value_behind(text: &str) -> Option<&str> {
    let value = text.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
    (!value.is_empty() && !value.starts_with("null")).then_some(value)
}

/// The page's data before 2023.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Sigi<'a> {
    #[serde(borrow)]
    pub(super) user_module: Option<SigiUsers<'a>>,
    #[serde(borrow)]
    pub(super) user_page: Option<SigiUserPage<'a>>,
    #[serde(borrow)]
    pub(super) item_module: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow)]
    pub(super) item_list: Option<SigiLists<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SigiUsers<'a> {
    #[serde(borrow)]
    pub(super) users: BTreeMap<String, &'a RawValue>,
    #[serde(borrow)]
    pub(super) stats: BTreeMap<String, &'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SigiUserPage<'a> {
    #[serde(borrow)]
    pub(super) unique_id: Option<Words<'a>>,
    pub(super) status_code: Figure,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SigiLists<'a> {
    #[serde(rename = "user-post", borrow)]
    pub(super) user_post: Option<SigiList<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SigiList<'a> {
    #[serde(borrow)]
    pub(super) list: Vec<Id<'a>>,
    pub(super) has_more: Option<Flag>,
    #[serde(borrow)]
    pub(super) cursor: Option<Id<'a>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_found_whatever_its_attributes() {
        let html = r#"<p id="__UNIVERSAL_DATA_FOR_REHYDRATION__">x</p><script>var a = 'id="__UNIVERSAL_DATA_FOR_REHYDRATION__"';</script>
            <SCRIPT nonce="n" id="__UNIVERSAL_DATA_FOR_REHYDRATION__" crossorigin="anonymous" type="application/json">{"a":1}</script>"#;
        assert_eq!(universal_json(&Markup::of(html)), Some(r#"{"a":1}"#));
    }

    #[test]
    fn a_state_assigned_to_a_variable_ends_where_its_value_ends() {
        let html =
            "<script>window['SIGI_STATE']={\"UserPage\":{\"uniqueId\":\"ada\"}};window['SIGI_RETRY']={}</script>";
        let sigi: Sigi<'_> = first_value(sigi_json(&Markup::of(html)).unwrap()).unwrap();
        assert_eq!(sigi.user_page.unwrap().unique_id.unwrap().0, "ada");
    }

    #[test]
    fn a_page_without_scripts_has_no_data() {
        for html in ["", "<", "id=\"SIGI_STATE\"", "<script id=\"SIGI_STATE\""] {
            assert_eq!(script(&Markup::of(html), SIGI), None, "{html}");
        }
    }

    #[test]
    fn a_part_is_found_by_its_key_and_not_in_what_people_wrote() {
        let json = r#"{"__DEFAULT_SCOPE__": {"webapp.a": {"text": "\"webapp.user-detail\": {}", "list": ["webapp.user-detail"]},
            "webapp.user-detail" : {"statusCode": 10221}}}"#;
        let scope = Scope::read(json).unwrap();
        assert!(scope.user_detail.unwrap().starts_with(r#"{"statusCode": 10221}"#));
        assert!(scope.video_detail.is_none());
        for (other, path) in [("{\"a\": 1}", UNIVERSAL), ("{", UNIVERSAL), ("", UNIVERSAL)] {
            assert!(
                matches!(Scope::read(other), Err(SourceError::LayoutChanged { path: at, .. }) if at == path),
                "{other}"
            );
        }
        assert!(Scope::read("{\"__DEFAULT_SCOPE__\": {}}").is_ok());
    }
}
