public import OutcryKernel

/// One place where a sandbox listens, for streams that are all plain or all secret.
///
/// Every door of Mt. Gox serves everything; what a client gets is decided by the host that it asked for.
public struct SandboxDoor: Hashable, Sendable {
    /// The address; port 0 takes a free one, see ``SandboxExchange/addresses``.
    public var address: SocketAddress
    /// Its streams are secret, with this identity; nil: they are plain.
    public var tls: TLSServerOptions?

    /// Whose protocol is spoken there.
    public var dialect: SandboxDialect

    /// A door at an address.
    public init(
        _ address: SocketAddress, tls: TLSServerOptions? = nil, dialect: SandboxDialect = .mtGox
    ) {
        self.address = address
        self.tls = tls
        self.dialect = dialect
    }
}

/// A door of a sandbox that could not be opened; then none of them is.
public struct SandboxDoorError: Error, CustomStringConvertible {
    /// The door.
    public let door: SandboxDoor
    /// What the system said, or why certificate or key cannot be used.
    public let reason: SystemError

    /// The address and the reason.
    public var description: String { "cannot listen on \(door.address): \(reason)" }
}
