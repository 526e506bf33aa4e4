import Glibc
import OutcryCrypto
public import OutcryKernel

/// What a journal is encrypted with: AES-256 in counter mode, by a key that HMAC-SHA512 makes of this one and
/// of the journal's salt.
///
/// It keeps a journal from being read by whoever has the disk; the checksums are no proof against whoever can
/// write to it. Nothing of the key is in its description.
public struct JournalKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The fewest bytes of a key.
    public static let leastByteCount = 16
    private let key: HMACSHA512Key

    /// Makes a key of random bytes, or of a text that nobody guesses.
    ///
    /// - Throws: When it has fewer bytes than ``leastByteCount``.
    public init(_ bytes: Span<UInt8>) throws(SystemError) {
        guard bytes.count >= Self.leastByteCount else {
            throw SystemError(
                call: "journal key", code: EINVAL,
                message: "expected at least \(Self.leastByteCount) bytes, found \(bytes.count)")
        }
        key = HMACSHA512Key(bytes)
    }

    /// The cipher of a journal, and the bytes by which one knows that a key is the right one.
    func cipher(_ salt: [UInt8]) throws(SystemError) -> (cipher: BlockCipher, check: UInt64) {
        var message = Array("outcry journal".utf8)
        message += salt
        var code = key.code(of: message.span)
        defer { SecretBytes.wipe(&code) }
        var made = Array(code[..<AESCounter.keyByteCount])
        defer { SecretBytes.wipe(&made) }
        var check: UInt64 = 0
        for place in 0..<8 { check |= UInt64(code[32 + place]) << UInt64(place * 8) }
        do throws(CryptoError) { return (BlockCipher(try AESCounter(made)), check) } catch {
            throw SystemError(call: "journal key", code: EINVAL, message: "\(error)")
        }
    }

    /// Nothing.
    public var description: String { "a key" }
    /// Nothing.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Hides the bytes of blocks. The heads stay as they are.
package final class BlockCipher {
    private let stream: AESCounter
    init(_ stream: AESCounter) { self.stream = stream }

    /// Begins with the bytes of a block; each is written once.
    func begin(_ block: UInt64) { stream.begin(block) }

    /// Lays the stream's next bits over `count` bytes.
    func apply(_ bytes: UnsafeRawPointer, to result: UnsafeMutableRawPointer, count: Int) {
        unsafe stream.apply(bytes, to: result, count: count)
    }
}
