import OutcryWire
import Testing

/// The classes 1 to 7, 9 and 10 of the Autobahn Testsuite 25.10.1 as inputs to the decoder, for
/// both roles (its programs talk over sockets; here only what they send counts). Each goes through
/// the verifier, so the suite's "chops" are covered by every cut.
@Suite struct AutobahnCasesTests {
    private func log(
        _ role: WebSocketRole, _ frames: RawFrame..., location: SourceLocation = #_sourceLocation
    ) -> [String] {
        verify(frames.flatMap { $0.bytes(to: role) }, location: location) { VerifiedFrames(role) }
    }

    private func failure(_ log: [String]) -> String {
        log.last.map { $0.hasPrefix("error") ? String($0.prefix(10)) : "none" } ?? "none"
    }

    @Test("1.1, 1.2: text and binary of every length class", arguments: bothRoles)
    func sizes(role: WebSocketRole) {
        for count in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
            let text = [UInt8](repeating: 0x2A, count: count)
            let bytes = [UInt8](repeating: 0xFE, count: count)
            #expect(log(role, RawFrame(1, text)) == ["text \(shown(text))"])
            #expect(log(role, RawFrame(2, bytes)) == ["binary \(shown(bytes))"])
        }
    }

    @Test("2.1 to 2.11: pings and pongs", arguments: bothRoles)
    func pings(role: WebSocketRole) {
        #expect(log(role, RawFrame(9)) == ["ping "])
        #expect(log(role, RawFrame(9, Array("Hello, world!".utf8))) == ["ping Hello, world!"])
        let odd: [UInt8] = [0, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0, 0xFF]
        #expect(log(role, RawFrame(9, odd)) == ["ping 0.ff.fe.fd.fc.fb.0.ff"])
        let most = [UInt8](repeating: 0xFE, count: 125)
        #expect(log(role, RawFrame(9, most)) == ["ping \(shown(most))"])
        #expect(failure(log(role, RawFrame(9, most + [0xFE]))) == "error 1002")
        #expect(log(role, RawFrame(10), close(1000)) == ["pong ", "close 1000 "])
        let ten = (0..<10).map { RawFrame(9, Array("payload-\($0)".utf8)) }
        let input = ten.flatMap { $0.bytes(to: role) }
        #expect(verify(input) { VerifiedFrames(role) } == (0..<10).map { "ping payload-\($0)" })
    }

    @Test("3.1 to 3.7: reserved bits", arguments: bothRoles)
    func reservedBits(role: WebSocketRole) {
        for reserved: UInt8 in 1...7 {
            for opcode: UInt8 in [0, 1, 2, 8, 9, 10] {
                let bad = RawFrame(opcode, Array("Hello".utf8), reserved: reserved)
                let found = log(role, RawFrame(text: "first"), bad, RawFrame(9))
                #expect(found.count == 2 && found[0] == "text first")
                #expect(failure(found) == "error 1002")
            }
        }
    }

    @Test("4.1, 4.2: opcodes that do not exist", arguments: bothRoles)
    func opcodes(role: WebSocketRole) {
        for opcode: UInt8 in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            let found = log(role, RawFrame(text: "first"), RawFrame(opcode, [1]), RawFrame(9))
            #expect(found.count == 2 && failure(found) == "error 1002")
        }
    }

    @Test("5.1 to 5.20: fragments", arguments: bothRoles)
    func fragments(role: WebSocketRole) {
        let one = RawFrame(text: "fragment1", final: false)
        let two = RawFrame(0, Array("fragment2".utf8))
        let ping = RawFrame(9, Array("ping payload".utf8))
        let message = "text fragment1fragment2"
        #expect(
            failure(log(role, RawFrame(9, [1], final: false), RawFrame(0, [2]))) == "error 1002")
        #expect(
            failure(log(role, RawFrame(10, [1], final: false), RawFrame(0, [2]))) == "error 1002")
        #expect(log(role, one, two) == [message])
        #expect(log(role, one, ping, two) == ["ping ping payload", message])
        #expect(failure(log(role, RawFrame(0, [1]), RawFrame(text: "x"))) == "error 1002")
        #expect(failure(log(role, RawFrame(0, [1], final: false))) == "error 1002")
        let late = log(role, one, two, RawFrame(0, [1], final: false), RawFrame(text: "x"))
        #expect(late.first == message && late.count == 2 && failure(late) == "error 1002")
        #expect(failure(log(role, one, RawFrame(text: "fragment2"))) == "error 1002")
        #expect(failure(log(role, one, RawFrame(2, [1]))) == "error 1002")
        let parts = (1...4).map { RawFrame(0, Array("fragment\($0 + 1)".utf8), final: $0 == 4) }
        let five = log(role, one, parts[0], ping, parts[1], parts[2], ping, parts[3])
        let all = (1...5).map { "fragment\($0)" }.joined()
        #expect(five == ["ping ping payload", "ping ping payload", "text \(all)"])
    }

    @Test("6.1, 6.2: fragments of nothing, and cut inside characters", arguments: bothRoles)
    func textFragments(role: WebSocketRole) {
        let empty = RawFrame(1, [], final: false)
        let nothing = RawFrame(0, [], final: false)
        #expect(log(role, RawFrame(1)) == ["text "])
        #expect(log(role, empty, nothing, RawFrame(0)) == ["text "])
        #expect(log(role, empty, RawFrame(0, [0x41], final: false), RawFrame(0)) == ["text A"])
        let text = Array("Hello-µ@ßöäüàá-UTF-8!!".utf8)
        #expect(
            verify(fragments(role, text, 1)) { VerifiedFrames(role) } == ["text \(shown(text))"])
        #expect(
            verify(fragments(role, text, 3)) { VerifiedFrames(role) } == ["text \(shown(text))"])
    }

    @Test("6.3, 6.4: bad text is refused at its first bad byte", arguments: bothRoles)
    func failFast(role: WebSocketRole) {
        let start: [UInt8] = [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xCE, 0xBC, 0xCE, 0xB5]
        for bad: [UInt8] in [[0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] {
            let payload = start + bad + Array("edited".utf8)
            #expect(failure(log(role, RawFrame(1, payload))) == "error 1007")
            #expect(
                failure(verify(fragments(role, payload, 1)) { VerifiedFrames(role) })
                    == "error 1007")
            // 6.4.3 and 6.4.4: up to the byte before the bad one nothing is said; with it, at once.
            let frame = RawFrame(1, payload).bytes(to: role)
            let header = frame.count - payload.count
            for (count, isBad) in [(12, false), (13, true)] {
                var codec = VerifiedFrames(role)
                var part = Array(frame.prefix(header + count))
                var span = part.mutableSpan
                var position = 0
                let goesOn = codec.read(&span, at: &position)
                #expect(goesOn == !isBad)
                #expect(codec.log.isEmpty == !isBad)
            }
        }
    }

    private func fragments(_ role: WebSocketRole, _ payload: [UInt8], _ size: Int) -> [UInt8] {
        stride(from: 0, to: payload.count, by: size).flatMap { start in
            let end = min(start + size, payload.count)
            let frame = RawFrame(
                start == 0 ? 1 : 0, Array(payload[start..<end]), final: end == payload.count)
            return frame.bytes(to: role)
        }
    }

    @Test("6.5 to 6.23: Markus Kuhn's sequences", arguments: bothRoles)
    func sequences(role: WebSocketRole) {
        for (isValid, payload) in UTF8Sequences.all {
            let found = log(role, RawFrame(1, payload))
            #expect(found.count == 1)
            #expect(isValid ? found == ["text \(shown(payload))"] : failure(found) == "error 1007")
        }
    }

    @Test("7.1: what comes after a close is dropped", arguments: bothRoles)
    func afterClose(role: WebSocketRole) {
        let text = RawFrame(text: "Hello World!")
        #expect(log(role, text, close(1000)) == ["text Hello World!", "close 1000 "])
        #expect(log(role, close(1000), close(1000)) == ["close 1000 "])
        #expect(log(role, close(1000), RawFrame(9)) == ["close 1000 "])
        #expect(log(role, close(1000), text) == ["close 1000 "])
        let between = log(
            role, RawFrame(text: "fragment1", final: false), close(1000), RawFrame(0, [0x41]))
        #expect(between == ["close 1000 "])
    }

    @Test("7.3, 7.5: the payload of a close frame", arguments: bothRoles)
    func closePayload(role: WebSocketRole) {
        #expect(log(role, RawFrame(8)) == ["close 1005 "])
        #expect(failure(log(role, RawFrame(8, [0x61]))) == "error 1002")
        #expect(log(role, close(1000)) == ["close 1000 "])
        #expect(log(role, close(1000, Array("Hello World!".utf8))) == ["close 1000 Hello World!"])
        let most = [UInt8](repeating: 0x2A, count: 123)
        #expect(log(role, close(1000, most)) == ["close 1000 \(shown(most))"])
        #expect(failure(log(role, close(1000, most + [0x2A]))) == "error 1002")
        let bad: [UInt8] = [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xED, 0xA0, 0x80, 0x65]
        #expect(failure(log(role, close(1000, bad))) == "error 1007")
        #expect(failure(log(role, close(1000, [0xCE]))) == "error 1007")
    }

    @Test("7.7, 7.9, 7.13: close codes", arguments: bothRoles)
    func closeCodes(role: WebSocketRole) {
        for code: UInt16 in [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999,
            4000,
            4999,
        ] {
            #expect(log(role, close(code)) == ["close \(code) "])
        }
        for code: UInt16 in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
            #expect(failure(log(role, close(code))) == "error 1002")
        }
    }

    @Test(
        "9.1 to 9.8, 10.1: large messages in one frame, in fragments, in chops",
        arguments: bothRoles)
    func large(role: WebSocketRole) {
        for (opcode, unit) in [
            (UInt8(1), Array("BAsd7&jh23".utf8)), (2, [0, 0xFE, 0x23, 0xFA, 0xF0]),
        ] {
            let size = 256 << 10
            let payload = (0..<size).map { unit[$0 % unit.count] }
            let kind = opcode == 1 ? "text" : "binary"
            #expect(log(role, RawFrame(opcode, payload)) == ["\(kind) \(shown(payload))"])
            let many = stride(from: 0, to: size, by: 1300).flatMap { start in
                let end = min(start + 1300, size)
                return RawFrame(
                    start == 0 ? opcode : 0, Array(payload[start..<end]), final: end == size
                ).bytes(to: role)
            }
            #expect(verify(many) { VerifiedFrames(role) } == ["\(kind) \(shown(payload))"])
        }
    }

    @Test("9.1.6 and 9.3.1: 16 MiB in one frame, 1 MiB in 16,384 fragments, as sockets bring them")
    func largest() throws {
        let payload = [UInt8](repeating: 0x2A, count: 16 << 20)
        let whole = WebSocketFrameEncoder(role: .server).frame(.text, payload.span)
        let chops = stride(from: 0, to: whole.count, by: 65_536).map {
            whole[$0..<min($0 + 65_536, whole.count)]
        }
        #expect(run(VerifiedFrames(.client), chops).log == ["text \(shown(payload))"])

        let middle = RawFrame(0, [UInt8](repeating: 0x2A, count: 64), final: false)
        let first = RawFrame(1, middle.payload, final: false).bytes(to: .server)
        let part = middle.bytes(to: .server)
        let last = RawFrame(0, middle.payload).bytes(to: .server)
        let fragments = [first[...]] + Array(repeating: part[...], count: 16_382) + [last[...]]
        let log = run(VerifiedFrames(.server), fragments).log
        #expect(log == ["text \(shown(Array(payload.prefix(1 << 20))))"])
    }
}
