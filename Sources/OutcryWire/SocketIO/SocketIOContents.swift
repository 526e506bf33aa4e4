// What stands in the data of acks, errors and events.

/// The data of an ack: `ID` or `ID+ARRAY`.
public struct SocketIOAck: Equatable, Sendable {
    /// The digits of the id that is answered.
    public let id: Range<Int>
    /// The JSON array of arguments; nil where there are none, or none that can be read.
    public let arguments: Range<Int>?

    /// Reads the data of an ack at `range`; nil where it does not begin with an id.
    ///
    /// `ID+` with nothing, or with no JSON array, behind it means: no arguments.
    public init?(_ bytes: Span<UInt8>, in range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound, bytes[index] &- 0x30 < 10 { index += 1 }
        guard index > range.lowerBound else { return nil }
        id = range.lowerBound..<index
        guard index < range.upperBound, bytes[index] == 0x2B else {
            arguments = nil
            return
        }
        let rest = index + 1..<range.upperBound
        arguments = SocketIOJSON.isArray(bytes.extracting(rest)) ? rest : nil
    }

    /// The data of an ack of the id `digits` (text, since leading zeros count), with an array of
    /// arguments perhaps.
    public static func data(
        _ digits: some Collection<UInt8>, arguments: (some Collection<UInt8>)?
    ) -> [UInt8] {
        var bytes = Array(digits)
        if let arguments {
            bytes.append(0x2B)
            bytes.append(contentsOf: arguments)
        }
        return bytes
    }
}

/// The data of an error: `REASON[+ADVICE]`, either of which may be missing.
public struct SocketIORefusal: Equatable, Sendable, CustomStringConvertible {
    /// Why.
    public enum Reason: Equatable, Sendable {
        /// 0: the transport is not supported.
        case transportNotSupported
        /// 1: the session is not known, or not any more.
        case notHandshaken
        /// 2: not allowed.
        case unauthorized
        /// No reason, or one that is not in the protocol, as it stands.
        case other(String)
    }

    /// Why.
    public let reason: Reason
    /// The other end advises to make a new session (advice 0).
    public let isReconnectAdvised: Bool

    /// Makes a refusal.
    public init(_ reason: Reason, isReconnectAdvised: Bool = false) {
        self.reason = reason
        self.isReconnectAdvised = isReconnectAdvised
    }

    /// Reads the data of an error packet; nil data say nothing.
    public init(_ bytes: Span<UInt8>, in range: Range<Int>?) {
        let range = range ?? 0..<0
        var split = range.upperBound
        for index in range where bytes[index] == 0x2B {
            split = index
            break
        }
        let text = bytes.text(range.lowerBound..<split)
        reason =
            switch text {
            case "0": .transportNotSupported
            case "1": .notHandshaken
            case "2": .unauthorized
            default: .other(text)
            }
        isReconnectAdvised =
            split < range.upperBound && bytes.text(split + 1..<range.upperBound) == "0"
    }

    /// The data to send.
    public var data: [UInt8] {
        let text =
            switch reason {
            case .transportNotSupported: "0"
            case .notHandshaken: "1"
            case .unauthorized: "2"
            case .other(let text): text
            }
        return Array((isReconnectAdvised ? text + "+0" : text).utf8)
    }

    /// In words.
    public var description: String {
        let words =
            switch reason {
            case .transportNotSupported: "transport not supported"
            case .notHandshaken: "client not handshaken"
            case .unauthorized: "unauthorized"
            case .other(let text): text.isEmpty ? "no reason told" : text
            }
        return isReconnectAdvised ? words + ", reconnect" : words
    }
}

/// The data of an event: `{"name":…,"args":[…]}`.
public struct SocketIOEvent: Equatable, Sendable {
    /// The event's name.
    public let name: String
    /// Where the JSON array of arguments is; nil where there are none.
    public let arguments: Range<Int>?

    /// Reads the data of an event at `range`; the places count from the start of `bytes`. Nil for what is
    /// no event: no object, no name, arguments that are no array.
    public init?(_ bytes: Span<UInt8>, in range: Range<Int>) {
        let base = range.lowerBound
        var name: String?
        var arguments: Range<Int>?
        do throws(JSONError) {
            var json = JSONReader(bytes.extracting(range))
            try json.beginObject()
            while let key = try json.nextKey() {
                switch key {
                case "name": name = try json.string().string
                case "args":
                    guard try json.peek() == .array else { return nil }
                    let count = try json.raw().count
                    arguments = base + json.offset - count..<base + json.offset
                default: try json.skip()
                }
            }
            try json.finish()
        } catch { return nil }
        guard let name else { return nil }
        self.name = name
        self.arguments = arguments
    }

    /// The data to send; `arguments` is a JSON array, checked by whoever made it.
    public static func data(
        _ name: String, arguments: (some Collection<UInt8>)?
    ) -> [UInt8] {
        var bytes = Array("{\"name\":".utf8)
        SocketIOJSON.appendString(Array(name.utf8).span, to: &bytes)
        if let arguments {
            bytes.append(contentsOf: ",\"args\":".utf8)
            bytes.append(contentsOf: arguments)
        }
        bytes.append(0x7D)
        return bytes
    }
}

extension Span<UInt8> {
    /// The text at a place; what is no UTF-8 is replaced.
    func text(_ range: Range<Int>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for index in range { bytes.append(self[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
