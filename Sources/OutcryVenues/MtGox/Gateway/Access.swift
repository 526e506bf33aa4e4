import OutcryKernel

/// An account of the venue, as a link uses it.
public struct MtGoxAccess {
    /// Where the key comes from.
    enum Source {
        case ready(MtGoxCredentials)
        case asked(MtGoxSigner.Keys)
    }

    let source: Source
    /// How calls are made.
    public var gateway = MtGoxGatewayOptions()
    /// How calls are made new ones, and where processes share what they have used of the key.
    public var signer = MtGoxSignerOptions()

    /// An account whose key is there, used in the usual ways.
    public init(_ credentials: MtGoxCredentials) { source = .ready(credentials) }

    /// An account whose key is asked for when the link starts, and each time that its signer does.
    public init(keys: @escaping MtGoxSigner.Keys) { source = .asked(keys) }

    /// Makes the signer of a link.
    func makeSigner(for gateway: Alias, _ marks: MtGoxMarks) -> MtGoxSigner {
        switch source {
        case .ready(let credentials):
            MtGoxSigner(credentials, gateway: gateway, options: signer, marks: marks)
        case .asked(let keys):
            MtGoxSigner(gateway: gateway, options: signer, marks: marks, keys: keys)
        }
    }
}
