import COpenSSL

/// An RSA key that this process made: decrypts what was encrypted with its public half. Freed in deinit.
///
/// For servers of venues that want it, see ``RSAPublicKey``.
@safe public final class RSAPrivateKey {
    /// Its public half.
    public let publicKey: RSAPublicKey
    private let key: OpaquePointer

    /// Makes a key of so many bits, 512 to 16,384. Some milliseconds for 1,024.
    ///
    /// - Throws: ``CryptoError``.
    public convenience init(bits: Int) throws(CryptoError) {
        precondition((512...16_384).contains(bits), "an RSA key has 512 to 16,384 bits")
        ERR_clear_error()
        let maker = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        defer { unsafe EVP_PKEY_CTX_free(maker) }
        var made: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(maker) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(maker, Int32(bits)) == 1,
            unsafe EVP_PKEY_generate(maker, &made) == 1, let key = unsafe made
        else { throw .last("EVP_PKEY_generate") }
        try unsafe self.init(taking: key)
    }

    /// Takes up a key that ``der`` gave.
    ///
    /// - Throws: ``CryptoError`` where it is none.
    public convenience init(der: [UInt8]) throws(CryptoError) {
        ERR_clear_error()
        let found = unsafe der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var place = buffer.baseAddress
            return unsafe d2i_PrivateKey(EVP_PKEY_RSA, nil, &place, buffer.count)
        }
        guard let key = unsafe found else { throw .last("d2i_PrivateKey") }
        try unsafe self.init(taking: key)
    }

    /// The key itself, for whoever keeps it: a secret.
    public var der: [UInt8] {
        var der = [UInt8](repeating: 0, count: Int(unsafe i2d_PrivateKey(key, nil)))
        unsafe der.withUnsafeMutableBufferPointer { buffer in
            var place = buffer.baseAddress
            _ = unsafe i2d_PrivateKey(key, &place)
        }
        return der
    }

    /// Owns `key`, also where it throws.
    private init(taking key: OpaquePointer) throws(CryptoError) {
        var der = [UInt8](repeating: 0, count: Int(unsafe i2d_PUBKEY(key, nil)))
        unsafe der.withUnsafeMutableBufferPointer { buffer in
            var place = buffer.baseAddress
            _ = unsafe i2d_PUBKEY(key, &place)
        }
        do throws(CryptoError) { publicKey = try RSAPublicKey(der: der) } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.key = unsafe key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Decrypts a message; nil for what was not encrypted for this key.
    public func decrypt(_ secret: [UInt8]) -> [UInt8]? {
        let work = unsafe EVP_PKEY_CTX_new(key, nil)
        defer { unsafe EVP_PKEY_CTX_free(work) }
        var message = [UInt8](repeating: 0, count: publicKey.size)
        defer { SecretBytes.wipe(&message) }
        var count = message.count
        ERR_clear_error()
        guard unsafe EVP_PKEY_decrypt_init(work) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(work, RSA_PKCS1_PADDING) == 1,
            unsafe EVP_PKEY_decrypt(work, &message, &count, secret, secret.count) == 1
        else {
            ERR_clear_error()
            return nil
        }
        return Array(message[..<count])
    }
}
