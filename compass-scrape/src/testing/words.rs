//! The texts of the stand-in's pages in each language, and the table of them that every page carries.

use serde_json::{Value, json};

use super::Language;

/// The texts of one language.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) code: &'static str,
    /// How numbers with a fraction are written.
    pub(super) decimal: char,
    pub(super) server_error: &'static str,
    pub(super) server_error_more: &'static str,
    pub(super) refresh: &'static str,
    /// "This account is private", or the longer form where the table lacks that key.
    pub(super) private: &'static str,
    /// "Couldn't find this account", or the longer form where the table lacks that key.
    pub(super) not_found: &'static str,
    pub(super) no_content: &'static str,
    pub(super) log_in: &'static str,
    pub(super) not_available: &'static str,
    pub(super) no_video: &'static str,
    pub(super) audience: &'static str,
    pub(super) geo_title: &'static str,
    pub(super) geo: &'static str,
    pub(super) partial: &'static str,
    pub(super) pinned: &'static str,
    /// What the description of a card's picture is made with.
    pub(super) cover: &'static str,
    pub(super) following: &'static str,
    pub(super) followers: &'static str,
    pub(super) likes: &'static str,
    pub(super) no_bio: &'static str,
    /// Whether the table of texts has the short forms of "private" and "not found".
    short_forms: bool,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
            Language::Turkish => &TURKISH,
        }
    }

    /// `webapp.i18n-translation`: every good page has every error text in it.
    pub(super) fn table(&self) -> Value {
        let mut table = json!({
            "server_error_title": self.server_error,
            "server_error_sub": self.server_error_more,
            "refresh": self.refresh,
            "err_user": self.not_found,
            "err_user_private": self.private,
            "err_vid": self.no_video,
            "Page not available": self.not_available,
            "profile_no_content_title": self.no_content,
            "common_login_panel_title": self.log_in,
            "accountAudienceControls_profileUnavailable_loggedOut_title": self.log_in,
            "accountAudienceControls_profile_loggedOut_desc": self.audience,
            "acct_geo_block_restriction_error_title": self.geo_title,
            "acct_geo_block_restriction_error_desc": self.geo,
            "CL1v3webapp_profile_banner": self.partial,
            "profile_page_pin": self.pinned,
            "seo_user_video_cover": self.cover,
            "captcha_title": "Verify to continue:",
        });
        if self.short_forms {
            table["This account is private"] = self.private.into();
            table["Couldn't find this account"] = self.not_found.into();
        }
        json!({"Webapp": table})
    }
}

const ENGLISH: Words = Words {
    code: "en",
    decimal: '.',
    server_error: "Something went wrong",
    server_error_more: "Please try again later.",
    refresh: "Refresh",
    private: "This account is private",
    not_found: "Couldn't find this account",
    no_content: "No content",
    log_in: "Log in to TikTok",
    not_available: "Page not available",
    no_video: "Video currently unavailable",
    audience: "The creator of this account has turned on audience controls. Log in to see it.",
    geo_title: "Account not available",
    geo: "This account isn’t available in your country or region.",
    partial: "Posts that some may find uncomfortable are unavailable. Log in to see more.",
    pinned: "Pinned",
    cover: "{videoText} created by {videoAuthor} with {musicAuthor}’s {musicName}",
    following: "Following",
    followers: "Followers",
    likes: "Likes",
    no_bio: "No bio yet.",
    short_forms: true,
};

const FRENCH: Words = Words {
    code: "fr",
    decimal: ',',
    server_error: "Une erreur est survenue",
    server_error_more: "Réessaie plus tard.",
    refresh: "Actualiser",
    private: "Ce compte est privé",
    not_found: "Ce compte est introuvable",
    no_content: "Aucun contenu",
    log_in: "Connecte-toi à TikTok",
    not_available: "La page est indisponible",
    no_video: "Vidéo indisponible",
    audience: "Le créateur de ce compte limite son audience. Connecte-toi pour le voir.",
    geo_title: "Compte indisponible",
    geo: "Ce compte n’est pas disponible dans ton pays ou ta région.",
    partial: "Certaines publications ne sont pas disponibles. Connecte-toi pour en voir plus.",
    pinned: "Épinglée",
    cover: "{videoText} créée par {videoAuthor} avec {musicName} de {musicAuthor}",
    following: "Suivis",
    followers: "Followers",
    likes: "J’aime",
    no_bio: "Aucune bio.",
    short_forms: true,
};

const TURKISH: Words = Words {
    code: "tr",
    decimal: ',',
    server_error: "Bir şeyler ters gitti",
    server_error_more: "Daha sonra tekrar dene.",
    refresh: "Yenile",
    private: "Bu hesap özel. Videoları görmek için bu hesabı takip et.",
    not_found: "Bu hesap bulunamadı. Başka içerik üreticileri keşfet.",
    no_content: "İçerik yok",
    log_in: "TikTok'a giriş yapın",
    not_available: "Sayfa mevcut değil",
    no_video: "Video şu anda kullanılamıyor",
    audience: "Bu hesabın sahibi kitle denetimini açtı. Görmek için giriş yap.",
    geo_title: "Hesap kullanılamıyor",
    geo: "Bu hesap ülkende veya bölgende kullanılamıyor.",
    partial: "Bazı gönderiler gösterilmiyor. Daha fazlası için giriş yap.",
    pinned: "Sabitlendi",
    cover: "{videoText} (oluşturan: {videoAuthor}, müzik: {musicAuthor} - {musicName})",
    following: "Takip",
    followers: "Takipçi",
    likes: "Beğeni",
    no_bio: "Henüz biyografi yok.",
    short_forms: false,
};
