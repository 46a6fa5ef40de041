//! The only way out. (Stub: being built.)

/// What a token is made for, and with it which hosts it may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Microsoft Entra ID: sign-in. No bearer token goes there.
    Login,
    /// Azure Resource Manager.
    Arm,
    /// Key Vault's data plane.
    Vault,
    /// Azure ML's data plane: discovery without a token, scoring.
    Ml,
    /// Microsoft Graph.
    Graph,
}
