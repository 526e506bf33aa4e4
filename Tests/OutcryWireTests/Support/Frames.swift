import OutcryWire

/// Builds frames by hand, right and wrong ones, apart from the encoder under test.
struct RawFrame {
    var opcode: UInt8
    var payload: [UInt8]
    var isFinal = true
    var reserved: UInt8 = 0
    /// The mask; nil for none. A server's decoder wants one.
    var mask: [UInt8]?
    /// How many bytes the length takes: 0, 2 or 8; nil for the shortest.
    var lengthBytes: Int?
    /// The length written, if not the payload's.
    var claimedLength: UInt64?

    init(
        _ opcode: UInt8, _ payload: [UInt8] = [], final isFinal: Bool = true, reserved: UInt8 = 0,
        lengthBytes: Int? = nil, claimedLength: UInt64? = nil
    ) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
        self.reserved = reserved
        self.lengthBytes = lengthBytes
        self.claimedLength = claimedLength
    }

    init(text: String, final isFinal: Bool = true) {
        self.init(1, Array(text.utf8), final: isFinal)
    }

    /// The bytes as the peer of `role` sends them.
    func bytes(to role: WebSocketRole) -> [UInt8] {
        let mask: [UInt8]? = self.mask ?? (role == .server ? [0x37, 0xFA, 0x21, 0x3D] : nil)
        let length = claimedLength ?? UInt64(payload.count)
        let width = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8)
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        let bit: UInt8 = mask == nil ? 0 : 0x80
        bytes.append(bit | (width == 0 ? UInt8(length) : width == 2 ? 126 : 127))
        for shift in stride(from: width * 8 - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
        }
        guard let mask else { return bytes + payload }
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index % 4]) }
        return bytes
    }
}

/// All frames one behind the other, as the peer of `role` sends them.
func wire(_ role: WebSocketRole, _ frames: RawFrame...) -> [UInt8] {
    frames.flatMap { $0.bytes(to: role) }
}

/// A close frame.
func close(_ code: UInt16, _ reason: [UInt8] = []) -> RawFrame {
    RawFrame(8, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + reason)
}

/// Both ends, for tests that hold for either.
let bothRoles: [WebSocketRole] = [.client, .server]
