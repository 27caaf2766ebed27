//! Which post a link leads to, and whose it is.

use compass_core::{Handle, VideoId, VideoKind};
use url::Url;

/// A post that a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Linked {
    /// Whose it is; the links of "Download your data" do not say.
    pub(super) handle: Option<Handle>,
    pub(super) id: VideoId,
    pub(super) kind: VideoKind,
}

/// Reads `https://www.tiktok.com/@ada/video/7527623000473079054`; `None` if it is no link to a post on TikTok.
pub(super) fn linked(link: &str) -> Option<Linked> {
    let url = Url::parse(link.trim()).ok()?;
    let host = url.host_str()?;
    let is_tiktok = ["tiktok.com", "tiktokv.com"]
        .into_iter()
        .any(|site| host == site || host.strip_suffix(site).is_some_and(|rest| rest.ends_with('.')));
    let mut parts = url.path_segments().filter(|_| is_tiktok)?;
    let mut handle = None;
    while let Some(part) = parts.next() {
        let kind = match part {
            "video" => VideoKind::Video,
            "photo" => VideoKind::Photo,
            _ => {
                handle = handle.or_else(|| Handle::parse(part.strip_prefix('@')?).ok());
                continue;
            }
        };
        return Some(Linked { handle, id: VideoId::parse(parts.next()?).ok()?, kind });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_posts_are_read() {
        let of_ada = linked("https://www.tiktok.com/@Ada.l/video/7527623000473079054?lang=en").unwrap();
        assert_eq!(of_ada.handle, Handle::parse("ada.l").ok());
        assert_eq!((of_ada.id.get(), of_ada.kind), (7_527_623_000_473_079_054, VideoKind::Video));
        assert_eq!(linked("https://www.tiktok.com/@ada/photo/75").unwrap().kind, VideoKind::Photo);
        let shared = linked("https://www.tiktokv.com/share/video/7464000000000000000/").unwrap();
        assert_eq!((shared.handle, shared.id.get()), (None, 7_464_000_000_000_000_000));
    }

    #[test]
    fn other_links_are_none() {
        for link in [
            "",
            "https://example.com/@ada/video/75",
            "https://nottiktok.com/@ada/video/75",
            "https://tiktok.com.example.com/@ada/video/75",
            "https://www.tiktok.com/@ada",
            "https://www.tiktok.com/@ada/video/x",
            "https://www.tiktok.com/@ada/video/-5",
            "javascript:alert(1)",
        ] {
            assert_eq!(linked(link), None, "{link}");
        }
    }
}
