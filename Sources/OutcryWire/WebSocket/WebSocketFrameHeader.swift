/// The first 2 to 14 bytes of a frame, checked (RFC 6455 section 5.2).
struct WebSocketFrameHeader {
    /// What kind of frame; the numbers of section 11.8.
    enum Opcode: UInt8 {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    var opcode: Opcode
    var isFinal: Bool
    /// RSV1: the first frame of a compressed message.
    var isCompressed: Bool
    /// The size of the header itself, in bytes.
    var size: Int
    /// The size of the payload behind it, in bytes.
    var length: Int
    /// The mask, its first byte in the lowest bits; nil in an unmasked frame.
    var key: UInt32?
}

extension WebSocketFrameDecoder {
    /// Reads the header at `position`, refusing each byte as soon as it is there.
    ///
    /// - Returns: The header, or nil with the number of bytes that are missing at least.
    func readHeader(
        _ bytes: Span<UInt8>, at position: Int
    ) throws(CodecError) -> (header: WebSocketFrameHeader?, missing: Int) {
        let available = bytes.count - position
        guard available >= 1 else { return (nil, 2) }
        let first = bytes[position]
        let opcode = try checkFirst(first)
        guard available >= 2 else { return (nil, 1) }
        let second = bytes[position + 1]
        try checkSecond(second, opcode)

        let short = Int(second & 0x7F)
        let lengthBytes = short < 126 ? 0 : short == 126 ? 2 : 8
        let keyBytes = role == .server ? 4 : 0
        let size = 2 + lengthBytes + keyBytes
        guard available >= 2 + lengthBytes else { return (nil, size - available) }
        let length = try readLength(bytes, at: position + 2, short: short, opcode)
        guard available >= size else { return (nil, size - available) }

        let key = keyBytes > 0 ? Self.readKey(bytes, at: position + 2 + lengthBytes) : nil
        let header = WebSocketFrameHeader(
            opcode: opcode, isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0, size: size,
            length: length, key: key)
        return (header, 0)
    }

    private func checkFirst(_ first: UInt8) throws(CodecError) -> WebSocketFrameHeader.Opcode {
        // RSV1 belongs to the first frame of a message, where a compression was agreed on.
        let mayHaveRSV1 = inflater != nil && (first & 0x0F == 1 || first & 0x0F == 2)
        guard first & (mayHaveRSV1 ? 0x30 : 0x70) == 0 else {
            throw CodecError(
                .malformed, at: 0, expected: "reserved bits 0", found: show(first))
        }
        guard let opcode = WebSocketFrameHeader.Opcode(rawValue: first & 0x0F) else {
            throw CodecError(
                .malformed, at: 0, expected: "opcode 0, 1, 2, 8, 9 or 10",
                found: "opcode \(first & 0x0F)")
        }
        let isInMessage = state == .inText || state == .inBinary
        if opcode.isControl, first & 0x80 == 0 {
            throw CodecError(
                .malformed, at: 0, expected: "a control frame in one piece",
                found: "\(opcode) without FIN")
        }
        if opcode == .continuation, !isInMessage {
            throw CodecError(
                .malformed, at: 0, expected: "a new message", found: "a continuation frame")
        }
        if isInMessage, opcode == .text || opcode == .binary {
            throw CodecError(
                .malformed, at: 0, expected: "a continuation frame", found: "a new \(opcode) frame")
        }
        return opcode
    }

    private func checkSecond(
        _ second: UInt8, _ opcode: WebSocketFrameHeader.Opcode
    ) throws(CodecError) {
        let isMasked = second & 0x80 != 0
        guard isMasked == (role == .server) else {
            throw CodecError(
                .malformed, at: 1,
                expected: isMasked ? "an unmasked frame from a server" : "a masked frame",
                found: isMasked ? "a masked frame" : "an unmasked frame from a client")
        }
        if opcode.isControl, second & 0x7F > 125 {
            throw CodecError(
                .malformed, at: 1, expected: "a control frame of at most 125 bytes",
                found: "length field \(second & 0x7F)")
        }
    }

    private func readLength(
        _ bytes: Span<UInt8>, at index: Int, short: Int, _ opcode: WebSocketFrameHeader.Opcode
    ) throws(CodecError) -> Int {
        var length = UInt64(short)
        if short >= 126 {
            length = 0
            for offset in 0..<(short == 126 ? 2 : 8) {
                length = length << 8 | UInt64(bytes[index + offset])
            }
            guard length <= UInt64(Int.max) else {
                throw CodecError(
                    .malformed, at: 2, expected: "a length below 2^63", found: "length \(length)")
            }
            guard length >= (short == 126 ? 126 : 65_536) else {
                throw CodecError(
                    .malformed, at: 2, expected: "the shortest form of the length",
                    found: "\(length) in \(short == 126 ? 2 : 8) bytes")
            }
        }
        let limit = opcode.isControl ? 125 : messageLimit
        // What is compressed says nothing about its size: the inflater watches that.
        let assembled = opcode == .continuation && !isCompressed ? assembly.count : 0
        guard length <= UInt64(limit - assembled) else {
            throw CodecError(
                .tooLarge, at: 1, expected: "a message of at most \(messageLimit) bytes",
                found: "\(assembled) bytes and a frame of \(length)")
        }
        return Int(length)
    }
}
