import COpenSSL

/// SHA-256 (FIPS 180-4), at once or in pieces.
///
/// ```swift
/// var sha = SHA256()
/// sha.update(first)
/// sha.update(second)
/// let hash = sha.finish()
/// ```
public struct SHA256: ~Copyable {
    /// The size of a hash, in bytes.
    public static let byteCount = 32

    private var digest: Digest

    /// Begins a hash.
    public init() { digest = unsafe Digest(EVP_sha256()) }

    /// Takes more bytes.
    ///
    /// - Complexity: O(n), no allocation.
    public mutating func update(_ bytes: Span<UInt8>) { digest.update(bytes) }

    /// Takes more bytes from an array.
    public mutating func update(_ bytes: [UInt8]) { digest.update(bytes.span) }

    /// Ends the hash: 32 bytes.
    public consuming func finish() -> [UInt8] { digest.finish(byteCount: Self.byteCount) }

    /// The hash of `bytes`, 32 bytes.
    public static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        var sha = SHA256()
        sha.update(bytes)
        return sha.finish()
    }

    /// The hash of an array of bytes, 32 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }
}
