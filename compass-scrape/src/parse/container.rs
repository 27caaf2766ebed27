//! Where a page keeps its data: the scripts of JSON, and their parts.

use std::collections::BTreeMap;

use compass_core::{Handle, ports::SourceError};
use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::lenient::{Figure, Flag, Id, Words};

/// Id of the script that holds a page's data since 2023.
pub(super) const UNIVERSAL: &str = "__UNIVERSAL_DATA_FOR_REHYDRATION__";
/// Id of the script that held it before.
pub(super) const SIGI: &str = "SIGI_STATE";

/// The text of the script that has this id, whatever other attributes it has and in whatever order.
pub(super) fn script<'a>(html: &'a str, id: &str) -> Option<&'a str> {
    let needle = format!("id=\"{id}\"");
    memmem::find_iter(html.as_bytes(), needle.as_bytes()).find_map(|at| {
        let tag = &html[html[..at].rfind('<')?..];
        let is_script = tag.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("<script "));
        let open = tag.find('>')?;
        if !is_script || open < needle.len() {
            return None;
        }
        let rest = &tag[open + 1..];
        rest.find("</script").map(|end| &rest[..end])
    })
}

/// The JSON of the page's `__UNIVERSAL_DATA_FOR_REHYDRATION__`.
pub(super) fn universal_json(html: &str) -> Option<&str> {
    script(html, UNIVERSAL)
}

/// The JSON of the page's `SIGI_STATE`, in a script of its own or assigned to a variable.
pub(super) fn sigi_json(html: &str) -> Option<&str> {
    if let Some(json) = script(html, SIGI) {
        return Some(json);
    }
    const ASSIGNED: [&str; 3] = ["window['SIGI_STATE']=", "window[\"SIGI_STATE\"]=", "window.SIGI_STATE="];
    ASSIGNED.iter().find_map(|start| {
        let at = memmem::find(html.as_bytes(), start.as_bytes())? + start.len();
        Some(&html[at..])
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

/// The page's data since 2023, each part still unread.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Universal<'a> {
    #[serde(rename = "__DEFAULT_SCOPE__", borrow)]
    pub(super) scope: Scope<'a>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Scope<'a> {
    #[serde(rename = "webapp.user-detail", borrow)]
    pub(super) user_detail: Option<&'a RawValue>,
    #[serde(rename = "webapp.user-post", borrow)]
    pub(super) user_post: Option<&'a RawValue>,
    #[serde(rename = "webapp.video-detail", borrow)]
    pub(super) video_detail: Option<&'a RawValue>,
    #[serde(rename = "webapp.reflow.video.detail", borrow)]
    pub(super) mobile_video_detail: Option<&'a RawValue>,
    #[serde(rename = "webapp.app-context", borrow)]
    pub(super) app_context: Option<&'a RawValue>,
    #[serde(rename = "webapp.i18n-translation", borrow)]
    pub(super) translations: Option<&'a RawValue>,
    #[serde(rename = "seo.abtest", borrow)]
    seo: Option<&'a RawValue>,
}

impl<'a> Scope<'a> {
    pub(super) fn read(json: &'a str) -> Result<Self, SourceError> {
        first_value::<Universal<'a>>(json).map(|universal| universal.scope).map_err(|e| unknown_form(UNIVERSAL, &e))
    }

    /// The handle in the page's own address, which it has even if there is no such account.
    pub(super) fn handle(&self) -> Option<Handle> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Seo<'a> {
            #[serde(borrow)]
            canonical: Option<Words<'a>>,
        }
        let seo: Seo<'_> = first_value(self.seo?.get()).ok()?;
        let (_, rest) = seo.canonical.as_ref()?.0.split_once("/@")?;
        Handle::parse(rest.split(['/', '?', '#']).next()?).ok()
    }

    /// The detail of one post, on a page for desktops or for telephones.
    pub(super) fn any_video_detail(&self) -> Option<&'a RawValue> {
        self.video_detail.or(self.mobile_video_detail)
    }
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
        assert_eq!(universal_json(html), Some(r#"{"a":1}"#));
    }

    #[test]
    fn a_state_assigned_to_a_variable_ends_where_its_value_ends() {
        let html =
            "<script>window['SIGI_STATE']={\"UserPage\":{\"uniqueId\":\"ada\"}};window['SIGI_RETRY']={}</script>";
        let sigi: Sigi<'_> = first_value(sigi_json(html).unwrap()).unwrap();
        assert_eq!(sigi.user_page.unwrap().unique_id.unwrap().0, "ada");
    }

    #[test]
    fn a_page_without_scripts_has_no_data() {
        for html in ["", "<", "id=\"SIGI_STATE\"", "<script id=\"SIGI_STATE\"", "<script id=\"SIGI_STATE\">{"] {
            assert_eq!(script(html, SIGI), None, "{html}");
        }
    }
}
