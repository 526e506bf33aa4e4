/// Why a stream is not, or not any more, secret: which check failed, for which name, what was expected and
/// what was found.
public struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What failed.
    @nonexhaustive public enum Check: String, Hashable, Sendable {
        /// The certificate is for other names.
        case name
        /// Nobody who is trusted has issued the certificate, or one above it.
        case authority
        /// A certificate's time is over, or has not come.
        case validity
        /// A certificate of the chain may not do what it is used for: not an authority, a chain too long,
        /// another purpose, a name that its authority may not vouch for.
        case usage
        /// A key or a signature is too weak, or wrong.
        case strength
        /// The other side showed no certificate and needs one.
        case missingCertificate = "missing certificate"
        /// No protocol in common (ALPN).
        case protocols
        /// No version in common.
        case version
        /// No cipher, or the like, in common.
        case agreement
        /// The other side does not speak TLS.
        case notTLS = "no TLS"
        /// The other side refused, by an alert.
        case alert
        /// The connection ended without a good-bye: what came last may be missing.
        case truncation
        /// The handshake was not through in time.
        case time
        /// What came breaks the protocol.
        case integrity
        /// The options cannot be used: a certificate, a key, a name.
        case options
    }

    /// What failed.
    public let check: Check
    /// Whom it is about: the server's name, or the client's address.
    public let name: String
    /// What should have been.
    public let expected: String
    /// What was.
    public let found: String

    /// Makes a failure of its parts.
    public init(_ check: Check, name: String, expected: String, found: String) {
        self.check = check
        self.name = name
        self.expected = expected
        self.found = found
    }

    /// `TLS with wrong.test (name): expected a certificate for wrong.test, found one for DNS:good.test`.
    public var description: String {
        "TLS with \(name) (\(check.rawValue)): expected \(expected), found \(found)"
    }
}
