import COpenSSL

/// The public half of an RSA key: encrypts short secrets for who has the other half (RFC 8017, section 7.2:
/// RSAES-PKCS1-v1_5).
///
/// For venues that want it. Nothing new is built on it: whoever answers differently to a wrong padding gives the
/// secret away, and 1,024 bits, as at such venues, are too few.
public struct RSAPublicKey: Hashable, Sendable {
    /// The key as a SubjectPublicKeyInfo in DER, as it was given.
    public let der: [UInt8]
    /// How many bytes a ciphertext has.
    public let size: Int

    /// Takes a SubjectPublicKeyInfo in DER.
    ///
    /// - Throws: ``CryptoError/unusable(what:expected:)`` for anything else, a key of another kind, or one below
    ///   512 or above 16,384 bits.
    public init(der: [UInt8]) throws(CryptoError) {
        guard
            let size = unsafe Self.withKey(
                der,
                { key in
                    unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA
                        ? Int(unsafe EVP_PKEY_get_size(key)) : 0
                }), (64...2048).contains(size)
        else {
            throw .unusable(what: "a key", expected: "an RSA SubjectPublicKeyInfo in DER")
        }
        self.der = der
        self.size = size
    }

    /// How long a message may be.
    public var messageLimit: Int { size - 11 }

    /// Encrypts a message; another ciphertext each time, as the random numbers are.
    ///
    /// - Throws: ``CryptoError/unusable(what:expected:)`` for a message that is too long.
    public func encrypt(
        _ message: Span<UInt8>, using random: inout some RandomNumberGenerator
    ) throws(CryptoError) -> [UInt8] {
        guard message.count <= messageLimit else {
            throw .unusable(what: "a message", expected: "at most \(messageLimit) bytes long")
        }
        var block: [UInt8] = [0, 2]
        block.reserveCapacity(size)
        while block.count < size - message.count - 1 {
            block.append(UInt8.random(in: 1...255, using: &random))
        }
        block.append(0)
        for index in message.indices { block.append(message[index]) }
        defer { SecretBytes.wipe(&block) }
        ERR_clear_error()
        guard let secret = unsafe Self.withKey(der, { unsafe Self.raise(block, $0) }) else {
            throw .last("d2i_PUBKEY")
        }
        guard let secret else { throw .last("EVP_PKEY_encrypt") }
        return secret
    }

    private static func raise(_ block: [UInt8], _ key: OpaquePointer) -> [UInt8]? {
        let work = unsafe EVP_PKEY_CTX_new(key, nil)
        defer { unsafe EVP_PKEY_CTX_free(work) }
        var secret = [UInt8](repeating: 0, count: block.count)
        var count = secret.count
        guard unsafe EVP_PKEY_encrypt_init(work) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(work, RSA_NO_PADDING) == 1,
            unsafe EVP_PKEY_encrypt(work, &secret, &count, block, block.count) == 1,
            count == block.count
        else { return nil }
        return secret
    }

    /// Lends the key as libcrypto holds it; nil where it cannot be read.
    private static func withKey<Result>(
        _ der: [UInt8], _ body: (OpaquePointer) -> Result
    ) -> Result? {
        unsafe der.withUnsafeBufferPointer { buffer in
            var place = buffer.baseAddress
            guard let key = unsafe d2i_PUBKEY(nil, &place, buffer.count) else {
                ERR_clear_error()
                return nil
            }
            defer { unsafe EVP_PKEY_free(key) }
            return unsafe body(key)
        }
    }
}

extension CryptoError {
    /// What libcrypto could not do, with the code that it left.
    static func last(_ call: String) -> CryptoError {
        .failed(call: call, code: UInt(ERR_get_error()))
    }
}
