package import OutcryCrypto

/// Addresses that look and check as bitcoin's did: base58 of a version, 20 bytes and a check of four.
///
/// The sandbox has no coins; the addresses are names for accounts to send sandbox money to. Nobody
/// has the keys of one, and nothing may be sent there outside.
package struct BitcoinAddresses: Sendable {
    private let key: HMACSHA512Key

    /// Makes the addresses that belong to a key.
    package init(key: HMACSHA512Key) { self.key = key }

    /// The address of this number; the same key and number make the same address.
    package func address(_ number: UInt64) -> String {
        var message = Array("address ".utf8)
        for shift in stride(from: 56, through: 0, by: -8) {
            message.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
        return Self.text(Array(key.code(of: message).prefix(20)))
    }

    /// The text of an address (version 0) for a hash of 20 bytes.
    package static func text(_ hash: [UInt8]) -> String {
        precondition(hash.count == 20, "an address is of 20 bytes")
        let payload = [0] + hash
        return base58(payload + check(payload))
    }

    /// Whether a text is an address: of bitcoin's versions 0 or 5, with the right check.
    package static func isAddress(_ text: String) -> Bool {
        guard (26...35).contains(text.utf8.count), let bytes = decode(text), bytes.count == 25,
            bytes[0] == 0 || bytes[0] == 5
        else { return false }
        return check(Array(bytes[..<21])) == Array(bytes[21...])
    }

    private static let alphabet = Array(
        "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    private static func check(_ payload: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(SHA256.hash(payload)).prefix(4))
    }

    /// As a number in base 58, the highest digit first; a `1` for each zero byte before it.
    private static func base58(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let zeros = bytes.prefix { $0 == 0 }.map { _ in alphabet[0] }
        return String(
            decoding: zeros + digits.reversed().map { alphabet[Int($0)] }, as: UTF8.self)
    }

    private static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for character in text.utf8 {
            guard var carry = alphabet.firstIndex(of: character) else { return nil }
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 255)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 255))
                carry >>= 8
            }
        }
        let zeros = text.utf8.prefix { $0 == alphabet[0] }.map { _ in UInt8(0) }
        return zeros + bytes.reversed()
    }
}
