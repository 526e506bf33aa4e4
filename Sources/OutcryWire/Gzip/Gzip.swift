import CZlib

/// Whole gzip files (RFC 1952), by the system's zlib: bodies of HTTP and recorded data.
///
/// Bytes in, bytes out: nothing is kept between calls.
public enum Gzip {
    private static let step = 1 << 16
    private static let windowAndGzip: Int32 = 15 + 16

    /// The content of one gzip file.
    ///
    /// - Parameter limit: The largest content that is accepted, in bytes; memory stays below it and
    ///   64 KiB, whatever the file says.
    /// - Throws: ``GzipError``; a checksum or length that is wrong is `malformed`.
    public static func decompress(
        _ bytes: Span<UInt8>, limit: Int
    ) throws(GzipError) -> [UInt8] {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let start = unsafe inflateInit2_(&stream, windowAndGzip, ZLIB_VERSION, size)
        guard start == Z_OK else { throw .refused(code: start) }
        defer { unsafe inflateEnd(&stream) }
        var result: [UInt8] = []
        let outcome = unsafe run(&stream, bytes, into: &result, limit: limit) { stream in
            let outcome = unsafe inflate(&stream, Z_NO_FLUSH)
            // A file is a series of members, one behind the other (RFC 1952 section 2.2).
            guard outcome == Z_STREAM_END, unsafe stream.avail_in > 0,
                unsafe stream.next_in.pointee == 0x1F
            else { return outcome }
            return unsafe inflateReset(&stream)
        }
        let offset = bytes.count - Int(unsafe stream.avail_in)
        guard result.count <= limit else { throw .tooLarge(limit: limit) }
        switch outcome {
        case Z_STREAM_END where offset == bytes.count: return result
        case Z_STREAM_END: throw .trailingBytes(offset: offset)
        case Z_OK, Z_BUF_ERROR: throw .endedEarly(offset: offset)
        case Z_DATA_ERROR:
            let reason = unsafe stream.msg.map { unsafe String(cString: $0) }
            throw .malformed(offset: offset, reason: reason ?? "damaged data")
        default: throw .refused(code: outcome)
        }
    }

    /// One gzip file with `bytes` as its content; the same bytes give the same file.
    ///
    /// - Parameter level: 1 (fast) to 9 (small).
    public static func compress(
        _ bytes: Span<UInt8>, level: Int = 6
    ) throws(GzipError) -> [UInt8] {
        precondition((1...9).contains(level), "a gzip level is 1 to 9")
        var stream = unsafe z_stream()
        let start = unsafe deflateInit2_(
            &stream, Int32(level), Z_DEFLATED, windowAndGzip, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            unsafe Int32(MemoryLayout<z_stream>.size))
        guard start == Z_OK else { throw .refused(code: start) }
        defer { unsafe deflateEnd(&stream) }
        var result: [UInt8] = []
        let outcome = unsafe run(&stream, bytes, into: &result, limit: .max) {
            unsafe deflate(&$0, Z_FINISH)
        }
        guard outcome == Z_STREAM_END else { throw .refused(code: outcome) }
        return result
    }

    /// Calls `work` until it is done, failed, short of input, or past `limit` (then the result is
    /// longer than that).
    private static func run(
        _ stream: inout z_stream, _ bytes: Span<UInt8>, into result: inout [UInt8], limit: Int,
        _ work: (inout z_stream) -> Int32
    ) -> Int32 {
        var buffer = [UInt8](repeating: 0, count: step)
        return unsafe bytes.withUnsafeBufferPointer { input in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.avail_in = UInt32(clamping: input.count)
            while true {
                let (outcome, made) = unsafe buffer.withUnsafeMutableBufferPointer { output in
                    unsafe stream.next_out = output.baseAddress
                    unsafe stream.avail_out = UInt32(output.count)
                    let outcome = unsafe work(&stream)
                    return unsafe (outcome, output.count - Int(stream.avail_out))
                }
                result.append(contentsOf: buffer[..<made])
                if outcome != Z_OK || result.count > limit { return outcome }
            }
        }
    }
}
