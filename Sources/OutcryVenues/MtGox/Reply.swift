/// Why there is no value in a reply.
@nonexhaustive
public enum MtGoxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The venue refused the call: its words and, since 2013, a short name of the reason.
    case refused(text: String, token: String?)
    /// The body is no JSON: words or a page, as sent under load; its beginning, at most 200 bytes.
    case notJSON(status: Int?, excerpt: String)
    /// The body is JSON or begins like it, but not what was asked for; its beginning too.
    case malformed(MtGoxFault, excerpt: String)

    /// In one line.
    public var description: String {
        switch self {
        case .refused(let text, let token):
            "refused: \(text)" + (token.map { " (\($0))" } ?? "")
        case .notJSON(let status, let excerpt):
            "expected JSON, found " + (status.map { "with status \($0) " } ?? "") + excerpt
        case .malformed(let fault, let excerpt): "\(fault) in \(excerpt)"
        }
    }
}

/// Reads the bodies of HTTP replies.
///
/// A reply of version 1 is `{"result":"success","return":…}` (of version 2 the key is `data`) or, with
/// `?raw`, the value alone; of version 0 it is the value alone. All three are taken everywhere, by
/// what stands in the body. The status does not matter: errors come with any, and with the same body.
///
/// - Source: the protocol reference, sections 3.4, 5 and 6.
public enum MtGoxReply {
    /// Reads the value of a reply.
    static func read<Value>(
        _ body: Span<UInt8>, status: Int? = nil,
        _ value: (Span<UInt8>, Range<Int>) throws(Stop) -> Value
    ) throws(MtGoxError) -> Value {
        guard looksLikeJSON(body) else {
            throw .notJSON(status: status, excerpt: body.excerpt())
        }
        var refusal: MtGoxError?
        do throws(Stop) {
            let root = try body.root()
            refusal = try self.refusal(body, root)
            if refusal == nil { return try value(body, try content(body, root)) }
        } catch { throw .malformed(MtGoxFault(error, in: body), excerpt: body.excerpt()) }
        throw refusal ?? .notJSON(status: status, excerpt: body.excerpt())
    }

    /// Whether a body begins as a JSON value can and a sentence or a page does not.
    private static func looksLikeJSON(_ body: Span<UInt8>) -> Bool {
        for index in body.indices {
            switch body[index] {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""), UInt8(ascii: "-"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                return true
            default: return false
            }
        }
        return false
    }

    /// What the venue says instead of a value: `{"result":"error",…}`, or in version 0
    /// `{"error":"…"}`.
    private static func refusal(
        _ body: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> MtGoxError? {
        guard body[root.lowerBound] == UInt8(ascii: "{") else { return nil }
        let says = try envelopeResult(body, root)
        if says == "success" { return nil }
        guard let error = try body.find("error", of: root) else {
            if says == "error" { throw .missing("error", in: root.lowerBound) }
            return nil
        }
        return .refused(
            text: try body.string(error),
            token: try body.find("token", of: root).map { body.words($0) })
    }

    /// The place of the value in the envelope, or of the whole body where there is none.
    private static func content(
        _ body: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> Range<Int> {
        guard try envelopeResult(body, root) == "success" else { return root }
        if let place = try body.find("return", of: root, orNull: true) { return place }
        if let place = try body.find("data", of: root, orNull: true) { return place }
        throw .missing("return", in: root.lowerBound)
    }

    /// The string `result` of an envelope; other objects have other values of that name, or none.
    private static func envelopeResult(
        _ body: Span<UInt8>, _ root: Range<Int>
    ) throws(Stop) -> String? {
        guard body[root.lowerBound] == UInt8(ascii: "{"),
            let place = try body.find("result", of: root),
            body[place.lowerBound] == UInt8(ascii: "\"")
        else { return nil }
        return try body.string(place)
    }
}
