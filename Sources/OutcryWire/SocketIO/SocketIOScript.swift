// What browsers run: jsonp answers, and the pieces of an htmlfile page.

/// Wraps packets for the transports that run as scripts.
public enum SocketIOScript {
    /// A payload as a jsonp answer: `io.j[3]("…");`.
    ///
    /// What is not ASCII is escaped, but for the mark U+FFFD: a browser reads the same, and the PyPI client
    /// (which takes the answer apart at the marks, and the rest as escapes of Latin-1) reads it at all.
    ///
    /// - Parameter index: The digits of the query's `i`; anything else counts as 0.
    public static func jsonp(_ payload: Span<UInt8>, index: String?) -> [UInt8] {
        var bytes = Array("io.j[\(digits(index))](".utf8)
        var text: [UInt8] = []
        SocketIOJSON.appendString(payload, to: &text)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else if scalar == "\u{FFFD}" {
                bytes += SocketIOPayload.mark
            } else {
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    bytes += Array(
                        "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
                }
            }
        }
        bytes += Array(");".utf8)
        return bytes
    }

    /// A refusal as a jsonp answer: `io.j[3](new Error("…"));`.
    public static func jsonpFailure(_ message: String, index: String?) -> [UInt8] {
        var bytes = Array("io.j[\(digits(index))](new Error(".utf8)
        SocketIOJSON.appendString(Array(message.utf8).span, to: &bytes)
        bytes += Array("));".utf8)
        return bytes
    }

    /// The payload of a jsonp answer; nil for anything else.
    public static func payload(jsonp bytes: Span<UInt8>) -> [UInt8]? {
        let prefix = Array("io.j[".utf8)
        guard bytes.count > prefix.count, bytes.hasPrefix(prefix.span) else { return nil }
        var index = prefix.count
        while index < bytes.count, bytes[index] &- 0x30 < 10 { index += 1 }
        var end = bytes.count
        if end > index, bytes[end - 1] == 0x3B { end -= 1 }
        guard index + 3 <= end, bytes[index] == 0x5D, bytes[index + 1] == 0x28,
            bytes[end - 1] == 0x29
        else { return nil }
        return SocketIOJSON.string(bytes.extracting(index + 2..<end - 1))
    }

    /// The payload of a form's body: `d=` and a JSON string, percent-encoded. Nil for anything else.
    public static func payload(form body: [UInt8]) -> [UInt8]? {
        let text = String(decoding: body, as: UTF8.self)
        guard let items = try? PercentEncoding.items(text),
            let item = items.first(where: { $0.name == "d" })
        else { return nil }
        return SocketIOJSON.string(Array(item.value.utf8).span)
    }

    /// A payload as a form's body.
    public static func form(_ payload: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        SocketIOJSON.appendString(payload, to: &text)
        let item = HTTPQueryItem("d", String(decoding: text, as: UTF8.self))
        return Array(PercentEncoding.query([item]).utf8)
    }

    /// The beginning of an htmlfile page, 256 bytes: browsers run nothing before so many have come.
    public static let pageStart: [UInt8] = {
        let script = "<html><body><script>var _ = function (msg) { parent.s._(msg, document); };"
        let bytes = Array((script + "</script>").utf8)
        return bytes + [UInt8](repeating: 0x20, count: 256 - bytes.count)
    }()

    /// A packet as a piece of an htmlfile page.
    public static func pageScript(_ packet: Span<UInt8>) -> [UInt8] {
        var bytes = Array("<script>_(".utf8)
        SocketIOJSON.appendString(packet, escapesSlash: true, to: &bytes)
        bytes += Array(");</script>".utf8)
        return bytes
    }

    private static func digits(_ text: String?) -> String {
        guard let text, !text.isEmpty, text.utf8.count <= 16,
            text.utf8.allSatisfy({ $0 &- 0x30 < 10 })
        else { return "0" }
        return text
    }
}

extension Span<UInt8> {
    fileprivate func hasPrefix(_ prefix: Span<UInt8>) -> Bool {
        guard count >= prefix.count else { return false }
        for index in 0..<prefix.count where self[index] != prefix[index] { return false }
        return true
    }
}
