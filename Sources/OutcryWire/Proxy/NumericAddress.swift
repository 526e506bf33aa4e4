/// Addresses as text to their bytes.
enum NumericAddress {
    /// The four bytes of `a.b.c.d`; nil for anything else.
    static func ipv4(_ text: some StringProtocol) -> [UInt8]? {
        guard VenueURLReader.isIPv4(Substring(text)) else { return nil }
        return text.split(separator: ".").compactMap { UInt8($0) }
    }

    /// The sixteen bytes of an IPv6 address without brackets; nil for anything else.
    static func ipv6(_ text: some StringProtocol) -> [UInt8]? {
        guard VenueURLReader.isIPv6(String(text)) else { return nil }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false).map {
            half in
            half.split(separator: ":").flatMap { group -> [UInt8] in
                if group.contains(".") { return ipv4(group) ?? [] }
                let value = UInt16(group, radix: 16) ?? 0
                return [UInt8(value >> 8), UInt8(value & 255)]
            }
        }
        guard halves.count == 2 else { return halves.first }
        return halves[0] + [UInt8](repeating: 0, count: 16 - halves[0].count - halves[1].count)
            + halves[1]
    }
}
