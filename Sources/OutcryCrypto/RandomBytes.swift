import COpenSSL

/// Random bytes that nobody can guess, from libcrypto's generator (seeded by the system).
///
/// Only drivers call this: what runs on a kernel asks the kernel for its entropy, so that a
/// simulation can repeat it.
public enum RandomBytes {
    /// So many random bytes.
    ///
    /// - Throws: ``CryptoError/noRandomness(code:)`` when the generator fails.
    public static func make(_ count: Int) throws(CryptoError) -> [UInt8] {
        precondition(count >= 0 && count <= Int32.max, "a count of random bytes below 2 GiB")
        var code: UInt?
        let bytes = [UInt8](capacity: count) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                if unsafe RAND_bytes(buffer.baseAddress, Int32(count)) == 1 {
                    initialized = count
                } else {
                    code = ERR_get_error()
                }
            }
        }
        if let code { throw .noRandomness(code: code) }
        return bytes
    }

    /// A random number of 64 bits.
    ///
    /// - Throws: ``CryptoError/noRandomness(code:)`` when the generator fails.
    public static func word() throws(CryptoError) -> UInt64 {
        try make(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
