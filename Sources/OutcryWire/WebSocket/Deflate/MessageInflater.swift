import CZlib

/// Takes the compression off the messages that one end receives (RFC 7692 section 7.2.2).
///
/// zlib's memory, some 7 KiB and the window, is there while a message is being read, and between
/// messages only where the window is kept. Used from one thread, like the connection that it belongs to.
@safe final class MessageInflater {
    // zlib points back to it: it must not move. Allocated by `open`, freed by `close`.
    private var memory: UnsafeMutablePointer<z_stream>?
    private let bits: Int32
    private let keepsWindow: Bool

    /// zlib's memory is there.
    var holdsMemory: Bool { unsafe memory != nil }

    /// - Parameter sender: The end whose messages come.
    init(_ agreement: DeflateAgreement, sender: WebSocketRole) {
        // zlib knows no window of 2^8; a larger one reads the same data.
        bits = Int32(max(9, agreement.windowBits(of: sender)))
        keepsWindow = !agreement.noContextTakeover(of: sender)
    }

    deinit { close() }

    /// Puts the content of a part of a message behind what is in `result`.
    ///
    /// - Parameter limit: The largest message, in bytes; memory stays below it and 16 KiB.
    /// - Throws: ``CodecError``: tooLarge, or malformed with zlib's words; the offset is that in `bytes`.
    func inflate(
        _ bytes: Span<UInt8>, into result: inout [UInt8], limit: Int
    ) throws(CodecError) {
        let stream = unsafe try open()
        let outcome = unsafe bytes.withUnsafeBufferPointer { input -> Int32 in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(clamping: input.count)
            return unsafe run(stream, &result, limit: limit)
        }
        let offset = unsafe bytes.count - Int(stream.pointee.avail_in)
        guard result.count <= limit else {
            close()
            throw CodecError(
                .tooLarge, at: offset, expected: "a message of at most \(limit) bytes",
                found: "more when inflated")
        }
        guard outcome == Z_OK || outcome == Z_BUF_ERROR else {
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            close()
            throw CodecError(
                .malformed, at: offset, expected: "deflated data",
                found: reason ?? "what zlib refuses with code \(outcome)")
        }
    }

    /// Ends the message: puts what is still missing behind `result`.
    func finish(into result: inout [UInt8], limit: Int) throws(CodecError) {
        let tail: [UInt8] = [0, 0, 0xFF, 0xFF]
        try inflate(tail.span, into: &result, limit: limit)
        if !keepsWindow { close() }
    }

    private func run(
        _ stream: UnsafeMutablePointer<z_stream>, _ result: inout [UInt8], limit: Int
    ) -> Int32 {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 << 10) { buffer in
            while true {
                unsafe stream.pointee.next_out = buffer.baseAddress
                unsafe stream.pointee.avail_out = UInt32(buffer.count)
                var outcome = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                let made = unsafe buffer.count - Int(stream.pointee.avail_out)
                unsafe result.append(contentsOf: buffer[..<made])
                // A block said to be the last one: what follows is in the same window.
                if outcome == Z_STREAM_END { outcome = unsafe inflateResetKeep(stream) }
                let isDone = unsafe stream.pointee.avail_in == 0 && made < buffer.count
                if isDone || outcome != Z_OK || result.count > limit { return outcome }
            }
        }
    }

    private func open() throws(CodecError) -> UnsafeMutablePointer<z_stream> {
        if let stream = unsafe memory { return unsafe stream }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let outcome = unsafe inflateInit2_(stream, -bits, ZLIB_VERSION, size)
        guard outcome == Z_OK else {
            unsafe stream.deallocate()
            throw CodecError(
                .full, at: 0, expected: "memory to inflate a message",
                found: "code \(outcome) of zlib")
        }
        unsafe memory = stream
        return unsafe stream
    }

    private func close() {
        guard let stream = unsafe memory else { return }
        unsafe memory = nil
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }
}
