//! Texts as vectors, from an embeddings endpoint.

use async_trait::async_trait;
use compass_core::ports::{EmbedError, Embedder};
use serde::{Deserialize, Serialize};

use crate::{Endpoint, EndpointFailure};

/// Asks an endpoint that speaks as OpenAI's `POST /embeddings` does.
///
/// The vectors are made of length 1. An answer of another length, of another number of vectors, of a place that is told twice or of what is
/// no number is refused whole. A text without any visible character is not sent, and has zeros.
#[derive(Clone, Debug)]
pub struct EndpointEmbedder {
    endpoint: Endpoint,
    model: String,
    dimensions: usize,
}

/// Texts are sent so many at a time.
const AT_A_TIME: usize = 64;
/// Of a text so many characters are sent: what creators write is shorter.
const MOST_CHARS: usize = 8_000;
/// A number in JSON has fewer bytes than this, with what stands around it.
const BYTES_A_NUMBER: usize = 40;
/// And an answer so many beside its numbers.
const BYTES_BESIDE: usize = 64 * 1024;

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Placed>,
}

#[derive(Deserialize)]
struct Placed {
    index: usize,
    embedding: Vec<f32>,
}

impl EndpointEmbedder {
    /// An embedder of a model that gives so many numbers, at least one.
    #[must_use]
    pub fn new(endpoint: Endpoint, model: impl Into<String>, dimensions: usize) -> Self {
        Self { endpoint, model: model.into(), dimensions: dimensions.max(1) }
    }

    async fn some(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let question = Question { model: &self.model, input: texts, encoding_format: "float" };
        let largest = texts.len() * self.dimensions * BYTES_A_NUMBER + BYTES_BESIDE;
        let answer: Result<Answer, EndpointFailure> = self.endpoint.ask("embeddings", &question, largest).await;
        let answer = answer.map_err(|failure| EmbedError::Unavailable(Box::new(failure)))?;
        self.in_order(answer, texts.len())
            .ok_or(EmbedError::Unusable { dimensions: self.dimensions, texts: texts.len() })
    }

    /// The vectors in the order of the texts, whatever the order of the answer.
    fn in_order(&self, answer: Answer, texts: usize) -> Option<Vec<Vec<f32>>> {
        let mut vectors: Vec<Option<Vec<f32>>> = vec![None; texts];
        for Placed { index, mut embedding } in answer.data {
            let place = vectors.get_mut(index).filter(|place| place.is_none())?;
            if embedding.len() != self.dimensions || !of_length_one(&mut embedding) {
                return None;
            }
            *place = Some(embedding);
        }
        vectors.into_iter().collect()
    }
}

/// Whether it could be made of length 1: what has no direction, or is no number, cannot.
fn of_length_one(vector: &mut [f32]) -> bool {
    let length = vector.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    if !(length.is_finite() && length > 0.0) {
        return false;
    }
    vector.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
    true
}

#[async_trait]
impl Embedder for EndpointEmbedder {
    /// The name that the endpoint has for it, and where the endpoint is. Whoever puts another model behind both takes kept vectors away.
    fn model(&self) -> String {
        format!("{} at {}", self.model, self.endpoint.place())
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        let mut vectors = vec![vec![0.0; self.dimensions]; texts.len()];
        let said: Vec<usize> = (0..texts.len()).filter(|&place| !texts[place].trim().is_empty()).collect();
        for places in said.chunks(AT_A_TIME) {
            let some: Vec<&str> = places.iter().map(|&place| cut(&texts[place])).collect();
            for (&place, vector) in places.iter().zip(self.some(&some).await?) {
                vectors[place] = vector;
            }
        }
        Ok(vectors)
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(MOST_CHARS).map_or(text, |(end, _)| &text[..end])
}
