/// Where certificates or a key are: PEM text (RFC 7468) at hand, or a file that the driver reads.
///
/// Its description never shows what is in it.
public enum PEMSource: Hashable, Sendable {
    /// The text itself.
    case text(String)
    /// A file's path. The driver reads it when it needs it first, and waits for the disk meanwhile.
    case file(String)
}

extension PEMSource: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The path, or the size of the text.
    public var description: String {
        switch self {
        case .text(let text): "\(text.utf8.count) bytes of PEM"
        case .file(let path): path
        }
    }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing: a dump shows no key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Which authorities a certificate of the other side must come from.
public enum TLSTrust: Hashable, Sendable {
    /// The system's; `SSL_CERT_FILE` and `SSL_CERT_DIR` in the environment replace them.
    case system
    /// These alone: for tests, and for venues with an authority of their own.
    case authorities(PEMSource)
}

/// Who one is: a certificate with those between it and its authority, and the private key.
public struct TLSIdentity: Hashable, Sendable {
    /// The certificate, then those that issued it, without the root.
    public var chain: PEMSource
    /// The certificate's private key, not encrypted.
    public var key: PEMSource

    /// Makes an identity of its two parts.
    public init(chain: PEMSource, key: PEMSource) {
        self.chain = chain
        self.key = key
    }
}
