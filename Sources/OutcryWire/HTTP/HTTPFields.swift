/// The fields of a head in the order they came, found by name without regard to case.
///
/// The bytes of all fields lie in one array; strings are made when they are asked for. A lookup
/// costs O(n) in the number of fields and allocates only the string it returns.
public struct HTTPFields: Equatable, Sendable, RandomAccessCollection, ExpressibleByArrayLiteral,
    CustomStringConvertible
{
    private struct Entry: Equatable, Sendable {
        var start: Int32
        var middle: Int32
        var end: Int32

        var name: Range<Int> { Int(start)..<Int(middle) }
        var value: Range<Int> { Int(middle)..<Int(end) }
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    /// Makes an empty list.
    public init() {}

    /// Makes a list of fields in this order.
    public init(_ fields: [HTTPField]) {
        for field in fields { append(field.name, field.value) }
    }

    /// Makes a list of fields in this order.
    public init(arrayLiteral elements: HTTPField...) { self.init(elements) }

    /// The index of the first field, 0.
    public var startIndex: Int { 0 }
    /// The number of fields.
    public var endIndex: Int { entries.count }

    /// The field at an index, in the order of the wire.
    public subscript(position: Int) -> HTTPField {
        let entry = entries[position]
        return HTTPField(
            String(decoding: bytes[entry.name], as: UTF8.self),
            String(decoding: bytes[entry.value], as: UTF8.self))
    }

    /// The value of the first field of this name, or nil.
    public subscript(name: String) -> String? {
        for entry in entries where has(entry, name) {
            return String(decoding: bytes[entry.value], as: UTF8.self)
        }
        return nil
    }

    /// The values of all fields of this name, in order.
    public func values(of name: String) -> [String] {
        entries.filter { has($0, name) }.map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    /// How many fields have this name.
    public func count(of name: String) -> Int { entries.count { has($0, name) } }

    /// The members of the comma-separated lists in all fields of this name, without empty ones.
    public func list(_ name: String) -> [String] {
        var members: [String] = []
        for entry in entries where has(entry, name) {
            for part in bytes[entry.value].split(separator: UInt8(ascii: ",")) {
                let member = HTTPSyntax.trimmed(bytes.span, part.startIndex..<part.endIndex)
                if !member.isEmpty {
                    members.append(String(decoding: bytes[member], as: UTF8.self))
                }
            }
        }
        return members
    }

    /// Whether a comma-separated list of this name has the member `token`, without regard to case.
    public func contains(_ token: String, in name: String) -> Bool {
        list(name).contains { HTTPSyntax.sameIgnoringCase($0.utf8, token.utf8) }
    }

    /// Adds a field at the end.
    public mutating func append(_ name: String, _ value: String) {
        append(name: name.utf8, value: value.utf8)
    }

    /// Drops all fields of this name and adds one at the end.
    public mutating func replace(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    /// Drops all fields of this name.
    public mutating func remove(_ name: String) {
        guard entries.contains(where: { has($0, name) }) else { return }
        self = HTTPFields(filter { !HTTPSyntax.sameIgnoringCase($0.name.utf8, name.utf8) })
    }

    /// Adds a field that lies in `source`.
    mutating func append(_ source: Span<UInt8>, name: Range<Int>, value: Range<Int>) {
        let nameSpan = source.extracting(name)
        let valueSpan = source.extracting(value)
        unsafe nameSpan.withUnsafeBufferPointer { name in
            unsafe valueSpan.withUnsafeBufferPointer { value in
                unsafe append(name: name, value: value)
            }
        }
    }

    private mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: name)
        let middle = bytes.count
        bytes.append(contentsOf: value)
        precondition(bytes.count <= Int32.max, "the fields of one head stay below 2 GiB")
        entries.append(Entry(start: Int32(start), middle: Int32(middle), end: Int32(bytes.count)))
    }

    private func has(_ entry: Entry, _ name: String) -> Bool {
        HTTPSyntax.sameIgnoringCase(bytes[entry.name], name.utf8)
    }

    /// One field a line.
    public var description: String { map(\.description).joined(separator: "\n") }
}
