//! What every store does, on each of ours.

mod sqlite_file {
    compass_core::creator_store_suite!(crate::stores::sqlite_file);
    compass_core::corpus_store_suite!(crate::stores::sqlite_file);
    compass_core::account_store_suite!(crate::stores::sqlite_file);
    compass_core::job_store_suite!(crate::stores::sqlite_file);
    compass_core::scheduled_jobs_suite!(crate::stores::sqlite_file);
    compass_core::host_health_suite!(crate::stores::sqlite_file);
    compass_core::sign_in_store_suite!(crate::stores::sqlite_file);
    compass_core::refresh_tokens_suite!(crate::stores::sqlite_file);
    compass_core::import_store_suite!(crate::stores::sqlite_file);
    compass_core::report_store_suite!(crate::stores::sqlite_file);
    compass_core::privacy_suite!(crate::stores::sqlite_file);
}

mod sqlite_memory {
    compass_core::creator_store_suite!(crate::stores::sqlite_memory);
    compass_core::corpus_store_suite!(crate::stores::sqlite_memory);
    compass_core::account_store_suite!(crate::stores::sqlite_memory);
    compass_core::job_store_suite!(crate::stores::sqlite_memory);
    compass_core::scheduled_jobs_suite!(crate::stores::sqlite_memory);
    compass_core::host_health_suite!(crate::stores::sqlite_memory);
    compass_core::sign_in_store_suite!(crate::stores::sqlite_memory);
    compass_core::refresh_tokens_suite!(crate::stores::sqlite_memory);
    compass_core::import_store_suite!(crate::stores::sqlite_memory);
    compass_core::report_store_suite!(crate::stores::sqlite_memory);
    compass_core::privacy_suite!(crate::stores::sqlite_memory);
}

mod postgres {
    compass_core::creator_store_suite!(crate::stores::postgres);
    compass_core::corpus_store_suite!(crate::stores::postgres);
    compass_core::account_store_suite!(crate::stores::postgres);
    compass_core::job_store_suite!(crate::stores::postgres);
    compass_core::scheduled_jobs_suite!(crate::stores::postgres);
    compass_core::host_health_suite!(crate::stores::postgres);
    compass_core::sign_in_store_suite!(crate::stores::postgres);
    compass_core::refresh_tokens_suite!(crate::stores::postgres);
    compass_core::import_store_suite!(crate::stores::postgres);
    compass_core::report_store_suite!(crate::stores::postgres);
    compass_core::privacy_suite!(crate::stores::postgres);
}

mod postgres_schema {
    compass_core::creator_store_suite!(crate::stores::postgres_schema);
    compass_core::corpus_store_suite!(crate::stores::postgres_schema);
    compass_core::account_store_suite!(crate::stores::postgres_schema);
    compass_core::job_store_suite!(crate::stores::postgres_schema);
    compass_core::scheduled_jobs_suite!(crate::stores::postgres_schema);
    compass_core::host_health_suite!(crate::stores::postgres_schema);
    compass_core::sign_in_store_suite!(crate::stores::postgres_schema);
    compass_core::refresh_tokens_suite!(crate::stores::postgres_schema);
    compass_core::import_store_suite!(crate::stores::postgres_schema);
    compass_core::report_store_suite!(crate::stores::postgres_schema);
    compass_core::privacy_suite!(crate::stores::postgres_schema);
}
