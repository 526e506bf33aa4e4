import COpenSSL

/// SHA-1 (FIPS 180-4), for the WebSocket handshake and other identifiers; not for signatures.
public enum SHA1 {
    /// The size of a hash, in bytes.
    public static let byteCount = 20

    /// The hash of `bytes`, 20 bytes.
    ///
    /// - Complexity: O(n).
    public static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        [UInt8](capacity: byteCount) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                unsafe bytes.withUnsafeBytes {
                    unsafe outcry_sha1($0.baseAddress, $0.count, buffer.baseAddress)
                }
                initialized = byteCount
            }
        }
    }

    /// The hash of an array of bytes, 20 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }
}
