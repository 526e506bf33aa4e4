/// A key of HMAC-SHA512 (RFC 2104), prepared: the hash states behind its inner and its outer pad are
/// kept, so a code costs only the blocks of its message and one more.
///
/// ```swift
/// let key = HMACSHA512Key(try Base64.decode(secret))
/// let code = key.code(of: body)
/// ```
///
/// Nothing of the key is in its description, its debug description or its mirror; it cannot be
/// compared and cannot be read back. Its copies share memory that is wiped when the last one goes.
public struct HMACSHA512Key: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    fileprivate let states: HMACStates

    /// Prepares a key of any length; one beyond 128 bytes is hashed first, as the RFC says.
    public init(_ key: Span<UInt8>) {
        var block = [UInt8](repeating: 0, count: SHA512.blockByteCount)
        var short = key.count > SHA512.blockByteCount ? SHA512.hash(key) : []
        let count = short.isEmpty ? key.count : short.count
        for index in 0..<count { block[index] = short.isEmpty ? key[index] : short[index] }
        for index in block.indices { block[index] ^= 0x36 }
        var inner = SHA512()
        inner.update(block)
        for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
        var outer = SHA512()
        outer.update(block)
        states = HMACStates(inner: inner, outer: outer)
        SecretBytes.wipe(&block)
        SecretBytes.wipe(&short)
    }

    /// Prepares a key that is an array of bytes.
    public init(_ key: [UInt8]) { self.init(key.span) }

    /// The code of one message, 64 bytes.
    ///
    /// - Complexity: O(n).
    public func code(of message: Span<UInt8>) -> [UInt8] {
        var code = HMACSHA512(self)
        code.update(message)
        return code.finish()
    }

    /// The code of one message, for where it is to be made often: nothing is allocated.
    ///
    /// - Complexity: O(n).
    public func inlineCode(of message: Span<UInt8>) -> InlineArray<64, UInt8> {
        let hash = innerHash(of: message)
        var state = states.outer
        state.update(hash.span)
        return state.finishInPlace()
    }

    /// Writes the code of some bytes into the 64 before them.
    ///
    /// - Complexity: O(n), no allocation.
    public func seal(_ bytes: inout [UInt8], _ message: Range<Int>) {
        precondition(
            message.lowerBound >= HMACSHA512.byteCount && message.upperBound <= bytes.count,
            "there is room for a code before the message")
        let hash = innerHash(of: bytes.span.extracting(message))
        var state = states.outer
        state.update(hash.span)
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe state.finish(into: base + message.lowerBound - HMACSHA512.byteCount)
        }
    }

    private func innerHash(of message: Span<UInt8>) -> InlineArray<64, UInt8> {
        var state = states.inner
        state.update(message)
        return state.finishInPlace()
    }

    /// The code of one message in an array, 64 bytes.
    public func code(of message: [UInt8]) -> [UInt8] { code(of: message.span) }

    /// Whether `code` is the message's, compared in constant time.
    public func isCode(_ code: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        ConstantTime.equal(self.code(of: message).span, code)
    }

    /// Says nothing of the key.
    public var description: String { "HMAC-SHA512 key" }
    /// Says nothing of the key.
    public var debugDescription: String { description }
    /// Shows nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// One code of HMAC-SHA512 in progress, for messages that come in pieces.
public struct HMACSHA512: Sendable, CustomReflectable {
    /// The size of a code, in bytes.
    public static let byteCount = SHA512.byteCount

    private var inner: SHA512
    private let outer: SHA512

    /// Begins a code with a key.
    public init(_ key: HMACSHA512Key) {
        inner = key.states.inner
        outer = key.states.outer
    }

    /// Takes more bytes.
    ///
    /// - Complexity: O(n), no allocation.
    public mutating func update(_ bytes: Span<UInt8>) { inner.update(bytes) }

    /// Takes more bytes from an array.
    public mutating func update(_ bytes: [UInt8]) { inner.update(bytes.span) }

    /// Ends the code: 64 bytes.
    public consuming func finish() -> [UInt8] {
        var last = outer
        last.update(inner.finish())
        return last.finish()
    }

    /// Shows nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
