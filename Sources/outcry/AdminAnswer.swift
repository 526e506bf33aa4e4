import Outcry

/// What an administrator has answered, for people.
struct AdminAnswer {
    indirect enum Value {
        case text(String)
        case list([Value])
        case object(AdminAnswer)

        /// A text as it is; lists and objects on one line.
        var text: String {
            switch self {
            case .text(let text): text
            case .list(let list): list.map(\.text).joined(separator: ",")
            case .object(let answer):
                answer.fields.map { "\($0.name) \($0.value.text)" }.joined(separator: ", ")
            }
        }
    }

    private(set) var fields: [(name: String, value: Value)] = []

    init(_ bytes: [UInt8]) throws(JSONError) {
        var json = JSONReader(bytes.span)
        try self.init(&json)
        try json.finish()
    }

    private init(_ json: inout JSONReader) throws(JSONError) {
        try json.beginObject()
        while let key = try json.nextKey() {
            let name = key.string
            fields.append((name, try Self.value(&json)))
        }
    }

    private static func value(_ json: inout JSONReader) throws(JSONError) -> Value {
        switch try json.peek() {
        case .object: return .object(try AdminAnswer(&json))
        case .array:
            var list: [Value] = []
            try json.beginArray()
            while try json.nextElement() { list.append(try value(&json)) }
            return .list(list)
        case .number: return .text(try json.number().string)
        case .bool: return .text(try json.bool() ? "yes" : "no")
        case .null:
            try json.null()
            return .text("")
        case .string: return .text(try json.string().string)
        }
    }

    subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

    func text(_ name: String) -> String { self[name]?.text ?? "" }

    private func list(_ name: String) -> [AdminAnswer] {
        guard case .list(let list) = self[name] else { return [] }
        return list.compactMap { if case .object(let answer) = $0 { answer } else { nil } }
    }

    /// One line, or one a piece.
    func words(for command: String) -> String {
        switch command {
        case "account", "key":
            KeyFile.export(key: text("key"), secret: text("secret"))
        case "fund", "withdraw":
            "\(text("account")) has \(text("balance")) \(text("currency"))"
        case "hash": "\(text("hash")) after \(text("records")) records"
        case "snapshot": text("file")
        case "accounts":
            list("accounts").isEmpty
                ? "no accounts" : list("accounts").map(\.account).joined(separator: "\n")
        case "faults":
            fields.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
        case "status": status
        default: "done"
        }
    }

    private var account: String {
        let keys = list("keys").map { "\($0.text("key"))(\($0.text("rights")))" }
        return "\(text("name")): \(text("balances")); \(text("orders")) open orders, "
            + "\(text("trades")) trades; keys \(keys.joined(separator: " "))"
    }

    private var status: String {
        "market \(text("market")), seed \(text("seed")), speed \(text("speed")), "
            + "playing \(text("playing")); at \(text("addresses")); \(text("accounts")) accounts, "
            + "\(text("orders")) orders, \(text("queued")) queued; \(text("records")) records, "
            + "hash \(text("hash")); \(text("counters"))"
    }
}
