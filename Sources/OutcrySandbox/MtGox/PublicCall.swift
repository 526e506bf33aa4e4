import OutcryMarket
import OutcryWire

/// A public call of HTTP API 1, found by its path.
enum PublicCall: Hashable, Sendable {
    case ticker
    case depth
    case fullDepth
    case trades(since: Int64?)

    /// Finds the call of a target such as `/api/1/BTCUSD/public/trades?since=5`.
    ///
    /// - Source: the protocol reference, section 5.1: old names with `public/`, later short names.
    /// - Throws: ``PublicCallError`` with the status and words for the client.
    init(_ head: HTTPRequestHead, _ instrument: Instrument) throws(PublicCallError) {
        let path = String(head.path)
        let prefix = "/api/1/"
        guard path.hasPrefix(prefix) else { throw .unknown(path) }
        var parts = path.dropFirst(prefix.count).split(
            separator: "/", omittingEmptySubsequences: false
        ).map(String.init)
        guard parts.count >= 2 else { throw .unknown(path) }
        let pair = parts.removeFirst()
        if parts.first == "public" { parts.removeFirst() }
        let call: PublicCall
        switch parts.joined(separator: "/") {
        case "ticker": call = .ticker
        case "depth", "depth/fetch": call = .depth
        case "fulldepth", "depth/full": call = .fullDepth
        case "trades", "trades/fetch": call = .trades(since: try Self.since(head))
        default: throw .unknown(path)
        }
        guard pair == instrument.name else { throw .unknownPair(pair) }
        guard head.method == "GET" || head.method == "POST" else { throw .method(head.method) }
        self = call
    }

    private static func since(_ head: HTTPRequestHead) throws(PublicCallError) -> Int64? {
        guard let query = head.query,
            let text = (try? PercentEncoding.items(query))?.last(where: { $0.name == "since" })
        else { return nil }
        guard let number = Int64(text.value), number >= 0 else { throw .parameter("since") }
        return number
    }
}

/// Why a call is not answered with what it asks for.
struct PublicCallError: Error, Equatable {
    let status: Int
    let message: String
    /// What the status has to tell.
    var fields: HTTPFields = []

    static func unknown(_ path: String) -> Self {
        Self(status: 404, message: "Unknown path \(path)")
    }
    static func unknownPair(_ pair: String) -> Self {
        Self(status: 404, message: "Unknown currency pair \(pair)")
    }
    static func method(_ name: String) -> Self {
        Self(
            status: 405, message: "Expected GET or POST, found \(name)",
            fields: [HTTPField("Allow", "GET, POST")])
    }
    static func parameter(_ name: String) -> Self {
        Self(status: 400, message: "Invalid parameter \"\(name)\"")
    }
    static var noOrigin: Self {
        Self(status: 403, message: "Expected an Origin header, found none")
    }
    static func tooMany(_ limit: Int) -> Self {
        Self(status: 429, message: "Too many fulldepth requests: \(limit) an hour and address")
    }

    /// The body: the venue's envelope for errors.
    var body: [UInt8] {
        var writer = JSONWriter(escaping: .ascii)
        writer.object { reply in
            reply.field("result", "error")
            reply.field("error", message)
            reply.field("token", "unknown_error")
        }
        return writer.bytes
    }
}
