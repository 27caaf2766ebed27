//! The host's word that it is about to stop, for answers that would otherwise never end.

use tokio_util::sync::CancellationToken;

/// Ends the streams of progress when it is cancelled, and makes `/health/ready` say so: a graceful shutdown waits for open answers, and they would not end
/// by themselves. A host layers it over the router: `router().layer(Extension(Shutdown(token)))`.
#[derive(Clone, Debug, Default)]
pub struct Shutdown(pub CancellationToken);
