import OutcryCrypto

/// The key of a handshake: 16 random bytes, and the answer that proves it was read.
public struct WebSocketKey: Equatable, Sendable {
    /// The key in base64, as Sec-WebSocket-Key carries it.
    public let text: String

    /// Makes a key of 16 bytes from the driver's entropy.
    public init(bytes: [UInt8]) {
        precondition(bytes.count == 16, "a WebSocket key is 16 bytes")
        text = Base64.encode(bytes)
    }

    /// Takes a key that came in a request; nil if it is not 16 bytes in base64.
    public init?(text: String) {
        guard let bytes = try? Base64.decode(text), bytes.count == 16 else { return nil }
        self.text = text
    }

    /// What Sec-WebSocket-Accept must be (RFC 6455 section 4.2.2): the base64 of the SHA-1 of the
    /// key and a fixed GUID.
    public var accept: String {
        Base64.encode(SHA1.hash(Array((text + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
