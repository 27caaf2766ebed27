//! What a host's state gives its routes.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use compass_core::ports::{
    AccessTokens, AccountData, AccountStore, AdviceLedger, AudienceStore, AuditLog, Clock, CorpusStore, CreatorStore,
    ExportReader, IdentityProvider, ImportStore, JobStore, Random, RefreshTokens, ReportStore,
};

use crate::Site;

/// A state that gives a value: every one from which axum's [`FromRef`] takes it.
///
/// A bound `Arc<dyn Clock>: FromRef<S>` has to be said again wherever `S` is used; this one a trait can say once for all, as
/// [`HostState`] does.
#[diagnostic::on_unimplemented(
    message = "the router's state gives no `{T}`",
    note = "`#[derive(axum::extract::FromRef)]` on the state gives each of its fields; `compass_http::Ports` has all that is needed"
)]
pub trait Provides<T> {
    /// The value.
    fn provide(&self) -> T;
}

impl<S, T: FromRef<S>> Provides<T> for S {
    fn provide(&self) -> T {
        T::from_ref(self)
    }
}

/// What every section of the API needs of a host's state.
pub trait HostState: Clone + Send + Sync + Provides<Site> + 'static {}

impl<S: Clone + Send + Sync + Provides<Site> + 'static> HostState for S {}

/// A state that knows people by their sessions and tokens.
pub trait KnowsPeople:
    HostState + Provides<Arc<dyn AccountStore>> + Provides<Arc<dyn AccessTokens>> + Provides<Arc<dyn Clock>>
{
}

impl<S> KnowsPeople for S where
    S: HostState + Provides<Arc<dyn AccountStore>> + Provides<Arc<dyn AccessTokens>> + Provides<Arc<dyn Clock>>
{
}

/// A state that gives what the whole API needs, as [`Ports`](crate::Ports) does.
pub trait ProvidesAll:
    KnowsPeople
    + Provides<Arc<dyn RefreshTokens>>
    + Provides<Arc<dyn AccountData>>
    + Provides<Arc<dyn AuditLog>>
    + Provides<Arc<dyn CreatorStore>>
    + Provides<Arc<dyn CorpusStore>>
    + Provides<Arc<dyn JobStore>>
    + Provides<Arc<dyn ImportStore>>
    + Provides<Arc<dyn AudienceStore>>
    + Provides<Arc<dyn ReportStore>>
    + Provides<Arc<dyn AdviceLedger>>
    + Provides<Arc<dyn ExportReader>>
    + Provides<Arc<dyn IdentityProvider>>
    + Provides<Arc<dyn Random>>
{
}

impl<S> ProvidesAll for S where
    S: KnowsPeople
        + Provides<Arc<dyn RefreshTokens>>
        + Provides<Arc<dyn AccountData>>
        + Provides<Arc<dyn AuditLog>>
        + Provides<Arc<dyn CreatorStore>>
        + Provides<Arc<dyn CorpusStore>>
        + Provides<Arc<dyn JobStore>>
        + Provides<Arc<dyn ImportStore>>
        + Provides<Arc<dyn AudienceStore>>
        + Provides<Arc<dyn ReportStore>>
        + Provides<Arc<dyn AdviceLedger>>
        + Provides<Arc<dyn ExportReader>>
        + Provides<Arc<dyn IdentityProvider>>
        + Provides<Arc<dyn Random>>
{
}

/// A value of the host's state; as [`axum::extract::State`], of a state that [`Provides`] it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Provided<T>(pub(crate) T);

impl<S: Provides<T> + Sync, T> FromRequestParts<S> for Provided<T> {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self(state.provide()))
    }
}
