//! The stand-in site: what it serves, read without a browser.

mod changes;
mod direct;
mod faults;
mod http;
mod layouts;
mod lists;
mod shapes;
