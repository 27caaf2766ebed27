//! Which creators may be recommended, and lists of them page by page.

use std::{collections::BTreeSet, fmt};

use compass_core::{Country, CreatorId, Handle, Language, analytics::Tier, ports::CreatorStore, recommend::Filter};
use sha2::{Digest as _, Sha256};

use crate::problem::{Problem, ProblemKind};

/// So many creators are given in all, page by page.
pub(super) const MOST: usize = 30;
const USUAL_PAGE: usize = 10;
const MOST_EXCLUDED: usize = 30;

/// What an address says of who may be recommended: lists with commas between their entries.
#[derive(Debug)]
pub(super) struct Wanted<'q> {
    pub(super) tiers: &'q Option<String>,
    pub(super) languages: &'q Option<String>,
    pub(super) regions: &'q Option<String>,
    pub(super) exclude: &'q Option<String>,
}

impl Wanted<'_> {
    pub(super) async fn filter(&self, creators: &dyn CreatorStore) -> Result<Filter, Problem> {
        let mut filter = Filter {
            tiers: each(self.tiers).map(tier).collect::<Result<_, _>>()?,
            languages: (each(self.languages).map(Language::parse).collect::<Result<_, _>>())
                .map_err(|error| wrong("languages", &error.to_string()))?,
            regions: (each(self.regions).map(Country::parse).collect::<Result<_, _>>())
                .map_err(|error| wrong("regions", &error.to_string()))?,
            exclude: Vec::new(),
        };
        let excluded: BTreeSet<Handle> = (each(self.exclude).map(Handle::parse).collect::<Result<_, _>>())
            .map_err(|error| wrong("exclude", &error.to_string()))?;
        if excluded.len() > MOST_EXCLUDED {
            return Err(wrong("exclude", &format!("there are at most {MOST_EXCLUDED}")));
        }
        for handle in excluded {
            filter.exclude.extend(creators.find(&handle).await?.map(|profile| profile.id));
        }
        Ok(filter)
    }
}

/// A page of a list that is made anew for each page.
#[derive(Debug)]
pub(super) struct Page {
    cursor: Option<Cursor>,
    limit: usize,
}

impl Page {
    pub(super) fn parse(cursor: Option<&str>, limit: Option<usize>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(USUAL_PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(wrong("limit", &format!("a page has 1 to {MOST} creators")));
        }
        let parse =
            |cursor| Cursor::parse(cursor).ok_or_else(|| wrong("cursor", "send what the previous page gave as next"));
        Ok(Self { cursor: cursor.map(parse).transpose()?, limit })
    }

    /// The page, and the cursor of the next; a conflict if the list begins otherwise than on the pages before.
    pub(super) fn of<T>(self, found: Vec<T>, id: fn(&T) -> CreatorId) -> Result<(Vec<T>, Option<String>), Problem> {
        let ids: Vec<CreatorId> = found.iter().map(id).collect();
        let begin = self.cursor.as_ref().map_or(0, |cursor| cursor.begin);
        if self.cursor.is_some_and(|cursor| cursor != Cursor::after(begin, &ids)) {
            let why =
                "cursor: other creators are known by now, so that this list goes on otherwise; begin again without it";
            return Err(Problem::new(ProblemKind::Conflict).with_detail(why));
        }
        let end = begin.saturating_add(self.limit);
        let next = (end < ids.len()).then(|| Cursor::after(end, &ids).to_string());
        Ok((found.into_iter().skip(begin).take(self.limit).collect(), next))
    }
}

/// A place in a list, and what came before it.
#[derive(Debug, PartialEq, Eq)]
struct Cursor {
    begin: usize,
    before: String,
}

impl Cursor {
    fn after(begin: usize, ids: &[CreatorId]) -> Self {
        let mut before = Sha256::new();
        for id in &ids[..begin.min(ids.len())] {
            before.update(id.to_string());
            before.update(" ");
        }
        let before = before.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { begin, before }
    }

    fn parse(text: &str) -> Option<Self> {
        let (begin, before) = text.split_once('.')?;
        let begin = begin.parse().ok().filter(|begin| *begin < MOST)?;
        Some(Self { begin, before: before.to_owned() })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.begin, self.before)
    }
}

/// The entries of a list; none if it is left out.
pub(super) fn each(list: &Option<String>) -> impl Iterator<Item = &str> {
    list.iter().flat_map(|list| list.split(','))
}

fn tier(name: &str) -> Result<Tier, Problem> {
    Ok(match name {
        "nano" => Tier::Nano,
        "micro" => Tier::Micro,
        "mid" => Tier::Mid,
        "macro" => Tier::Macro,
        "mega" => Tier::Mega,
        _ => return Err(wrong("tiers", "they are nano, micro, mid, macro and mega")),
    })
}

pub(super) fn wrong(what: &str, why: &str) -> Problem {
    Problem::new(ProblemKind::BadRequest).with_detail(format!("{what}: {why}"))
}
