//! The measurements live in `benches/`; `cargo bench -p compass-benches` runs them.
