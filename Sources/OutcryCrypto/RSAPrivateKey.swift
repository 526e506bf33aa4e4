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
    public init(bits: Int) throws(CryptoError) {
        precondition((512...16_384).contains(bits), "an RSA key has 512 to 16,384 bits")
        ERR_clear_error()
        let maker = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        defer { unsafe EVP_PKEY_CTX_free(maker) }
        var made: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(maker) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(maker, Int32(bits)) == 1,
            unsafe EVP_PKEY_generate(maker, &made) == 1, let key = unsafe made
        else { throw .last("EVP_PKEY_generate") }
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
