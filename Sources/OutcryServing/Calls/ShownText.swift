extension String {
    /// At most 40 characters of what somebody sent, in quotes, for words about it.
    package func shown() -> String {
        // Scalars: one Character may be of any length.
        let head = unicodeScalars.prefix(40)
        return head.endIndex == endIndex ? "\"\(self)\"" : "\"\(String(head))…\""
    }

    /// The address of a peer without its port.
    package var withoutPort: String {
        utf8.lastIndex(of: UInt8(ascii: ":")).map { String(self[..<$0]) } ?? self
    }
}
