//! The words of a text with slots, and which of them are of a class.

use super::{
    Piece,
    lexicon::{Class, Lexicon, Pattern},
};

/// A text without its slots, as words.
#[derive(Debug)]
pub(super) struct Reading {
    lexicon: &'static Lexicon,
    /// The text in small letters, slots being breaks.
    text: String,
    words: Vec<String>,
    /// Roman numerals of several letters.
    roman: Vec<String>,
}

impl Reading {
    pub(super) fn of(pieces: &[Piece<'_>], lexicon: &'static Lexicon) -> Self {
        let said = pieces.iter().map(|piece| if let Piece::Words(words) = piece { *words } else { "|" });
        let said: String = said.collect();
        let mut text = plain(&said);
        for word in lexicon.ordinary.split_whitespace().filter(|word| !is_spaced(word)) {
            text = text.replace(word, "|");
        }
        let is_break = |c: char| !(is_letter(c) || c == '\'');
        let words = text.split(is_break).map(|word| word.trim_matches('\'').to_owned()).filter(|w| !w.is_empty());
        let numeral = |word: &&str| word.len() > 1 && word.chars().all(|c| "IVXLCDM".contains(c));
        let roman = said.split(is_break).filter(numeral).map(str::to_owned).collect();
        Self { words: words.collect(), roman, text, lexicon }
    }

    /// Whether it is in the language that it should be in.
    pub(super) fn is_in_its_language(&self) -> bool {
        self.lexicon.is_of(&self.words)
    }

    /// The words of a class, once for each time that they stand there.
    pub(super) fn words(&self, class: Class) -> Vec<String> {
        let ordinary: Vec<&str> = self.lexicon.ordinary.split_whitespace().collect();
        let patterns: Vec<&Pattern> = self.lexicon.patterns(class).collect();
        let is_of = |word: &&String| {
            let matches = |pattern: &&Pattern| match pattern {
                Pattern::Word(entry) => forms(word).any(|word| word == entry),
                Pattern::Begin(begin) => forms(word).any(|word| word.starts_with(begin.as_str())),
                Pattern::Part(part) => word.contains(part.as_str()),
                Pattern::Anywhere(_) => false,
            };
            !ordinary.contains(&word.as_str()) && patterns.iter().any(matches)
        };
        let mut found: Vec<String> = self.words.iter().filter(is_of).cloned().collect();
        for pattern in &patterns {
            if let Pattern::Anywhere(part) = pattern {
                found.extend(self.text.matches(part.as_str()).map(str::to_owned));
            }
        }
        if class == Class::Number {
            found.extend(self.roman.iter().cloned());
        }
        found
    }
}

/// Whether a character may stand in a sentence: a letter of the Latin alphabet or of the language, or plain punctuation.
pub(super) fn is_allowed(c: char, lexicon: &Lexicon) -> bool {
    let latin =
        c.is_ascii_alphabetic() || (matches!(c, '\u{c0}'..='\u{17f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic());
    let own = lexicon.letters.iter().any(|&(from, to)| (from..=to).contains(&c));
    latin || own || " .,;:!?'\"()-–—…’‘“”„«»¿¡،؛؟。，、；：？！（）「」।".contains(c)
}

/// Small letters, straight apostrophes, and no dots below Devanagari letters, which are often left out.
pub(super) fn plain(text: &str) -> String {
    let base = |c: char| match c {
        '’' | '‘' => Some('\''),
        '\u{93c}' => None,
        '\u{958}' => Some('क'),
        '\u{959}' => Some('ख'),
        '\u{95a}' => Some('ग'),
        '\u{95b}' => Some('ज'),
        '\u{95c}' => Some('ड'),
        '\u{95d}' => Some('ढ'),
        '\u{95e}' => Some('फ'),
        '\u{95f}' => Some('य'),
        other => Some(other),
    };
    text.to_lowercase().chars().filter_map(base).collect()
}

/// Letters, and the vowel signs that belong to them.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\u{900}'..='\u{963}')
}

/// Whether the script of a word sets words apart by spaces.
pub(super) fn is_spaced(word: &str) -> bool {
    !word.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}'))
}

/// A word as it is, and Arabic ones without what is written together with them: and, by, to, as, the.
fn forms(word: &str) -> impl Iterator<Item = &str> {
    let first = word.strip_prefix(['و', 'ف']).unwrap_or(word);
    let second = first.strip_prefix(['ب', 'ل', 'ك']).unwrap_or(first);
    let third = second.strip_prefix("ال").unwrap_or(second);
    // After "to", the article loses its first letter.
    let fourth = first.strip_prefix("لل").unwrap_or(third);
    // An elided article or negation before a vowel.
    let elided = word.split_once('\'').map_or(word, |(_, rest)| rest);
    let before = word.split_once('\'').map_or(word, |(before, _)| before);
    [word, first, second, third, fourth, elided, before].into_iter()
}
