import OutcryBytes
import OutcryWire
import Testing

/// Random, truncated and bit-flipped inputs: no trap, the same result however it is cut, bounded
/// memory. The seed is the test's argument and stands in its name.
@Suite struct CodecFuzzTests {
    private static let seeds: [UInt64] = [1, 2, 3, 4]

    private func mutated(
        _ input: [UInt8], _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var bytes = input
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
        case 1:
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
        case 2:
            let place = Int.random(in: 0...bytes.count, using: &generator)
            bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        case 3 where !bytes.isEmpty:
            bytes.remove(at: Int.random(in: 0..<bytes.count, using: &generator))
        default:
            let size = Int.random(in: 0...60, using: &generator)
            bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        return bytes
    }

    @Test(arguments: seeds, bothRoles)
    func frames(seed: UInt64, role: WebSocketRole) {
        var generator = SeededGenerator(seed: seed)
        let part = RawFrame(1, Array("frag€".utf8), final: false)
        let valid = wire(
            role, RawFrame(text: "Hello, 世界"), part, RawFrame(9, [1, 2]), RawFrame(0, [0x61]),
            RawFrame(2, [UInt8](repeating: 0xFF, count: 130)), close(1000, Array("bye".utf8)))
        for _ in 0..<25 {
            verify(mutated(valid, &generator), "seed \(seed)") {
                VerifiedFrames(role, messageLimit: 300)
            }
        }
    }

    @Test(arguments: seeds)
    func requests(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text =
            "POST /a?b=c HTTP/1.1\r\nHost: a:1\r\nTransfer-Encoding: chunked\r\nX: y z\r\n\r\n"
            + "5;e=f\r\nhello\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n"
            + "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
        for _ in 0..<25 {
            verify(mutated(Array(text.utf8), &generator), "seed \(seed)") {
                VerifiedHTTP(
                    .requests, limits: HTTPLimits(headBytes: 200, fields: 6, bodyBytes: 40))
            }
        }
    }

    @Test(arguments: seeds)
    func responses(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabc"
            + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        for _ in 0..<25 {
            verify(mutated(Array(text.utf8), &generator), "seed \(seed)") {
                VerifiedHTTP(.responses(toMethod: "GET"))
            }
        }
    }

    @Test(arguments: seeds)
    func handshakes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let key = WebSocketKey(bytes: [UInt8](repeating: 7, count: 16))
        let handshake = WebSocketClientHandshake(url: try VenueURL("ws://a"), key: key)
        let server = try WebSocketServerHandshake(handshake.request)
        let valid = try server.response().encoded() + wire(.client, RawFrame(text: "hi"))
        for _ in 0..<20 {
            verify(mutated(valid, &generator), "seed \(seed)") {
                VerifiedClient(handshake: handshake)
            }
        }
    }

    @Test(arguments: seeds)
    func urlsAndEncodings(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let valid = Array("wss://[2001:db8::1.2.3.4]:8080/a%20b?c=d&e=%E2%82%AC".utf8)
        for _ in 0..<2000 {
            let text = String(decoding: mutated(valid, &generator), as: UTF8.self)
            guard let url = try? VenueURL(text) else { continue }
            #expect((try? VenueURL(url.description)) == url, "seed \(seed): \(text)")
            _ = try? url.queryItems()
        }
    }

    @Test("A header that claims 64 MiB, or 2^63 - 1 bytes, is refused before any of them comes")
    func hugeFrames() {
        for length: UInt64 in [64 << 20, 1 << 40, UInt64(Int.max)] {
            for role in bothRoles {
                for opcode: UInt8 in [1, 2] {
                    let frame = RawFrame(opcode, [], lengthBytes: 8, claimedLength: length)
                    let log = verify(frame.bytes(to: role)) { VerifiedFrames(role) }
                    #expect(log.count == 1 && log[0].hasPrefix("error 1009"))
                    let start = RawFrame(opcode, [0x61], final: false)
                    let rest = RawFrame(0, [], lengthBytes: 8, claimedLength: length)
                    let later = verify(wire(role, start, rest)) { VerifiedFrames(role) }
                    #expect(later.count == 1 && later[0].hasPrefix("error 1009"))
                }
            }
        }
    }

    @Test("What a decoder with a small limit reads never makes its queue grow beyond it")
    func memoryIsBounded() throws {
        let queue = ByteQueue(limit: 4096)
        var codec = VerifiedFrames(.server, messageLimit: 1000)
        var generator = SeededGenerator(seed: 9)
        let part = RawFrame(2, [UInt8](repeating: 1, count: 90), final: false).bytes(to: .server)
        let next = RawFrame(0, [UInt8](repeating: 1, count: 90), final: false).bytes(to: .server)
        let last = RawFrame(0, [UInt8](repeating: 1, count: 90)).bytes(to: .server)
        var stream: [UInt8] = []
        for _ in 0..<300 { stream += part + next + next + last }
        var at = 0
        while at < stream.count {
            let size = min(Int.random(in: 1...700, using: &generator), stream.count - at)
            try queue.append(Array(stream[at..<at + size]))
            at += size
            let goesOn = queue.consume { bytes, position in codec.read(&bytes, at: &position) }
            #expect(goesOn)
        }
        #expect(codec.log.count == 300 && queue.isEmpty && queue.capacity <= 4096)
    }
}
