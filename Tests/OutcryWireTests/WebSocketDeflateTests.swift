import OutcryBytes
import OutcryWire
import Testing

/// permessage-deflate (RFC 7692): the agreement, the frames, the limits.
@Suite struct WebSocketDeflateTests {
    private static let full = DeflateAgreement()
    private static var forgetful: DeflateAgreement {
        var agreement = DeflateAgreement()
        agreement.serverNoContextTakeover = true
        agreement.clientNoContextTakeover = true
        return agreement
    }

    private func log(
        _ frames: [RawFrame], _ agreement: DeflateAgreement = full, limit: Int = 16 << 20,
        role: WebSocketRole = .client, location: SourceLocation = #_sourceLocation
    ) -> [String] {
        verify(frames.flatMap { $0.bytes(to: role) }, "\(frames)", location: location) {
            VerifiedFrames(role, messageLimit: limit, deflate: agreement)
        }
    }

    // MARK: The examples of RFC 7692 section 7.2.3

    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    @Test func oneBlock() {
        #expect(log([RawFrame(1, Self.hello, reserved: 4)]) == ["text Hello"])
        #expect(log([RawFrame(1, Self.hello, reserved: 4)], role: .server) == ["text Hello"])
    }

    @Test func twoFrames() {
        let frames = [
            RawFrame(1, Array(Self.hello[..<3]), final: false, reserved: 4),
            RawFrame(9, [1]), RawFrame(0, Array(Self.hello[3...])),
        ]
        #expect(log(frames) == ["ping 1", "text Hello"])
    }

    @Test func sharedWindow() {
        let again = RawFrame(1, [0xF2, 0x00, 0x11, 0x00, 0x00], reserved: 4)
        let frames = [RawFrame(1, Self.hello, reserved: 4), again]
        #expect(log(frames) == ["text Hello", "text Hello"])
        // The window is forgotten: the reference leads nowhere.
        let forgotten = log(frames, Self.forgetful)
        #expect(forgotten.count == 2 && forgotten[0] == "text Hello")
        #expect(forgotten[1].hasPrefix("error 1002 malformed at byte"), "\(forgotten[1])")
    }

    @Test func noCompression() {
        let stored: [UInt8] = [
            0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00,
        ]
        #expect(log([RawFrame(1, stored, reserved: 4)]) == ["text Hello"])
    }

    @Test func finalBlock() {
        let last: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
        let frames = [RawFrame(1, last, reserved: 4), RawFrame(1, Self.hello, reserved: 4)]
        #expect(log(frames) == ["text Hello", "text Hello"])
    }

    @Test func twoBlocks() {
        let blocks: [UInt8] = [
            0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
        ]
        #expect(log([RawFrame(1, blocks, reserved: 4)]) == ["text Hello"])
    }

    @Test func nothingAtAll() {
        #expect(log([RawFrame(1, [0], reserved: 4)]) == ["text "])
        #expect(log([RawFrame(2, [], reserved: 4)]) == ["binary "])
    }

    // MARK: What is refused

    @Test func plainMessagesGoBetween() {
        let frames = [
            RawFrame(text: "a"), RawFrame(1, Self.hello, reserved: 4), RawFrame(text: "b"),
            RawFrame(text: "c", final: false), RawFrame(0, Array("d".utf8)),
        ]
        #expect(log(frames) == ["text a", "text Hello", "text b", "text cd"])
    }

    @Test(arguments: [2, 1, 6] as [UInt8])
    func otherReservedBits(bits: UInt8) {
        let found = log([RawFrame(1, Self.hello, reserved: bits)])
        #expect(found.count == 1 && found[0].contains("expected reserved bits 0"), "\(found)")
    }

    @Test func reservedBitInTheWrongPlace() {
        let frames = [
            [RawFrame(9, [], reserved: 4)], [RawFrame(8, [], reserved: 4)],
            [
                RawFrame(1, Array(Self.hello[..<3]), final: false, reserved: 4),
                RawFrame(0, Array(Self.hello[3...]), reserved: 4),
            ],
        ]
        for case let frames in frames {
            let found = log(frames)
            #expect(found.count == 1 && found[0].contains("expected reserved bits 0"), "\(found)")
        }
        let found = verify(RawFrame(1, Self.hello, reserved: 4).bytes(to: .client)) {
            VerifiedFrames(.client)
        }
        #expect(found == ["error 1002 malformed at byte 0: expected reserved bits 0, found 0xC1"])
    }

    @Test func textIsStillUTF8() throws {
        let deflater = MessageDeflater(Self.full, role: .server)
        let bad: [UInt8] = Array("abc".utf8) + [0xFF]
        let half: [UInt8] = Array("abc".utf8) + [0xE2, 0x82]
        let frames = [
            try RawFrame(1, deflater.deflate(bad.span), reserved: 4),
            try RawFrame(
                1, MessageDeflater(Self.full, role: .server).deflate(half.span), reserved: 4),
        ]
        #expect(log([frames[0]]).last?.contains("0xFF at byte 3 of the inflated message") == true)
        #expect(log([frames[1]]).last?.hasPrefix("error 1007 invalidUTF8") == true)
        #expect(log([frames[1]]).count == 1)
    }

    @Test func aBombIsRefused() throws {
        let zeros = [UInt8](repeating: 0, count: 8 << 20)
        let bomb = try MessageDeflater(Self.full, role: .server, level: 9).deflate(zeros.span)
        #expect(bomb.count < 10_000)
        let found = log([RawFrame(2, bomb, reserved: 4)], limit: 1 << 20)
        #expect(found.count == 1 && found[0].hasPrefix("error 1009 tooLarge"), "\(found)")
        // Just within the limit.
        let whole = log([RawFrame(2, bomb, reserved: 4)], limit: 8 << 20)
        #expect(whole.count == 1 && whole[0].hasPrefix("binary"))
        // Many small frames of one message.
        let parts = stride(from: 0, to: bomb.count, by: 100).map { start in
            RawFrame(
                start == 0 ? 2 : 0, Array(bomb[start..<min(start + 100, bomb.count)]),
                final: start + 100 >= bomb.count, reserved: start == 0 ? 4 : 0)
        }
        let cut = log(parts, limit: 1 << 20)
        #expect(cut.count == 1 && cut[0].hasPrefix("error 1009 tooLarge"), "\(cut)")
    }

    @Test func damageIsNamed() {
        var random = SeededGenerator(seed: 7)
        for round in 0..<200 {
            var bytes = Self.hello
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(
                in: 1...255, using: &random)
            let found = log([RawFrame(2, bytes, reserved: 4)])
            #expect(found.count == 1, "seed 7, round \(round): \(found)")
        }
    }

    // MARK: Both ends

    @Test(arguments: [8, 9, 12, 15], [true, false])
    func whatOneEndWritesTheOtherReads(bits: Int, keeps: Bool) throws {
        var agreement = keeps ? Self.full : Self.forgetful
        agreement.serverWindowBits = bits
        agreement.clientWindowBits = bits
        for role in [WebSocketRole.client, .server] {
            var random = SeededGenerator(seed: UInt64(bits))
            let deflater = MessageDeflater(agreement, role: role)
            let encoder = WebSocketFrameEncoder(role: role)
            let queue = ByteQueue()
            var expected: [String] = []
            for number in 0..<60 {
                let size = [0, 1, 5, 300, 40_000][Int.random(in: 0..<5, using: &random)]
                let words = ["price", "volume", "BTC", "{", "}", "\u{20AC}", "0123456789"]
                var text = "\(number)"
                while text.utf8.count < size { text += words.randomElement(using: &random) ?? "" }
                if size == 0 { text = "" }
                let key: UInt32? = role == .client ? random.next(upperBound: UInt32.max) : nil
                try encoder.write(.text, text.utf8.span, by: deflater, maskKey: key, to: queue)
                expected.append("text \(shown(Array(text.utf8)))")
            }
            let input = queue.consume { bytes, position in
                defer { position = bytes.count }
                return (0..<bytes.count).map { bytes[$0] }
            }
            let end: WebSocketRole = role == .client ? .server : .client
            let found = run(VerifiedFrames(end, deflate: agreement), [input[...]]).log
            #expect(found == expected, "\(role), window 2^\(bits)")
        }
    }

    // MARK: The agreement

    @Test(
        arguments: [
            ("permessage-deflate", "permessage-deflate"),
            ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
            (
                "PerMessage-Deflate ; SERVER_NO_CONTEXT_TAKEOVER",
                "permessage-deflate; server_no_context_takeover"
            ),
            (
                "permessage-deflate; client_no_context_takeover",
                "permessage-deflate; client_no_context_takeover"
            ),
            (
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits=10"
            ),
            (
                "permessage-deflate; server_max_window_bits=\"10\"",
                "permessage-deflate; server_max_window_bits=10"
            ),
            (
                "permessage-deflate; client_max_window_bits=9",
                "permessage-deflate; client_max_window_bits=9"
            ),
            (
                "permessage-deflate; server_max_window_bits=8",
                "permessage-deflate; server_max_window_bits=8"
            ),
            ("foo, permessage-deflate; bar, permessage-deflate", "permessage-deflate"),
            (
                "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_no_context_takeover",
                "permessage-deflate; server_no_context_takeover"
            ),
            ("foo; bar=\"a, permessage-deflate\"", nil),
            ("", nil), (",", nil), ("x-webkit-deflate-frame", nil),
            ("permessage-deflate; server_max_window_bits", nil),
            ("permessage-deflate; server_max_window_bits=16", nil),
            ("permessage-deflate; server_max_window_bits=08", nil),
            ("permessage-deflate; server_max_window_bits=+9", nil),
            ("permessage-deflate; server_no_context_takeover=1", nil),
            ("permessage-deflate; client_max_window_bits; client_max_window_bits", nil),
            ("permessage-deflate; client_max_window_bits=9=9", nil),
            ("permessage-deflate; unknown", nil),
        ] as [(String, String?)])
    func whatAServerGrants(offer: String, grant: String?) {
        #expect(DeflateOptions().grant([offer])?.field == grant, "\(offer)")
    }

    @Test func whatAServerWants() {
        var options = DeflateOptions()
        options.terms.serverWindowBits = 11
        options.terms.clientWindowBits = 10
        options.terms.clientNoContextTakeover = true
        let listening = options.grant(["permessage-deflate; client_max_window_bits"])
        #expect(
            listening?.field
                == "permessage-deflate; client_no_context_takeover; server_max_window_bits=11; "
                + "client_max_window_bits=10")
        let deaf = options.grant(["permessage-deflate; server_max_window_bits=9"])
        #expect(
            deaf?.field
                == "permessage-deflate; client_no_context_takeover; server_max_window_bits=9")
    }

    @Test func aClientTakesWhatItOffered() throws {
        let key = WebSocketKey(bytes: Array("the sample nonce".utf8))
        func answer(_ field: String?, _ options: DeflateOptions?) throws -> DeflateAgreement? {
            var handshake = WebSocketClientHandshake(
                url: try VenueURL("ws://a/"), key: key, deflate: options)
            #expect(handshake.request.fields["Sec-WebSocket-Extensions"] == options?.offer)
            var text = "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            text += "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            if let field { text += "Sec-WebSocket-Extensions: \(field)\r\n" }
            let bytes = Array((text + "\r\n").utf8)
            var position = 0
            return try #require(handshake.next(bytes.span, at: &position)).deflate
        }
        let options = DeflateOptions()
        #expect(options.offer == "permessage-deflate; client_max_window_bits")
        #expect(try answer(nil, options) == nil)
        #expect(try answer("permessage-deflate", options) == DeflateAgreement())
        let small = "permessage-deflate; client_max_window_bits=9; server_max_window_bits=12"
        #expect(try answer(small, options)?.field.contains("client_max_window_bits=9") == true)
        for wrong in [
            "permessage-deflate; client_max_window_bits", "permessage-deflate, permessage-deflate",
            "foo", "permessage-deflate; foo", "permessage-deflate; server_max_window_bits=99",
        ] {
            #expect(throws: WebSocketHandshakeError.wrongExtension(found: wrong), "\(wrong)") {
                try answer(wrong, options)
            }
        }
        #expect(throws: WebSocketHandshakeError.wrongExtension(found: "permessage-deflate")) {
            try answer("permessage-deflate", nil)
        }
        var strict = DeflateOptions()
        strict.terms.serverWindowBits = 10
        #expect(throws: WebSocketHandshakeError.self) { try answer("permessage-deflate", strict) }
    }
}
