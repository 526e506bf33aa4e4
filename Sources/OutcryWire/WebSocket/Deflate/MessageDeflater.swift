import CZlib

/// Compresses the messages that one end sends (RFC 7692 section 7.2.1).
///
/// zlib's memory, some 260 KiB with a full window, is there from the first message on where the window
/// is kept or it was asked for, else only while a message is compressed. Used from one thread.
@safe public final class MessageDeflater {
    // zlib points back to it: it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isOpen = false
    private let bits: Int32
    private let strategy: Int32
    private let keepsWindow: Bool
    private let keepsMemory: Bool
    private let level: Int32

    /// Makes the compressor of the end `role`.
    ///
    /// - Parameters:
    ///   - level: 1 (fast) to 9 (small).
    ///   - keepsMemory: Where the window is not kept, zlib's memory is: for one that works for many.
    public init(
        _ agreement: DeflateAgreement, role: WebSocketRole, level: Int = 6,
        keepsMemory: Bool = false
    ) {
        precondition((1...9).contains(level), "a level is 1 to 9")
        let window = agreement.windowBits(of: role)
        bits = Int32(max(9, window))
        // zlib knows no window of 2^8; without references to earlier bytes every window will do.
        strategy = window < 9 ? Z_HUFFMAN_ONLY : Z_DEFAULT_STRATEGY
        unsafe stream = .allocate(capacity: 1)
        keepsWindow = !agreement.noContextTakeover(of: role)
        self.keepsMemory = keepsMemory
        self.level = Int32(level)
    }

    deinit {
        close()
        unsafe stream.deallocate()
    }

    /// The payload to send for a message, without the four bytes that the other end adds.
    ///
    /// - Throws: ``CodecError`` (full) when zlib has no memory.
    public func deflate(_ message: Span<UInt8>) throws(CodecError) -> [UInt8] {
        try open()
        var result: [UInt8] = []
        result.reserveCapacity(message.count / 2 + 64)
        unsafe message.withUnsafeBufferPointer { input in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 << 10) { buffer in
                repeat {
                    unsafe stream.pointee.next_out = buffer.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(buffer.count)
                    _ = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
                    let made = unsafe buffer.count - Int(stream.pointee.avail_out)
                    unsafe result.append(contentsOf: buffer[..<made])
                } while unsafe stream.pointee.avail_out == 0
            }
        }
        // A flush of nothing new makes nothing: an empty message is one empty block.
        if result.count >= 4 { result.removeLast(4) }
        if result.isEmpty { result = [0] }
        if !keepsWindow {
            if keepsMemory { _ = unsafe deflateReset(stream) } else { close() }
        }
        return result
    }

    private func open() throws(CodecError) {
        guard !isOpen else { return }
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        unsafe stream.initialize(to: z_stream())
        let outcome = unsafe deflateInit2_(
            stream, level, Z_DEFLATED, -bits, 8, strategy, ZLIB_VERSION, size)
        guard outcome == Z_OK else {
            throw CodecError(
                .full, at: 0, expected: "memory to deflate a message",
                found: "code \(outcome) of zlib")
        }
        isOpen = true
    }

    private func close() {
        guard isOpen else { return }
        isOpen = false
        _ = unsafe deflateEnd(stream)
    }
}
