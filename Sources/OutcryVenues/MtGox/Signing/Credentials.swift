public import OutcryCrypto
import OutcryWire

/// What an API key's owner holds: the key's GUID, and its secret made ready for signing.
///
/// The secret cannot be read back; descriptions, dumps and mirrors show the GUID only.
///
/// - Source: the protocol reference, section 3.1.
public struct MtGoxCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The key's GUID, which goes with each call.
    public let key: MtGoxGUID
    /// The secret, ready for signing.
    public let secret: HMACSHA512Key

    /// Takes a key and a secret as the venue showed them to their owner.
    ///
    /// - Parameters:
    ///   - key: a GUID with dashes, such as `a8f0c118-f963-430a-9150-02fc673afdda`.
    ///   - secret: base64 text; usually 88 characters, for 64 bytes. White space is passed over.
    /// - Throws: ``MtGoxSigningError`` for a text that is no GUID, or no base64, or empty.
    public init(key: String, secret: String) throws(MtGoxSigningError) {
        try self.init(key: key.utf8.span, secret: secret.utf8.span)
    }

    /// Takes a key and a secret as bytes of text, which their owner can wipe; see
    /// ``init(key:secret:)-(String,String)``.
    public init(key: Span<UInt8>, secret: Span<UInt8>) throws(MtGoxSigningError) {
        guard let guid = MtGoxGUID(key) else {
            throw MtGoxSigningError(
                .key, at: 0, expected: "a GUID with dashes, 36 characters",
                found: "\(key.count) bytes that are none")
        }
        var bytes: [UInt8]
        do {
            bytes = try Base64.decode(secret, skipsWhitespace: true)
        } catch {
            var offset = 0
            if case .malformed(let place, _, _) = error { offset = place }
            throw MtGoxSigningError(
                .secret, at: offset, expected: "base64", found: "something else")
        }
        guard !bytes.isEmpty else {
            throw MtGoxSigningError(.secret, at: 0, expected: "base64", found: "nothing")
        }
        self.init(key: guid, secret: HMACSHA512Key(bytes))
        SecretBytes.wipe(&bytes)
    }

    /// Takes a key and a secret that are ready.
    public init(key: MtGoxGUID, secret: HMACSHA512Key) {
        self.key = key
        self.secret = secret
    }

    /// The key's GUID, nothing of the secret.
    public var description: String { "Mt. Gox key \(key)" }
    /// The key's GUID, nothing of the secret.
    public var debugDescription: String { description }
    /// Shows the key's GUID only.
    public var customMirror: Mirror { Mirror(self, children: ["key": "\(key)"]) }
}
