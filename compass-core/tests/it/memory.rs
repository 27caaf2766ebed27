//! The in-memory adapters keep the ports' contracts.

use compass_core::testing::MemoryStore;

async fn fresh() -> Box<MemoryStore> {
    Box::default()
}

mod creators {
    compass_core::creator_store_suite!(super::fresh);
    compass_core::corpus_store_suite!(super::fresh);
}

mod accounts {
    compass_core::account_store_suite!(super::fresh);
}

mod jobs {
    compass_core::job_store_suite!(super::fresh);
}

mod creator_tokens {
    async fn fresh() -> Box<compass_core::testing::MemoryCreatorTokens> {
        Box::default()
    }

    compass_core::creator_tokens_suite!(fresh);
}

mod hosts {
    compass_core::host_health_suite!(super::fresh);
}
