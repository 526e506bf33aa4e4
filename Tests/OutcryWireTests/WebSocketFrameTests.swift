import OutcryWire
import Testing

@Suite struct WebSocketFrameTests {
    @Test("The examples of RFC 6455 section 5.7")
    func examples() {
        let hello = "text Hello"
        let cases: [(WebSocketRole, [UInt8], [String])] = [
            (.client, [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], [hello]),
            (
                .server,
                [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], [hello]
            ),
            (.client, [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F], [hello]),
            (.client, [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F], ["ping Hello"]),
            (
                .server,
                [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58], ["pong Hello"]
            ),
        ]
        for (role, bytes, log) in cases {
            #expect(verify(bytes) { VerifiedFrames(role) } == log)
        }
    }

    @Test func rangesCountFromTheGivenBytes() throws {
        var decoder = WebSocketFrameDecoder(role: .client)
        var bytes: [UInt8] = [0xFF, 0xFF] + wire(.client, RawFrame(text: "ab"), RawFrame(9, [1]))
        var span = bytes.mutableSpan
        var position = 2
        let found1 = try decoder.next(&span, at: &position)
        #expect(found1 == .text(4..<6))
        #expect(position == 6)
        let found2 = try decoder.next(&span, at: &position)
        #expect(found2 == .ping(8..<9))
        let found3 = try decoder.next(&span, at: &position)
        #expect(found3 == .needMore(atLeast: 2))
        #expect(position == 9)
    }

    @Test func needMoreCountsWhatIsMissing() throws {
        let cases: [(WebSocketRole, [UInt8], Int)] = [
            (.client, [], 2), (.client, [0x81], 1), (.client, [0x81, 5], 5),
            (.client, [0x81, 5, 1], 4),
            (.client, [0x81, 126], 2), (.client, [0x81, 126, 1], 1),
            (.client, [0x81, 126, 1, 0], 256),
            (.client, [0x81, 127], 8), (.server, [0x81, 0x85], 4),
            (.server, [0x81, 0x85, 1, 2], 2),
            (.server, [0x81, 0xFE, 1], 5),
        ]
        for (role, given, missing) in cases {
            var decoder = WebSocketFrameDecoder(role: role)
            var bytes = given
            var span = bytes.mutableSpan
            var position = 0
            let found4 = try decoder.next(&span, at: &position)
            #expect(found4 == .needMore(atLeast: missing), "\(given)")
            #expect(position == 0)
        }
    }

    @Test(arguments: bothRoles)
    func errorsSayWhereAndWhat(role: WebSocketRole) {
        let masked = role == .server
        let header = masked ? 6 : 2
        let cases: [([UInt8], String)] = [
            (
                wire(role, RawFrame(1, [1], reserved: 4)),
                "1002 malformed at byte 0: expected reserved"
            ),
            (wire(role, RawFrame(3)), "1002 malformed at byte 0: expected opcode"),
            (wire(role, RawFrame(9, final: false)), "1002 malformed at byte 0: expected a control"),
            (wire(role, RawFrame(0)), "1002 malformed at byte 0: expected a new message"),
            (
                wire(role, RawFrame(1, [1], lengthBytes: 2)),
                "1002 malformed at byte 2: expected the"
            ),
            (
                wire(role, RawFrame(2, [1], lengthBytes: 8)),
                "1002 malformed at byte 2: expected the"
            ),
            (
                wire(role, RawFrame(2, lengthBytes: 8, claimedLength: 1 << 63)),
                "1002 malformed at byte 2: expected a length below 2^63"
            ),
            (
                wire(role, RawFrame(2, lengthBytes: 8, claimedLength: 64 << 20)),
                "1009 tooLarge at byte 1: expected a message of at most 16777216 bytes"
            ),
            (wire(role, RawFrame(1, [0x61, 0xC0])), "1007 invalidUTF8 at byte \(header + 1): "),
            (wire(role, RawFrame(1, [0xC3])), "1007 invalidUTF8 at byte \(header + 1): "),
            (wire(role, RawFrame(8, [1])), "1002 malformed at byte 1: expected a close frame"),
            (wire(role, close(1005)), "1002 malformed at byte \(header): expected a close code"),
            (wire(role, close(1000, [0xFF])), "1007 invalidUTF8 at byte \(header + 2): "),
            (
                wire(masked ? .client : .server, RawFrame(1, [1])),
                "1002 malformed at byte 1: expected \(masked ? "a masked" : "an unmasked") frame"
            ),
        ]
        for (bytes, start) in cases {
            let log = verify(bytes) { VerifiedFrames(role) }
            #expect(log.count == 1 && log[0].hasPrefix("error " + start), "\(log), wanted \(start)")
        }
    }

    @Test func aFailedDecoderStaysFailed() {
        var codec = VerifiedFrames(.client)
        var position = 0
        for given: [UInt8] in [[0x83, 0], [0x81, 0]] {
            var bytes = given
            var span = bytes.mutableSpan
            let goesOn = codec.read(&span, at: &position)
            #expect(!goesOn && position == 0)
        }
        #expect(codec.log.count == 2 && codec.log[0] == codec.log[1])
    }

    @Test(arguments: bothRoles)
    func messageLimitHoldsOverAllFragments(role: WebSocketRole) {
        let ten = [UInt8](repeating: 0x61, count: 10)
        func log(_ frames: RawFrame...) -> [String] {
            verify(frames.flatMap { $0.bytes(to: role) }) { VerifiedFrames(role, messageLimit: 20) }
        }
        #expect(log(RawFrame(1, ten + ten)) == ["text \(shown(ten + ten))"])
        #expect(log(RawFrame(1, ten + ten + [1])).last?.hasPrefix("error 1009") == true)
        let first = RawFrame(2, ten, final: false)
        #expect(log(first, RawFrame(0, ten)) == ["binary \(shown(ten + ten))"])
        #expect(log(first, RawFrame(0, ten + [1])).last?.hasPrefix("error 1009") == true)
        #expect(log(first, RawFrame(0, ten, final: false), RawFrame(0)).count == 1)
        let ping = RawFrame(9, ten + ten + ten)
        #expect(log(first, ping, RawFrame(0, ten)).count == 2)
    }

    @Test func assembledMessagesFollowEachOther() {
        let part = RawFrame(text: "ab", final: false)
        let log = verify(
            wire(.client, part, RawFrame(0, [0x63]), part, RawFrame(0, [0x64]), RawFrame(text: "e"))
        ) { VerifiedFrames(.client) }
        #expect(log == ["text abc", "text abd", "text e"])
    }

    @Test func textThatIsNotASCIIPassesInOneFrame() {
        let text = String(repeating: "Kurs 3 € ä 漢字 😀 ", count: 20)
        for role in bothRoles {
            let log = verify(wire(role, RawFrame(text: text))) { VerifiedFrames(role) }
            #expect(log == ["text \(shown(Array(text.utf8)))"])
        }
    }
}
