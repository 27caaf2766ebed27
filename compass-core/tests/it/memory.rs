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
    compass_core::scheduled_jobs_suite!(super::fresh);
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

mod sign_ins {
    compass_core::sign_in_store_suite!(super::fresh);
}

mod refresh_tokens {
    compass_core::refresh_tokens_suite!(super::fresh);
}

mod imports {
    compass_core::import_store_suite!(super::fresh);
}

mod reports {
    compass_core::report_store_suite!(super::fresh);
}

mod privacy {
    compass_core::privacy_suite!(super::fresh);
}
