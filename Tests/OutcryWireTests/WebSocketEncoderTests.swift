import OutcryBytes
import OutcryWire
import Testing

@Suite struct WebSocketEncoderTests {
    private let server = WebSocketFrameEncoder(role: .server)
    private let client = WebSocketFrameEncoder(role: .client)

    private func bytes(_ queue: ByteQueue) -> [UInt8] {
        queue.withUnread { array($0, 0..<$0.count) }
    }

    @Test("The examples of RFC 6455 section 5.7")
    func examples() throws {
        let queue = ByteQueue()
        try server.write(text: "Hello", to: queue)
        #expect(bytes(queue) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        queue.removeAll()
        // The first byte of the key is its lowest.
        try client.write(.pong, Array("Hello".utf8), maskKey: 0x3D21_FA37, to: queue)
        #expect(
            bytes(queue) == [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 15, 16, 17, 125, 126, 127, 300, 65_535, 65_536, 70_001])
    func everyLengthIsReadBack(count: Int) throws {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for (encoder, key) in [(server, nil), (client, 0x1234_5678), (client, 0)]
            as [(WebSocketFrameEncoder, UInt32?)]
        {
            let frame = encoder.frame(.binary, payload.span, maskKey: key)
            #expect(frame.count == encoder.frameSize(count))
            let queue = ByteQueue()
            try queue.append([0xAA])
            try encoder.write(.binary, payload, maskKey: key, to: queue)
            #expect(bytes(queue) == [0xAA] + frame)
            let decoder = VerifiedFrames(encoder.role == .server ? .client : .server)
            #expect(run(decoder, [frame[...]]).log == ["binary \(shown(payload))"])
            var hand = RawFrame(2, payload)
            if let key {
                hand.mask = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: key >> $0) }
            }
            #expect(hand.bytes(to: encoder.role == .server ? .client : .server) == frame)
        }
    }

    @Test func closeFrames() throws {
        let queue = ByteQueue()
        try server.writeClose(.normal, reason: "bye", to: queue)
        #expect(bytes(queue) == [0x88, 5, 0x03, 0xE8] + Array("bye".utf8))
        queue.removeAll()
        try server.writeClose(.none, to: queue)
        #expect(bytes(queue) == [0x88, 0])
        queue.removeAll()
        // 61 characters of two bytes fit into 123 bytes, the 62nd would be cut.
        try client.writeClose(
            .goingAway, reason: String(repeating: "ä", count: 80), maskKey: 7, to: queue)
        let log = run(VerifiedFrames(.server), [bytes(queue)[...]]).log
        #expect(log == ["close 1001 \(shown(Array(String(repeating: "ä", count: 61).utf8)))"])
    }

    @Test func aFullQueueTakesNothing() throws {
        let queue = ByteQueue(limit: 10)
        let error = #expect(throws: CodecError.self) {
            try server.write(text: "123456789", to: queue)
        }
        #expect(error?.problem == .full && queue.isEmpty)
        try server.write(text: "12345678", to: queue)
        #expect(queue.count == 10)
    }

    @Test func misuseTraps() async {
        await #expect(processExitsWith: .failure) {
            try WebSocketFrameEncoder(role: .client).write(text: "no key", to: ByteQueue())
        }
        await #expect(processExitsWith: .failure) {
            let long = [UInt8](repeating: 0, count: 126)
            try WebSocketFrameEncoder(role: .server).write(.ping, long, to: ByteQueue())
        }
        await #expect(processExitsWith: .failure) {
            try WebSocketFrameEncoder(role: .server).writeClose(.abnormal, to: ByteQueue())
        }
    }
}
