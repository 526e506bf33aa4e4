import OutcryBytes
public import OutcryKernel
public import OutcryWire

/// One text message for many WebSockets of a server: made a frame once, and compressed once for all those
/// that have agreed on windows of one size and forget them after each message.
///
/// Compression is done when the first connection needs it, with some 260 KiB of zlib's that stay. Those
/// that keep their windows compress for themselves: with N of them, N times.
public final class SharedMessage {
    private static let encoder = WebSocketFrameEncoder(role: .server)
    private let level: Int
    private let plain: ByteQueue
    /// Where the message begins in its frame.
    private var start = 0
    /// Frames and compressors by the bits of the window.
    private var packed: [[UInt8]?] = Array(repeating: nil, count: 16)
    private var deflaters: [MessageDeflater?] = Array(repeating: nil, count: 16)
    /// Messages that were compressed so far.
    public private(set) var compressions = 0

    /// Makes the place for one message after the other.
    ///
    /// - Parameters:
    ///   - rules: How hard it compresses.
    ///   - limit: The largest frame, in bytes.
    public init(_ rules: ServerRules = .standard, limit: Int = 1 << 20) {
        level = rules.compression?.level ?? 6
        plain = ByteQueue(limit: limit)
    }

    /// Takes the next message.
    ///
    /// - Throws: ``CodecError`` (full) when its frame is beyond the limit.
    public func set(_ message: Span<UInt8>) throws(CodecError) {
        plain.removeAll()
        for bits in packed.indices where packed[bits] != nil { packed[bits] = nil }
        try Self.encoder.write(.text, message, to: plain)
        start = plain.count - message.count
    }

    /// Calls `body` with the frame of the message as it is.
    public func withFrame<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        plain.withUnread { body($0) }
    }

    /// Puts the message to one connection.
    public func put(to connection: ServerConnection) {
        guard let packing = connection.packing else {
            // Behind a close frame nothing follows.
            guard !connection.isOver, !connection.awaitsClose else { return }
            return plain.withUnread { _ = connection.stream.put($0) }
        }
        guard packing.isShared else {
            return plain.withUnread { connection.send($0.extracting(start..<$0.count)) }
        }
        guard !connection.isOver, !connection.awaitsClose else { return }
        _ = connection.stream.put(frame(packing.agreement).span)
    }

    /// Puts the message to all streams of a group.
    ///
    /// - Parameter agreement: What they have all agreed on; nil: messages go as they are.
    public func put(to group: StreamGroup, packed agreement: DeflateAgreement?) {
        guard let agreement else { return plain.withUnread { group.put($0) } }
        precondition(
            agreement.serverNoContextTakeover, "a frame for many depends on none before it")
        group.put(frame(agreement).span)
    }

    private func frame(_ agreement: DeflateAgreement) -> [UInt8] {
        let bits = agreement.serverWindowBits
        let frame = packed[bits] ?? pack(agreement)
        packed[bits] = frame
        return frame
    }

    /// The compressed frame, or the plain one where that is no longer.
    private func pack(_ agreement: DeflateAgreement) -> [UInt8] {
        let bits = agreement.serverWindowBits
        let deflater =
            deflaters[bits]
            ?? MessageDeflater(agreement, role: .server, level: level, keepsMemory: true)
        deflaters[bits] = deflater
        compressions += 1
        return plain.withUnread { frame in
            let message = frame.extracting(start..<frame.count)
            if let content = try? deflater.deflate(message), content.count < message.count {
                return Self.encoder.frame(.text, deflated: content.span)
            }
            return frame.copy(0..<frame.count)
        }
    }
}
