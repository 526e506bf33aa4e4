import OutcryWire

/// The JSON inside of an `op:call`: what is asked.
///
/// ```json
/// {"id":"info","call":"private/info","nonce":1364767201381800,"params":{},"item":"BTC","currency":"USD"}
/// ```
///
/// - Source: the protocol reference, section 9.
public struct MtGoxCallBody: Hashable, Sendable {
    /// Comes back with the answer; any text.
    public var id: String
    /// The endpoint, such as `private/info` or `BTCUSD/order/add`.
    public var call: String
    /// What makes the call a new one.
    public var stamp: MtGoxCallStamp
    /// The parameters by name, as their texts, in the order they stand in.
    public var parameters: [MtGoxParameter]
    /// What is traded; nil where the call does not say.
    public var item: String?
    /// What is paid; nil where the call does not say.
    public var currency: String?

    /// Makes a call.
    public init(
        id: String, call: String, stamp: MtGoxCallStamp, parameters: [MtGoxParameter] = [],
        item: String? = "BTC", currency: String? = "USD"
    ) {
        self.id = id
        self.call = call
        self.stamp = stamp
        self.parameters = parameters
        self.item = item
        self.currency = currency
    }

    /// The JSON, compact, in the order that the official client's documents show.
    public var json: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        write(to: &bytes)
        return bytes
    }

    /// Reads the JSON: keys in any order, unknown ones passed over; numbers as such or in strings;
    /// `params` an object, or an empty array as PHP makes it; `item` and `currency` absent, null or
    /// empty where nothing is said.
    ///
    /// - Throws: ``MtGoxSigningError``.
    public init(_ json: Span<UInt8>) throws(MtGoxSigningError) {
        var reading = Reading()
        do {
            try reading.read(json)
        } catch {
            throw MtGoxSigningError(
                .body, at: error.offset, expected: "\(error.expected)", found: "\(error.found)")
        }
        guard let call = reading.call else {
            throw MtGoxSigningError(
                .body, at: 0, expected: "the field call", found: "an object without it")
        }
        if let name = reading.nested {
            throw MtGoxSigningError(
                .body, at: 0, expected: "text or a number as the parameter \(name)",
                found: "an object or an array")
        }
        self.init(
            id: reading.id ?? "", call: call,
            stamp: try MtGoxCallStamp(nonce: reading.nonce, tonce: reading.tonce),
            parameters: reading.parameters, item: reading.item.flatMap { $0.isEmpty ? nil : $0 },
            currency: reading.currency.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// The texts of the fields.
    private struct Reading {
        var id: String?
        var call: String?
        var nonce: String?
        var tonce: String?
        var parameters: [MtGoxParameter] = []
        var item: String?
        var currency: String?
        /// A parameter that is no text and no number.
        var nested: String?

        mutating func read(_ bytes: Span<UInt8>) throws(JSONError) {
            var json = JSONReader(bytes, depthLimit: 32)
            try json.beginObject()
            while let key = try json.nextKey() {
                switch key {
                case "id": id = try text(&json, "id")
                case "call": call = try text(&json, "call")
                case "nonce": nonce = try text(&json, "nonce")
                case "tonce": tonce = try text(&json, "tonce")
                case "item": item = try text(&json, "item")
                case "currency": currency = try text(&json, "currency")
                case "params": try readParameters(&json)
                default: try json.skip()
                }
            }
            try json.finish()
        }

        private mutating func readParameters(_ json: inout JSONReader) throws(JSONError) {
            parameters = []
            switch try json.peek() {
            case .null: try json.null()
            case .array:
                try json.beginArray()
                while try json.nextElement() {
                    nested = "params"
                    try json.skip()
                }
            default:
                try json.beginObject()
                while let key = try json.nextKey() {
                    let name = key.string
                    guard let value = try text(&json, name) else { continue }
                    parameters.append(MtGoxParameter(name, value))
                }
            }
        }

        /// A value as text; nil for null. What a JSON of PHP says of `true` and `false` is 1 and 0.
        private mutating func text(
            _ json: inout JSONReader, _ name: String
        ) throws(JSONError) -> String? {
            switch try json.peek() {
            case .string: return try json.string().string
            case .number: return try json.number().string
            case .bool: return try json.bool() ? "1" : "0"
            case .null:
                try json.null()
                return nil
            case .object, .array:
                nested = name
                try json.skip()
                return nil
            }
        }
    }
}
