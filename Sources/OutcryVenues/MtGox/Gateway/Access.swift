/// An account of the venue, as a link uses it.
public struct MtGoxAccess: Sendable {
    /// The API key.
    public var credentials: MtGoxCredentials
    /// How calls are made.
    public var gateway = MtGoxGatewayOptions()

    /// An account, used in the usual ways.
    public init(_ credentials: MtGoxCredentials) { self.credentials = credentials }
}
