public import OutcryCrypto
public import OutcryWire

/// The signature of a private HTTP call: what is signed, and the `Rest-Sign` made of it.
///
/// Version 0 and 1 sign the body's bytes as sent. Version 2 signs the path behind `/api/2/`, a zero
/// byte and the body. The query (`?raw`) is never signed.
///
/// - Source: the protocol reference, section 3.2.
public enum MtGoxRestSignature {
    /// The path that a signature of version 2 covers: what stands behind `/api/2/` in a target, to
    /// the query; nil for a target of another version.
    ///
    /// - Parameter path: a target or a path, as sent: `/api/2/BTCUSD/money/order/add?raw`.
    public static func signedPath(of path: some StringProtocol) -> String? {
        let bytes = Array(path.utf8.prefix { $0 != UInt8(ascii: "?") })
        let prefix = Array("/api/2/".utf8)
        guard bytes.starts(with: prefix) else { return nil }
        return String(decoding: bytes.dropFirst(prefix.count), as: UTF8.self)
    }

    /// The 64 bytes that sign a body, for a target of any version.
    ///
    /// - Parameter target: the request's target or path, as sent.
    public static func code(
        for target: some StringProtocol, body: Span<UInt8>, key: HMACSHA512Key
    ) -> [UInt8] {
        var code = HMACSHA512(key)
        if let path = signedPath(of: target) {
            code.update(Array(path.utf8))
            code.update([0])
        }
        code.update(body)
        return code.finish()
    }

    /// The 64 bytes that the value of `Rest-Sign` stands for.
    ///
    /// White space and line ends in it are passed over: a client of Perl's sends those that its
    /// `encode_base64` makes.
    ///
    /// - Throws: ``MtGoxSigningError`` for text that is no base64, or of another length.
    public static func decode(_ value: String) throws(MtGoxSigningError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try Base64.decode(value, skipsWhitespace: true)
        } catch {
            throw MtGoxSigningError(.signature, error)
        }
        guard bytes.count == HMACSHA512.byteCount else {
            throw MtGoxSigningError(
                .signature, at: 0, expected: "\(HMACSHA512.byteCount) bytes",
                found: "\(bytes.count)")
        }
        return bytes
    }
}

extension MtGoxCredentials {
    /// The value of `Rest-Sign` for a private call.
    ///
    /// - Parameters:
    ///   - target: the request's target or path, as it will be sent.
    ///   - body: the form body, as it will be sent; a nonce or a tonce is in it.
    public func restSign(_ target: some StringProtocol, body: Span<UInt8>) -> String {
        Base64.encode(MtGoxRestSignature.code(for: target, body: body, key: secret))
    }

    /// The fields that sign a private call, and say what its body is.
    public func fields(_ target: some StringProtocol, body: Span<UInt8>) -> HTTPFields {
        [
            HTTPField("Rest-Key", "\(key)"), HTTPField("Rest-Sign", restSign(target, body: body)),
            HTTPField("Content-Type", "application/x-www-form-urlencoded"),
        ]
    }
}

extension MtGoxSigningError {
    /// Says where base64 went wrong.
    init(_ part: Part, _ error: CryptoError) {
        switch error {
        case .malformed(let offset, let expected, let found):
            self.init(part, at: offset, expected: expected, found: found)
        default:
            self.init(part, at: 0, expected: "base64", found: "\(error)")
        }
    }
}
