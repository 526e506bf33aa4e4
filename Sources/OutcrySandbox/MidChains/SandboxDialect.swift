/// Whose protocol is spoken at a door.
public enum SandboxDialect: Hashable, Sendable {
    /// Mt. Gox's, as of April 2013.
    case mtGox
    /// MidChains', as of 2021: one WebSocket for market data and orders.
    case midChains
}
