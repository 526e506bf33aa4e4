/// The number in a close frame that says why (RFC 6455 section 7.4 and the IANA registry).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number as it goes over the wire.
    public let rawValue: UInt16

    /// Makes a code of any number; see ``isAllowedOnWire``.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The purpose is fulfilled: 1000.
    public static let normal = Self(rawValue: 1000)
    /// The server goes down or the client leaves: 1001.
    public static let goingAway = Self(rawValue: 1001)
    /// The peer broke the protocol: 1002.
    public static let protocolError = Self(rawValue: 1002)
    /// A kind of data that is not taken here: 1003.
    public static let unsupportedData = Self(rawValue: 1003)
    /// Stands for a close frame without a code: 1005, never on the wire.
    public static let none = Self(rawValue: 1005)
    /// Stands for a connection that ended without a close frame: 1006, never on the wire.
    public static let abnormal = Self(rawValue: 1006)
    /// Text that is not UTF-8: 1007.
    public static let invalidPayload = Self(rawValue: 1007)
    /// Against the policy of the endpoint: 1008.
    public static let policyViolation = Self(rawValue: 1008)
    /// A message too big to take: 1009.
    public static let tooBig = Self(rawValue: 1009)
    /// The server did not agree to an extension that the client needs: 1010.
    public static let extensionNeeded = Self(rawValue: 1010)
    /// The server failed: 1011.
    public static let internalError = Self(rawValue: 1011)
    /// The server restarts: 1012.
    public static let serviceRestart = Self(rawValue: 1012)
    /// The server is too busy, try later: 1013.
    public static let tryLater = Self(rawValue: 1013)
    /// A gateway got a bad answer: 1014.
    public static let badGateway = Self(rawValue: 1014)

    /// Whether a close frame may carry it: 1000 to 1003, 1007 to 1014, 3000 to 4999.
    public var isAllowedOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}
