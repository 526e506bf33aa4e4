public import OutcryKernel

/// One frame of a link's connection as it went over the wire, or an exchange of HTTP beside it: what a
/// recording holds.
public struct Frame: Sendable, Equatable {
    /// Which way it went.
    public enum Direction: String, Sendable {
        /// From the venue.
        case received = "in"
        /// To the venue.
        case sent = "out"
    }

    /// What it is.
    public enum Kind: String, Sendable {
        /// A text message of a WebSocket.
        case text
        /// A binary message.
        case binary
        /// A ping.
        case ping
        /// The answer to one.
        case pong
        /// A close frame; its bytes are the code in decimal digits.
        case close
        /// A packet of Socket.IO, whatever carried it.
        case packet
    }

    /// Which way it went.
    public let direction: Direction
    /// What it is.
    public let kind: Kind
    /// Its bytes, unmasked and inflated.
    public let bytes: [UInt8]

    /// Makes a frame.
    public init(_ direction: Direction, _ kind: Kind, _ bytes: [UInt8]) {
        self.direction = direction
        self.kind = kind
        self.bytes = bytes
    }
}

/// What a server said to a GET that carries no secret.
public struct HTTPExchange: Sendable, Equatable {
    /// What was asked: path and query.
    public let target: String
    /// The status of the reply.
    public let status: Int
    /// The reply's body, decoded.
    public let body: [UInt8]

    /// Makes an exchange.
    public init(target: String, status: Int, body: [UInt8]) {
        self.target = target
        self.status = status
        self.body = body
    }
}

extension Event where Payload == Frame {
    /// A connection has received or sent a frame. It says so to those who had registered when its stream was
    /// opened: nobody else pays for it.
    public static let frame = Self("connection.frame")
}

extension Event where Payload == HTTPExchange {
    /// A GET without secrets was answered.
    public static let httpExchange = Self("http.exchange")
}
