import OutcryVenues
import OutcryWire

/// The vectors of `Recordings/signing-vectors.json`.
struct SigningVectors {
    /// The texts of one vector, those of its `headers` among them.
    typealias Vector = [String: String]

    private(set) var rest: [Vector] = []
    private(set) var calls: [Vector] = []

    init() throws {
        let bytes = try Recording.bytes("signing-vectors.json")
        var json = JSONReader(bytes.span)
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "rest_sign": rest = try Self.vectors(&json)
            case "op_call": calls = try Self.vectors(&json)
            default: try json.skip()
            }
        }
        try json.finish()
    }

    private static func vectors(_ json: inout JSONReader) throws -> [Vector] {
        var vectors: [Vector] = []
        try json.beginArray()
        while try json.nextElement() {
            var vector = Vector()
            try read(&json, into: &vector)
            vectors.append(vector)
        }
        return vectors
    }

    private static func read(_ json: inout JSONReader, into vector: inout Vector) throws {
        try json.beginObject()
        while let key = try json.nextKey() {
            let name = key.string
            switch try json.peek() {
            case .string: vector[name] = try json.string().string
            case .number: vector[name] = try json.number().string
            case .object: try read(&json, into: &vector)
            default: try json.skip()
            }
        }
    }
}

extension SigningVectors.Vector {
    /// A field that must be there.
    func text(_ name: String) throws -> String {
        guard let text = self[name] else { throw Recording.Missing(path: name) }
        return text
    }

    /// The credentials of the vector.
    func credentials() throws -> MtGoxCredentials {
        try MtGoxCredentials(
            key: self["rest_key"] ?? text("api_key"), secret: text("secret_base64"))
    }

    /// The target of the vector's URL.
    func target() throws -> String {
        let url = try text("url")
        return String(url.dropFirst("https://data.mtgox.com".count))
    }
}
