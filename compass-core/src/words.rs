//! The words and hashtags of a text, as creators are compared by them, and as topics are looked for in it.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::stats::Seed;

/// The words and hashtags of a text, lower case and in its order; hashtags keep their `#`.
///
/// Compatible forms are one (NFKC: `𝓪` is `a`). Mentions of others are left out, and words of one letter, too. Scripts
/// that write no spaces give each pair of neighbouring characters.
///
/// ```
/// use compass_core::recommend::words;
///
/// assert_eq!(words("Cách nấu PHỞ cùng @bep.nha! #AnCungTikTok"), ["cách", "nấu", "phở", "cùng", "#ancungtiktok"]);
/// assert_eq!(words("東京都 🍜"), ["東京", "京都"]);
/// ```
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut reader = Reader::default();
    for c in text.nfkc().flat_map(char::to_lowercase) {
        reader.read(c);
    }
    reader.end();
    reader.words
}

/// A number for a word or a part of one, the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    Seed::new(text).get()
}

/// The parts of three to five characters of a word without `#`, its ends marked by spaces.
pub(crate) fn grams(word: &str, mut give: impl FnMut(u64)) {
    let marked: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
    let mut part = String::new();
    for length in 3..=5 {
        for window in marked.windows(length) {
            part.clear();
            part.extend(window);
            give(hash(&part));
        }
    }
}

/// A text as one word, as in a hashtag: `Slow bread` is `slowbread`.
pub(crate) fn written_together(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|&c| c.is_alphanumeric() || c == '_' || is_mark(c)).collect()
}

/// The same letters without accents, as many hashtags are written: `ănvặt` is `anvat`. Signs of scripts other than Latin, Greek and
/// Cyrillic stay, since without them the word would be another.
pub(crate) fn without_accents(word: &str) -> String {
    let plain = |c| match c {
        'đ' => 'd',
        'ł' => 'l',
        'ø' => 'o',
        'ı' => 'i',
        other => other,
    };
    word.nfd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}')).map(plain).nfc().collect()
}

#[derive(Debug, Default)]
struct Reader {
    word: String,
    /// What the word began with: `#`, `@`, or nothing.
    mark: Option<char>,
    words: Vec<String>,
}

impl Reader {
    fn read(&mut self, c: char) {
        let of_word = c.is_alphanumeric() || c == '_' || (is_mark(c) && !self.word.is_empty());
        if of_word {
            self.word.push(c);
        } else if !(c == '.' && self.mark == Some('@')) {
            self.end();
            self.mark = matches!(c, '#' | '@').then_some(c);
        }
    }

    fn end(&mut self) {
        match self.mark.take() {
            Some('@') => {}
            Some(mark) if !self.word.is_empty() => self.words.push(format!("{mark}{}", self.word)),
            _ if self.word.chars().any(is_unspaced) => self.end_unspaced(),
            _ if self.word.chars().nth(1).is_some() => self.words.push(self.word.clone()),
            _ => {}
        }
        self.word.clear();
    }

    fn end_unspaced(&mut self) {
        let chars: Vec<char> = self.word.chars().collect();
        for run in chars.chunk_by(|&a, &b| is_unspaced(a) == is_unspaced(b)) {
            if is_unspaced(run[0]) && run.len() > 2 {
                self.words.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
            } else if is_unspaced(run[0]) || run.len() > 1 {
                self.words.push(run.iter().collect());
            }
        }
    }
}

/// Accents and vowel signs; not the marks that belong to emoji.
fn is_mark(c: char) -> bool {
    is_combining_mark(c) && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{20d0}'..='\u{20ff}')
}

/// Characters of Thai, Lao, Burmese, Khmer, Chinese and Japanese.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_and_their_marks_are_no_words() {
        assert_eq!(words("❤️ 1️⃣ 🫰🏻👨‍👩‍👧 ok"), ["ok"]);
    }

    #[test]
    fn hashtags_that_touch_are_apart() {
        assert_eq!(words("#a#món_ngon #"), ["#a", "#món_ngon"]);
    }

    #[test]
    fn decomposed_letters_are_the_same_word() {
        assert_eq!(words("mo\u{301}n"), words("m\u{f3}n"));
    }

    #[test]
    fn mentions_and_addresses_name_nobody() {
        assert_eq!(words("by @some.one_ else, mail a@b.example"), ["by", "else", "mail"]);
    }

    #[test]
    fn scripts_without_spaces_give_pairs_and_leave_other_words_whole() {
        assert_eq!(words("ramen東京都vlog"), ["ramen", "東京", "京都", "vlog"]);
    }

    #[test]
    fn parts_of_a_word_mark_its_ends() {
        let mut parts = Vec::new();
        grams("ab", |part| parts.push(part));
        assert_eq!(parts, [" ab", "ab ", " ab "].map(hash));
    }
}
