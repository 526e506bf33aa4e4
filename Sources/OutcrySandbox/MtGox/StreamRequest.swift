import OutcryWire

/// What a client of the stream asks for.
struct StreamRequest: Hashable, Sendable {
    /// `mtgox.subscribe`, `subscribe`, `unsubscribe`, `call`, or anything.
    var op: String?
    /// `ticker`, `trades`, `depth`, `lag`.
    var type: String?
    /// A name or a GUID.
    var channel: String?
    /// Given back with a remark.
    var id: String?
    /// An idkey.
    var key: String?
    /// A signed call, in base64.
    var call: String?

    /// Reads one message.
    ///
    /// - Throws: `JSONError` for anything but one JSON object.
    init(_ bytes: Span<UInt8>) throws(JSONError) {
        var json = JSONReader(bytes, depthLimit: 32)
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "op": op = try Self.text(&json)
            case "type": type = try Self.text(&json)
            case "channel": channel = try Self.text(&json)
            case "id": id = try Self.text(&json)
            case "key": self.key = try Self.text(&json)
            case "call": call = try Self.text(&json)
            default: try json.skip()
            }
        }
        try json.finish()
    }

    /// A string; nil for any other value.
    private static func text(_ json: inout JSONReader) throws(JSONError) -> String? {
        guard try json.peek() == .string else {
            try json.skip()
            return nil
        }
        return try json.string().string
    }
}

/// What the stream tells one client about its own doing.
enum StreamRemark {
    /// A remark as bytes; `raw` is what could not be understood, given back as it came.
    static func make(
        _ message: String, success: Bool, id: String? = nil, raw: [UInt8]? = nil
    ) -> [UInt8] {
        var writer = JSONWriter(escaping: .ascii)
        let text = raw.map { String(decoding: $0, as: UTF8.self) }
        writer.object { remark in
            remark.field("op", "remark")
            remark.field("message", message)
            remark.field("success", success)
            if let id { remark.field("id", id) }
            if let text { remark.object("debug") { $0.field("data_raw", text) } }
        }
        return writer.bytes
    }
}
