//! Where in the file the fields are that may be read. All others are skipped as they stream by and are never kept.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::{
    Bad,
    any::{Any, Name, OfAnyKind, skip_list, skip_object},
    fans::Fans,
    loose::Loose,
    posts::Posts,
    record::{self, Record},
};
use crate::studio::few_refusals::FewRefusals;

/// What was read, before anything is made of it.
#[derive(Default)]
pub(super) struct Sections {
    /// The values of [`PROFILE`].
    pub(super) profile: [Loose; PROFILE.len()],
    pub(super) posts: Posts,
    pub(super) fans: Fans,
    /// Sections that are not what they always are.
    pub(super) refused: FewRefusals,
}

/// The fields of the profile, with their older names.
pub(super) const PROFILE: [&[&str]; 6] = [
    &["userName"],
    &["nickName", "displayName", "name"],
    &["bioDescription"],
    &["followerCount"],
    &["followingCount"],
    &["likesReceived"],
];

/// The fields of a post.
const POST: [&[&str]; 4] = [&["Date", "date"], &["Link", "link"], &["Likes", "likes"], &["Title", "title"]];

/// The fields of a follower.
const FAN: [&[&str]; 1] = [&["Date", "date"]];

/// A part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    File,
    Post,
    Posts,
    VideoList,
    Profile,
    ProfileInfo,
    ProfileMap,
    YourActivity,
    Follower,
    FansList,
}

impl Section {
    /// The section under a name in this one; `None` if it is not read. Older exports have other names.
    fn within(self, name: &str) -> Option<Self> {
        let section = match (self, name) {
            (Self::File, "Post" | "Video") => Self::Post,
            (Self::Post, "Posts" | "Videos") => Self::Posts,
            (Self::Posts, "VideoList") => Self::VideoList,
            (Self::File, "Profile" | "Profile And Settings") => Self::Profile,
            (Self::Profile, "Profile Info" | "Profile Information") => Self::ProfileInfo,
            (Self::ProfileInfo, "ProfileMap") => Self::ProfileMap,
            (Self::File, "Your Activity" | "Activity") => Self::YourActivity,
            (Self::Profile | Self::YourActivity, "Follower" | "Follower List") => Self::Follower,
            (Self::Follower, "FansList") => Self::FansList,
            _ => return None,
        };
        Some(section)
    }

    fn is_list(self) -> bool {
        matches!(self, Self::VideoList | Self::FansList)
    }

    fn name(self) -> &'static str {
        match self {
            Self::File => "the file",
            Self::Post => "Post",
            Self::Posts => "Posts",
            Self::VideoList => "VideoList",
            Self::Profile => "Profile",
            Self::ProfileInfo => "Profile Info",
            Self::ProfileMap => "ProfileMap",
            Self::YourActivity => "Your Activity",
            Self::Follower => "Follower",
            Self::FansList => "FansList",
        }
    }
}

/// Reads a section into the others.
pub(super) struct Reading<'a> {
    pub(super) section: Section,
    pub(super) into: &'a mut Sections,
}

impl OfAnyKind for Reading<'_> {
    type Value = ();

    fn object<'de, A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { section, into } = self;
        if section.is_list() {
            refuse(section, into);
            return skip_object(object);
        }
        if section == Section::ProfileMap {
            return record::read(&PROFILE, &mut into.profile, object);
        }
        while let Some(within) = object.next_key_seed(Name(|name: &str| section.within(name)))? {
            match within {
                Some(section) => object.next_value_seed(Any(Reading { section, into: &mut *into }))?,
                None => _ = object.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }

    fn list<'de, A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { section, into } = self;
        match section {
            Section::VideoList => {
                into.posts.begin_list();
                while let Some(post) = list.next_element_seed(Any(Record(&POST)))? {
                    into.posts.add(post);
                }
            }
            Section::FansList => {
                let mut fans = Fans::default();
                while let Some(fan) = list.next_element_seed(Any(Record(&FAN)))? {
                    fans.add(fan);
                }
                // One list may stand in an old and in a new place: the first one with followers counts.
                if into.fans.is_empty() {
                    into.fans = fans;
                }
            }
            _ => {
                refuse(section, into);
                skip_list(list)?;
            }
        }
        Ok(())
    }

    fn nothing(self) {}

    fn other(self) {
        refuse(self.section, self.into);
    }
}

fn refuse(section: Section, into: &mut Sections) {
    let expected = if section.is_list() { "a list" } else { "an object" };
    let bad =
        Bad::new("malformed", format!("{} is not {expected} as in every export, and was not read", section.name()));
    into.refused.push(|| Some(section.name().to_owned()), bad);
}
