//! A static model from a folder: `tests/model`, which `tests/model/reference.py` wrote with Python's model2vec 0.10.0.

use std::{error::Error as _, fs};

use compass_core::ports::Embedder;
use compass_language::StaticEmbedder;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/model");

/// What `python tests/model/reference.py` printed.
const KNOWN: [(&str, [f32; 4]); 6] = [
    ("Phở bò in Hanoi!", [0.427_195_7, -0.378_851_9, 0.553_855_7, 0.605_986]),
    ("trail RUNNING shoes", [-0.795_962_8, -0.286_993, -0.402_862_2, -0.348_970_2]),
    ("soup", [-0.030_509_32, 0.829_665_5, -0.547_488_4, -0.104_79]),
    ("", [0.0; 4]),
    ("nobody knows these", [0.0; 4]),
    ("run running", [-0.403_839_4, -0.101_145_9, -0.906_959_2, -0.064_094_5]),
];

#[tokio::test]
async fn texts_have_the_vectors_that_the_reference_gives_them() {
    let embedder = StaticEmbedder::open(FOLDER).unwrap();
    assert_eq!(embedder.dimensions(), 4);
    let texts: Vec<String> = KNOWN.iter().map(|(text, _)| (*text).to_owned()).collect();
    let vectors = embedder.embed(&texts).await.unwrap();
    for ((text, known), vector) in KNOWN.iter().zip(&vectors) {
        assert_eq!(vector.len(), 4);
        // The reference is printed to seven digits.
        assert!(known.iter().zip(vector).all(|(known, got)| (known - got).abs() < 1e-6), "{text}: {vector:?}");
    }
}

#[test]
fn another_model_has_another_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.safetensors", "tokenizer.json", "config.json"] {
        fs::copy(format!("{FOLDER}/{name}"), folder.path().join(name)).unwrap();
    }
    let named = || StaticEmbedder::open(folder.path()).unwrap().model();
    let before = named();
    assert_eq!(before, StaticEmbedder::open(FOLDER).unwrap().model(), "wherever it lies");
    let mut tensors = fs::read(folder.path().join("model.safetensors")).unwrap();
    *tensors.last_mut().unwrap() ^= 1;
    fs::write(folder.path().join("model.safetensors"), tensors).unwrap();
    assert_ne!(named(), before);
}

#[test]
fn folder_without_a_model_is_refused_with_words_that_help() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || StaticEmbedder::open(folder.path()).unwrap_err();
    let error = refused();
    assert!(error.to_string().contains("model.safetensors, tokenizer.json and config.json"), "{error}");
    for name in ["model.safetensors", "tokenizer.json", "config.json"] {
        fs::copy(format!("{FOLDER}/{name}"), folder.path().join(name)).unwrap();
    }
    assert!(StaticEmbedder::open(folder.path()).is_ok());
    for (name, damaged) in [
        ("config.json", &b"{"[..]),
        ("tokenizer.json", b"{}"),
        ("model.safetensors", b"not a tensor"),
        ("model.safetensors", &u64::MAX.to_le_bytes()),
    ] {
        let whole = fs::read(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name), damaged).unwrap();
        assert!(refused().source().is_some(), "{name}");
        fs::write(folder.path().join(name), whole).unwrap();
    }
}
