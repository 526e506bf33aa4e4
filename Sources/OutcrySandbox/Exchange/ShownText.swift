extension String {
    /// At most 40 characters of what somebody sent, in quotes, for words about it.
    func shown() -> String {
        // Scalars: one Character may be of any length.
        let head = unicodeScalars.prefix(40)
        return head.endIndex == endIndex ? "\"\(self)\"" : "\"\(String(head))…\""
    }
}
