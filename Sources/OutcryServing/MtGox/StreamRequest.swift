package import OutcryWire

/// What a client of the stream asks for.
package struct StreamRequest: Hashable, Sendable {
    /// `mtgox.subscribe`, `subscribe`, `unsubscribe`, `call`, or anything.
    package var op: String?
    /// `ticker`, `trades`, `depth`, `lag`.
    package var type: String?
    /// A name or a GUID.
    package var channel: String?
    /// Given back with a remark.
    package var id: String?
    /// An idkey.
    package var key: String?
    /// A signed call, in base64.
    package var call: String?

    /// Reads one message.
    ///
    /// - Throws: `JSONError` for anything but one JSON object.
    package init(_ bytes: Span<UInt8>) throws(JSONError) {
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

extension StreamRequest {
    /// What the first argument of an event `message` says (section 7.1 of the protocol reference): an object,
    /// or a string with one, from clients that emit what they would send.
    package static func message(inEvent arguments: [UInt8]) -> [UInt8]? {
        do throws(JSONError) {
            var json = JSONReader(arguments.span)
            try json.beginArray()
            guard try json.nextElement() else { return nil }
            switch try json.peek() {
            case .string: return Array(try json.string().string.utf8)
            case .object:
                let count = try json.raw().count
                return Array(arguments[json.offset - count..<json.offset])
            default: return nil
            }
        } catch { return nil }
    }
}

/// What the stream tells one client about its own doing.
package enum StreamRemark {
    /// A remark as bytes; `raw` is what could not be understood, given back as it came.
    package static func make(
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
