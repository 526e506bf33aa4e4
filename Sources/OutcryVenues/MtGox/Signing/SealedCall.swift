public import OutcryCrypto
import OutcryWire

/// A call over the stream as it is signed: the key, the code and the JSON that the code covers.
///
/// Its bytes are the key's GUID (16), the HMAC-SHA512 of the JSON under the secret (64), and the
/// JSON; over the wire they are base64 in the field `call` of an `op:call`.
///
/// - Source: the protocol reference, section 9.
public struct MtGoxSealedCall: Sendable {
    /// How many bytes stand before the JSON.
    public static let headByteCount = 16 + HMACSHA512.byteCount

    /// Whose call it says to be.
    public let key: MtGoxGUID
    /// The code, 64 bytes; nobody has compared it yet.
    public let code: [UInt8]
    /// The JSON, as it was signed; see ``MtGoxCallBody``.
    public let body: [UInt8]

    /// Takes a call's base64 apart.
    ///
    /// - Throws: ``MtGoxSigningError`` for text that is not base64 with padding on one line, and for
    ///   bytes that end before the JSON begins.
    public init(base64: Span<UInt8>) throws(MtGoxSigningError) {
        let blob: [UInt8]
        do {
            blob = try Base64.decode(base64)
        } catch {
            throw MtGoxSigningError(.call, error)
        }
        guard blob.count > Self.headByteCount else {
            throw MtGoxSigningError(
                .blob, at: blob.count,
                expected: "more than \(Self.headByteCount) bytes: a key, a code and JSON",
                found: "\(blob.count)")
        }
        key = MtGoxGUID(bytes: blob.span)
        code = Array(blob[16..<Self.headByteCount])
        body = Array(blob[Self.headByteCount...])
    }

    /// Takes a call's base64 apart; see ``init(base64:)-(Span<UInt8>)``.
    public init(base64: String) throws(MtGoxSigningError) {
        try self.init(base64: base64.utf8.span)
    }

    /// Signs a call.
    public init(_ body: [UInt8], credentials: MtGoxCredentials) {
        key = credentials.key
        code = credentials.secret.code(of: body)
        self.body = body
    }

    /// Whether the code is the one that this secret makes, compared in constant time.
    public func isSigned(with secret: HMACSHA512Key) -> Bool {
        secret.isCode(code.span, of: body.span)
    }

    /// The base64 of all of it.
    public var base64: String { Base64.encode(key.bytes + code + body) }

    /// The message that brings the call to the venue, with the id that comes back with the answer.
    public func message(id: String) -> [UInt8] {
        MtGoxCallWriter.message((key.bytes + code + body).span, id: .text(id))
    }
}

extension MtGoxCredentials {
    /// The signed message that asks for a call over the stream.
    public func message(_ body: MtGoxCallBody) -> [UInt8] {
        var writer = MtGoxCallWriter(self)
        return writer.message(body)
    }
}
