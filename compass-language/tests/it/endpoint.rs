//! Addresses that are endpoints, and keys that stay secret.

use compass_language::{Endpoint, EndpointError};

#[test]
fn address_that_is_no_endpoint_is_refused_with_words_that_help() {
    for address in
        ["", "models.example/v1", "ftp://models.example", "http://", "http://a?key=1", "https://u:p@models.example/v1"]
    {
        let error = Endpoint::at(address).build().unwrap_err();
        assert!(
            matches!(error, EndpointError::Address(_)) && error.to_string().contains("such as http"),
            "{address}: {error}"
        );
    }
}

#[test]
fn key_is_sent_over_https_or_to_this_machine_alone() {
    let with_key = |address: &str| Endpoint::at(address).with_key("sesame".into()).build();
    for address in
        ["https://models.example/v1", "http://127.0.0.1:11434/v1", "http://localhost:11434/v1", "http://[::1]:1/v1"]
    {
        assert!(!format!("{:?}", with_key(address).unwrap()).contains("sesame"));
    }
    for address in ["http://models.example/v1", "http://10.0.0.1/v1"] {
        let error = with_key(address).unwrap_err();
        assert!(matches!(error, EndpointError::KeyInTheClear(_)) && !error.to_string().contains("sesame"), "{error}");
    }
    assert!(!format!("{:?}", Endpoint::at("http://10.0.0.1").with_key("sesame".into())).contains("sesame"));
    for address in ["https://u:sesame@models.example/v1", "https://models.example/v1?key=sesame"] {
        let error = Endpoint::at(address).build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("sesame"), "{error}");
    }
}
