//! Words around insights, from a chat endpoint.

use async_trait::async_trait;
use compass_core::ports::{Narration, Narrator, NarratorError};
use serde::{Deserialize, Serialize};

use crate::{Endpoint, EndpointFailure};

/// Asks an endpoint that speaks as OpenAI's `POST /chat/completions` does.
///
/// Each question is asked: `compass_http::Narration` keeps answers, which serve all, since a template has no value of anybody in it.
#[derive(Clone, Debug)]
pub struct ChatNarrator {
    endpoint: Endpoint,
    model: String,
}

/// What an answer has beside its text.
const BYTES_BESIDE: usize = 16 * 1024;
/// A character of JSON may be written as an escape of so many bytes, twice over for what is beyond 16 bits.
const BYTES_A_CHAR: usize = 12;

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    temperature: f64,
    max_tokens: usize,
    stream: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    content: Option<String>,
}

impl ChatNarrator {
    /// A narrator of a model.
    #[must_use]
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        Self { endpoint, model: model.into() }
    }

    async fn ask(&self, narration: &Narration) -> Result<String, EndpointFailure> {
        let words = narration.words.join(" ");
        let told = format!(
            "You frame a note for a creator of videos. Give the note below character by character, with one short, friendly \
             sentence before it or after it. What is in double braces stays as it is. In your sentence use only these words, each \
             in small letters or with a capital, with nothing but spaces, full stops, commas and exclamation marks: {words}. No \
             number, no advice, no other language."
        );
        let question = Question {
            model: &self.model,
            messages: [
                Message { role: "system", content: &told },
                Message { role: "user", content: &narration.template },
            ],
            temperature: 0.0,
            // A token has at least a character.
            max_tokens: narration.most_chars,
            stream: false,
        };
        let largest = narration.most_chars * BYTES_A_CHAR + BYTES_BESIDE;
        let answer: Answer = self.endpoint.ask("chat/completions", &question, largest).await?;
        let said = answer.choices.into_iter().next().and_then(|choice| choice.message.content);
        said.ok_or(EndpointFailure::Silent)
    }
}

#[async_trait]
impl Narrator for ChatNarrator {
    async fn rephrase(&self, narration: &Narration) -> Result<String, NarratorError> {
        self.ask(narration).await.map_err(|failure| NarratorError(Box::new(failure)))
    }
}
