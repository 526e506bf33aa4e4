import OutcryWire

/// Any JSON, read plainly: what a test looks at.
indirect enum JSONTree: Equatable {
    case object([(key: String, value: JSONTree)])
    case array([JSONTree])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    init(_ bytes: [UInt8]) throws {
        var json = JSONReader(bytes.span)
        self = try Self.read(&json)
        try json.finish()
    }

    init(_ text: String) throws { try self.init(Array(text.utf8)) }

    private static func read(_ json: inout JSONReader) throws -> JSONTree {
        switch try json.peek() {
        case .object:
            var members: [(key: String, value: JSONTree)] = []
            try json.beginObject()
            while let key = try json.nextKey() {
                let name = key.string
                members.append((name, try read(&json)))
            }
            return .object(members)
        case .array:
            var elements: [JSONTree] = []
            try json.beginArray()
            while try json.nextElement() { elements.append(try read(&json)) }
            return .array(elements)
        case .string: return .string(try json.string().string)
        case .number: return .number(try json.number().string)
        case .bool: return .bool(try json.bool())
        case .null:
            try json.null()
            return .null
        }
    }

    /// A member by its key; null where there is none.
    subscript(key: String) -> JSONTree {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.key == key }?.value ?? .null
    }

    /// The text of a string or a number, else empty.
    var text: String {
        switch self {
        case .string(let text), .number(let text): text
        default: ""
        }
    }

    /// The integer of a string or a number, else -1.
    var integer: Int64 { Int64(text) ?? -1 }

    var elements: [JSONTree] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var keys: [String] {
        if case .object(let members) = self { members.map(\.key) } else { [] }
    }

    /// Keys in their order and kinds of values, all the way down; of arrays the first element.
    var shape: String {
        switch self {
        case .object(let members):
            "{" + members.map { "\($0.key):\($0.value.shape)" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + (elements.first?.shape ?? "") + "]"
        case .string: "string"
        case .number: "number"
        case .bool: "bool"
        case .null: "null"
        }
    }

    /// The same with all keys sorted, for recordings that somebody sorted.
    var sorted: JSONTree {
        switch self {
        case .object(let members):
            .object(members.map { ($0.key, $0.value.sorted) }.sorted { $0.0 < $1.0 })
        case .array(let elements): .array(elements.map(\.sorted))
        default: self
        }
    }

    static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.object(let a), .object(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        case (.array(let a), .array(let b)): a == b
        case (.string(let a), .string(let b)), (.number(let a), .number(let b)): a == b
        case (.bool(let a), .bool(let b)): a == b
        case (.null, .null): true
        default: false
        }
    }
}
