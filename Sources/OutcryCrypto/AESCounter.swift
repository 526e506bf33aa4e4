import COpenSSL

/// AES-256 in counter mode (NIST SP 800-38A, 6.5): a stream of bits that is laid over bytes. Encrypting and
/// decrypting are the same.
///
/// It hides and does not protect: whoever can change the bytes can change what they mean.
@safe public final class AESCounter {
    /// How long a key is, in bytes.
    public static let keyByteCount = 32
    private let context: OpaquePointer
    private var key: [UInt8]

    /// Prepares a key of ``keyByteCount`` bytes.
    ///
    /// - Throws: ``CryptoError`` when the library has no such cipher.
    public init(_ key: [UInt8]) throws(CryptoError) {
        precondition(key.count == Self.keyByteCount, "a key of AES-256 has 32 bytes")
        guard let context = unsafe EVP_CIPHER_CTX_new() else {
            throw CryptoError.failed(call: "EVP_CIPHER_CTX_new", code: ERR_get_error())
        }
        unsafe self.context = unsafe context
        self.key = key
        guard begin(0) else {
            throw CryptoError.failed(call: "EVP_EncryptInit_ex", code: ERR_get_error())
        }
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
        SecretBytes.wipe(&key)
    }

    /// Goes to the beginning of stream `number`; no number is used for two contents.
    ///
    /// - Returns: Whether the library did.
    @discardableResult public func begin(_ number: UInt64) -> Bool {
        var start = [UInt8](repeating: 0, count: 16)
        for place in 0..<8 { start[7 - place] = UInt8(truncatingIfNeeded: number >> (place * 8)) }
        return unsafe EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nil, key, start) == 1
    }

    /// Lays the next bits of the stream over `count` bytes; both may be the same place.
    public func apply(
        _ bytes: UnsafeRawPointer, to result: UnsafeMutableRawPointer, count: Int
    ) {
        var done = 0
        while done < count {
            let piece = Int32(min(count - done, 1 << 30))
            var length: Int32 = 0
            let code = unsafe EVP_EncryptUpdate(
                context, (result + done).assumingMemoryBound(to: UInt8.self), &length,
                (bytes + done).assumingMemoryBound(to: UInt8.self), piece)
            precondition(code == 1 && length == piece, "a stream cipher gives as much as it gets")
            done += Int(piece)
        }
    }
}
