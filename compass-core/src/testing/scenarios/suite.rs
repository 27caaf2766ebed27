//! Turns a list of scenarios into functions and into the macro with which an adapter runs all of them.

/// Defines each scenario as a public function over the port, and a macro that makes a `#[tokio::test]` of each.
///
/// The first argument is a dollar sign: a macro cannot write one for the macro that it defines.
macro_rules! suite {
    (
        ($dollar:tt)
        $(#[$doc:meta])*
        $name:ident in $module:ident over $port:path {
            $(async fn $scenario:ident($store:ident) $body:block)*
        }
    ) => {
        $(
            #[doc = concat!("The scenario `", stringify!($scenario), "`: panics where the store does otherwise.")]
            pub async fn $scenario($store: &dyn $port) $body
        )*

        $(#[$doc])*
        #[macro_export]
        macro_rules! $name {
            ($dollar fresh:path) => {
                $(
                    #[tokio::test]
                    async fn $scenario() {
                        let store = $dollar fresh().await;
                        $crate::testing::scenarios::$module::$scenario(&*store).await;
                    }
                )*
            };
        }
    };
}
pub(super) use suite;
