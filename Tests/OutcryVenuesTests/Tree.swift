import OutcryWire

/// A JSON value taken apart, to be written in other ways. Scalars and keys keep their bytes.
indirect enum Tree: Sendable {
    case object([(key: String, value: Tree)])
    case array([Tree])
    case scalar(String)

    init(_ text: [UInt8]) throws {
        var json = JSONReader(text.span)
        self = try Tree(&json)
        try json.finish()
    }

    private init(_ json: inout JSONReader) throws {
        switch try json.peek() {
        case .object:
            var fields: [(key: String, value: Tree)] = []
            try json.beginObject()
            while let key = try json.nextKey() {
                let name = key.string
                fields.append((name, try Tree(&json)))
            }
            self = .object(fields)
        case .array:
            var elements: [Tree] = []
            try json.beginArray()
            while try json.nextElement() { elements.append(try Tree(&json)) }
            self = .array(elements)
        default:
            let raw = try json.raw()
            self = .scalar(String(decoding: (0..<raw.count).map { raw[$0] }, as: UTF8.self))
        }
    }

    /// The text without white space, or with some everywhere.
    func text(space: String = "") -> String {
        switch self {
        case .object(let fields):
            let inner = fields.map {
                "\(space)\"\($0.key)\"\(space):\(space)\($0.value.text(space: space))"
            }
            return "{" + inner.joined(separator: "\(space),") + "\(space)}"
        case .array(let elements):
            let inner = elements.map { space + $0.text(space: space) }
            return "[" + inner.joined(separator: "\(space),") + "\(space)]"
        case .scalar(let text): return text
        }
    }

    var bytes: [UInt8] { Array(text().utf8) }

    /// The same with the keys of all objects in another order, and fields that nobody knows.
    func shuffled(_ random: inout Seeded) -> Tree {
        switch self {
        case .object(var fields):
            // The fields of `Wallets` are named by currencies: another one would be a wallet.
            let isOpen = !fields.contains { $0.key == "BTC" }
            fields = fields.map { ($0.key, $0.value.shuffled(&random)) }
            let strange = ["{\"a\":[1,{\"b\":null}]}", "-1.5e3", "\"\\u0041\\\"\"", "[]", "false"]
            for number in 0..<(isOpen ? Int.random(in: 0...3, using: &random) : 0) {
                let value = Tree.scalar(strange[Int.random(in: 0..<5, using: &random)])
                fields.append(("x_\(number)", value))
            }
            return .object(fields.shuffled(using: &random))
        case .array(let elements): return .array(elements.map { $0.shuffled(&random) })
        case .scalar: return self
        }
    }

    /// The same with at most so many elements in each array.
    func trimmed(_ count: Int) -> Tree {
        switch self {
        case .object(let fields): .object(fields.map { ($0.key, $0.value.trimmed(count)) })
        case .array(let elements): .array(elements.prefix(count).map { $0.trimmed(count) })
        case .scalar: self
        }
    }

    /// The ways to all values that have no values in them, in order: the names of fields, the
    /// numbers of elements in brackets.
    var leaves: [[String]] {
        let steps: [(key: String, value: Tree)] =
            switch self {
            case .object(let fields): fields
            case .array(let elements): elements.enumerated().map { ("[\($0)]", $1) }
            case .scalar: []
            }
        return steps.flatMap { step in
            let inner = step.value.leaves
            return inner.isEmpty ? [[step.key]] : inner.map { [step.key] + $0 }
        }
    }

    /// A way as faults tell it.
    static func path(_ way: [String]) -> String {
        way.reduce("") { $0 + ($0.isEmpty || $1.hasPrefix("[") ? "" : ".") + $1 }
    }

    /// The same with another value at the end of a way, or without that field.
    func replacing(_ way: ArraySlice<String>, _ value: Tree?) -> Tree {
        guard let first = way.first else { return value ?? self }
        if case .array(let elements) = self {
            return .array(
                elements.enumerated().map { index, element in
                    guard "[\(index)]" == first else { return element }
                    return element.replacing(way.dropFirst(), value)
                })
        }
        guard case .object(let fields) = self else { return self }
        return .object(
            fields.compactMap { field in
                guard field.key == first else { return field }
                if way.count == 1, value == nil { return nil }
                return (field.key, field.value.replacing(way.dropFirst(), value))
            })
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
