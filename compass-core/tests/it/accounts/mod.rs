//! What people do with their accounts, over a store in memory.

mod data;
mod renewal;
mod sign_in;

use std::{net::IpAddr, sync::Arc};

use compass_core::{
    AuditEvent, Client, Identity, Text, User, UserId,
    app::{Accounts, SignedIn},
    ports::{AccountStore, AuditLog, MockIdentityProvider, SignInAnswer},
    testing::{FixedClock, MemoryStore, SeededRandom},
};

struct Bench {
    store: Arc<MemoryStore>,
    clock: Arc<FixedClock>,
    accounts: Accounts,
}

fn bench() -> Bench {
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap()));
    let accounts = Accounts {
        store: Arc::<MemoryStore>::clone(&store),
        refresh_tokens: Arc::<MemoryStore>::clone(&store),
        data: Arc::<MemoryStore>::clone(&store),
        audit: Arc::<MemoryStore>::clone(&store),
        clock: Arc::<FixedClock>::clone(&clock),
        random: Arc::new(SeededRandom::new(1)),
    };
    Bench { store, clock, accounts }
}

impl Bench {
    async fn sign_in(&self, subject: &'static str) -> SignedIn {
        self.accounts.sign_in(&provider(subject), &answer(), &client()).await.unwrap()
    }

    /// What is on record of somebody, the oldest first.
    async fn record_of(&self, user: UserId) -> Vec<AuditEvent> {
        let mut events = self.store.events_of(user, 100).await.unwrap();
        events.reverse();
        events
    }

    async fn actions_of(&self, user: UserId) -> Vec<String> {
        self.record_of(user).await.into_iter().map(|event| event.action).collect()
    }

    /// Who the provider knows by this name, without a session.
    async fn person(&self, subject: &str) -> User {
        let nobody = UserId(uuid::Uuid::nil());
        let at = compass_core::ports::Clock::now(&*self.clock);
        AccountStore::sign_in(&*self.store, &identity(subject), nobody, at).await.unwrap()
    }
}

fn answer() -> SignInAnswer {
    SignInAnswer { code: Some("code".to_owned()), state: "state".to_owned(), transaction: "transaction".to_owned() }
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: "https://issuer.example".to_owned(), subject: subject.to_owned(), email: None, name: None }
}

fn provider(subject: &'static str) -> MockIdentityProvider {
    let mut provider = MockIdentityProvider::new();
    provider.expect_finish().returning(|_| Ok(identity(subject)));
    provider
}

fn client() -> Client {
    Client { ip: Some(IpAddr::from([203, 0, 113, 7])), user_agent: Some(Text::lossy("Browser/1")) }
}

fn elsewhere() -> Client {
    Client { ip: Some(IpAddr::from([198, 51, 100, 9])), user_agent: Some(Text::lossy("script/2")) }
}
