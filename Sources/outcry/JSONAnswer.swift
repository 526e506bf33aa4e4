import Outcry

/// A JSON object that a program of ours has answered, for people: names and values in their order.
struct JSONAnswer {
    indirect enum Value {
        case text(String)
        case list([Value])
        case object(JSONAnswer)

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
        case .object: return .object(try JSONAnswer(&json))
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

    /// The value of a name.
    subscript(name: String) -> Value? { fields.first { $0.name == name }?.value }

    /// The value as text; empty where there is none.
    func text(_ name: String) -> String { self[name]?.text ?? "" }

    /// The objects of a list; none where there is no list.
    func list(_ name: String) -> [JSONAnswer] {
        guard case .list(let list) = self[name] else { return [] }
        return list.compactMap { if case .object(let answer) = $0 { answer } else { nil } }
    }
}
