import OutcryCrypto
import OutcryServing
import OutcryVenues

/// The idkeys that `private/idkey` gives out: who has one hears an account's private channel.
///
/// 56 bytes, in base64 without its one `=` 75 characters: the private channel's GUID (16), when it
/// ends in seconds since 1970 (8, the highest first) and a code (32, of HMAC-SHA512). The GUID tells
/// the account and the code that it was given out, so no table of them is kept.
///
/// - Source: the protocol reference, section 10.1; the layout is inferred there from one recording.
struct IdentityKeys: Sendable {
    /// For how long one is good, in seconds.
    static let lifetime: Int64 = 86_400
    /// The length of one, in characters.
    static let characterCount = 75

    private let secret: HMACSHA512Key
    private let cipher: GUIDCipher

    /// Makes the issuer: `secret` signs, `cipher` names the channels.
    init(secret: HMACSHA512Key, cipher: GUIDCipher) {
        self.secret = secret
        self.cipher = cipher
    }

    /// The private channel of an account.
    func channel(of owner: OwnerNumber) -> MtGoxGUID { cipher.guid(.channel, owner.value) }

    /// An idkey for an account.
    ///
    /// - Parameter now: the server's time, microseconds since 1970.
    func issue(_ owner: OwnerNumber, now: Int64) -> String {
        var bytes = channel(of: owner).bytes
        let end = UInt64(bitPattern: now / 1_000_000 + Self.lifetime)
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: end >> UInt64(shift)))
        }
        bytes += secret.code(of: bytes).prefix(32)
        return String(Base64.encode(bytes).dropLast())
    }

    /// Whose idkey this is, and until when, in seconds since 1970.
    ///
    /// - Parameter now: the server's time, microseconds since 1970.
    /// - Throws: ``IdentityKeyError``.
    func verify(
        _ text: String, now: Int64
    ) throws(IdentityKeyError) -> (owner: OwnerNumber, end: Int64) {
        guard text.utf8.count == Self.characterCount else { throw .length(text.utf8.count) }
        let bytes: [UInt8]
        do {
            bytes = try Base64.decode(text + "=")
        } catch {
            throw .malformed(error)
        }
        let code = Array(secret.code(of: Array(bytes[..<24])).prefix(32))
        guard ConstantTime.equal(code, Array(bytes[24...])) else { throw .notIssued }
        let end = bytes[16..<24].reduce(0) { $0 << 8 | Int64($1) }
        guard now / 1_000_000 < end else { throw .expired(end: end, now: now / 1_000_000) }
        guard let owner = cipher.number(.channel, MtGoxGUID(bytes: bytes.span)) else {
            throw .notIssued
        }
        return (OwnerNumber(owner), end)
    }
}

/// Why an idkey is not taken.
enum IdentityKeyError: Error, Equatable, CustomStringConvertible {
    /// 75 characters, not so many.
    case length(Int)
    /// No base64.
    case malformed(CryptoError)
    /// Not one of ours, or changed.
    case notIssued
    /// It ended, in seconds since 1970.
    case expired(end: Int64, now: Int64)

    /// One line with the numbers.
    var description: String {
        switch self {
        case .length(let count):
            "expected an idkey of \(IdentityKeys.characterCount) characters, found \(count)"
        case .malformed(let error): "expected an idkey, found \(error)"
        case .notIssued: "expected an idkey that was given out, found another"
        case .expired(let end, let now): "expected an idkey that is good at \(now), found \(end)"
        }
    }
}
