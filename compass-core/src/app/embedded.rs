//! What everybody's texts mean: read by a language model once, and kept.

use std::{pin::pin, sync::Arc, task::Poll};

use super::Everybody;
use crate::{
    CreatorId,
    ports::{EmbedError, Embedder},
    recommend::{Meanings, VectorError, digest},
};

/// Everybody's texts, and what a model is known to make of them.
#[derive(Debug)]
pub struct Texts {
    meanings: Result<Meanings, VectorError>,
    new: Vec<NewText>,
    all: usize,
}

#[derive(Debug)]
struct NewText {
    id: CreatorId,
    digest: [u8; 32],
    text: String,
}

/// What came of embedding everybody's texts.
#[derive(Debug)]
pub struct Embedded {
    /// What is known now, of these creators' texts alone: to be given to the next [`Everybody::texts`], whatever came of this time.
    pub meanings: Option<Arc<Meanings>>,
    /// How many texts there are.
    pub all: usize,
    /// How many of them were embedded now.
    pub new: usize,
    /// How many have no vector yet.
    pub missing: usize,
    /// Why, if the embedder failed; `None` where time was over.
    pub failure: Option<EmbedError>,
}

/// Texts are embedded so many at a time.
const AT_A_TIME: usize = 256;

impl Everybody {
    /// Looks for what is kept of the same texts by a model of a name, whose vectors have so many numbers. It computes for a while, a hash of
    /// each text: a host may do it where that holds nobody up.
    #[must_use]
    pub fn texts(&self, model: &str, dimensions: usize, kept: Option<&Meanings>) -> Texts {
        let mut meanings = Meanings::new(model, dimensions);
        let mut new = Vec::new();
        for id in self.ids() {
            let text = self.text(id);
            let digest = digest(&text);
            let is_known = match (&mut meanings, kept) {
                (Ok(meanings), Some(kept)) => meanings.take_from(kept, id, digest),
                _ => false,
            };
            if !is_known {
                new.push(NewText { id, digest, text });
            }
        }
        Texts { meanings, new, all: self.ids().len() }
    }
}

impl Texts {
    /// How many the model has not read yet.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.new.len()
    }

    /// What can be said before the model is asked.
    #[must_use]
    pub fn so_far(&self) -> Embedded {
        Embedded { meanings: None, all: self.all, new: 0, missing: self.missing(), failure: None }
    }

    /// Has the model read what it has not, if anything, until it fails or `patience` is over: a timer of the host for all texts together,
    /// such as `tokio::time::sleep`.
    pub async fn embed(self, embedder: &dyn Embedder, patience: impl Future<Output = ()> + Send) -> Embedded {
        let mut patience = pin!(patience);
        let mut done = self.so_far();
        let mut meanings = match self.meanings {
            Ok(meanings) => meanings,
            Err(error) => {
                done.failure = Some(EmbedError::Unavailable(error.into()));
                return done;
            }
        };
        for some in self.new.chunks(AT_A_TIME) {
            let texts: Vec<String> = some.iter().map(|new| new.text.clone()).collect();
            let mut answer = pin!(embedder.embed(&texts));
            let answer = std::future::poll_fn(|context| match patience.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => answer.as_mut().poll(context).map(Some),
            });
            let Some(answer) = answer.await else { break };
            done.failure = answer.and_then(|vectors| keep(&mut meanings, some, &vectors)).err();
            if done.failure.is_some() {
                break;
            }
        }
        let before = done.all - done.missing;
        (done.new, done.missing) = (meanings.len() - before, done.all - meanings.len());
        done.meanings = Some(Arc::new(meanings));
        done
    }
}

/// Keeps all that came up to what cannot be used.
fn keep(meanings: &mut Meanings, texts: &[NewText], vectors: &[Vec<f32>]) -> Result<(), EmbedError> {
    let unusable = || EmbedError::Unusable { dimensions: meanings.dimensions(), texts: texts.len() };
    if vectors.len() != texts.len() {
        return Err(unusable());
    }
    for (text, vector) in texts.iter().zip(vectors) {
        if meanings.insert_of(text.id, text.digest, vector).is_err() {
            return Err(EmbedError::Unusable { dimensions: meanings.dimensions(), texts: texts.len() });
        }
    }
    Ok(())
}

const WITHOUT_MODEL: &str =
    "The language model could not be asked: creators are compared by their words alone, not by what they mean.";

impl Embedded {
    /// What a comparison has to do without, in a sentence; `None` if nothing.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let Self { all, missing, .. } = *self;
        match self.failure {
            Some(_) => Some(WITHOUT_MODEL.to_owned()),
            None if missing > 0 => Some(format!(
                "The language model has read {} of {all} creators so far: until it has read all, they are compared by their words alone, \
                 not by what they mean.",
                all - missing
            )),
            None => None,
        }
    }
}
