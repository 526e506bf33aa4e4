/// One packet of Socket.IO 0.9, as places in the bytes that carry it; nothing is copied.
///
/// `type ":" [id ["+"]] ":" [endpoint] [":" data]`, split on the first three colons only.
///
/// - Source: socket.io-spec, protocol revision 1, and the decoder of socket.io 0.9 where the two differ.
public struct SocketIOPacket: Equatable, Sendable {
    /// What a packet is for; the number is its first byte's digit.
    public enum Kind: UInt8, Equatable, Sendable, CaseIterable {
        /// Leaves an endpoint, or without one ends the session.
        case disconnect = 0
        /// Joins an endpoint; without one it says that the transport is up.
        case connect = 1
        /// Says that this end is there.
        case heartbeat = 2
        /// Carries text.
        case message = 3
        /// Carries one JSON value.
        case json = 4
        /// Carries a name and arguments.
        case event = 5
        /// Answers a packet that had an id.
        case ack = 6
        /// Refuses something.
        case error = 7
        /// Ends a poll.
        case noop = 8
    }

    /// What it is for.
    public let kind: Kind
    /// The digits of its id; leading zeros count. Nil where it has none.
    public let id: Range<Int>?
    /// The id was followed by `+`: the application answers, not its library.
    public let wantsData: Bool
    /// The endpoint, empty for the session itself; a query written behind it is not part of it.
    public let endpoint: Range<Int>
    /// What follows the third colon; of a connect packet also the query behind its endpoint. Nil where
    /// there is neither.
    public let data: Range<Int>?

    /// Reads the packet that fills `range` of `bytes`; nil for what is none.
    ///
    /// Strict where the original decoder searched (the type is one digit at the very front); lenient
    /// where it was: a missing third colon is no data, a bare `0` ends the session.
    ///
    /// - Complexity: O(n) in the bytes before the data; no allocation.
    public init?(_ bytes: Span<UInt8>, in range: Range<Int>) {
        guard let first = range.first, let kind = Kind(rawValue: bytes[first] &- 0x30) else {
            return nil
        }
        let end = range.upperBound
        self.kind = kind
        var index = first + 1
        guard index < end else {
            guard kind == .disconnect else { return nil }
            (id, wantsData, endpoint, data) = (nil, false, end..<end, nil)
            return
        }
        guard bytes[index] == SocketIOPacket.colon else { return nil }
        index += 1
        let idStart = index
        while index < end, bytes[index] &- 0x30 < 10 { index += 1 }
        id = index > idStart ? idStart..<index : nil
        var plus = false
        if index < end, bytes[index] == 0x2B {
            plus = true
            index += 1
        }
        wantsData = plus && id != nil
        guard index < end, bytes[index] == SocketIOPacket.colon else { return nil }
        index += 1
        let start = index
        var question: Int?
        while index < end, bytes[index] != SocketIOPacket.colon {
            if question == nil, bytes[index] == 0x3F { question = index }
            index += 1
        }
        if index < end {
            endpoint = start..<(kind == .connect ? question ?? index : index)
            data = index + 1..<end
        } else if kind == .connect, let question {
            endpoint = start..<question
            data = question..<end
        } else {
            endpoint = start..<index
            data = nil
        }
    }

    /// Reads the packet that `bytes` are; nil for what is none.
    public init?(_ bytes: Span<UInt8>) { self.init(bytes, in: 0..<bytes.count) }

    static var colon: UInt8 { 0x3A }
}

extension SocketIOPacket {
    /// Appends a packet: `type:[id[+]]:[endpoint][:data]`; no third colon where `data` is nil.
    public static func append(
        _ kind: Kind, id: Int? = nil, wantsData: Bool = false, endpoint: String = "",
        data: Span<UInt8>, to bytes: inout [UInt8]
    ) {
        appendHead(kind, id: id, wantsData: wantsData, endpoint: endpoint, to: &bytes)
        bytes.append(colon)
        bytes.reserveCapacity(bytes.count + data.count)
        for index in 0..<data.count { bytes.append(data[index]) }
    }

    /// A packet without data.
    public static func encoded(
        _ kind: Kind, id: Int? = nil, wantsData: Bool = false, endpoint: String = ""
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        appendHead(kind, id: id, wantsData: wantsData, endpoint: endpoint, to: &bytes)
        return bytes
    }

    /// A packet with data.
    public static func encoded(
        _ kind: Kind, id: Int? = nil, wantsData: Bool = false, endpoint: String = "",
        data: some Collection<UInt8>
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        appendHead(kind, id: id, wantsData: wantsData, endpoint: endpoint, to: &bytes)
        bytes.append(colon)
        bytes.append(contentsOf: data)
        return bytes
    }

    private static func appendHead(
        _ kind: Kind, id: Int?, wantsData: Bool, endpoint: String, to bytes: inout [UInt8]
    ) {
        precondition(
            !endpoint.utf8.contains(colon), "an endpoint has no colon: it would end there")
        precondition(id.map { $0 >= 0 } ?? true, "the id of a packet is not negative")
        bytes.append(kind.rawValue + 0x30)
        bytes.append(colon)
        if let id {
            bytes.append(contentsOf: String(id).utf8)
            if wantsData { bytes.append(0x2B) }
        }
        bytes.append(colon)
        bytes.append(contentsOf: endpoint.utf8)
    }
}
