//! What every store does, on each of ours.

mod sqlite_file {
    compass_core::creator_store_suite!(crate::stores::sqlite_file);
    compass_core::corpus_store_suite!(crate::stores::sqlite_file);
    compass_core::account_store_suite!(crate::stores::sqlite_file);
    compass_core::job_store_suite!(crate::stores::sqlite_file);
    compass_core::host_health_suite!(crate::stores::sqlite_file);
}

mod sqlite_memory {
    compass_core::creator_store_suite!(crate::stores::sqlite_memory);
    compass_core::corpus_store_suite!(crate::stores::sqlite_memory);
    compass_core::account_store_suite!(crate::stores::sqlite_memory);
    compass_core::job_store_suite!(crate::stores::sqlite_memory);
    compass_core::host_health_suite!(crate::stores::sqlite_memory);
}

mod postgres {
    compass_core::creator_store_suite!(crate::stores::postgres);
    compass_core::corpus_store_suite!(crate::stores::postgres);
    compass_core::account_store_suite!(crate::stores::postgres);
    compass_core::job_store_suite!(crate::stores::postgres);
    compass_core::host_health_suite!(crate::stores::postgres);
}

mod postgres_schema {
    compass_core::creator_store_suite!(crate::stores::postgres_schema);
    compass_core::corpus_store_suite!(crate::stores::postgres_schema);
    compass_core::account_store_suite!(crate::stores::postgres_schema);
    compass_core::job_store_suite!(crate::stores::postgres_schema);
    compass_core::host_health_suite!(crate::stores::postgres_schema);
}
