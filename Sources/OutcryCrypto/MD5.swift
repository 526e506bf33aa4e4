import COpenSSL

/// MD5 (RFC 1321), for identifiers that others make so (ids of calls); never for signatures.
public enum MD5 {
    /// The size of a hash, in bytes.
    public static let byteCount = 16

    /// The hash of `bytes`, 16 bytes.
    ///
    /// - Complexity: O(n).
    public static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        var state = MD5_CTX()
        return [UInt8](capacity: byteCount) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                let started = unsafe MD5_Init(&state)
                let taken = unsafe bytes.withUnsafeBytes {
                    unsafe MD5_Update(&state, $0.baseAddress, $0.count)
                }
                let ended = unsafe MD5_Final(buffer.baseAddress, &state)
                precondition(started + taken + ended == 3, "libcrypto has MD5")
                initialized = byteCount
            }
        }
    }

    /// The hash of an array of bytes, 16 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }
}
