import COpenSSL

/// SHA-512 (FIPS 180-4), at once or in pieces.
///
/// The direct form of libcrypto: its state is a plain value, so a copy of a hash in progress goes on
/// by itself, which is what lets a key of ``HMACSHA512Key`` be prepared once.
public struct SHA512: Sendable {
    /// The size of a hash, in bytes.
    public static let byteCount = 64
    /// The size of the blocks that are worked on, in bytes.
    static let blockByteCount = 128

    private(set) var state = SHA512_CTX()

    /// Begins a hash.
    public init() {
        let started = unsafe SHA512_Init(&state)
        precondition(started == 1, "libcrypto has SHA-512")
    }

    /// Goes on with a hash in progress.
    init(_ state: SHA512_CTX) { self.state = state }

    /// Takes more bytes.
    ///
    /// - Complexity: O(n), no allocation.
    public mutating func update(_ bytes: Span<UInt8>) {
        let taken = unsafe bytes.withUnsafeBytes {
            unsafe SHA512_Update(&state, $0.baseAddress, $0.count)
        }
        precondition(taken == 1, "libcrypto takes bytes before the end")
    }

    /// Takes more bytes from an array.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// Ends the hash: 64 bytes.
    public consuming func finish() -> [UInt8] {
        [UInt8](capacity: Self.byteCount) { span in
            unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                let ended = unsafe SHA512_Final(buffer.baseAddress, &state)
                precondition(ended == 1, "libcrypto ends a hash")
                initialized = Self.byteCount
            }
        }
    }

    /// Ends the hash, without an allocation.
    consuming func finishInPlace() -> InlineArray<64, UInt8> {
        var hash = InlineArray<64, UInt8>(repeating: 0)
        var bytes = hash.mutableSpan
        let ended = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe SHA512_Final($0.baseAddress, &state)
        }
        precondition(ended == 1, "libcrypto ends a hash")
        return hash
    }

    /// Ends the hash, into memory for 64 bytes.
    @unsafe consuming func finish(into hash: UnsafeMutablePointer<UInt8>) {
        let ended = unsafe SHA512_Final(hash, &state)
        precondition(ended == 1, "libcrypto ends a hash")
    }

    /// The hash of `bytes`, 64 bytes.
    public static func hash(_ bytes: Span<UInt8>) -> [UInt8] {
        var sha = SHA512()
        sha.update(bytes)
        return sha.finish()
    }

    /// The hash of an array of bytes, 64 bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }
}
