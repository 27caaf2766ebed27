//! The service and its commands, through the built binary.

mod analyze;
mod analyze_exports;
mod barriers;
mod browser_refresh;
mod captures;
mod chromium;
mod client;
mod commands;
mod configuration;
mod docs_page;
mod doctor;
mod excess;
mod exchange;
mod fixtures;
mod journey;
mod pages_on_postgres;
mod process;
mod provider;
mod real_provider;
mod robustness;
mod schemathesis;
mod secrets;
mod service;
mod stopping;
mod wire;
