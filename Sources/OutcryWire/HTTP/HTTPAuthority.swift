/// A host and perhaps a port, as in Host (RFC 3986 section 3.2): a name or an address of IPv4, or one of IPv6
/// in brackets. No user's name, and no list.
struct HTTPAuthority {
    /// A port is written.
    let hasPort: Bool

    /// Nil for what is none.
    init?(_ text: some BidirectionalCollection<UInt8>) {
        let bytes = Array(text)
        var end = 0
        if bytes.first == 0x5B {
            guard let close = bytes.firstIndex(of: 0x5D),
                VenueURLReader.isIPv6(String(decoding: bytes[1..<close], as: UTF8.self))
            else { return nil }
            end = close + 1
        } else {
            while end < bytes.count, bytes[end] != 0x3A {
                if bytes[end] == 0x25 {
                    guard end + 2 < bytes.count, HTTPSyntax.hexValue(bytes[end + 1]) != nil,
                        HTTPSyntax.hexValue(bytes[end + 2]) != nil
                    else { return nil }
                } else if !HTTPSyntax.isRegName(bytes[end]) {
                    return nil
                }
                end += 1
            }
            guard end > 0 else { return nil }
        }
        guard end < bytes.count else {
            hasPort = false
            return
        }
        let port = bytes[(end + 1)...]
        guard bytes[end] == 0x3A, port.allSatisfy(HTTPSyntax.isDigit), port.count <= 5,
            port.reduce(0, { $0 * 10 + Int($1 - 0x30) }) <= 65_535
        else { return nil }
        hasPort = !port.isEmpty
    }
}
