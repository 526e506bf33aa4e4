import OutcryCrypto
import Testing

@Suite struct AESCounterTests {
    private static func laid(_ bytes: [UInt8], _ stream: AESCounter, pieces: Int) -> [UInt8] {
        var result = bytes
        unsafe result.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            var at = 0
            while at < buffer.count {
                let count = min(pieces, buffer.count - at)
                unsafe stream.apply(base + at, to: base + at, count: count)
                at += count
            }
        }
        return result
    }

    /// What `openssl enc -aes-256-ctr` makes of it, in one piece or in many.
    @Test(arguments: [1, 7, 20]) func asOpenSSLs(pieces: Int) throws {
        let stream = try AESCounter(Array(0..<32))
        stream.begin(7)
        let clear = Array("outcry journal block".utf8)
        let hidden = Self.laid(clear, stream, pieces: pieces)
        #expect(Hex.encode(hidden) == "58218f62cf8005b8e0f8e421af05102f68e92104")
        stream.begin(7)
        #expect(Self.laid(hidden, stream, pieces: 3) == clear)
        stream.begin(8)
        #expect(Self.laid(hidden, stream, pieces: 3) != clear)
    }
}
