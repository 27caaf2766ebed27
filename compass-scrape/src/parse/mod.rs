//! Bytes of a page or an answer to domain values: pure, without IO, never panicking on what it is given.
//!
//! | question | function |
//! |---|---|
//! | what does a saved or rendered profile page show? | [`profile_page`] |
//! | what does the page's own JSON, or `/api/user/detail/`, say of an account? | [`user_detail`] |
//! | is a saved page a profile or one post? | [`page`] |
//! | which posts are in `/api/post/item_list/`, or in a list of item structs? | [`item_list`] |
//! | which cards does the rendered grid show? | [`grid`] |
//! | what does the page of one post say? | [`video_page`] |
//! | does something stand in the way of the content? | [`obstacle`] |
//! | what does the official Display API answer? | [`display_api`] |
//! | what is in saved JSON of any kind? | [`document`] |
//! | how do these go together into one look at an account? | [`reconcile`] |
//!
//! What is not an account's figures comes back as the [`SourceError`](compass_core::ports::SourceError) that says so.

mod card;
mod container;
mod counts;
pub mod display_api;
mod document;
mod grid;
mod hashtags;
mod item;
mod lenient;
mod list;
mod markup;
mod moment;
mod obstacle;
mod page;
mod profile_page;
mod reconcile;
mod status;
mod tag;
mod translations;
mod user;
mod video_page;

pub use card::Card;
pub(crate) use counts::more_likes_than_views;
pub use document::{Document, document};
pub use grid::{Grid, Header, grid};
pub(crate) use hashtags::in_caption as hashtags_in;
pub use item::Item;
pub use list::{ItemList, item_list};
pub use obstacle::obstacle;
pub use page::{Page, page};
pub(crate) use profile_page::profile_header;
pub use profile_page::profile_page;
pub(crate) use profile_page::{GridErrorWords, ProfileParts, profile_parts};
pub(crate) use reconcile::observation;
pub use reconcile::{Layers, reconcile};
pub use user::{Account, user_detail};
pub use video_page::{VideoPage, video_page};
