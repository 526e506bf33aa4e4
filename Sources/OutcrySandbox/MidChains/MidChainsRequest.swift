import OutcryWire

/// One request of a MidChains client: its type and its fields, as they are written.
struct MidChainsRequest {
    /// One element of a subscription.
    struct Feed: Equatable {
        var message = ""
        var security = ""
    }

    /// What it wants.
    private(set) var type = ""
    /// Strings, and numbers as their digits, in the order in which they came; the last of a name counts.
    private(set) var fields: [(name: String, value: String, isNumber: Bool)] = []
    /// The array `request`.
    private(set) var feeds: [Feed] = []

    /// Reads a request.
    ///
    /// - Throws: What is wrong with the JSON.
    init(_ bytes: [UInt8]) throws(JSONError) {
        var json = JSONReader(bytes.span)
        try json.beginObject()
        while let key = try json.nextKey() {
            let name = key.string
            switch try json.peek() {
            case .string:
                let value = try json.string().string
                if name == "type" { type = value } else { fields.append((name, value, false)) }
            case .number: fields.append((name, try json.number().string, true))
            case .array where name == "request":
                try json.beginArray()
                while try json.nextElement() { feeds.append(try Self.feed(&json)) }
            default: try json.skip()
            }
        }
        try json.finish()
    }

    private static func feed(_ json: inout JSONReader) throws(JSONError) -> Feed {
        var feed = Feed()
        try json.beginObject()
        while let key = try json.nextKey() {
            let name = key.string
            guard try json.peek() == .string else {
                try json.skip()
                continue
            }
            let value = try json.string().string
            if name == "msg" { feed.message = value }
            if name == "security" { feed.security = value }
        }
        return feed
    }

    /// A field's value; nil where there is none.
    subscript(_ name: String) -> String? { fields.last { $0.name == name }?.value }

    /// Writes a field as it came, where it did.
    func repeatField(_ name: String, in message: inout JSONObjectWriter) {
        guard let field = fields.last(where: { $0.name == name }) else { return }
        if field.isNumber, (try? message.field(name, number: field.value)) != nil { return }
        message.field(name, field.value)
    }
}

/// Why a request is not done, in the words that the client gets as its `result`.
struct MidChainsRefusal: Error, Equatable {
    let words: String

    init(_ words: String) { self.words = words }

    static let notLoggedIn = Self("not logged in")
    static let orderNotFound = Self("order not found")
    static let noFunds = Self("not enough fund")
}
