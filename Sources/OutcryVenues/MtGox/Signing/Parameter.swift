public import OutcryMarket
import OutcryWire

/// One parameter of a call: a name and its value as text, whichever carrier brought it.
///
/// A number and the name of an order are kept as such, and made text where they are written.
public struct MtGoxParameter: Sendable {
    /// The name, such as `amount_int`.
    public var name: String
    private var form: Form

    private enum Form: Sendable {
        case text(String)
        case number(Int64)
        case order(OrderID)
    }

    /// Makes a parameter.
    public init(_ name: String, _ value: String) {
        self.name = name
        form = .text(value)
    }

    /// Makes a parameter that is a whole number.
    public init(_ name: String, _ value: Int64) {
        self.name = name
        form = .number(value)
    }

    /// Makes a parameter that names an order.
    public init(_ name: String, _ value: OrderID) {
        self.name = name
        form = .order(value)
    }

    /// The value, such as `100000000`.
    public var value: String {
        get {
            switch form {
            case .text(let text): text
            case .number(let number): "\(number)"
            case .order(let id): id.text
            }
        }
        set { form = .text(newValue) }
    }

    /// How many bytes name and value have at most in JSON, with what is around them.
    var room: Int {
        // A character is six bytes at most.
        let value: Int =
            switch form {
            case .text(let text): 6 * text.utf8.count
            case .number: 20
            case .order(let id): 6 * id.textCount
            }
        return 8 + 6 * name.utf8.count + value
    }

    /// Appends the value as JSON: a whole number of 64 bits as one writes it stands without quotes.
    func write(to bytes: inout OutputSpan<UInt8>) {
        switch form {
        case .number(let number):
            if number < 0 { bytes.append(UInt8(ascii: "-")) }
            JSONWriter.put(number.magnitude, to: &bytes)
        case .order(let id) where id.isNumbers:
            bytes.append(UInt8(ascii: "\""))
            id.putNumbers(to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .order, .text:
            let text = value
            if Self.isInteger(text) {
                JSONWriter.put(text.utf8.span, to: &bytes)
            } else {
                JSONWriter.put(string: text, to: &bytes)
            }
        }
    }

    /// Whether a text is a whole number of 64 bits as one writes it.
    private static func isInteger(_ text: String) -> Bool {
        let bytes = text.utf8.span
        let start = bytes.count > 0 && bytes[0] == UInt8(ascii: "-") ? 1 : 0
        guard bytes.count > start else { return false }
        for index in start..<bytes.count
        where !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { return false }
        if bytes[start] == UInt8(ascii: "0") { return bytes.count == 1 }
        return bytes.count - start < 19 || Int64(text) != nil
    }
}

extension MtGoxParameter: Hashable {
    /// Whether the texts are the same, whatever they were made of.
    public static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.value == right.value
    }

    /// Hashes the texts.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(value)
    }
}

/// What a call over the stream is called, to know its answer by: it comes back with that.
public enum MtGoxCallID: Hashable, Sendable, ExpressibleByStringLiteral {
    /// `o17`: how a link names its calls.
    case number(UInt64)
    /// Any text.
    case text(String)

    /// Wraps a literal.
    public init(stringLiteral text: String) { self = .text(text) }

    /// The text.
    public var text: String {
        switch self {
        case .number(let number): "o\(number)"
        case .text(let text): text
        }
    }

    /// How many bytes it has at most in JSON.
    var room: Int {
        switch self {
        case .number: 24
        case .text(let text): 6 * text.utf8.count + 2
        }
    }

    /// Appends it as a JSON string.
    func write(to bytes: inout OutputSpan<UInt8>) {
        switch self {
        case .number(let number):
            JSONWriter.put(literal: "\"o", to: &bytes)
            JSONWriter.put(number, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .text(let text): JSONWriter.put(string: text, to: &bytes)
        }
    }
}
