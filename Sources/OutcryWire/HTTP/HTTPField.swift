/// One header or trailer field.
public struct HTTPField: Equatable, Sendable, CustomStringConvertible {
    /// The name as it was written; names are compared without regard to case.
    public var name: String
    /// The value without blanks around it; bytes that are not UTF-8 are replaced by U+FFFD.
    public var value: String

    /// Makes a field; what may not go over the wire is refused when it is written.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// `name: value`.
    public var description: String { "\(name): \(value)" }
}
