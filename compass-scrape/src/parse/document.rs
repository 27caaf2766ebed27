//! Saved JSON of any kind: a page's data, an account, a list of posts, a post, or one of these a line.

use compass_core::{Handle, Refusal, ports::SourceError};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    Account, ItemList,
    container::{Scope, first_value, unknown_form},
    item::item,
    list::{Posts, envelope, from_sigi},
    moment,
    status::{Status, Subject},
    user, video_page,
};

/// What saved JSON turned out to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The accounts that it describes, in its order.
    pub accounts: Vec<Account>,
    /// The posts that it describes, and every part that was refused.
    pub posts: ItemList,
}

/// Reads saved JSON: one value, an array of values, or one value a line (separated by `\n` only). A value is the data of a
/// page, the answer of an API, a bare `{"user", "stats"}`, or an item struct.
///
/// `asked` is the handle that was asked for; it names the account where the answer is "no such account".
///
/// # Errors
/// What a single value is instead of content. Of several values each bad one is refused by itself.
pub fn document(json: &str, asked: Option<&Handle>) -> Result<Document, SourceError> {
    let text = json.trim_start_matches('\u{FEFF}').trim();
    if text.is_empty() {
        return Err(SourceError::EmptyResponse);
    }
    let mut read = Reader { asked, accounts: Vec::new(), posts: Posts::default() };
    if text.starts_with('[') {
        let values: Vec<&RawValue> = serde_json::from_str(text).map_err(|e| unknown_form("JSON", &e))?;
        for (index, value) in values.iter().enumerate() {
            read.one_of_many(value.get(), &format!("item {}", index + 1));
        }
    } else {
        match shape(text) {
            Ok(shape) => read.value(shape, text, "the post")?,
            Err(_) if is_a_value_a_line(text) => {
                for (index, line) in text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                    read.one_of_many(line.trim(), &format!("line {}", index + 1));
                }
            }
            Err(e) => return Err(unknown_form("JSON", &e)),
        }
    }
    Ok(Document { accounts: read.accounts, posts: read.posts.into_list() })
}

/// What a JSON object is, by its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Page,
    Sigi,
    Account,
    List,
    Post,
    PostDetail,
    Comments,
    /// None of these; its status may say what it is.
    Other,
}

/// Tells what a JSON object is, and that it is one.
pub(super) fn shape(json: &str) -> serde_json::Result<Shape> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Keys {
        #[serde(rename = "__DEFAULT_SCOPE__")]
        default_scope: Option<IgnoredAny>,
        #[serde(rename = "UserModule")]
        user_module: Option<IgnoredAny>,
        #[serde(rename = "ItemModule")]
        item_module: Option<IgnoredAny>,
        #[serde(rename = "UserPage")]
        user_page: Option<IgnoredAny>,
        user_info: Option<IgnoredAny>,
        user: Option<IgnoredAny>,
        item_info: Option<IgnoredAny>,
        item_list: Option<IgnoredAny>,
        has_more: Option<IgnoredAny>,
        comments: Option<IgnoredAny>,
        cid: Option<IgnoredAny>,
        id: Option<IgnoredAny>,
        create_time: Option<IgnoredAny>,
        stats: Option<IgnoredAny>,
        author: Option<IgnoredAny>,
    }

    let keys: Keys = serde_json::from_str(json)?;
    Ok(if keys.default_scope.is_some() {
        Shape::Page
    } else if keys.user_module.is_some() || keys.item_module.is_some() || keys.user_page.is_some() {
        Shape::Sigi
    } else if keys.item_list.is_some() {
        Shape::List
    } else if keys.item_info.is_some() {
        Shape::PostDetail
    } else if keys.user_info.is_some() || (keys.user.is_some() && keys.id.is_none() && keys.cid.is_none()) {
        Shape::Account
    } else if keys.id.is_some() && (keys.create_time.is_some() || keys.stats.is_some() || keys.author.is_some()) {
        Shape::Post
    } else if keys.comments.is_some() || keys.cid.is_some() {
        Shape::Comments
    } else if keys.has_more.is_some() {
        Shape::List
    } else {
        Shape::Other
    })
}

struct Reader<'a> {
    asked: Option<&'a Handle>,
    accounts: Vec<Account>,
    posts: Posts,
}

impl Reader<'_> {
    fn one_of_many(&mut self, json: &str, place: &str) {
        match shape(json) {
            Err(e) => self.refuse(place, "malformed", format!("{place} is not a JSON object: {e}")),
            Ok(shape) => {
                if let Err(error) = self.value(shape, json, place) {
                    self.refuse(place, error.code(), format!("{place}: {error}"));
                }
            }
        }
    }

    fn value(&mut self, shape: Shape, json: &str, place: &str) -> Result<(), SourceError> {
        match shape {
            Shape::Page => {
                let scope = Scope::read(json)?;
                let made_at = scope.app_context.and_then(moment::of_app_context);
                match scope.video_detail {
                    Some(detail) => {
                        let mut item = video_page::from_detail(detail)?;
                        item.collected_at = item.collected_at.or(made_at);
                        self.posts.add(Ok(item));
                    }
                    None => self.accounts.push(user::user_detail(json, self.asked)?),
                }
                if let Some(list) = scope.user_post {
                    self.posts.extend(envelope(list)?);
                }
            }
            Shape::Sigi => {
                let sigi = first_value(json).map_err(|e| unknown_form("SIGI_STATE", &e))?;
                self.accounts.push(user::from_sigi(&sigi, self.asked)?);
                self.posts.extend(from_sigi(&sigi));
            }
            Shape::Account => self.accounts.push(user::from_detail(json, self.asked)?),
            Shape::List => self.posts.extend(envelope(json)?),
            Shape::Post => self.posts.add(item(json, format_args!("{place}"))),
            Shape::PostDetail => self.posts.add(Ok(video_page::from_detail(json)?)),
            Shape::Comments => {
                return Err(SourceError::LayoutChanged {
                    path: "comments".to_owned(),
                    detail:
                        "comments hold no figures of an account; give its page, its user detail or its list of posts"
                            .to_owned(),
                });
            }
            Shape::Other => {
                return Err(Status::of(json).error(Subject::List).unwrap_or_else(|| SourceError::LayoutChanged {
                    path: "JSON".to_owned(),
                    detail: "it is neither an account nor posts in any known form".to_owned(),
                }));
            }
        }
        Ok(())
    }

    fn refuse(&mut self, place: &str, reason: &str, detail: String) {
        self.posts.refuse(Refusal { item: Some(place.to_owned()), reason: reason.to_owned(), detail });
    }
}

/// Whether a text that is not JSON as a whole is meant as one value a line.
fn is_a_value_a_line(text: &str) -> bool {
    let mut lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
    let several = text.split('\n').filter(|line| !line.trim().is_empty()).nth(1).is_some();
    several && lines.any(|line| line.starts_with('{') && serde_json::from_str::<IgnoredAny>(line).is_ok())
}
