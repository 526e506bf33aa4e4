import OutcryServing
import OutcryWire

/// The fields of a request's JSON object, each taken once; what is left over is a mistake.
struct AdminFields {
    /// What a field may say.
    enum Value: Hashable, Sendable {
        /// A string, or a number as it was written.
        case text(String)
        /// A list of such.
        case list([String])
        /// An object of such.
        case pairs([AdminPair])
    }

    private var fields: [(name: String, value: Value)] = []

    /// Reads a body; an empty one has no fields.
    ///
    /// - Throws: ``AdminProblem`` for what is no JSON object, and for a name that comes twice.
    init(_ body: [UInt8]) throws(AdminProblem) {
        guard !body.isEmpty else { return }
        do throws(JSONError) {
            var json = JSONReader(body.span, depthLimit: 3)
            try json.beginObject()
            while let key = try json.nextKey() {
                let name = key.string
                fields.append((name, try Self.value(&json)))
            }
            try json.finish()
        } catch {
            throw AdminProblem(
                400, "body: expected a JSON object of texts, lists and objects: \(error)")
        }
        for (place, field) in fields.enumerated()
        where fields[..<place].contains(where: { $0.name == field.name }) {
            throw AdminProblem(400, "\(field.name): expected it once, found it twice")
        }
    }

    private static func value(_ json: inout JSONReader) throws(JSONError) -> Value {
        switch try json.peek() {
        case .array:
            var list: [String] = []
            try json.beginArray()
            while try json.nextElement() { list.append(try text(&json)) }
            return .list(list)
        case .object:
            var pairs: [AdminPair] = []
            try json.beginObject()
            while let key = try json.nextKey() {
                let name = key.string
                pairs.append(AdminPair(name: name, value: try text(&json)))
            }
            return .pairs(pairs)
        default: return .text(try text(&json))
        }
    }

    private static func text(_ json: inout JSONReader) throws(JSONError) -> String {
        switch try json.peek() {
        case .number: try json.number().string
        case .bool: try json.bool() ? "true" : "false"
        default: try json.string().string
        }
    }

    private mutating func take(_ name: String) -> Value? {
        guard let place = fields.firstIndex(where: { $0.name == name }) else { return nil }
        return fields.remove(at: place).value
    }

    /// Takes a text that may be missing.
    mutating func text(_ name: String) throws(AdminProblem) -> String? {
        switch take(name) {
        case nil: return nil
        case .text(let text): return text
        case .list: throw AdminProblem(400, "\(name): expected a text, found a list")
        case .pairs: throw AdminProblem(400, "\(name): expected a text, found an object")
        }
    }

    /// Takes a text that has to be there.
    mutating func text(_ name: String, _ expected: String) throws(AdminProblem) -> String {
        guard let text = try text(name) else {
            throw AdminProblem(400, "\(name): expected \(expected), found nothing")
        }
        return text
    }

    /// Takes a list of texts.
    mutating func list(_ name: String) throws(AdminProblem) -> [String]? {
        switch take(name) {
        case nil: return nil
        case .list(let list): return list
        default: throw AdminProblem(400, "\(name): expected a list of texts, found none")
        }
    }

    /// Takes an object of texts.
    mutating func pairs(_ name: String) throws(AdminProblem) -> [AdminPair]? {
        switch take(name) {
        case nil: return nil
        case .pairs(let pairs): return pairs
        default: throw AdminProblem(400, "\(name): expected an object of texts, found none")
        }
    }

    /// Takes all that is left, which has to be texts.
    mutating func rest() throws(AdminProblem) -> [AdminPair] {
        var pairs: [AdminPair] = []
        while let name = fields.first?.name {
            pairs.append(AdminPair(name: name, value: try text(name) ?? ""))
        }
        return pairs
    }

    /// Nothing may be left.
    func finish(_ expected: String) throws(AdminProblem) {
        guard let field = fields.first else { return }
        throw AdminProblem(
            400, "body: expected \(expected), found \(field.name.shown())")
    }
}
